//! What the program is started with.

use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::Arg::{Long, Short, Value};
use lexopt::ValueExt as _;

/// What a start is told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// Links to ask about, `gannet:` links, or files of links; a Gannet that runs already gets them.
    pub(crate) links: Vec<String>,
    /// Where the list and the token are kept; by default the platform's data folder, which `gannet serve` uses too.
    pub(crate) data_dir: Option<PathBuf>,
    /// Where files are put; by default the user's downloads folder.
    pub(crate) download_dir: Option<PathBuf>,
    /// Where settings are read from; by default `gannet/config.toml` in the platform's config folder.
    pub(crate) config: Option<PathBuf>,
    /// Start without the window, where there is a tray to find it in.
    pub(crate) hidden: bool,
    /// Log what happens to standard error.
    pub(crate) verbose: bool,
}

/// What is asked of the program.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// To start.
    Start(Arguments),
    /// To say something, and no more.
    Say(&'static str),
}

const HELP: &str = "\
Gannet in a window of its own

Usage: gannet-desktop [OPTIONS] [LINK]...

Arguments:
  [LINK]...  Links to ask about, `gannet:` links, or files of links; a Gannet that runs already gets them

Options:
      --data-dir <DIR>      Keep the list and the token in DIR [default: the platform's data folder, which
                            `gannet serve` uses too]
      --download-dir <DIR>  Put files in DIR [default: the user's downloads folder]
      --config <FILE>       Read settings from FILE [default: gannet/config.toml in the platform's config folder]
      --hidden              Start without the window, where there is a tray to find it in
  -v, --verbose             Log what happens to standard error
  -h, --help                Print help
  -V, --version             Print version
";

const VERSION: &str = concat!("gannet-desktop ", env!("CARGO_PKG_VERSION"), "\n");

/// Reads the words behind the program's name.
///
/// # Errors
/// Where one of them is no option, or lacks its value.
pub(crate) fn read(words: impl IntoIterator<Item = OsString>) -> Result<Asked, lexopt::Error> {
    let mut arguments = Arguments::default();
    let mut parser = lexopt::Parser::from_args(words);
    while let Some(word) = parser.next()? {
        match word {
            Long("data-dir") => arguments.data_dir = Some(parser.value()?.into()),
            Long("download-dir") => arguments.download_dir = Some(parser.value()?.into()),
            Long("config") => arguments.config = Some(parser.value()?.into()),
            Long("hidden") => arguments.hidden = true,
            Short('v') | Long("verbose") => arguments.verbose = true,
            Short('h') | Long("help") => return Ok(Asked::Say(HELP)),
            Short('V') | Long("version") => return Ok(Asked::Say(VERSION)),
            Value(link) => arguments.links.push(link.string()?),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Asked::Start(arguments))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &[&str]) -> Result<Asked, lexopt::Error> {
        read(words.iter().map(OsString::from))
    }

    #[test]
    fn options_and_links_stand_in_any_order() {
        let words = [
            "--hidden",
            "gannet://add?url=a",
            "--data-dir",
            "d",
            "-v",
            "--config=c",
            "--",
            "--odd",
        ];
        assert_eq!(
            asked(&words).unwrap(),
            Asked::Start(Arguments {
                links: vec!["gannet://add?url=a".to_owned(), "--odd".to_owned()],
                data_dir: Some("d".into()),
                download_dir: None,
                config: Some("c".into()),
                hidden: true,
                verbose: true,
            })
        );
        assert_eq!(asked(&[]).unwrap(), Asked::Start(Arguments::default()));
    }

    #[test]
    fn who_asks_gets_an_answer_and_no_window() {
        assert_eq!(asked(&["a", "--help"]).unwrap(), Asked::Say(HELP));
        assert_eq!(asked(&["-V"]).unwrap(), Asked::Say(VERSION));
        for (words, said) in [
            (&["--hiden"][..], "hiden"),
            (&["--data-dir"], "data-dir"),
            (&["--hidden=yes"], "hidden"),
        ] {
            let error = asked(words).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
