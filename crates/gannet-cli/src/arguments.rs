//! The commands, as clap reads them. Each command's own arguments stand beside it.

use clap::{Parser, Subcommand};

use crate::add::AddArguments;
use crate::completions::CompletionsArguments;
use crate::get::GetArguments;
use crate::list::ListArguments;
use crate::man::ManArguments;
use crate::open::OpenArguments;
use crate::pause::PauseArguments;
use crate::remove::RemoveArguments;
use crate::resume::ResumeArguments;
use crate::serve::ServeArguments;

/// Downloads files at the speed of the network, through many connections, and gets them right.
#[derive(Parser)]
#[command(
    name = "gannet",
    version,
    after_help = "Begin with: gannet get URL, or with a window in the browser: gannet serve"
)]
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
    /// Run the download manager, with its page for the browser
    ///
    /// It owns a list of downloads, works on it, and goes on with it after a restart. `gannet add` and the other
    /// commands below talk to it; so does the page.
    Serve(Box<ServeArguments>),
    /// Add downloads to the list of the server that runs
    #[command(override_usage = "gannet add [OPTIONS] <URL>...\n       gannet add [OPTIONS] -i <FILE>")]
    Add(Box<AddArguments>),
    /// Show the list
    List(ListArguments),
    /// Stop downloads, and keep what is there
    Pause(PauseArguments),
    /// Let paused, waiting and failed downloads go on
    Resume(ResumeArguments),
    /// Take downloads from the list
    Remove(RemoveArguments),
    /// Open a finished file, its folder, or the page in a browser
    Open(OpenArguments),
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
        for name in ["get", "serve", "add", "list", "pause", "resume", "remove", "open"] {
            insta::assert_snapshot!(format!("help_{name}"), help_of(&[name]));
        }
    }
}
