//! `gannet completions SHELL`: completions on standard output.

use std::io::{self, Write as _};

use anyhow::Context as _;
use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::arguments::Cli;
use crate::exit::Exit;

/// Arguments of `gannet completions`.
#[derive(Args)]
pub(crate) struct CompletionsArguments {
    /// The shell to complete in
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Prints the completions.
pub(crate) fn run(arguments: &CompletionsArguments) -> anyhow::Result<Exit> {
    // Into memory first: the generator panics where a write fails, and `| head` makes it fail.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "gannet", &mut script);
    io::stdout()
        .write_all(&script)
        .context("cannot write to standard output")?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn every_shell_completes_the_options_of_get() {
        for shell in Shell::value_variants() {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "gannet", &mut script);
            let script = String::from_utf8(script).expect("UTF-8");
            assert!(script.contains("skip-existing"), "{shell}");
        }
    }
}
