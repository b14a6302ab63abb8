//! `cargo xtask dev`: the page with hot reload, against the real server or in the real window.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::{desktop, page, system};

/// Beside the port of a Gannet that is in use.
const LISTEN: &str = "127.0.0.1:6901";
/// Where Vite listens, by `vite.config.ts`. The server knows itself by this name too, since Vite passes on what the
/// browser says.
const PAGE: &str = "localhost:5173";
const VITE_BEGINS_WITHIN: Duration = Duration::from_mins(1);

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// In the desktop window instead of a browser
    #[arg(long)]
    desktop: bool,
}

/// Starts Vite, and what shows its page. Ctrl-C ends both.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    page::install()?;
    // A list of its own: what is tried here touches nobody's downloads.
    let folder = system::workspace_root().join("target/dev");
    let folders = Folders {
        data: folder.join("data"),
        downloads: folder.join("downloads"),
    };
    if arguments.desktop {
        run_window(&folders)
    } else {
        run_server(&folders)
    }
}

struct Folders {
    data: PathBuf,
    downloads: PathBuf,
}

/// The window takes the page from Vite. What was changed in Rust is built at the next start.
fn run_window(folders: &Folders) -> Result<()> {
    desktop::ensure_libraries()?;
    let mut vite = start_vite()?;
    wait_for_vite(&mut vite)?;
    let mut window = system::cargo();
    window
        .args([
            "run",
            "--locked",
            "--package=gannet-desktop",
            "--no-default-features",
            "--",
        ])
        .arg("--verbose")
        .arg("--data-dir")
        .arg(&folders.data)
        .arg("--download-dir")
        .arg(&folders.downloads);
    system::run(&mut window)
}

/// Prints a link to log in with.
fn run_server(folders: &Folders) -> Result<()> {
    system::run(system::cargo().args(["build", "--locked", "--package=gannet-cli"]))?;
    let gannet = system::built_binary(system::Profile::Dev, "gannet")?;
    let Folders { data, downloads } = folders;
    let mut server = Running(start_server(&gannet, data, downloads)?);
    let mut vite = start_vite()?;
    wait_for_vite(&mut vite)?;
    let link = system::capture(
        Command::new(&gannet)
            .args(["open", "--print", "--data-dir"])
            .arg(data),
    )?;
    println!(
        "\nOpen {}\nAnother link: {}",
        link.replace(LISTEN, PAGE),
        system::show(
            Command::new(&gannet)
                .args(["open", "--print", "--data-dir"])
                .arg(data)
        )
    );
    let status = server.0.wait()?;
    ensure!(status.success(), "gannet serve ended ({status})");
    Ok(())
}

fn start_vite() -> Result<Running> {
    let vite = page::npm()
        .args(["run", "dev"])
        .env("GANNET_SERVER", format!("http://{LISTEN}"))
        .spawn()
        .context("npm could not be started")?;
    Ok(Running(vite))
}

/// Returns when it listens.
fn start_server(gannet: &Path, data: &Path, downloads: &Path) -> Result<Child> {
    let mut child = Command::new(gannet)
        .args(["serve", "--verbose", "--listen", LISTEN, "--allow-host", PAGE])
        .arg("--data-dir")
        .arg(data)
        .arg("--download-dir")
        .arg(downloads)
        .stdout(Stdio::piped())
        .spawn()
        .context("gannet could not be started")?;
    let stdout = child.stdout.take().context("standard output is piped")?;
    let mut lines = BufReader::new(stdout).lines();
    let first = lines.next().context("gannet serve said nothing and ended")??;
    println!("gannet serve: {first}");
    // What it may say later is read and dropped: a full pipe would stop it.
    thread::spawn(move || lines.for_each(drop));
    Ok(child)
}

fn wait_for_vite(vite: &mut Running) -> Result<()> {
    let begun = Instant::now();
    while TcpStream::connect(PAGE).is_err() {
        ensure!(vite.0.try_wait()?.is_none(), "Vite ended");
        ensure!(
            begun.elapsed() < VITE_BEGINS_WITHIN,
            "Vite does not listen on {PAGE}"
        );
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// A child that does not outlive this.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Already gone is as good as stopped.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
