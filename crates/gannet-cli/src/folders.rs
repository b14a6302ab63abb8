//! Where the platform wants data.

use std::path::PathBuf;

use directories::ProjectDirs;
use gannet_server::ConfigError;

use crate::trouble::Trouble;

/// The store's folder: the one that was named, or the platform's.
pub(crate) fn data(named: Option<PathBuf>) -> Result<PathBuf, Trouble> {
    match named {
        Some(folder) => Ok(folder),
        None => Ok(ours()?.data_local_dir().to_owned()),
    }
}

/// What to do about a config file that cannot be used.
#[expect(clippy::needless_pass_by_value, reason = "it is what a failed step hands on")]
pub(crate) fn not_configured(error: ConfigError) -> Trouble {
    let trouble = Trouble::usage(&error);
    match error {
        ConfigError::NoHome => trouble.hint("name --data-dir, --config and --download-dir"),
        _ => trouble,
    }
}

fn ours() -> Result<ProjectDirs, Trouble> {
    ProjectDirs::from("", "", "gannet").ok_or_else(no_home)
}

fn no_home() -> Trouble {
    Trouble::usage("the home folder is not known").hint("name --data-dir, --config and --download-dir")
}
