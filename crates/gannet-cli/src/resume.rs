//! `gannet resume`: lets paused, waiting and failed downloads go on.

use clap::Args;
use gannet_schema::Command;

use crate::exit::Exit;
use crate::owner::{Owner, OwnerArguments};
use crate::selection::Selection;
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
    let command = match arguments.selection.ids() {
        Some(ids) => Command::Resume { ids },
        None => Command::ResumeAll,
    };
    Owner::find(&arguments.owner)?.execute(&command)?;
    Ok(Exit::Done)
}
