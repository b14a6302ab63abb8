//! What of a download is kept apart: its full addresses, and all that says who asks.

use gannet_schema::RequestOptions;
use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::pieces::StoredPieces;

/// What of a download is kept apart, in a table of its own, and read only when it is needed.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Secrets {
    /// The full address.
    pub(crate) url: String,
    pub(crate) mirrors: Vec<String>,
    #[serde(default)]
    pub(crate) options: RequestOptions,
    /// Digests of the file's pieces. No secret, but large, and needed in the same moments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pieces: Option<StoredPieces>,
}

impl Secrets {
    /// The mirrors without userinfo and query.
    pub(crate) fn shown_mirrors(&self) -> Vec<String> {
        let addresses = self.mirrors.iter().filter_map(|url| Address::parse(url).ok());
        addresses.map(|address| address.shown()).collect()
    }

    /// Drops what was meant for the old address's eyes alone, as the engine does where it is sent elsewhere. Returns
    /// whether there was any of it.
    pub(crate) fn forget_identity(&mut self) -> bool {
        let before = std::mem::take(&mut self.options);
        // These say nothing of who asks.
        self.options.proxy.clone_from(&before.proxy);
        self.options.user_agent.clone_from(&before.user_agent);
        self.options != before
    }

    /// The names of the headers that are sent beside our own.
    pub(crate) fn header_names(&self) -> Vec<String> {
        let headers = self.options.headers.iter();
        headers.map(|(name, _)| name.clone()).collect()
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}
