//! Where the platform wants data and downloads: the same places that `gannet serve` uses, so that a list is one list,
//! whoever owns it today.

use std::path::{Path, PathBuf};

use directories::{ProjectDirs, UserDirs};

use crate::arguments::Arguments;
use crate::trouble::Trouble;

/// The folders that a start is about; both absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folders {
    /// Store, token and runtime file.
    pub(crate) data: PathBuf,
    /// Where files go, unless a category says otherwise.
    pub(crate) downloads: PathBuf,
}

impl Folders {
    /// What the arguments name, or what the platform suggests.
    pub(crate) fn of(arguments: &Arguments) -> Result<Self, Trouble> {
        let data = match &arguments.data_dir {
            Some(folder) => absolute(folder)?,
            None => ProjectDirs::from("", "", "gannet")
                .ok_or(Trouble::NoHome)?
                .data_local_dir()
                .to_owned(),
        };
        let downloads = if let Some(folder) = &arguments.download_dir {
            absolute(folder)?
        } else {
            let user = UserDirs::new().ok_or(Trouble::NoHome)?;
            user.download_dir()
                .map_or_else(|| user.home_dir().join("Downloads"), ToOwned::to_owned)
        };
        Ok(Self { data, downloads })
    }
}

fn absolute(path: &Path) -> Result<PathBuf, Trouble> {
    std::path::absolute(path).map_err(|source| Trouble::Folder {
        path: path.to_owned(),
        source,
    })
}
