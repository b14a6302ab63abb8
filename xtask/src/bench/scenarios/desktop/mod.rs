//! The desktop window on a screen that nobody sees: what a person waits for, and what it costs.
//!
//! What is painted is read from the screen itself, by nobody's leave: the window does not know that it is measured.

mod desk;
mod processes;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use self::{desk::Desk, processes::Tree};
use crate::{
    bench::{
        Extent,
        house::House,
        measure::Watch,
        origin,
        peers::Client,
        race::{Bench, Race, Run, in_turn},
        results::{Fault, Findings, Sample, ratio},
    },
    desktop, page, system,
};

const PATIENCE: Duration = Duration::from_mins(2);
const ROWS: u64 = 1000;
const SEED: u64 = 21;
const LOOK_INTERVAL: Duration = Duration::from_millis(2);
/// All the memory of all its processes, what they share counted once.
const MEMORY: &str = "PSS MB";
const IDLE_SHARE: &str = "% of a core, idle";
const PAINTED: &str = "ms until painted";
const BACK: &str = "ms until back";
const QUIT: &str = "ms to quit";

/// Builds the window, its packages, and a bare window to compare with; sees to it that there is a screen.
pub(in crate::bench) fn prepare() -> Result<()> {
    desktop::ensure_libraries()?;
    desktop::ensure_tools()?;
    page::build()?;
    for what in [&["--bins"][..], &["--example", "bare"]] {
        let mut build = system::cargo();
        build.args(["build", "--locked", "--release", "--package=gannet-desktop"]);
        system::run(build.args(what))?;
    }
    Ok(())
}

/// D1
pub(super) fn idle(bench: &Bench) -> Result<Findings> {
    let data = with_rows(bench)?;
    let desk = Desk::lay(&bench.work)?;
    let contestants = [Program::Gannet, Program::Bare];
    let rows = in_turn(
        bench.runs,
        &contestants,
        |program, _| program.name().to_owned(),
        |&program, _| {
            let mut window = Window::open(&desk, program, &data, &bench.work.join("out"))?;
            let painted = desk.painted(window.started, Calm::Still)?;
            let mut sample = window.sample();
            sample.wall_s = painted.as_secs_f64();
            sample
                .extra
                .insert(PAINTED.to_owned(), painted.as_secs_f64() * 1e3);
            let idle_for = match bench.extent {
                Extent::Full => Duration::from_secs(20),
                Extent::Quick => Duration::from_secs(2),
            };
            // What is made once, after the first picture, is no idling.
            thread::sleep(Duration::from_secs(3));
            let share = window.tree().busy_share(idle_for)?;
            sample.extra.insert(IDLE_SHARE.to_owned(), share * 100.0);
            sample
                .extra
                .insert(MEMORY.to_owned(), window.tree().memory_bytes()? as f64 / 1e6);
            desk.keep_picture(&bench.work.join(format!("{}.png", program.binary())))?;
            if matches!(program, Program::Gannet) {
                sample
                    .extra
                    .insert(QUIT.to_owned(), window.quit()?.as_secs_f64() * 1e3);
            }
            Ok(window.run(sample, 0))
        },
    )?;
    let mut findings = Findings {
        server: "none".to_owned(),
        rows,
        verdicts: Vec::new(),
    };
    let figure = |program: Program, name: &str| findings.row(program.name())?.median_extra(name);
    let (painted, share, quit) = (
        figure(Program::Gannet, PAINTED),
        figure(Program::Gannet, IDLE_SHARE),
        figure(Program::Gannet, QUIT),
    );
    let above = figure(Program::Gannet, MEMORY)
        .zip(figure(Program::Bare, MEMORY))
        .map(|(ours, bare)| ours - bare);
    findings.at_most(1000.0, "ms", "from start to the painted list", painted);
    findings.at_most(1.0, "%", "of a core while idle", share);
    findings.at_most(40.0, "MB", "PSS above a bare Tauri window", above);
    findings.at_most(2000.0, "ms", "to quit", quit);
    Ok(findings)
}

