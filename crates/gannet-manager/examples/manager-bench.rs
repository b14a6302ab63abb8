//! The manager with a long history, for the benchmark that measures how soon it answers.
//!
//! Makes a store with finished downloads, opens it as a program would that starts, and prints one JSON object on
//! standard output, as bench/README.md describes.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Parser;
use gannet_manager::{Manager, ManagerOptions};
use gannet_schema::{
    Command, DownloadId, DuplicateChoice, FileChoice, FinishedPage, Message, NewDownload, QueueId, QueueRun,
    Reply, RequestOptions, Row, Start,
};
use serde::Serialize;
use serde_json::json;

/// How often each thing is asked for.
const TIMES: usize = 20;
/// Rows of a page, as the page in the browser asks for them.
const ROWS: u32 = 100;
/// What names and hosts are made of, so that searches find much, little and nothing.
const WORDS: [&str; 8] = [
    "debian",
    "holiday",
    "lecture",
    "Überblick",
    "backup",
    "sample",
    "album",
    "dataset",
];
/// What is searched for: everything, a share, one, none; a letter, several words, and what no ASCII holds.
const SEARCHES: [&str; 10] = [
    "e",
    "ho",
    "debian",
    "example",
    "überblick",
    "file-00042",
    "lecture file-07",
    "mirror-3.example.org",
    ".mkv",
    "not to be found",
];

#[derive(Parser)]
#[command(about = "The manager with a long history, for benchmarks")]
struct Arguments {
    /// An empty folder for the store and the downloads
    #[arg(long)]
    folder: PathBuf,
    /// Finished downloads in the store
    #[arg(long, default_value_t = 100_000)]
    entries: u32,
}

