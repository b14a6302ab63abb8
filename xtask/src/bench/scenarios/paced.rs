//! Servers that give each connection so much and no more: how near the client comes to what is possible.

use std::{cell::Cell, fs, time::Duration};

use anyhow::{Context, Result};

use super::{GIB, MIB};
use crate::{
    bench::{
        measure::Watch,
        origin,
        peers::{Client, Manners},
        race::{Bench, Race, in_turn},
        results::{Findings, Row, ratio},
    },
    origin::Origin,
};

const SEED: u64 = 1;
/// More than ten times what is possible: longer is not interesting.
const PATIENCE: Duration = Duration::from_mins(1);

/// P4
pub(super) fn distant(bench: &Bench) -> Result<Findings> {
    const SIZE_BYTES: u64 = 512 * MIB;
    let ideal_s = SIZE_BYTES as f64 / 128e6;
    let origin = origin::serve(
        SIZE_BYTES,
        SEED,
        &[
            "--rate-per-connection",
            "4MB",
            "--first-latency",
            "100ms",
            "--latency",
            "50ms",
        ],
    )?;
    let mut findings = race(bench, &origin, SIZE_BYTES, Manners::Kind)?.run(bench, &many_connections(32))?;
    hold_against_ideal(&mut findings, ideal_s, 1.12);
    Ok(findings)
}

/// P5
pub(super) fn uneven(bench: &Bench) -> Result<Findings> {
    const SIZE_BYTES: u64 = 256 * MIB;
    // 28 of 32 connections are good for anything.
    let ideal_s = SIZE_BYTES as f64 / 56e6;
    let origin = origin::serve(
        SIZE_BYTES,
        SEED,
        &[
            "--rate-per-connection",
            "2MB",
            "--slow-every",
            "8",
            "--slow-rate",
            "8kB",
        ],
    )?;
    let mut findings =
        race(bench, &origin, SIZE_BYTES, Manners::Hostile)?.run(bench, &many_connections(32))?;
    hold_against_ideal(&mut findings, ideal_s, 1.3);
    Ok(findings)
}

/// P6
pub(super) fn silent(bench: &Bench) -> Result<Findings> {
    const SIZE_BYTES: u64 = 256 * MIB;
    let ideal_s = SIZE_BYTES as f64 / (16.0 * 4e6);
    let mut findings = Findings::default();
    for (moment, described) in [
        ("after", "silent after its headers"),
        ("before", "silent before them"),
    ] {
        let origin = origin::serve(
            SIZE_BYTES,
            SEED,
            &[
                "--rate-per-connection",
                "4MB",
                "--silent-every",
                "6",
                "--silent",
                moment,
            ],
        )?;
        let half = race(bench, &origin, SIZE_BYTES, Manners::Hostile)?.run(bench, &many_connections(16))?;
        let wall_s = half.gannet().and_then(Row::median_wall_s);
        let beyond_ideal_s = wall_s.map(|wall_s| wall_s - ideal_s);
        findings.server = half.server.replace("--silent after", "--silent after|before");
        findings.rows.extend(half.rows.into_iter().map(|row| Row {
            contestant: format!("{}, {described}", row.contestant),
            ..row
        }));
        findings.at_most(1.5, "s", &format!("wall − ideal, {described}"), beyond_ideal_s);
    }
    Ok(findings)
}

/// P7
pub(super) fn capped(bench: &Bench) -> Result<Findings> {
    const SIZE_BYTES: u64 = 128 * MIB;
    let ideal_s = SIZE_BYTES as f64 / (4.0 * 4e6);
    let origin = origin::serve(
        SIZE_BYTES,
        SEED,
        &[
            "--rate-per-connection",
            "4MB",
            "--max-connections",
            "4",
            "--beyond",
            "503",
        ],
    )?;
    // Ours has to find the cap; the peers are told.
    let clients = [
        Client::Gannet { connections: 32 },
        Client::Aria2 { connections: 4 },
        Client::Axel { connections: 4 },
    ];
    let mut findings = race(bench, &origin, SIZE_BYTES, Manners::Hostile)?.run(bench, &clients)?;
    hold_against_ideal(&mut findings, ideal_s, 1.15);
    let refusals = findings
        .gannet()
        .and_then(|row| row.worst_traffic(|traffic| traffic.refusals));
    findings.at_most(8.0, "", "refusals, the worst run", refusals);
    Ok(findings)
}

