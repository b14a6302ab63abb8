//! Which downloads are meant.

use clap::Args;
use gannet_schema::DownloadId;

/// Some downloads, or all.
#[derive(Args)]
pub(crate) struct Selection {
    /// Numbers of downloads, as `gannet list` shows them
    #[arg(value_name = "ID", required_unless_present = "all")]
    ids: Vec<u32>,

    /// All of them
    #[arg(long, conflicts_with = "ids")]
    all: bool,
}

impl Selection {
    /// Those that were named; `None` is all.
    pub(crate) fn ids(&self) -> Option<Vec<DownloadId>> {
        (!self.all).then(|| identifiers(&self.ids))
    }
}

/// Numbers as identifiers.
pub(crate) fn identifiers(numbers: &[u32]) -> Vec<DownloadId> {
    numbers.iter().copied().map(DownloadId).collect()
}
