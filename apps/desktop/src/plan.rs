//! What a start is about: what the command line, the config file and the platform say together. The config file and the
//! platform's folders are those of `gannet serve`, so that a list is one list, whoever owns it today.

use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use gannet_manager::ManagerOptions;
use gannet_server::{Config, Page, ServeOptions, Updates};

use crate::arguments::Arguments;
use crate::trouble::Trouble;

/// What a start is about.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) manager: ManagerOptions,
    /// The API beside the window; it shows no page.
    pub(crate) serve: ServeOptions,
    /// Where to look for newer versions, if anywhere.
    pub(crate) updates: Option<Updates>,
}

impl Plan {
    pub(crate) fn of(arguments: &Arguments) -> Result<Self, Trouble> {
        let config = Config::load(arguments.config.as_deref())?;
        let named = arguments.download_dir.as_deref().map(absolute).transpose()?;
        let roots = config.roots(named)?;
        let data = match arguments.data_dir.as_deref().or(config.data_dir.as_deref()) {
            Some(folder) => absolute(folder)?,
            None => ProjectDirs::from("", "", "gannet")
                .ok_or(Trouble::NoHome)?
                .data_local_dir()
                .to_owned(),
        };
        let mut plan = Self::with(data, roots);
        if let Some(listen) = config.listen {
            plan.serve.listen = listen;
        }
        plan.serve.token_file = config.token_file;
        // The file was checked when it was read.
        plan.serve.sites = config.hosts.iter().filter_map(|host| host.parse().ok()).collect();
        plan.manager.when_done_command = config.when_done_command;
        plan.updates = config.updates;
        Ok(plan)
    }

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
            updates: None,
        }
    }

    /// Where store, token and runtime file are.
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

fn absolute(path: &Path) -> Result<PathBuf, Trouble> {
    std::path::absolute(path).map_err(|source| Trouble::Folder {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(config: &str, download_dir: Option<&Path>) -> (tempfile::TempDir, Result<Plan, Trouble>) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        std::fs::write(&file, config).unwrap();
        let plan = Plan::of(&Arguments {
            config: Some(file),
            download_dir: download_dir.map(ToOwned::to_owned),
            ..Arguments::default()
        });
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
        assert_eq!(plan.updates, None);
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
}
