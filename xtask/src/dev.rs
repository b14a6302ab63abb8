//! `cargo xtask dev`: the page with hot reload, against the real server.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::{page, system};

/// Beside the port of a Gannet that is in use.
const LISTEN: &str = "127.0.0.1:6901";
/// Where Vite listens, by `vite.config.ts`. The server knows itself by this name too, since Vite passes on what the
/// browser says.
const PAGE: &str = "localhost:5173";
const VITE_BEGINS_WITHIN: Duration = Duration::from_mins(1);

/// Starts both, and prints a link to log in with. Ctrl-C ends both.
pub(crate) fn run() -> Result<()> {
    page::install()?;
    system::run(system::cargo().args(["build", "--locked", "--package=gannet-cli"]))?;
    let gannet = system::built_binary(system::Profile::Dev, "gannet")?;
    // A list of its own: what is tried here touches nobody's downloads.
    let folder = system::workspace_root().join("target/dev");
    let (data, downloads) = (folder.join("data"), folder.join("downloads"));
    let mut server = Running(start_server(&gannet, &data, &downloads)?);
    let mut vite = Running(
        page::npm()
            .args(["run", "dev"])
            .env("GANNET_SERVER", format!("http://{LISTEN}"))
            .spawn()
            .context("npm could not be started")?,
    );
    wait_for_vite(&mut vite)?;
    let link = system::capture(
        Command::new(&gannet)
            .args(["open", "--print", "--data-dir"])
            .arg(&data),
    )?;
    println!(
        "\nOpen {}\nAnother link: {}",
        link.replace(LISTEN, PAGE),
        system::show(
            Command::new(&gannet)
                .args(["open", "--print", "--data-dir"])
                .arg(&data)
        )
    );
    let status = server.0.wait()?;
    ensure!(status.success(), "gannet serve ended ({status})");
    Ok(())
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
