//! `cargo xtask demo`: a download that needs no network.

use std::{fs, process::Command};

use anyhow::{Context, Result, ensure};

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

/// Shows the command line's help, and a download from a server on this machine.
pub(crate) fn run() -> Result<()> {
    system::run(system::cargo().args([
        "build",
        "--locked",
        "--release",
        "--package=gannet-cli",
        "--package=gannet-testkit",
    ]))?;
    let gannet = system::release_binary("gannet")?;
    system::run(Command::new(&gannet).arg("--help"))?;
    println!("\n== A demonstration: a server on this machine that gives each connection 8 MB/s\n");
    demonstrate(Command::new(gannet))?;
    println!(
        "\nTo try it yourself: cargo xtask app get URL\n\
         or with this server: cargo run --release -p gannet-testkit --bin origin -- --help"
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
