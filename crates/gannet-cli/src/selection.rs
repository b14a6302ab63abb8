//! Which downloads are meant.

use std::collections::HashSet;
use std::io::{self, Write as _};

use clap::Args;
use gannet_schema::{Command, DownloadId};

use crate::exit::Exit;
use crate::owner::Owner;
use crate::trouble::Trouble;

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

/// Has a command carried out for those that were named, and says of each where there was nothing to do.
pub(crate) fn execute(
    owner: &Owner,
    ids: Vec<DownloadId>,
    command: impl FnOnce(Vec<DownloadId>) -> Command,
) -> Result<Exit, Trouble> {
    owner.execute(&command(ids.clone()))?;
    let listed: HashSet<DownloadId> = owner.state()?.rows.iter().map(|row| row.id).collect();
    let mut exit = Exit::Done;
    for id in ids.into_iter().filter(|id| !listed.contains(id)) {
        match owner.execute(&Command::GetDetail { id }) {
            // Nobody is left to tell where standard error is closed too.
            Ok(_) => {
                let _ = writeln!(io::stderr(), "download {} is finished", id.0);
            }
            Err(trouble) if trouble.exit() == Exit::Usage => {
                exit = Trouble::usage(format_args!("there is no download {}", id.0)).tell();
            }
            Err(trouble) => return Err(trouble),
        }
    }
    Ok(exit)
}

/// Numbers as identifiers.
pub(crate) fn identifiers(numbers: &[u32]) -> Vec<DownloadId> {
    numbers.iter().copied().map(DownloadId).collect()
}
