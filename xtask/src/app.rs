//! `cargo xtask app`: use Gannet as it is in this checkout: in its window where there is a display, in a browser where
//! there is none.

use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::{desktop, page, system};

#[derive(Args)]
pub(crate) struct Arguments {
    /// What to give to the command line, e.g. `get URL`, or `serve --open` for the page in a browser; nothing opens
    /// Gannet's window
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
    arguments: Vec<String>,
}

/// Builds what is needed and starts it: the window where there is a display, otherwise the server with its page. With
/// arguments it is the command line, which needs no page.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    if arguments.arguments.is_empty() {
        match desktop::reach_display()
            .map_err(anyhow::Error::msg)
            .and_then(|()| desktop::ensure_libraries())
        {
            Ok(()) => return desktop::open(),
            Err(error) => {
                println!("{error:#}\nWithout that there is no window: the page opens in a browser.");
            }
        }
    }
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
