//! `cargo xtask app`: use Gannet as it is in this checkout.

use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::{page, system};

#[derive(Args)]
pub(crate) struct Arguments {
    /// What to give to the command line, e.g. `get URL`; nothing starts Gannet with its page
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
    arguments: Vec<String>,
}

/// Builds the page and the program, starts it, and opens the page in a browser where there is a display. With arguments
/// it is the command line, which needs no page.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let serves = arguments
        .arguments
        .first()
        .is_none_or(|command| command == "serve");
    if serves {
        page::build()?;
    }
    system::run(system::cargo().args(["build", "--locked", "--release", "--package=gannet-cli"]))?;
    let mut gannet = Command::new(system::release_binary("gannet")?);
    if arguments.arguments.is_empty() {
        gannet.args(["serve", "--open"]);
    } else {
        gannet.args(&arguments.arguments);
    }
    println!("\n$ {}", system::show(&gannet));
    system::become_program(gannet)
}
