//! What the program is started with.

use std::path::PathBuf;

use clap::Parser;

/// Gannet in a window of its own
#[derive(Debug, Parser)]
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

    /// Log what happens to standard error
    #[arg(short, long)]
    pub(crate) verbose: bool,
}
