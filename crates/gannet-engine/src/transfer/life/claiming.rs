//! The part file that a transfer works in, or the file that is there already.

use std::sync::Arc;

use super::Life;
use crate::disk::part_file::{Claim, ClaimedPart};
use crate::disk::storage::Directory;
use crate::error::Error;
use crate::filename::SafeFileName;
use crate::http::response::KnownFile;
use crate::transfer::probe::Probed;
use crate::transfer::target::{self, Asked, Target};

/// Publications of other files that one claim after the other may complete: each ends with a name that is taken.
const PUBLICATIONS_MAX: u32 = 32;

/// What came of it.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one in a transfer's life, and it is taken apart at once"
)]
pub(super) enum Claimed {
    /// This is to be filled.
    Part(ClaimedPart),
    /// The file is there.
    Done(Target),
}

impl Life {
    /// Claims the part file of `name`, unless the file that `probed` tells of is there already.
    pub(super) async fn claim(
        &mut self,
        directory: &Arc<dyn Directory>,
        name: &SafeFileName,
        probed: &mut Probed,
    ) -> Result<Claimed, Error> {
        let known = KnownFile::from_headers(&probed.headers, probed.shape.length().unwrap_or(0));
        let source = self.sources.primary();
        let existing_file = loop {
            self.inbox.until_resumed(&mut self.tally, 0).await?;
            let looked = self.inbox.unless_paused(target::look_at_existing(
                directory,
                name,
                &self.request,
                &known,
                &mut probed.shape,
                Asked {
                    source: &source,
                    requests: &mut self.tally.requests,
                },
            ));
            let existing = looked.await?;
            match existing.transpose()? {
                Some(Target::Claim(existing)) => break existing,
                Some(done @ Target::Done { .. }) => return Ok(Claimed::Done(done)),
                // Paused in the middle: what was looked at is looked at anew.
                None => {}
            }
        };
        for _ in 0..PUBLICATIONS_MAX {
            let (name, state) = match target::claim(directory, name.as_str(), existing_file).await? {
                Claim::Part(claimed) => return Ok(Claimed::Part(claimed)),
                Claim::Published { name, state } => (name, state),
            };
            let looked = self.inbox.or_cancelled(target::look_at_published(
                directory,
                (&name, &state),
                &self.request,
                &known,
                &mut probed.shape,
                Asked {
                    source: &source,
                    requests: &mut self.tally.requests,
                },
            ));
            let target = looked.await?;
            if let Some(target) = target? {
                return Ok(Claimed::Done(target));
            }
        }
        let path = directory.path_of(name.as_str());
        Err(Error::TargetBusy { path, holder: None })
    }
}
