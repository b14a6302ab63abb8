//! The commands, as clap reads them. Each command's own arguments stand beside it.

use clap::{Parser, Subcommand};

use crate::completions::CompletionsArguments;
use crate::get::GetArguments;
use crate::man::ManArguments;

/// Downloads files at the speed of the network, through many connections, and gets them right.
#[derive(Parser)]
#[command(name = "gannet", version, after_help = "Begin with: gannet get URL")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Download one file or many
    ///
    /// Each file comes through many connections at once, straight to its place. The same command again goes on
    /// where the last one stopped; a finished file is not fetched twice.
    #[command(override_usage = "gannet get [OPTIONS] <URL>...\n       gannet get [OPTIONS] -i <FILE>")]
    Get(Box<GetArguments>),
    /// Print the completions for a shell
    Completions(CompletionsArguments),
    /// Print a manual page
    Man(ManArguments),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    /// Help at a fixed width, so that no terminal changes the snapshot.
    fn help_of(path: &[&str]) -> String {
        let mut command = Cli::command().term_width(100);
        command.build();
        let mut found = &mut command;
        for name in path {
            found = found.find_subcommand_mut(name).expect("a command");
        }
        found.render_long_help().to_string()
    }

    #[test]
    fn the_definitions_agree_with_each_other() {
        Cli::command().debug_assert();
    }

    #[test]
    fn help_reads_well() {
        insta::assert_snapshot!("help", help_of(&[]));
        insta::assert_snapshot!("help_get", help_of(&["get"]));
    }
}
