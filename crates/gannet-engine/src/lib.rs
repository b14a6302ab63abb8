//! One download, whole and fast.