/// D2
pub(super) fn in_the_tray(bench: &Bench) -> Result<Findings> {
    const SIZE_BYTES: u64 = 4_000_000_000;
    let served = origin::serve(SIZE_BYTES, SEED, &["--rate-total", "20MB"])?;
    let desk = Desk::lay(&bench.work)?;
    let rows = in_turn(
        bench.runs,
        &[Program::Gannet],
        |program, _| program.name().to_owned(),
        |&program, _| {
            let Begun { window, house, .. } = Begun::with_nothing(bench, &desk, program)?;
            house.command(&json!({"action": "add", "downloads": [{"url": served.url(origin::NAME)}]}))?;
            thread::sleep(Duration::from_secs(3));
            let open = window.tree().memory_bytes()?;

            desk.close_window()?;
            // It rests once nobody opened it again for some seconds.
            thread::sleep(Duration::from_secs(8));
            let before = origin::traffic(&served)?.bytes_sent;
            let mut closed = 0;
            for _ in 0..5 {
                thread::sleep(Duration::from_secs(1));
                closed = closed.max(window.tree().memory_bytes()?);
            }
            let arrived = origin::traffic(&served)?.bytes_sent - before;

            let asked = Instant::now();
            house.question("POST", "/api/window", "{}").ask()?;
            let back = desk.painted(asked, Calm::AtWork)?;
            desk.keep_picture(&bench.work.join("back.png"))?;
            let mut sample = window.sample();
            sample.wall_s = back.as_secs_f64();
            for (name, figure) in [
                ("PSS MB, window open", open as f64 / 1e6),
                (MEMORY, closed as f64 / 1e6),
                ("MB/s in the tray", arrived as f64 / 5e6),
                (BACK, back.as_secs_f64() * 1e3),
            ] {
                sample.extra.insert(name.to_owned(), figure);
            }
            if arrived < 50_000_000 {
                let what = format!("{arrived} bytes in five seconds in the tray");
                sample.fault = Some(Fault::Wrong(what));
            }
            Ok(window.run(sample, SIZE_BYTES))
        },
    )?;
    let mut findings = Findings {
        server: served.shown.clone(),
        rows,
        verdicts: Vec::new(),
    };
    let figure = |name: &str| findings.gannet()?.median_extra(name);
    let (memory, back) = (figure(MEMORY), figure(BACK));
    findings.at_most(110.0, "MB", "PSS of what stays, downloading", memory);
    findings.at_most(1000.0, "ms", "until the window is back and painted", back);
    Ok(findings)
}

/// D3
pub(super) fn at_work(bench: &Bench) -> Result<Findings> {
    const SIZE_BYTES: u64 = super::GIB;
    let served = origin::serve(SIZE_BYTES, SEED, &["--rate-total", "100MB"])?;
    let expected = bench.expected(SIZE_BYTES, SEED)?;
    let race = Race::of_origin(&served, expected.clone());
    let desk = Desk::lay(&bench.work)?;
    let contestants = [Some(Program::Gannet), None];
    let name = |program: &Option<Program>, _| program.map_or("gannet get", Program::name).to_owned();
    let rows = in_turn(bench.runs, &contestants, name, |program, _| {
        let Some(program) = *program else {
            return race.one_run(bench, Client::Gannet { connections: 32 }, |_| Ok(Watch::GoOn));
        };
        let Begun { window, house, out } = Begun::with_nothing(bench, &desk, program)?;
        origin::forget(&served)?;
        let begun = Instant::now();
        house.command(&json!({"action": "add", "downloads": [{"url": served.url(origin::NAME)}]}))?;
        let file = out.join(origin::NAME);
        let mut opened = false;
        while !file.exists() {
            if !opened && begun.elapsed() > Duration::from_secs(1) {
                desk.open_first_row()?;
                opened = true;
            }
            ensure!(begun.elapsed() < PATIENCE, "the window does not download");
            thread::sleep(LOOK_INTERVAL);
        }
        let mut sample = window.sample();
        sample.wall_s = begun.elapsed().as_secs_f64();
        sample.traffic = Some(origin::traffic(&served)?);
        sample.fault = expected.fault_of(&file)?;
        desk.keep_picture(&bench.work.join("at-work.png"))?;
        Ok(window.run(sample, SIZE_BYTES))
    })?;
    let mut findings = Findings {
        server: served.shown.clone(),
        rows,
        verdicts: Vec::new(),
    };
    let [window, line] = &findings.rows[..] else {
        return Ok(findings);
    };
    let wall = ratio(window.median_wall_s(), line.median_wall_s());
    findings.at_most(1.03, "×", "wall ÷ the command line's", wall);
    Ok(findings)
}

/// D4
pub(super) fn sizes() -> Result<Findings> {
    let mut findings = Findings::default();
    let megabytes = |path: &Path| -> Result<f64> { Ok(fs::metadata(path)?.len() as f64 / 1e6) };
    let program = megabytes(&system::release_binary("gannet-desktop")?)?;
    let package = megabytes(&crate::package::desktop_package()?)?;
    findings.at_most(crate::package::DESKTOP_MAX_MB, "MB", "the program", Some(program));
    findings.at_most(crate::package::DEB_MAX_MB, "MB", "its .deb", Some(package));
    Ok(findings)
}

/// How much moves in a picture that is done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Calm {
    /// Nothing.
    Still,
    /// The numbers and the map of what arrives.
    AtWork,
}

/// What is opened.
#[derive(Clone, Copy)]
enum Program {
    Gannet,
    Bare,
}

