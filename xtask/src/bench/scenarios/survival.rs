//! Killed again and again, and right in the end.

use std::time::Duration;

use anyhow::Result;

use super::{GIB, MIB, interrupted::joined};
use crate::bench::{
    Extent,
    measure::Watch,
    nginx::Scheme,
    peers::{Client, Manners},
    race::{Bench, Durability, Race, Run, Server, in_turn},
    results::{Fault, Findings},
};

const FILE: &str = "survivor.bin";
const PATIENCE: Duration = Duration::from_mins(2);
const CLIENT: Client = Client::Gannet { connections: 8 };
/// When each of ten runs is killed: before its first record and behind it, close to one and between two. In milliseconds.
const KILLED_AFTER_MS: [u64; 10] = [300, 700, 1_100, 1_500, 1_900, 2_300, 500, 900, 1_300, 1_700];
/// How long the file takes in all: longer than those ten runs together, so that each is killed at work.
const WHOLE_AFTER_S: u64 = 16;

/// P17
pub(super) fn killed_ten_times(bench: &Bench) -> Result<Findings> {
    let contestants = [("gannet, HTTP", Scheme::Http), ("gannet, HTTPS", Scheme::Https)];
    let rows = in_turn(
        bench.runs,
        &contestants,
        |(name, _), _| (*name).to_owned(),
        |(_, scheme), _| killed_and_resumed(bench, *scheme),
    )?;
    let mut findings = Findings {
        server: Server::Nginx(bench.nginx()?).shown(),
        rows,
        verdicts: Vec::new(),
    };
    let wrong = findings.ours().map(|row| row.faults().count()).sum::<usize>();
    findings.at_most(
        0.0,
        "",
        "files that did not come, or with another SHA-256, after ten times kill -9",
        Some(wrong as f64),
    );
    Ok(findings)
}

/// The same command eleven times: ten times it is killed, and then it is left alone.
fn killed_and_resumed(bench: &Bench, scheme: Scheme) -> Result<Run> {
    let nginx = bench.nginx()?;
    let size_bytes = match bench.extent {
        Extent::Full => GIB,
        Extent::Quick => 64 * MIB,
    };
    let race = Race {
        server: Server::Nginx(nginx),
        url: nginx.url(scheme, FILE),
        ca: (scheme == Scheme::Https).then_some(nginx.ca.as_path()),
        file: bench.served_file(FILE, size_bytes)?,
        manners: Manners::Kind,
        durability: Durability::Own,
        patience: PATIENCE,
        gannet_options: vec!["--limit".to_owned(), (size_bytes / WHOLE_AFTER_S).to_string()],
    };
    let mut runs: Option<Run> = None;
    for after_ms in KILLED_AFTER_MS {
        let watch = |elapsed| {
            Ok(if elapsed >= Duration::from_millis(after_ms) {
                Watch::Kill
            } else {
                Watch::GoOn
            })
        };
        let run = match runs {
            None => race.one_run(bench, CLIENT, watch)?,
            Some(_) => race.again(bench, CLIENT, watch)?,
        };
        // A killed client leaves no whole file; anything else is a fault of its own.
        let is_killed = matches!(run.sample.fault, Some(Fault::Wrong(_)));
        let mut all = match &runs {
            None => run,
            Some(before) => joined(before, run),
        };
        if !is_killed {
            all.sample.fault.get_or_insert_with(|| {
                Fault::Failed(format!(
                    "it ended within {after_ms} ms, before it could be killed"
                ))
            });
            return Ok(all);
        }
        runs = Some(all);
    }
    let last = race.again(bench, CLIENT, |_| Ok(Watch::GoOn))?;
    Ok(match &runs {
        None => last,
        Some(before) => joined(before, last),
    })
}
