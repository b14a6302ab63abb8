//! What the program is started with.

use std::path::PathBuf;

use clap::Parser;

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
