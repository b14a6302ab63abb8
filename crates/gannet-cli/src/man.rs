//! `gannet man [COMMAND]`: a manual page on standard output.

use std::io::{self, Write as _};

use anyhow::{Context as _, bail};
use clap::{Args, CommandFactory as _};

use crate::arguments::Cli;
use crate::exit::Exit;

/// Arguments of `gannet man`.
#[derive(Args)]
pub(crate) struct ManArguments {
    /// The command to describe, such as `get`; without it the page of gannet itself
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

/// Prints the page.
pub(crate) fn run(arguments: &ManArguments) -> anyhow::Result<Exit> {
    let page = page(arguments.command.as_deref())?;
    io::stdout()
        .write_all(&page)
        .context("cannot write to standard output")?;
    Ok(Exit::Done)
}

/// The page in roff.
fn page(command: Option<&str>) -> anyhow::Result<Vec<u8>> {
    let mut gannet = Cli::command();
    // Names the pages of commands `gannet-get` and so on.
    gannet.build();
    let described = match command {
        None => gannet,
        Some(name) => match gannet.find_subcommand(name) {
            Some(found) => found.clone(),
            None => bail!("there is no command {name:?}"),
        },
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(described).render(&mut page)?;
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_get_describes_its_options() {
        let page = String::from_utf8(page(Some("get")).expect("a page")).expect("UTF-8");
        assert!(page.contains("gannet\\-get"), "{page}");
        assert!(page.contains("\\-\\-checksum"), "{page}");
    }

    #[test]
    fn an_unknown_command_has_no_page() {
        assert!(page(Some("fly")).is_err());
    }
}
