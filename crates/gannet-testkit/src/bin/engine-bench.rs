//! The engine without the command line, for the benchmarks that measure it from outside.
//!
//! Each subcommand prints one JSON object on standard output, as bench/README.md describes.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use gannet_engine::disk::real::RealDirectory;
use gannet_engine::disk::storage::Directory as _;
use gannet_engine::{Request, Silent};
use gannet_testkit::Content;
use gannet_testkit::disk::DiscardDisk;
use serde::Serialize;

/// The file that is allocated, removed again before the program ends.
const ALLOCATED_NAME: &str = "allocated";

#[derive(Parser)]
#[command(about = "The engine without the command line, for benchmarks")]
struct Arguments {
    #[command(subcommand)]
    scenario: Scenario,
}

#[derive(Subcommand)]
enum Scenario {
    /// Fetch a generated file onto a storage that checks each byte and keeps none
    P9 {
        /// The file's address at the origin
        #[arg(long)]
        url: String,
        /// Connections at once
        #[arg(long)]
        connections: u32,
        /// The file's length in bytes
        #[arg(long)]
        size: u64,
        /// What the origin makes the file from
        #[arg(long)]
        seed: u64,
    },
    /// Say what the journal of a transfer that was killed claims
    P8 {
        /// The journal; where there is none, it claims nothing
        #[arg(long)]
        journal: PathBuf,
    },
    /// Give a new file its full length
    P11 {
        /// Where the file is made
        #[arg(long)]
        folder: PathBuf,
        /// Its length in bytes
        #[arg(long)]
        size: u64,
    },
}

#[derive(Serialize)]
struct Huge {
    bytes: u64,
    mismatched_bytes: u64,
    check_cpu_s: f64,
}

#[derive(Serialize)]
struct Claimed {
    claimed_bytes: u64,
}

#[derive(Serialize)]
struct Allocation {
    allocate_ms: f64,
}

/// As in the programs that are measured by it.
#[global_allocator]
static ALLOCATOR: gannet_allocator::LineAligned = gannet_allocator::LineAligned;

fn main() -> Result<()> {
    gannet_allocator::share_buffers();
    let answer = match Arguments::parse().scenario {
        Scenario::P9 {
            url,
            connections,
            size,
            seed,
        } => serde_json::to_string(&fetch(&url, connections, Content::new(seed, size))?)?,
        Scenario::P8 { journal } => serde_json::to_string(&claimed(&journal))?,
        Scenario::P11 { folder, size } => serde_json::to_string(&allocate(&folder, size)?)?,
    };
    writeln!(std::io::stdout(), "{answer}").context("standard output is closed")
}

/// P8: what was in the file when the last completed sync began.
fn claimed(journal: &Path) -> Claimed {
    let state = std::fs::read(journal)
        .ok()
        .and_then(|bytes| gannet_engine::disk::journal::decode(&bytes));
    Claimed {
        claimed_bytes: state.map_or(0, |state| state.written.bytes()),
    }
}

/// P9: everything of a download but the disk.
#[tokio::main]
async fn fetch(url: &str, connections: u32, content: Content) -> Result<Huge> {
    let tally = Arc::new(Tally::default());
    let disk = DiscardDisk::new(
        {
            let tally = Arc::clone(&tally);
            move |offset, bytes| {
                tally.check(content, offset, bytes);
                // What is wrong is counted; it does not end the run.
                true
            }
        },
        move |offset, buffer| content.fill(offset, buffer),
    );
    let request = Request::new(url)?
        .storage(Arc::new(disk))
        .connections(connections);
    request.start(Arc::new(Silent)).finished().await?;
    Ok(Huge {
        bytes: tally.bytes.load(Ordering::Relaxed),
        mismatched_bytes: tally.mismatched_bytes.load(Ordering::Relaxed),
        check_cpu_s: Duration::from_nanos(tally.check_cpu_ns.load(Ordering::Relaxed)).as_secs_f64(),
    })
}

/// What reached the storage.
#[derive(Default)]
struct Tally {
    bytes: AtomicU64,
    mismatched_bytes: AtomicU64,
    check_cpu_ns: AtomicU64,
}

impl Tally {
    fn check(&self, content: Content, offset: u64, bytes: &[u8]) {
        let began = thread_cpu_time();
        let mismatched = match content.check(offset, bytes) {
            Ok(()) => 0,
            Err(_) => mismatched_bytes(content, offset, bytes),
        };
        let spent = thread_cpu_time().saturating_sub(began);
        self.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.mismatched_bytes.fetch_add(mismatched, Ordering::Relaxed);
        self.check_cpu_ns
            .fetch_add(spent.as_nanos() as u64, Ordering::Relaxed);
    }
}

fn mismatched_bytes(content: Content, offset: u64, bytes: &[u8]) -> u64 {
    let right = content.bytes(offset, bytes.len());
    (offset..)
        .zip(bytes.iter().zip(right))
        .filter(|(position, (found, right))| **found != *right || *position >= content.length())
        .count() as u64
}

/// P11: from the call to its return.
fn allocate(folder: &Path, size: u64) -> Result<Allocation> {
    let at = || format!("in {}", folder.display());
    let directory = RealDirectory::open(folder).with_context(at)?;
    let file = directory.create_new(ALLOCATED_NAME).with_context(at)?;
    let began = Instant::now();
    let allocated = file.allocate(size);
    let took = began.elapsed();
    directory.remove(ALLOCATED_NAME).with_context(at)?;
    allocated.with_context(at)?;
    Ok(Allocation {
        allocate_ms: took.as_secs_f64() * 1e3,
    })
}

/// CPU time that this thread has used.
#[cfg(unix)]
fn thread_cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Wall time stands in for it: a check waits for nothing.
#[cfg(not(unix))]
fn thread_cpu_time() -> Duration {
    static BEGAN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    BEGAN.get_or_init(Instant::now).elapsed()
}
