//! `gannet remove`: takes downloads from the list.

use clap::Args;
use gannet_schema::{Command, FileChoice};

use crate::exit::Exit;
use crate::owner::{Owner, OwnerArguments};
use crate::selection::identifiers;
use crate::trouble::Trouble;

/// Arguments of `gannet remove`.
#[derive(Args)]
pub(crate) struct RemoveArguments {
    /// Numbers of downloads, as `gannet list` shows them
    #[arg(value_name = "ID", required = true)]
    ids: Vec<u32>,

    /// Delete finished files too; what is unfinished is deleted in any case
    #[arg(long)]
    delete_files: bool,

    #[command(flatten)]
    owner: OwnerArguments,
}

/// Runs the command.
pub(crate) fn run(arguments: &RemoveArguments) -> Result<Exit, Trouble> {
    let files = if arguments.delete_files {
        FileChoice::Delete
    } else {
        FileChoice::Keep
    };
    Owner::find(&arguments.owner)?.execute(&Command::Remove {
        ids: identifiers(&arguments.ids),
        files,
    })?;
    Ok(Exit::Done)
}