/// P14
pub(super) fn full_line(bench: &Bench) -> Result<Findings> {
    const SIZE_BYTES: u64 = GIB;
    const SETTLED_AFTER: Duration = Duration::from_secs(5);
    const SETTLED: &str = "connections from 5 s on";
    let origin = origin::serve(SIZE_BYTES, SEED, &["--rate-total", "100MB"])?;
    let port: u16 = origin
        .authority()?
        .rsplit(':')
        .next()
        .unwrap_or_default()
        .parse()?;
    let race = race(bench, &origin, SIZE_BYTES, Manners::Kind)?;
    let clients = [
        Client::Gannet { connections: 32 },
        Client::Curl,
        Client::Aria2 { connections: 16 },
    ];
    let rows = in_turn(
        bench.runs,
        &clients,
        |client, _| client.name().to_owned(),
        |client, _| {
            let peak = Cell::new(0);
            let mut run = race.one_run(bench, *client, |elapsed| {
                if elapsed >= SETTLED_AFTER {
                    peak.set(peak.get().max(established_connections(port)?));
                }
                Ok(Watch::GoOn)
            })?;
            run.sample.extra.insert(SETTLED.to_owned(), peak.get() as f64);
            Ok(run)
        },
    )?;
    let mut findings = Findings {
        server: race.server.shown(),
        rows,
        verdicts: Vec::new(),
    };
    let wall_s = |name: &str| findings.row(name).and_then(Row::median_wall_s);
    let of_curl = ratio(wall_s("gannet"), wall_s("curl"));
    let settled = findings.gannet().and_then(|row| row.worst_extra(SETTLED));
    findings.at_most(1.05, "×", "wall ÷ curl's", of_curl);
    findings.at_most(8.0, "", SETTLED, settled);
    Ok(findings)
}

fn race<'a>(bench: &Bench, origin: &'a Origin, size_bytes: u64, manners: Manners) -> Result<Race<'a>> {
    let file = bench.expected(size_bytes, SEED)?;
    Ok(Race {
        manners,
        patience: PATIENCE,
        ..Race::of_origin(origin, file)
    })
}

/// Those with one connection, curl and wget2, are left out where one connection gets a fraction of the line: what it needs is size ÷ rate.
fn many_connections(connections: u32) -> [Client; 3] {
    [
        Client::Gannet { connections },
        Client::Aria2 { connections },
        Client::Axel { connections },
    ]
}

fn hold_against_ideal(findings: &mut Findings, ideal_s: f64, goal: f64) {
    let wall_s = findings.gannet().and_then(Row::median_wall_s);
    findings.at_most(
        goal,
        "×",
        &format!("wall ÷ ideal ({ideal_s:.2} s)"),
        ratio(wall_s, Some(ideal_s)),
    );
}

/// Connections that the server on this port has open, whoever uses them.
fn established_connections(port: u16) -> Result<usize> {
    let table = fs::read_to_string("/proc/net/tcp").context("the kernel's table of connections")?;
    Ok(count_established(&table, port))
}

fn count_established(table: &str, port: u16) -> usize {
    const ESTABLISHED: &str = "01";
    let local_end = format!(":{port:04X}");
    table
        .lines()
        .skip(1)
        .filter(|line| {
            let mut fields = line.split_ascii_whitespace().skip(1);
            let (local, state) = (fields.next(), fields.nth(1));
            local.is_some_and(|local| local.ends_with(&local_end)) && state == Some(ESTABLISHED)
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_servers_side_of_open_connections_counts() {
        let table = "  sl  local_address rem_address   st tx_queue
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000
   1: 0100007F:1F90 0100007F:9C40 01 00000000:00000000
   2: 0100007F:9C40 0100007F:1F90 01 00000000:00000000
   3: 0100007F:1F90 0100007F:9C42 06 00000000:00000000
";
        assert_eq!(count_established(table, 8080), 1);
    }
}
