//! The config file, in TOML. `docs/config.md` describes it.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use gannet_server::Site;
use serde::Deserialize;

use crate::folders;
use crate::trouble::Trouble;

/// What the file says; whatever it leaves out has a default.
#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// Where to listen.
    pub(crate) listen: Option<SocketAddr>,
    /// Names by which the server is known beside those of loopback.
    pub(crate) hosts: Vec<String>,
    /// Folders beneath which files may be put; the first is the usual one.
    pub(crate) roots: Vec<PathBuf>,
    /// The store's folder.
    pub(crate) data_dir: Option<PathBuf>,
    /// The token's file.
    pub(crate) token_file: Option<PathBuf>,
    /// What a queue may run when it is done: program and arguments.
    pub(crate) when_done_command: Option<Vec<String>>,
}

impl Config {
    /// Reads the file that was named, which must be there, or the usual one, which need not.
    pub(crate) fn load(named: Option<&Path>) -> Result<Self, Trouble> {
        let path = named.map_or_else(folders::config_file, |path| Ok(path.to_owned()))?;
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text)
                .map_err(|error| Trouble::usage(format_args!("{}: {error}", path.display()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound && named.is_none() => Ok(Self::default()),
            Err(error) => Err(Trouble::usage(format_args!(
                "cannot read {}: {error}",
                path.display()
            ))),
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut config: Self = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        for host in &config.hosts {
            host.parse::<Site>().map_err(|error| error.to_string())?;
        }
        if config.when_done_command.as_ref().is_some_and(Vec::is_empty) {
            return Err("when_done_command names no program".to_owned());
        }
        let paths = config
            .roots
            .iter_mut()
            .chain(&mut config.data_dir)
            .chain(&mut config.token_file);
        for path in paths {
            *path = folders::expand_home(std::mem::take(path))
                .map_err(|_| "~ stands for a home folder that is not known".to_owned())?;
            if !path.is_absolute() {
                return Err(format!("{} is not an absolute path", path.display()));
            }
        }
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANUAL: &str = include_str!("../../../../docs/config.md");

    // Its paths are those of Unix.
    #[cfg(unix)]
    #[test]
    fn the_manuals_example_is_read_and_names_every_setting() {
        let example = MANUAL
            .split("```toml\n")
            .nth(1)
            .and_then(|rest| rest.split("```").next())
            .expect("an example");
        let config = Config::parse(example).expect("it is right");
        assert!(config.listen.is_some());
        assert!(!config.hosts.is_empty());
        assert!(!config.roots.is_empty());
        assert!(config.data_dir.is_some());
        assert!(config.token_file.is_some());
        assert!(config.when_done_command.is_some());
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, expected) in [
            ("lisen = \"127.0.0.1:1\"", "unknown field `lisen`"),
            ("listen = \"localhost\"", "invalid socket address"),
            ("hosts = [\"*\"]", "is no host"),
            ("roots = [\"Downloads\"]", "not an absolute path"),
            ("when_done_command = []", "names no program"),
            ("when_done_command = \"halt\"", "sequence"),
        ] {
            let error = Config::parse(text).expect_err(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn a_file_that_was_named_must_be_there() {
        assert!(Config::load(Some(Path::new("no-such-folder/config.toml"))).is_err());
    }
}
