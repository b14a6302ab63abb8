//! The `gannet` command line: what was asked, who does it, and the code it ends with.

mod allocator;
mod arguments;
mod completions;
mod exit;
mod format;
mod get;
mod man;
mod printer;
mod units;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::{Cli, Command};
use crate::exit::Exit;

fn main() -> ExitCode {
    allocator::tune();
    let outcome = match Cli::parse().command {
        Command::Get(arguments) => Ok(get::run(&arguments)),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Man(arguments) => man::run(&arguments),
    };
    let exit = outcome.unwrap_or_else(|error| {
        // Nobody is left to tell where standard error is closed too.
        let _ = writeln!(io::stderr(), "error: {error:#}");
        Exit::Unexpected
    });
    ExitCode::from(exit)
}
