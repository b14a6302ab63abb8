//! The manager with a long history, through the example `manager-bench` of its crate.
//!
//! It prints one JSON object on standard output, described in bench/README.md.

use std::{process::Command, time::Duration};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::{
    bench::{
        Extent,
        measure::measure,
        race::{Bench, Run, in_turn},
        results::{Findings, GANNET, Sample},
    },
    system,
};

const PATIENCE: Duration = Duration::from_mins(5);

const FIRST_LIST: &str = "ms to the first list";
const FIRST_SEARCH: &str = "first search, ms";
const SEARCH_AFTER_CHANGE: &str = "search after a change";

/// `manager-bench --folder FOLDER --entries N`
#[derive(Deserialize)]
#[expect(
    clippy::struct_field_names,
    reason = "each bears its unit, as in what is read"
)]
struct Answer {
    /// From opening the store to the state and the first page.
    first_list_ms: f64,
    /// The very first search, at once after that.
    first_search_ms: f64,
    add_ms: Times,
    pause_ms: Times,
    search_ms: Times,
    /// Each the first after something was changed.
    search_after_change_ms: Times,
}

#[derive(Deserialize)]
struct Times {
    median: f64,
    worst: f64,
}

/// M1
pub(super) fn history(bench: &Bench) -> Result<Findings> {
    let entries = match bench.extent {
        Extent::Full => 100_000,
        Extent::Quick => 10_000,
    };
    system::run(system::cargo().args([
        "build",
        "--locked",
        "--release",
        "--package=gannet-manager",
        "--example=manager-bench",
    ]))?;
    let rows = in_turn(
        bench.runs,
        &[()],
        |(), _| GANNET.to_owned(),
        |(), _| manager_bench(bench, entries),
    )?;
    let mut findings = Findings {
        server: "none".to_owned(),
        rows,
        verdicts: Vec::new(),
    };
    let ours = findings.gannet();
    let first_list_ms = ours.and_then(|row| row.median_extra(FIRST_LIST));
    let medians = ["add", "pause", "search", SEARCH_AFTER_CHANGE].map(|what| {
        let median = ours.and_then(|row| row.median_extra(&figure(what)));
        (what, median)
    });
    findings.at_most(300.0, "ms", "from start to the first list", first_list_ms);
    for (what, median) in medians {
        findings.at_most(20.0, "ms", what, median);
    }
    Ok(findings)
}

/// `add, median ms`
fn figure(what: &str) -> String {
    format!("{what}, median ms")
}

fn manager_bench(bench: &Bench, entries: u32) -> Result<Run> {
    let program = system::release_binary("examples/manager-bench")?;
    ensure!(program.is_file(), "manager-bench was not built");
    let folder = bench.empty_out()?;
    let mut command = Command::new(program);
    command
        .arg(format!("--folder={}", folder.display()))
        .arg(format!("--entries={entries}"));
    let measured = measure(&mut command, &bench.work, PATIENCE)?;
    let mut sample = Sample::of(&measured);
    if sample.fault.is_none() {
        let answer: Answer = serde_json::from_str(&measured.output)
            .with_context(|| format!("manager-bench said {:?}", measured.output))?;
        sample.extra.insert(FIRST_LIST.to_owned(), answer.first_list_ms);
        sample
            .extra
            .insert(FIRST_SEARCH.to_owned(), answer.first_search_ms);
        for (what, times) in [
            ("add", answer.add_ms),
            ("pause", answer.pause_ms),
            ("search", answer.search_ms),
            (SEARCH_AFTER_CHANGE, answer.search_after_change_ms),
        ] {
            sample.extra.insert(figure(what), times.median);
            sample.extra.insert(format!("{what}, worst ms"), times.worst);
        }
    }
    Ok(Run {
        sample,
        command: system::show(&command),
        // What it costs to fill the store is in the wall time; nothing is fetched.
        size_bytes: 0,
        output: measured.output,
    })
}
