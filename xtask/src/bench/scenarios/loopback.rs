//! A fast server on the same machine: what a byte costs the client.

use std::time::Duration;

use anyhow::Result;

use super::GIB;
use crate::bench::{
    nginx::Scheme,
    peers::{Client, Manners},
    race::{Bench, Durability, Race, Server},
    results::{Findings, Row, ratio},
};

const FILE: &str = "one-gib.bin";
const PATIENCE: Duration = Duration::from_mins(2);

/// P1
pub(super) fn http(bench: &Bench) -> Result<Findings> {
    let mut findings = race(bench, Scheme::Http)?.run(bench, &everybody())?;
    let cpu = |name: &str| findings.row(name).and_then(Row::median_cpu_s);
    let ours = cpu("gannet");
    let (of_curl, of_aria2) = (ratio(ours, cpu("curl")), ratio(ours, cpu("aria2")));
    findings.at_most(0.50, "×", "CPU ÷ curl's", of_curl);
    findings.at_most(0.42, "×", "CPU ÷ aria2's", of_aria2);
    hold_against_fastest(&mut findings);
    Ok(findings)
}

/// P2
pub(super) fn https(bench: &Bench) -> Result<Findings> {
    let mut findings = race(bench, Scheme::Https)?.run(bench, &everybody())?;
    let cpu = |name: &str| findings.row(name).and_then(Row::median_cpu_s);
    let of_curl = ratio(cpu("gannet"), cpu("curl"));
    findings.at_most(0.60, "×", "CPU ÷ curl's", of_curl);
    hold_against_fastest(&mut findings);
    Ok(findings)
}

/// P3
pub(super) fn memory(bench: &Bench) -> Result<Findings> {
    let clients = [
        Client::Gannet { connections: 32 },
        Client::Aria2 { connections: 16 },
        Client::Axel { connections: 32 },
    ];
    let mut findings = race(bench, Scheme::Http)?.run(bench, &clients)?;
    let peak_mb = findings
        .gannet()
        .and_then(|row| row.median(|sample| sample.peak_memory_bytes as f64 / 1e6));
    findings.at_most(40.0, "MB", "peak memory", peak_mb);
    Ok(findings)
}

fn race(bench: &Bench, scheme: Scheme) -> Result<Race<'_>> {
    let nginx = bench.nginx()?;
    Ok(Race {
        server: Server::Nginx(nginx),
        url: nginx.url(scheme, FILE),
        ca: (scheme == Scheme::Https).then_some(nginx.ca.as_path()),
        file: bench.served_file(FILE, GIB)?,
        manners: Manners::Kind,
        durability: Durability::Synced,
        patience: PATIENCE,
        gannet_options: Vec::new(),
    })
}

fn everybody() -> [Client; 5] {
    [
        Client::Gannet { connections: 8 },
        Client::Curl,
        Client::Aria2 { connections: 16 },
        Client::Axel { connections: 16 },
        Client::Wget2,
    ]
}

fn hold_against_fastest(findings: &mut Findings) {
    let ours = findings.gannet().and_then(Row::median_wall_s);
    let of_fastest = ratio(ours, findings.fastest_peer_wall_s());
    findings.at_most(0.8, "×", "wall ÷ the fastest peer's", of_fastest);
}