impl Program {
    fn name(self) -> &'static str {
        match self {
            Self::Gannet => "gannet-desktop",
            Self::Bare => "a bare Tauri window",
        }
    }

    fn binary(self) -> &'static str {
        match self {
            Self::Gannet => "gannet-desktop",
            Self::Bare => "examples/bare",
        }
    }
}

/// A program with its window; both are gone when this is dropped.
struct Window {
    child: Child,
    started: Instant,
    shown: String,
}

impl Window {
    fn open(desk: &Desk, program: Program, data: &Path, downloads: &Path) -> Result<Self> {
        let mut command = Command::new(system::release_binary(program.binary())?);
        desk.put_on(&mut command);
        // Whatever the program keeps elsewhere is not this person's.
        command.env("HOME", data);
        if matches!(program, Program::Gannet) {
            command.arg("--data-dir").arg(data);
            command.arg("--download-dir").arg(downloads);
        }
        let shown = system::show(&command);
        let started = Instant::now();
        let child = command
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("`{shown}` could not be started"))?;
        Ok(Self {
            child,
            started,
            shown,
        })
    }

    fn tree(&self) -> Tree {
        Tree::of(self.child.id())
    }

    /// Asks it to end, and waits for that.
    fn quit(&mut self) -> Result<Duration> {
        let begun = Instant::now();
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
        let status = self.child.wait()?;
        ensure!(status.success(), "the window ends badly ({status})");
        Ok(begun.elapsed())
    }

    fn sample(&self) -> Sample {
        Sample {
            fault: None,
            wall_s: 0.0,
            cpu_s: self.tree().busy().as_secs_f64(),
            peak_memory_bytes: 0,
            traffic: None,
            extra: std::collections::BTreeMap::new(),
        }
    }

    fn run(&self, mut sample: Sample, size_bytes: u64) -> Run {
        if sample.peak_memory_bytes == 0 {
            let memory = sample.extra.get(MEMORY).map_or(0.0, |megabytes| megabytes * 1e6);
            sample.peak_memory_bytes = memory as u64;
        }
        Run {
            sample,
            command: self.shown.clone(),
            size_bytes,
            output: String::new(),
        }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // Already gone is as good as stopped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A window that shows an empty list.
struct Begun {
    window: Window,
    house: House,
    /// Where its files go.
    out: PathBuf,
}

impl Begun {
    /// Returns when it is painted, and downloads one file at a time with all connections.
    fn with_nothing(bench: &Bench, desk: &Desk, program: Program) -> Result<Self> {
        let data = fresh_data(bench)?;
        let out = bench.empty_out()?;
        let window = Window::open(desk, program, &data, &out)?;
        let house = house_of(&data)?;
        house.let_go(1, 32)?;
        desk.painted(window.started, Calm::Still)?;
        Ok(Self { window, house, out })
    }
}

/// A data folder of its own, empty.
fn fresh_data(bench: &Bench) -> Result<PathBuf> {
    let data = bench.work.join("window");
    if data.exists() {
        fs::remove_dir_all(&data)?;
    }
    fs::create_dir_all(&data)?;
    Ok(data)
}

/// A data folder with finished downloads, which came as all do.
fn with_rows(bench: &Bench) -> Result<PathBuf> {
    let data = fresh_data(bench)?;
    let out = bench.empty_out()?;
    let served = origin::serve(2048, SEED, &[])?;
    let mut server = Command::new(system::release_binary("gannet")?)
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(&data)
        .arg("--download-dir")
        .arg(&out)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .context("gannet serve could not be started")?;
    let filled = fill(&data, &out, &served);
    let pid = rustix::process::Pid::from_child(&server);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
    server.wait()?;
    filled?;
    Ok(data)
}

fn fill(data: &Path, out: &Path, served: &crate::origin::Origin) -> Result<()> {
    let house = house_of(data)?;
    let begun = Instant::now();
    house.let_go(16, 1)?;
    let downloads: Vec<Value> = (0..ROWS)
        .map(|number| json!({"url": served.url(&format!("{number:04}.bin"))}))
        .collect();
    house.command(&json!({"action": "add", "downloads": downloads}))?;
    loop {
        let finished = fs::read_dir(out)?
            .flatten()
            // The origin names them all alike.
            .filter(|entry| entry.path().extension().is_some_and(|ending| ending == "bin"))
            .count();
        if finished as u64 == ROWS {
            return Ok(());
        }
        ensure!(
            begun.elapsed() < PATIENCE,
            "{finished} of {ROWS} rows are finished"
        );
        thread::sleep(Duration::from_millis(100));
    }
}

/// Returns when it can be asked.
fn house_of(data: &Path) -> Result<House> {
    let begun = Instant::now();
    loop {
        if let Some(house) = House::find(data)? {
            return Ok(house);
        }
        ensure!(begun.elapsed() < PATIENCE, "nobody comes who owns the list");
        thread::sleep(LOOK_INTERVAL);
    }
}
