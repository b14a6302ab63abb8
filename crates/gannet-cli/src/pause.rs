//! `gannet pause`: stops downloads, and keeps what is there.

use clap::Args;
use gannet_schema::Command;

use crate::exit::Exit;
use crate::owner::{Owner, OwnerArguments};
use crate::selection::Selection;
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
    let command = match arguments.selection.ids() {
        Some(ids) => Command::Pause { ids },
        None => Command::PauseAll,
    };
    Owner::find(&arguments.owner)?.execute(&command)?;
    Ok(Exit::Done)
}
