//! `cargo xtask app`: try Gannet.

use std::{fs, process::Command};

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::{origin::Origin, system};

/// What the demonstration fetches: big and slow enough for a progress bar, small enough for a coffee.
const DEMONSTRATION_ORIGIN: &[&str] = &[
    "--size",
    "256MB",
    "--rate-per-connection",
    "8MB",
    "--latency",
    "20ms",
    "--name",
    DEMONSTRATION_FILE,
];
const DEMONSTRATION_FILE: &str = "demonstration.bin";

#[derive(Args)]
pub(crate) struct Arguments {
    /// What to give to the command line, e.g. `get URL`; nothing shows a demonstration
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
    arguments: Vec<String>,
}

/// Runs the command line with the arguments given; without any, shows its help and a download that needs no
/// network.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    println!("The desktop window is not there yet: this is the command line.\n");
    system::run(system::cargo().args([
        "build",
        "--locked",
        "--release",
        "--package=gannet-cli",
        "--package=gannet-testkit",
    ]))?;
    let gannet = system::release_binary("gannet")?;
    if !arguments.arguments.is_empty() {
        return system::run(Command::new(gannet).args(&arguments.arguments));
    }

    system::run(Command::new(&gannet).arg("--help"))?;
    println!("\n== A demonstration: a server on this machine that gives each connection 8 MB/s\n");
    demonstrate(Command::new(gannet))?;
    println!(
        "\nTo try it yourself: cargo xtask app get URL\n\
         or with this server: cargo run --release -p gannet-testkit -- --help"
    );
    Ok(())
}

fn demonstrate(mut gannet: Command) -> Result<()> {
    let origin = Origin::start(DEMONSTRATION_ORIGIN)?;
    let folder = tempfile::tempdir().context("no temporary folder")?;
    gannet
        .arg("get")
        .arg("-d")
        .arg(folder.path())
        .arg(origin.url(DEMONSTRATION_FILE));
    println!("$ {}\n$ {}", origin.shown, system::show(&gannet));
    system::run(&mut gannet)?;

    let file = folder.path().join(DEMONSTRATION_FILE);
    let bytes = fs::metadata(&file)
        .with_context(|| format!("{} is not there", file.display()))?
        .len();
    let entries = fs::read_dir(folder.path())?.count();
    ensure!(
        entries == 1,
        "{entries} entries in the folder, the file alone was expected"
    );
    println!("\nThe folder holds one file, {DEMONSTRATION_FILE}, {bytes} bytes; it and the server go now.");
    Ok(())
}
