//! What the program is started with.

use std::path::{Path, PathBuf};

use clap::Parser;
use directories::ProjectDirs;
use gannet_server::Config;

use crate::plan::Plan;
use crate::trouble::Trouble;

/// Gannet in a window of its own
#[derive(Debug, Default, Parser)]
#[command(name = "gannet-desktop", version)]
pub(crate) struct Arguments {
    /// Links to ask about, `gannet:` links, or files of links; a Gannet that runs already gets them
    #[arg(value_name = "LINK")]
    pub(crate) links: Vec<String>,

    /// Keep the list and the token in DIR [default: the platform's data folder, which `gannet serve` uses too]
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,

    /// Put files in DIR [default: the user's downloads folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) download_dir: Option<PathBuf>,

    /// Read settings from FILE [default: gannet/config.toml in the platform's config folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Start without the window, where there is a tray to find it in
    #[arg(long)]
    pub(crate) hidden: bool,

    /// Log what happens to standard error
    #[arg(short, long)]
    pub(crate) verbose: bool,
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
        plan.updates = config.updates;
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
