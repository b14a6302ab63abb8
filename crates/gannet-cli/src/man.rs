//! `gannet man [COMMAND]`: a manual page on standard output.

use std::io::{self, Write as _};

use anyhow::Context as _;
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
    let page = match page(arguments.command.as_deref()) {
        Ok(page) => page?,
        Err(NoSuchCommand(name)) => {
            let problem = format!("there is no command {name:?}");
            let error = Cli::command().error(clap::error::ErrorKind::InvalidValue, problem);
            // Nobody is left to tell where standard error is closed too.
            let _ = error.print();
            return Ok(Exit::Usage);
        }
    };
    io::stdout()
        .write_all(&page)
        .context("cannot write to standard output")?;
    Ok(Exit::Done)
}

#[derive(Debug)]
struct NoSuchCommand(String);

/// The page in roff.
fn page(command: Option<&str>) -> Result<io::Result<Vec<u8>>, NoSuchCommand> {
    let mut gannet = Cli::command();
    // Names the pages of commands `gannet-get` and so on.
    gannet.build();
    let described = match command {
        None => gannet,
        Some(name) => match gannet.find_subcommand(name) {
            Some(found) => found.clone(),
            None => return Err(NoSuchCommand(name.to_owned())),
        },
    };
    Ok(render(described))
}

/// As clap does it, but with what stands behind the options under the headings that manual pages have for it.
fn render(described: clap::Command) -> io::Result<Vec<u8>> {
    let behind = described.get_after_long_help().map(ToString::to_string);
    let described = match behind {
        Some(_) => described.after_long_help(None::<&str>),
        None => described,
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(described)
        .source(concat!("gannet ", env!("CARGO_PKG_VERSION")))
        .render(&mut page)?;
    for section in behind.as_deref().unwrap_or_default().split("\n\n") {
        page.extend_from_slice(section_in_roff(section).as_bytes());
    }
    Ok(page)
}

/// A heading with its colon and a table below it.
fn section_in_roff(section: &str) -> String {
    let Some((heading, table)) = section.split_once(":\n") else {
        return String::new();
    };
    let table = table.replace('\\', "\\e").replace('-', "\\-");
    // A line that begins with a dot would be a command; this stands before it and shows nothing.
    let lines = table.trim_end().replace('\n', "\n\\&");
    format!(".SH \"{}\"\n.nf\n\\&{lines}\n.fi\n", heading.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_get_describes_its_options() {
        let page = String::from_utf8(page(Some("get")).expect("a command").expect("a page")).expect("UTF-8");
        assert!(page.contains("gannet\\-get"), "{page}");
        assert!(page.contains("\\-\\-checksum"), "{page}");
        for heading in [".SH \"EXIT STATUS\"\n", ".SH \"ENVIRONMENT\"\n"] {
            assert!(page.contains(heading), "{page}");
        }
        assert!(
            page.contains("\\&  130  interrupted\n") && page.contains("NO_COLOR"),
            "{page}"
        );
        assert!(!page.contains("EXTRA"), "{page}");
        let title = page
            .lines()
            .find(|line| line.starts_with(".TH"))
            .expect("a title");
        assert!(title.contains(env!("CARGO_PKG_VERSION")), "{title}");
    }

    #[test]
    fn an_unknown_command_has_no_page() {
        assert!(page(Some("fly")).is_err());
    }
}
