//! What of a download is kept apart: its full addresses, and all that says who asks.

use gannet_schema::RequestOptions;
use serde::{Deserialize, Serialize};

/// What of a download is kept apart, in a table of its own, and read only when it is needed.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Secrets {
    /// The full address.
    pub(crate) url: String,
    pub(crate) mirrors: Vec<String>,
    #[serde(default)]
    pub(crate) options: RequestOptions,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}
