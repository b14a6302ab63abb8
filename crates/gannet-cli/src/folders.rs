//! Where the platform wants data, configuration and downloads.

use std::path::PathBuf;

use directories::{ProjectDirs, UserDirs};

use crate::trouble::Trouble;

/// The store's folder.
pub(crate) fn data() -> Result<PathBuf, Trouble> {
    Ok(ours()?.data_local_dir().to_owned())
}

/// The config file, whether it is there or not.
pub(crate) fn config_file() -> Result<PathBuf, Trouble> {
    Ok(ours()?.config_dir().join("config.toml"))
}

/// The user's folder for downloads.
pub(crate) fn downloads() -> Result<PathBuf, Trouble> {
    let user = UserDirs::new().ok_or_else(no_home)?;
    Ok(user
        .download_dir()
        .map_or_else(|| user.home_dir().join("Downloads"), ToOwned::to_owned))
}

/// A path with `~/` at its beginning means the home folder.
pub(crate) fn expand_home(path: PathBuf) -> Result<PathBuf, Trouble> {
    match path.strip_prefix("~") {
        Ok(rest) => Ok(UserDirs::new().ok_or_else(no_home)?.home_dir().join(rest)),
        Err(_) => Ok(path),
    }
}

fn ours() -> Result<ProjectDirs, Trouble> {
    ProjectDirs::from("", "", "gannet").ok_or_else(no_home)
}

fn no_home() -> Trouble {
    Trouble::usage("the home folder is not known").hint("name --data-dir, --config and --download-dir")
}
