//! Where the platform wants data.

use std::path::PathBuf;

use directories::ProjectDirs;

use crate::trouble::Trouble;

/// The store's folder.
pub(crate) fn data() -> Result<PathBuf, Trouble> {
    Ok(ours()?.data_local_dir().to_owned())
}

fn ours() -> Result<ProjectDirs, Trouble> {
    ProjectDirs::from("", "", "gannet").ok_or_else(no_home)
}

fn no_home() -> Trouble {
    Trouble::usage("the home folder is not known").hint("name --data-dir, --config and --download-dir")
}
