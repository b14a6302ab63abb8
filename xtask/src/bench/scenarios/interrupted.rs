//! What an interruption costs, and what is left to do at the very end.

use std::{cell::RefCell, path::Path, process::Command, time::Duration};

use anyhow::{Context, Result};
use serde::Deserialize;

use super::{GIB, MIB};
use crate::bench::{
    Extent,
    measure::Watch,
    origin,
    peers::{Client, Manners},
    race::{Bench, Finished, Race, Run, in_turn},
    results::{Fault, Findings, GANNET, Sample, Traffic},
};
use crate::system;

const SEED: u64 = 1;
const PATIENCE: Duration = Duration::from_mins(2);

/// P8
pub(super) fn killed(bench: &Bench) -> Result<Findings> {
    const SIZE_BYTES: u64 = 2 * GIB;
    const CONNECTIONS: u32 = 16;
    const AGAIN: &str = "MB asked for again";
    const BEYOND_ALLOWED: &str = "MB beyond what is allowed";
    const SINCE_SYNC: &str = "MB since the last sync began";
    let origin = origin::serve(SIZE_BYTES, SEED, &["--rate-total", "100MB"])?;
    let file = bench.expected(SIZE_BYTES, SEED)?;
    let race = Race {
        patience: PATIENCE,
        manners: Manners::Hostile,
        ..Race::of_origin(&origin, file)
    };
    let clients = [
        Client::Gannet {
            connections: CONNECTIONS,
        },
        Client::Aria2 {
            connections: CONNECTIONS,
        },
        Client::Curl,
    ];
    let rows = in_turn(
        bench.runs,
        &clients,
        |client, _| client.name().to_owned(),
        |client, _| {
            let mut run = killed_and_resumed(&race, bench, *client)?;
            let Some(halves) = &run.halves else {
                return Ok(run.run);
            };
            let again_mb = (halves.before_kill + halves.after_kill).saturating_sub(SIZE_BYTES) as f64 / 1e6;
            let allowed_mb = (halves.since_sync + u64::from(CONNECTIONS) * MIB) as f64 / 1e6;
            run.run.sample.extra.insert(AGAIN.to_owned(), again_mb);
            if client.is_ours() {
                // Beside it, for all to see: who never syncs would be allowed everything.
                run.run
                    .sample
                    .extra
                    .insert(SINCE_SYNC.to_owned(), halves.since_sync as f64 / 1e6);
                run.run
                    .sample
                    .extra
                    .insert(BEYOND_ALLOWED.to_owned(), again_mb - allowed_mb);
            }
            Ok(run.run)
        },
    )?;
    let mut findings = Findings {
        server: race.server.shown(),
        rows,
        verdicts: Vec::new(),
    };
    let beyond_mb = findings.gannet().and_then(|row| row.worst_extra(BEYOND_ALLOWED));
    findings.at_most(
        0.0,
        "MB",
        "asked for again − (came since the last sync + 1 MiB a connection)",
        beyond_mb,
    );
    Ok(findings)
}

struct KilledRun {
    run: Run,
    /// `None` where the client failed before it could be killed.
    halves: Option<Halves>,
}

/// Bytes that the server sent.
struct Halves {
    before_kill: u64,
    after_kill: u64,
    /// Those since the last completed sync began.
    since_sync: u64,
}

/// Kills the client when half the file was sent, and lets the same command end.
///
/// When a sync began cannot be seen from outside, but what was in the file at that moment is what its record claims: the last
/// record of the journal, once the client is dead, says it to the byte.
fn killed_and_resumed(race: &Race<'_>, bench: &Bench, client: Client) -> Result<KilledRun> {
    let target = bench.target();
    let journal = target.with_file_name(format!(
        "{}.part.journal",
        target
            .file_name()
            .context("the target has a name")?
            .to_string_lossy()
    ));
    let half_bytes = race.file.size_bytes / 2;
    let mut first = race.one_run(bench, client, |_| {
        let Traffic { bytes_sent, .. } = race.server.traffic()?;
        Ok(if bytes_sent >= half_bytes {
            Watch::Kill
        } else {
            Watch::GoOn
        })
    })?;
    // A killed client leaves no whole file; anything else wrong is a fault of its own.
    match &first.sample.fault {
        Some(Fault::Wrong(_)) => {}
        fault => {
            if fault.is_none() {
                first.sample.fault = Some(Fault::Failed("it ended before it could be killed".to_owned()));
            }
            return Ok(KilledRun {
                run: first,
                halves: None,
            });
        }
    }
    let before_kill = first
        .sample
        .traffic
        .context("the race asked the server")?
        .bytes_sent;

    let safe = claimed_bytes(&journal)?;
    let second = race.again(bench, client, |_| Ok(Watch::GoOn))?;
    let after_kill = second
        .sample
        .traffic
        .context("the race asked the server")?
        .bytes_sent;
    let since_sync = before_kill.saturating_sub(safe);
    let halves = Halves {
        before_kill,
        after_kill,
        since_sync,
    };
    Ok(KilledRun {
        run: joined(&first, second),
        halves: Some(halves),
    })
}