/// Times in milliseconds.
#[derive(Serialize)]
struct Answer {
    entries: u32,
    /// From opening to the state and the first page of finished downloads.
    first_list_ms: f64,
    /// The very first search, asked for as soon as the first list is there.
    first_search_ms: f64,
    add_ms: Times,
    pause_ms: Times,
    search_ms: Times,
    /// Searches of which each is the first after another download was removed or came back.
    search_after_change_ms: Times,
    /// The worst of each search.
    searches_ms: Vec<(&'static str, f64)>,
}

#[derive(Serialize)]
struct Times {
    median: f64,
    worst: f64,
}

impl Times {
    fn of(mut times_ms: Vec<f64>) -> Self {
        times_ms.sort_by(f64::total_cmp);
        Self {
            median: times_ms.get(times_ms.len() / 2).copied().unwrap_or_default(),
            worst: times_ms.last().copied().unwrap_or_default(),
        }
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let Arguments { folder, entries } = Arguments::parse();
    let options = ManagerOptions::new(folder.join("data"), folder.join("downloads"));
    fill(&options, entries).await?;
    let answer = measure(&options, entries).await?;
    let text = serde_json::to_string(&answer)?;
    writeln!(std::io::stdout(), "{text}").context("standard output is closed")
}

/// Makes the store.
async fn fill(options: &ManagerOptions, entries: u32) -> Result<()> {
    let manager = Manager::open(options.clone()).await?;
    let folder = std::fs::canonicalize(&options.roots[0])?;
    let text = serde_json::to_string(&json!({
        "gannet_list": 1,
        "downloads": (0..entries).map(|number| finished(number, &folder)).collect::<Vec<_>>(),
    }))?;
    match manager.execute(Command::Import { text }).await {
        Reply::Added { ids, .. } => ensure!(ids.len() == entries as usize, "{} were taken in", ids.len()),
        other => bail!("the list was not taken in: {other:?}"),
    }
    manager.close().await;
    Ok(())
}

fn finished(number: u32, folder: &Path) -> serde_json::Value {
    let word = WORDS[number as usize % WORDS.len()];
    let extension = ["iso", "mkv", "zip", "pdf"][number as usize % 4];
    let category = ["Video", "Archives", "Documents"].get(number as usize % 5);
    let at_ms = 1_700_000_000_000 + u64::from(number) * 60_000;
    json!({
        "url": format!("https://mirror-{}.example.org/{word}/file-{number:05}.{extension}", number % 50),
        "name": format!("{word} file-{number:05}.{extension}"),
        "folder": folder,
        "category": category,
        "length": 1_000_000 + u64::from(number),
        "added_at_ms": at_ms - 30_000,
        "finished": {"kind": "finished", "at_ms": at_ms, "bytes": 1_000_000, "verified": {"kind": "unverified"}},
    })
}

async fn measure(options: &ManagerOptions, entries: u32) -> Result<Answer> {
    let began = Instant::now();
    let manager = Manager::open(options.clone()).await?;
    let state = manager.subscribe().next().await;
    let (_, total) = page(&manager, 0, None).await?;
    let first_list_ms = since(began);
    let began = Instant::now();
    page(&manager, 0, Some(SEARCHES[0])).await?;
    let first_search_ms = since(began);
    ensure!(
        total == entries && matches!(state, Some(Message::State { .. })),
        "{total} of {entries} are there"
    );

    // Nothing is to be fetched.
    let stop = Command::RunQueue {
        id: QueueId::MAIN,
        run: QueueRun::Stop,
    };
    ensure!(
        manager.execute(stop).await == Reply::Done,
        "the queue did not stop"
    );
    let mut add_ms = Vec::new();
    let mut pause_ms = Vec::new();
    for number in 0..TIMES {
        let began = Instant::now();
        let id = add(&manager, number).await?;
        add_ms.push(since(began));
        let began = Instant::now();
        let reply = manager.execute(Command::Pause { ids: vec![id] }).await;
        pause_ms.push(since(began));
        ensure!(reply == Reply::Done, "it was not paused: {reply:?}");
    }
    let mut search_ms = Vec::new();
    let mut searches_ms = Vec::new();
    for search in SEARCHES {
        let mut times_ms = Vec::new();
        for _ in 0..TIMES {
            let began = Instant::now();
            page(&manager, 0, Some(search)).await?;
            times_ms.push(since(began));
        }
        searches_ms.push((search, Times::of(times_ms.clone()).worst));
        search_ms.extend(times_ms);
    }
    let search_after_change_ms = search_after_change(&manager, entries).await?;
    manager.close().await;
    Ok(Answer {
        entries,
        first_list_ms,
        first_search_ms,
        add_ms: Times::of(add_ms),
        pause_ms: Times::of(pause_ms),
        search_ms: Times::of(search_ms),
        search_after_change_ms: Times::of(search_after_change_ms),
        searches_ms,
    })
}

/// Downloads from all over the list go and come back; after each change something is searched for once.
async fn search_after_change(manager: &Manager, entries: u32) -> Result<Vec<f64>> {
    let mut times_ms = Vec::new();
    for (number, search) in (0..).zip(SEARCHES.into_iter().cycle().take(TIMES)) {
        let (rows, _) = page(manager, entries / TIMES as u32 * number, None).await?;
        let ids = vec![rows.first().context("a page without rows")?.id];
        let remove = Command::Remove {
            ids: ids.clone(),
            files: FileChoice::Keep,
        };
        for change in [remove, Command::UndoRemove { ids }] {
            let reply = manager.execute(change).await;
            ensure!(
                matches!(reply, Reply::Removed { .. } | Reply::Done),
                "nothing was changed: {reply:?}"
            );
            let began = Instant::now();
            page(manager, 0, Some(search)).await?;
            times_ms.push(since(began));
        }
    }
    Ok(times_ms)
}

/// A page, and how many rows there are in all.
async fn page(manager: &Manager, offset: u32, search: Option<&str>) -> Result<(Vec<Row>, u32)> {
    let page = FinishedPage {
        offset,
        count: ROWS,
        search: search.map(str::to_owned),
        category: None,
    };
    match manager.execute(Command::ListFinished { page }).await {
        Reply::Finished { rows, total } => Ok((rows, total)),
        other => bail!("no page: {other:?}"),
    }
}

async fn add(manager: &Manager, number: usize) -> Result<DownloadId> {
    let download = NewDownload {
        url: format!("http://127.0.0.1:1/new-{number}.bin"),
        mirrors: Vec::new(),
        name: None,
        folder: None,
        category: None,
        queue: None,
        start: Start::InTurn,
        checksums: Vec::new(),
        connections: None,
        limit_bytes_per_s: None,
        options: RequestOptions::default(),
        ticket: None,
        pieces: None,
        replace: false,
        on_existing: None,
        on_change: None,
    };
    let command = Command::Add {
        downloads: vec![download],
        duplicates: DuplicateChoice::Ask,
    };
    match manager.execute(command).await {
        Reply::Added { ids, .. } => ids.first().copied().context("nothing was added"),
        other => bail!("not added: {other:?}"),
    }
}

fn since(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1e3
}
