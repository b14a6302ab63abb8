//! `gannet resume`: lets paused, waiting and failed downloads go on.

use clap::Args;
use gannet_schema::Command;

use crate::exit::Exit;
use crate::owner::{Owner, OwnerArguments};
use crate::selection::{self, Selection};
use crate::trouble::Trouble;

/// Arguments of `gannet resume`.
#[derive(Args)]
pub(crate) struct ResumeArguments {
    #[command(flatten)]
    selection: Selection,

    #[command(flatten)]
    owner: OwnerArguments,
}

/// Runs the command.
pub(crate) fn run(arguments: &ResumeArguments) -> Result<Exit, Trouble> {
    let owner = Owner::find(&arguments.owner)?;
    if let Some(ids) = arguments.selection.ids() {
        return selection::execute(&owner, ids, |ids| Command::Resume { ids });
    }
    owner.execute(&Command::ResumeAll)?;
    Ok(Exit::Done)
}
