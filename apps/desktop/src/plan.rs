//! What a start is about.

#[cfg(desktop)]
use std::path::Path;
use std::path::PathBuf;

use gannet_manager::ManagerOptions;
use gannet_server::{Page, ServeOptions};

#[cfg(desktop)]
use crate::updates::Source;

/// What a start is about.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) manager: ManagerOptions,
    /// The API beside the window; it shows no page.
    pub(crate) serve: ServeOptions,
    /// Where to look for newer versions, if anywhere.
    #[cfg(desktop)]
    pub(crate) updates: Option<Source>,
}

impl Plan {
    /// With nothing but folders.
    pub(crate) fn with(data: PathBuf, roots: Vec<PathBuf>) -> Self {
        let mut serve = ServeOptions::new(data.clone());
        serve.page = Page::Hidden;
        let mut manager = ManagerOptions::new(data, PathBuf::new());
        manager.roots = roots;
        // First comes what the desktop says of proxies, and how it is with battery and line.
        manager.waits_for_face = true;
        Self {
            manager,
            serve,
            #[cfg(desktop)]
            updates: None,
        }
    }

    /// Where store, token and runtime file are.
    #[cfg(desktop)]
    pub(crate) fn data(&self) -> &Path {
        &self.manager.data_dir
    }

    /// A plan in a folder of a test's own.
    #[cfg(test)]
    pub(crate) fn beneath(folder: &tempfile::TempDir) -> Self {
        let folder = folder.path();
        Self::with(folder.join("data"), vec![folder.join("downloads")])
    }
}
