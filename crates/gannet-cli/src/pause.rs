//! `gannet pause`: stops downloads, and keeps what is there.

use clap::Args;
use gannet_schema::Command;

use crate::exit::Exit;
use crate::owner::{Owner, OwnerArguments};
use crate::selection::{self, Selection};
use crate::trouble::Trouble;

/// Arguments of `gannet pause`.
#[derive(Args)]
pub(crate) struct PauseArguments {
    #[command(flatten)]
    selection: Selection,

    #[command(flatten)]
    owner: OwnerArguments,
}

/// Runs the command.
pub(crate) fn run(arguments: &PauseArguments) -> Result<Exit, Trouble> {
    let owner = Owner::find(&arguments.owner)?;
    if let Some(ids) = arguments.selection.ids() {
        return selection::execute(&owner, ids, |ids| Command::Pause { ids });
    }
    owner.execute(&Command::PauseAll)?;
    Ok(Exit::Done)
}
