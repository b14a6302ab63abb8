//! An answer held open: what the file is, before it is decided where it goes, and then the transfer's first data.

use std::sync::Arc;

use super::fetch::SourceBook;
use super::inbox::Mailbox;
use super::probe::{Probed, Shape};
use super::{Transfer, life, target};
use crate::digest::Digest;
use crate::error::Error;
use crate::http::client::authority;
use crate::http::digest_headers::{BodyHolds, Covers, found_digests};
use crate::http::media_type::MediaType;
use crate::http::validator::ValidatorStrength;
use crate::progress::Reporter;
use crate::request::Request;

/// A server's answer whose body has not been read yet. Dropped, its connection is let go.
pub struct Opened {
    sources: SourceBook,
    probed: Probed,
    name: String,
}

impl Request {
    /// Asks what the file is, and holds the answer open: no byte of it is spent until [`Request::start_from`] takes it
    /// up. Dropping the future stops the asking.
    ///
    /// # Errors
    /// As a transfer's own first request: [`Error::Refused`], [`Error::GaveOut`], [`Error::Redirect`], …
    pub async fn probe(&self, reporter: Arc<dyn Reporter>) -> Result<Opened, Error> {
        let (sources, probed) = life::open(self.clone(), reporter).await?;
        let name = target::name(self, &probed.headers, &sources.primary().current());
        Ok(Opened {
            name: name.as_str().to_owned(),
            sources,
            probed,
        })
    }

    /// Begins the transfer with an answer that is open already. Folder, name and everything else come from this
    /// request; address and secrets are those that the answer was asked for with.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start_from(self, opened: Opened, reporter: Arc<dyn Reporter>) -> Transfer {
        let Opened {
            mut sources, probed, ..
        } = opened;
        for mirror in &self.mirrors {
            sources.add_mirror(mirror.clone());
        }
        let mailbox = Arc::new(Mailbox::default());
        Transfer::run(
            Arc::clone(&mailbox),
            life::run_from(self, sources, probed, reporter, mailbox),
        )
    }
}

impl Opened {
    /// The file's name: the request's, else what the answer and the address say.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its length in bytes, where the server tells.
    pub fn length(&self) -> Option<u64> {
        self.probed.shape.length()
    }

    /// Whether it can be fetched in ranges, and gone on with after a stop.
    pub fn is_resumable(&self) -> bool {
        matches!(self.probed.shape, Shape::Ranged { .. })
    }

    /// How surely another version of it is told from this one.
    pub fn validator_strength(&self) -> ValidatorStrength {
        self.probed.validator_strength()
    }

    /// Its media type, as the server says.
    pub fn media_type(&self) -> Option<String> {
        MediaType::from_headers(&self.probed.headers).map(|media_type| media_type.to_string())
    }

    /// The host that it really comes from, as `name:port`.
    pub fn host(&self) -> String {
        authority(&self.sources.primary().current())
    }

    /// A digest of the whole file that the answer bears, as `ALGORITHM:HEX`; the strongest.
    pub fn digest(&self) -> Option<String> {
        let body = match self.probed.shape {
            Shape::Ranged { .. } => BodyHolds::Part,
            Shape::OneStream { .. } | Shape::Empty => BodyHolds::File,
        };
        found_digests(&self.probed.headers, body)
            .into_iter()
            .filter(|found| found.covers == Covers::File)
            .map(|found| found.digest)
            // Declared in the order of trust.
            .min_by_key(Digest::algorithm)
            .map(|digest| digest.to_string())
    }
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened")
            .field("name", &self.name)
            .field("length", &self.length())
            .finish_non_exhaustive()
    }
}
