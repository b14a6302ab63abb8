//! The engine without the command line, through the `engine-bench` program of the test kit.
//!
//! Each of its subcommands prints one JSON object on standard output, described in bench/README.md.

use std::{process::Command, time::Duration};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    bench::{
        measure::measure,
        origin,
        race::{Bench, Run, in_turn},
        report::Report,
        results::{Fault, Findings, GANNET, Row, Sample, ratio},
    },
    system,
};

const PATIENCE: Duration = Duration::from_mins(10);

/// `engine-bench p9 --url URL --connections N --size BYTES --seed N`
#[derive(Deserialize)]
struct Huge {
    /// Bytes that reached the storage.
    bytes: u64,
    /// Those that were not what the generator has at that offset.
    mismatched_bytes: u64,
    /// CPU seconds that went into generating and comparing, which no real download needs.
    check_cpu_s: f64,
}

/// `engine-bench p11 --folder FOLDER --size BYTES`
#[derive(Deserialize)]
struct Allocation {
    /// From the call to its return, the file being at full length.
    allocate_ms: f64,
}

/// P9
pub(super) fn huge(bench: &Bench, report: &Report) -> Result<Findings> {
    const SIZE_BYTES: u64 = 35_000_000_000;
    const SEED: u64 = 1;
    const CPU_PER_GB: &str = "CPU-s per GB";
    let served = origin::serve(SIZE_BYTES, SEED, &[])?;
    let arguments = [
        format!("--url={}", served.url(origin::NAME)),
        "--connections=32".to_owned(),
        format!("--size={SIZE_BYTES}"),
        format!("--seed={SEED}"),
    ];
    let rows = in_turn(
        bench.runs,
        &[()],
        |(), _| GANNET.to_owned(),
        |(), _| {
            origin::forget(&served)?;
            let (mut run, answer) = engine_bench::<Huge>(bench, "p9", &arguments, SIZE_BYTES)?;
            run.sample.traffic = Some(origin::traffic(&served)?);
            if let Some(Huge {
                bytes,
                mismatched_bytes,
                check_cpu_s,
            }) = answer
            {
                let cpu_s_per_gb = (run.sample.cpu_s - check_cpu_s) / (SIZE_BYTES as f64 / 1e9);
                run.sample.extra.insert(CPU_PER_GB.to_owned(), cpu_s_per_gb);
                if bytes != SIZE_BYTES || mismatched_bytes > 0 {
                    let what = format!("{bytes} bytes, {mismatched_bytes} of them wrong");
                    run.sample.fault = Some(Fault::Wrong(what));
                }
            }
            Ok(run)
        },
    )?;
    let mut findings = Findings {
        server: served.shown.clone(),
        rows,
        verdicts: Vec::new(),
    };
    let ours = findings.gannet();
    let requests = ours.and_then(|row| row.median_traffic(|traffic| traffic.requests));
    let peak_mb = ours.and_then(|row| row.median(|sample| sample.peak_memory_bytes as f64 / 1e6));
    let cpu_s_per_gb = ours.and_then(|row| row.median_extra(CPU_PER_GB));
    let in_p1 = report.outcome("P1").and_then(|outcome| {
        let row: &Row = outcome.findings.gannet()?;
        ratio(row.median_cpu_s(), Some(row.size_bytes as f64 / 1e9))
    });
    findings.at_most(560.0, "", "requests", requests);
    findings.at_most(40.0, "MB", "peak memory", peak_mb);
    findings.at_most(1.0, "×", "CPU per GB ÷ P1's", ratio(cpu_s_per_gb, in_p1));
    Ok(findings)
}

/// P11
pub(super) fn allocation(bench: &Bench) -> Result<Findings> {
    const SIZE_BYTES: u64 = super::GIB;
    const ALLOCATION: &str = "ms to allocate";
    let rows = in_turn(
        bench.runs,
        &[()],
        |(), _| GANNET.to_owned(),
        |(), _| {
            let folder = bench.empty_out()?;
            let arguments = [
                format!("--folder={}", folder.display()),
                format!("--size={SIZE_BYTES}"),
            ];
            let (mut run, answer) = engine_bench::<Allocation>(bench, "p11", &arguments, SIZE_BYTES)?;
            if let Some(Allocation { allocate_ms }) = answer {
                run.sample.extra.insert(ALLOCATION.to_owned(), allocate_ms);
            }
            Ok(run)
        },
    )?;
    let mut findings = Findings {
        server: "none".to_owned(),
        rows,
        verdicts: Vec::new(),
    };
    let allocate_ms = findings.gannet().and_then(|row| row.median_extra(ALLOCATION));
    findings.at_most(10.0, "ms", "allocation", allocate_ms);
    Ok(findings)
}

/// Runs one of its subcommands; the answer is `None` where the program failed, and the sample says why.
fn engine_bench<T: DeserializeOwned>(
    bench: &Bench,
    subcommand: &str,
    arguments: &[String],
    size_bytes: u64,
) -> Result<(Run, Option<T>)> {
    let program = system::release_binary("engine-bench")?;
    ensure!(program.is_file(), "there is no engine-bench in the test kit yet");
    let mut command = Command::new(program);
    command.arg(subcommand).args(arguments);
    let measured = measure(&mut command, &bench.work, PATIENCE)?;
    let sample = Sample::of(&measured);
    let answer = match sample.fault {
        Some(_) => None,
        None => Some(
            serde_json::from_str(&measured.output)
                .with_context(|| format!("engine-bench {subcommand} said {:?}", measured.output))?,
        ),
    };
    let run = Run {
        sample,
        command: system::show(&command),
        size_bytes,
        output: measured.output,
    };
    Ok((run, answer))
}
