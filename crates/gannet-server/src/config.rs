//! The config file, in TOML. `docs/config.md` describes it.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use directories::{ProjectDirs, UserDirs};
use serde::Deserialize;

use crate::site::Site;

/// What the file says; whatever it leaves out has a default.
#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where to listen.
    pub listen: Option<SocketAddr>,
    /// Names by which the server is known beside those of loopback.
    pub hosts: Vec<String>,
    /// Folders beneath which files may be put; the first is the usual one.
    pub roots: Vec<PathBuf>,
    /// The store's folder.
    pub data_dir: Option<PathBuf>,
    /// The token's file.
    pub token_file: Option<PathBuf>,
    /// What a queue may run when it is done: program and arguments.
    pub when_done_command: Option<Vec<String>>,
    /// Where the desktop window may look for newer versions, and whom it trusts about them; without it, it looks nowhere.
    pub updates: Option<Updates>,
}

/// Where to look for newer versions.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Updates {
    /// The address of the note about the newest version; its signature stands beside it, with `.minisig` at the end.
    pub address: String,
    /// The public key that the note must be signed with, as minisign prints it.
    pub key: String,
}

/// Why the config file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What it says cannot be.
    #[error("{}: {what}", path.display())]
    Wrong {
        /// Which file.
        path: PathBuf,
        /// What.
        what: String,
    },
    /// Nobody says where the user's files are.
    #[error("the home folder is not known")]
    NoHome,
}

impl Config {
    /// Reads the file that was named, which must be there, or the usual one, which need not.
    pub fn load(named: Option<&Path>) -> Result<Self, ConfigError> {
        let path = Self::path(named)?;
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text).map_err(|what| ConfigError::Wrong { path, what }),
            Err(error) if error.kind() == io::ErrorKind::NotFound && named.is_none() => Ok(Self::default()),
            Err(source) => Err(ConfigError::Read { path, source }),
        }
    }

    /// Where it is: the file that was named, or the usual one.
    pub fn path(named: Option<&Path>) -> Result<PathBuf, ConfigError> {
        Ok(match named {
            Some(path) => path.to_owned(),
            None => ProjectDirs::from("", "", "gannet")
                .ok_or(ConfigError::NoHome)?
                .config_dir()
                .join("config.toml"),
        })
    }

    /// The folders beneath which files may be put, where the command line names one too; never empty.
    pub fn roots(&self, named: Option<PathBuf>) -> Result<Vec<PathBuf>, ConfigError> {
        let mut roots = self.roots.clone();
        if let Some(folder) = named {
            roots.retain(|root| *root != folder);
            roots.insert(0, folder);
        }
        if roots.is_empty() {
            let user = UserDirs::new().ok_or(ConfigError::NoHome)?;
            roots.push(
                user.download_dir()
                    .map_or_else(|| user.home_dir().join("Downloads"), ToOwned::to_owned),
            );
        }
        Ok(roots)
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
            *path = expand_home(std::mem::take(path))
                .ok_or_else(|| "~ stands for a home folder that is not known".to_owned())?;
            if !path.is_absolute() {
                return Err(format!("{} is not an absolute path", path.display()));
            }
        }
        Ok(config)
    }
}

/// A path with `~/` at its beginning means the home folder.
fn expand_home(path: PathBuf) -> Option<PathBuf> {
    match path.strip_prefix("~") {
        Ok(rest) => Some(UserDirs::new()?.home_dir().join(rest)),
        Err(_) => Some(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    const MANUAL: &str = include_str!("../../../docs/config.md");

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
        assert!(config.updates.is_some());
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
