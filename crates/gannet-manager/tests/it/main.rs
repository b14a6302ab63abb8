//! The manager against a real origin: whole lives of downloads, restarts, limits, attacks.

mod life;
mod scene;