/// What a journal says to be safe on disk: what was in the file when the last completed sync began.
/// Peers keep none, and so it claims nothing.
fn claimed_bytes(journal: &Path) -> Result<u64> {
    #[derive(Deserialize)]
    struct Claimed {
        claimed_bytes: u64,
    }
    let mut program = Command::new(system::release_binary("engine-bench")?);
    let answer = system::capture(program.args(["p8", "--journal"]).arg(journal))?;
    let Claimed { claimed_bytes } =
        serde_json::from_str(&answer).with_context(|| format!("engine-bench p8 said {answer:?}"))?;
    Ok(claimed_bytes)
}

/// Both runs as one: their times added, the higher memory, the end of the second.
pub(super) fn joined(first: &Run, second: Run) -> Run {
    let traffic = first
        .sample
        .traffic
        .zip(second.sample.traffic)
        .map(|(a, b)| Traffic {
            requests: a.requests + b.requests,
            peak_connections: a.peak_connections.max(b.peak_connections),
            bytes_sent: a.bytes_sent + b.bytes_sent,
            refusals: a.refusals + b.refusals,
        });
    let sample = Sample {
        fault: second.sample.fault,
        wall_s: first.sample.wall_s + second.sample.wall_s,
        cpu_s: first.sample.cpu_s + second.sample.cpu_s,
        peak_memory_bytes: first
            .sample
            .peak_memory_bytes
            .max(second.sample.peak_memory_bytes),
        traffic,
        extra: second.sample.extra,
    };
    Run { sample, ..second }
}

/// P12
pub(super) fn last_byte(bench: &Bench) -> Result<Findings> {
    const SIZE_BYTES: u64 = GIB;
    const TO_PUBLISHED: &str = "s from the last byte to published";
    let origin = origin::serve(SIZE_BYTES, SEED, &["--rate-total", "300MB"])?;
    let file = bench.expected(SIZE_BYTES, SEED)?;
    let gannet_options = vec!["--checksum".to_owned(), format!("sha256:{}", file.sha256)];
    let race = Race {
        patience: PATIENCE,
        gannet_options,
        ..Race::of_origin(&origin, file)
    };
    let target = bench.target();
    let clients = [Client::Gannet { connections: 8 }];
    let rows = in_turn(
        bench.runs,
        &clients,
        |client, _| client.name().to_owned(),
        |client, _| {
            let seen: RefCell<(Option<Duration>, Option<Duration>)> = RefCell::default();
            let mut run = race.one_run(bench, *client, |elapsed| {
                let (last_byte, published) = &mut *seen.borrow_mut();
                if last_byte.is_none() && race.server.traffic()?.bytes_sent >= SIZE_BYTES {
                    *last_byte = Some(elapsed);
                }
                if published.is_none() && target.exists() {
                    *published = Some(elapsed);
                }
                Ok(Watch::GoOn)
            })?;
            let (last_byte, published) = seen.into_inner();
            // Unseen means that it was published and gone between two looks.
            let published_s = published.map_or(run.sample.wall_s, |at| at.as_secs_f64());
            let last_byte_s = last_byte.map_or(published_s, |at| at.as_secs_f64());
            run.sample
                .extra
                .insert(TO_PUBLISHED.to_owned(), published_s - last_byte_s);
            Ok(run)
        },
    )?;
    let mut findings = Findings {
        server: race.server.shown(),
        rows,
        verdicts: Vec::new(),
    };
    let to_published_s = findings.gannet().and_then(|row| row.median_extra(TO_PUBLISHED));
    findings.at_most(0.3, "s", "from the last byte to published", to_published_s);
    Ok(findings)
}

/// P13
pub(super) fn cut(bench: &Bench) -> Result<Findings> {
    const SIZE_BYTES: u64 = 256 * MIB;
    const DISCARDED: &str = "% discarded";
    const RETRIES: &str = "retries";
    let seeds = match bench.extent {
        Extent::Full => 200,
        Extent::Quick => 10,
    };
    let mut server = String::new();
    let clients = [Client::Gannet { connections: 8 }];
    let rows = in_turn(
        seeds,
        &clients,
        |client, _| client.name().to_owned(),
        |client, number| {
            let seed = 1 + number as u64;
            let file = bench.expected(SIZE_BYTES, seed)?;
            let origin = origin::serve(SIZE_BYTES, seed, &["--cut-probability", "0.1"])?;
            let race = Race {
                patience: PATIENCE,
                ..Race::of_origin(&origin, file)
            };
            server = race.server.shown();
            let mut run = race.one_run(bench, *client, |_| Ok(Watch::GoOn))?;
            if run.sample.fault.is_none() {
                let finished = Finished::find(&run.output)?;
                let discarded_percent = 100.0 * finished.bytes_discarded as f64 / SIZE_BYTES as f64;
                run.sample.extra.insert(DISCARDED.to_owned(), discarded_percent);
                run.sample
                    .extra
                    .insert(RETRIES.to_owned(), finished.retries as f64);
            }
            Ok(run)
        },
    )?;
    let mut findings = Findings {
        server,
        rows,
        verdicts: Vec::new(),
    };
    let discarded = findings.gannet().and_then(|row| row.worst_extra(DISCARDED));
    let wrong = findings.row(GANNET).map(|row| row.faults().count() as f64);
    findings.at_most(1.0, "%", "bytes discarded, the worst run", discarded);
    findings.at_most(
        0.0,
        "",
        &format!("runs that failed or were corrupt, of {seeds}"),
        wrong,
    );
    Ok(findings)
}
