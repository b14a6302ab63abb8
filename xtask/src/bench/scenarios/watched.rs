//! `gannet serve` with many downloads at work: what those who watch cost those who download.

use std::{
    cell::RefCell,
    fs,
    io::Read,
    net::{Shutdown, TcpStream},
    path::PathBuf,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::Result;
use serde_json::{Value, json};

use crate::{
    bench::{
        house::House,
        measure::{Watch, measure_watched},
        origin,
        race::{Bench, Expected, Run, in_turn},
        results::{Fault, Findings, Sample, ratio},
    },
    origin::Origin,
    system,
};

const DOWNLOADS: u64 = 50;
const CONNECTIONS_EACH: u64 = 4;
const SIZE_BYTES: u64 = 40_000_000;
const SEED: u64 = 20;
const WATCHERS: usize = 20;
/// What each watcher was told, in kB: nothing told costs nothing.
const TOLD: &str = "kB told to a watcher";
const PATIENCE: Duration = Duration::from_mins(2);

/// M2
pub(super) fn watched(bench: &Bench) -> Result<Findings> {
    let served = origin::serve(SIZE_BYTES, SEED, &["--rate-total", "100MB"])?;
    let expected = bench.expected(SIZE_BYTES, SEED)?;
    let name = |watchers: &usize, _| format!("gannet serve, {watchers} watchers");
    let rows = in_turn(bench.runs, &[0, WATCHERS], name, |&watchers, _| {
        one_run(bench, &served, &expected, watchers)
    })?;
    let mut findings = Findings {
        server: served.shown.clone(),
        rows,
        verdicts: Vec::new(),
    };
    let [alone, watched] = &findings.rows[..] else {
        return Ok(findings);
    };
    let wall = ratio(watched.median_wall_s(), alone.median_wall_s());
    let cpu = ratio(watched.median_cpu_s(), alone.median_cpu_s());
    findings.at_most(1.02, "×", "wall ÷ that without watchers", wall);
    findings.at_most(1.1, "×", "CPU ÷ that without watchers", cpu);
    Ok(findings)
}

/// From the moment all downloads are added until the last file has its name.
fn one_run(bench: &Bench, served: &Origin, expected: &Expected, watchers: usize) -> Result<Run> {
    let out = bench.empty_out()?;
    let data = bench.work.join("serve");
    if data.exists() {
        fs::remove_dir_all(&data)?;
    }
    fs::create_dir_all(&data)?;
    origin::forget(served)?;
    let files: Vec<PathBuf> = (0..DOWNLOADS).map(|number| out.join(name_of(number))).collect();

    let mut command = Command::new(system::release_binary("gannet")?);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
    command.arg(&data).arg("--download-dir").arg(&out);
    let begun: RefCell<Option<(Instant, Vec<Watcher>)>> = RefCell::default();
    let mut took = Duration::ZERO;
    let measured = measure_watched(&mut command, &bench.work, PATIENCE, |_| {
        let mut begun = begun.borrow_mut();
        match &*begun {
            None => {
                if let Some(house) = House::find(&data)? {
                    *begun = Some(set_to_work(&house, served, watchers)?);
                }
                Ok(Watch::GoOn)
            }
            Some((since, _)) if files.iter().all(|file| file.exists()) => {
                took = since.elapsed();
                Ok(Watch::Kill)
            }
            Some(_) => Ok(Watch::GoOn),
        }
    })?;

    let mut sample = Sample::of(&measured);
    sample.wall_s = took.as_secs_f64();
    sample.traffic = Some(origin::traffic(served)?);
    for file in &files {
        if sample.fault.is_none() {
            sample.fault = expected.fault_of(file)?;
        }
    }
    let told: Vec<u64> = begun
        .into_inner()
        .map(|(_, watchers)| watchers.into_iter().map(Watcher::end).collect())
        .unwrap_or_default();
    if let Some(least) = told.iter().skip(1).min() {
        sample.extra.insert(TOLD.to_owned(), *least as f64 / 1e3);
        if *least == 0 && sample.fault.is_none() {
            sample.fault = Some(Fault::Wrong("somebody who watched was told nothing".to_owned()));
        }
    }
    Ok(Run {
        sample,
        command: system::show(&command),
        size_bytes: DOWNLOADS * SIZE_BYTES,
        output: measured.output,
    })
}

fn name_of(number: u64) -> String {
    format!("file-{number:02}.bin")
}

/// Lets all download at once, adds them, and lets the watchers in.
fn set_to_work(house: &House, served: &Origin, watchers: usize) -> Result<(Instant, Vec<Watcher>)> {
    house.let_go(DOWNLOADS, CONNECTIONS_EACH)?;
    let watchers = (0..watchers)
        .map(|number| {
            // One of them never takes anything: it is to matter to nobody.
            let manner = if number == 0 { Manner::Dead } else { Manner::Alive };
            Watcher::begin(house, manner)
        })
        .collect::<Result<Vec<_>>>()?;
    let downloads: Vec<Value> = (0..DOWNLOADS)
        // The origin has one name for all.
        .map(|number| json!({"url": served.url(&name_of(number)), "name": name_of(number)}))
        .collect();
    house.command(&json!({"action": "add", "downloads": downloads}))?;
    Ok((Instant::now(), watchers))
}

#[derive(Clone, Copy)]
enum Manner {
    Alive,
    Dead,
}

/// Somebody who listens to all that happens.
struct Watcher {
    stream: TcpStream,
    told_bytes: Arc<AtomicU64>,
    reading: Option<JoinHandle<()>>,
}

impl Watcher {
    fn begin(house: &House, manner: Manner) -> Result<Self> {
        let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        let stream = house.question("GET", "/api/events", "").send(upgrade)?;
        stream.set_read_timeout(None)?;
        let told_bytes = Arc::new(AtomicU64::new(0));
        let reading = match manner {
            Manner::Dead => None,
            Manner::Alive => {
                let (mut stream, told_bytes) = (stream.try_clone()?, Arc::clone(&told_bytes));
                Some(thread::spawn(move || {
                    let mut buffer = vec![0; 64 << 10];
                    while let Ok(count @ 1..) = stream.read(&mut buffer) {
                        told_bytes.fetch_add(count as u64, Ordering::Relaxed);
                    }
                }))
            }
        };
        Ok(Self {
            stream,
            told_bytes,
            reading,
        })
    }

    /// Returns how many bytes it was told.
    fn end(self) -> u64 {
        // The server is gone, so its end of the connection may be, too.
        let _ = self.stream.shutdown(Shutdown::Both);
        if let Some(reading) = self.reading {
            let _ = reading.join();
        }
        self.told_bytes.load(Ordering::Relaxed)
    }
}
