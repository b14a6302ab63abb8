//! The `gannet` command line: what was asked, who does it, and the code it ends with.

mod add;
mod arguments;
mod completions;
mod exit;
mod folders;
mod format;
mod get;
mod list;
mod log;
mod man;
mod open;
mod owner;
mod pause;
mod printer;
mod remove;
mod resume;
mod selection;
mod serve;
mod stop;
mod trouble;
mod units;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::{Cli, Command};
use crate::exit::Exit;
use crate::trouble::Trouble;

#[global_allocator]
static ALLOCATOR: gannet_allocator::LineAligned = gannet_allocator::LineAligned;

fn main() -> ExitCode {
    gannet_allocator::share_buffers();
    let outcome = match Cli::parse().command {
        Command::Get(arguments) => Ok(get::run(&arguments)),
        Command::Serve(arguments) => Ok(serve::run(&arguments)),
        Command::Add(arguments) => Ok(told(add::run(&arguments))),
        Command::List(arguments) => Ok(told(list::run(&arguments))),
        Command::Pause(arguments) => Ok(told(pause::run(&arguments))),
        Command::Resume(arguments) => Ok(told(resume::run(&arguments))),
        Command::Remove(arguments) => Ok(told(remove::run(&arguments))),
        Command::Open(arguments) => Ok(told(open::run(&arguments))),
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

/// The code, with what went wrong said.
fn told(outcome: Result<Exit, Trouble>) -> Exit {
    outcome.unwrap_or_else(|trouble| trouble.tell())
}
