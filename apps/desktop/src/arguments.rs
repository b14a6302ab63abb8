//! What the program is started with.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use gannet_server::{Config, ConfigError};
use lexopt::Arg::{Long, Short, Value};
use lexopt::ValueExt as _;

use crate::plan::Plan;
use crate::trouble::Trouble;
use crate::updates::Source;

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

impl Arguments {
    /// What they, the config file and the platform say together. The config file and the platform's folders are those of
    /// `gannet serve`, so that a list is one list, whoever owns it today.
    ///
    /// # Errors
    /// Where a folder or the config file cannot be used.
    pub(crate) fn plan(&self) -> Result<Plan, Trouble> {
        let config = Config::load(self.config.as_deref())?;
        let named = self.download_dir.as_deref().map(absolute).transpose()?;
        let roots = config.roots(named)?;
        let data = match self.data_dir.as_deref().or(config.data_dir.as_deref()) {
            Some(folder) => absolute(folder)?,
            None => ProjectDirs::from("", "", "gannet")
                .ok_or(Trouble::NoHome)?
                .data_local_dir()
                .to_owned(),
        };
        let mut plan = Plan::with(data, roots);
        if let Some(listen) = config.listen {
            plan.serve.listen = listen;
        }
        plan.serve.token_file = config.token_file;
        // The file was checked when it was read.
        plan.serve.sites = config.hosts.iter().filter_map(|host| host.parse().ok()).collect();
        plan.manager.when_done_command = config.when_done_command;
        if let Some(updates) = &config.updates {
            let source = Source::of(updates).map_err(|wrong| match Config::path(self.config.as_deref()) {
                Ok(path) => ConfigError::Wrong {
                    path,
                    what: wrong.to_string(),
                },
                Err(error) => error,
            });
            plan.updates = Some(source?);
        }
        Ok(plan)
    }
}

fn absolute(path: &Path) -> Result<PathBuf, Trouble> {
    std::path::absolute(path).map_err(|source| Trouble::Folder {
        path: path.to_owned(),
        source,
    })
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

    fn plan(config: &str, download_dir: Option<&Path>) -> (tempfile::TempDir, Result<Plan, Trouble>) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        std::fs::write(&file, config).unwrap();
        let arguments = Arguments {
            config: Some(file),
            download_dir: download_dir.map(ToOwned::to_owned),
            ..Arguments::default()
        };
        let plan = arguments.plan();
        (folder, plan)
    }

    #[cfg(unix)]
    #[test]
    fn the_config_file_says_where_files_go_and_the_command_line_goes_before_it() {
        let config = "roots = [\"/srv/a\", \"/srv/b\"]\ndata_dir = \"/srv/data\"\nlisten = \"127.0.0.1:7000\"\nwhen_done_command = [\"true\"]";
        let (_folder, plan) = plan(config, Some(Path::new("/srv/b")));
        let plan = plan.unwrap();
        assert_eq!(plan.manager.roots, [Path::new("/srv/b"), Path::new("/srv/a")]);
        assert_eq!(plan.data(), Path::new("/srv/data"));
        assert_eq!(plan.serve.listen.port(), 7000);
        assert!(plan.manager.when_done_command.is_some());
        assert!(plan.updates.is_none());
    }

    #[test]
    fn what_is_wrong_in_the_file_is_said() {
        let (_folder, plan) = plan("rots = []", None);
        let trouble = plan.unwrap_err().to_string();
        assert!(
            trouble.contains("config.toml") && trouble.contains("rots"),
            "{trouble}"
        );
    }

    #[test]
    fn where_nobody_can_be_asked_for_newer_versions_is_said_at_once() {
        let plan = |address: &str, key: &str| {
            let config = format!("[updates]\naddress = \"{address}\"\nkey = \"{key}\"");
            let (_folder, plan) = plan(&config, None);
            plan.map(|plan| plan.updates.is_some())
                .map_err(|trouble| trouble.to_string())
        };
        let key = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
        let address = "https://example.org/gannet.json";
        assert_eq!(plan(address, key), Ok(true));
        for (address, key, said) in [
            ("http://example.org/gannet.json", key, "https://"),
            ("example.org", key, "https://"),
            (address, "RWQf6LRC", "minisign.pub"),
        ] {
            let trouble = plan(address, key).unwrap_err();
            assert!(
                trouble.contains("config.toml") && trouble.contains(said),
                "{trouble}"
            );
        }
    }
}
