//! Many small files, and one that cannot be split: what is left of the speed without ranges.

use std::{fs, path::Path, process::Command, time::Duration};

use anyhow::Result;

use super::MIB;
use crate::{
    bench::{
        Extent,
        measure::{Watch, measure},
        nginx::Scheme,
        peers::{self, Client, Manners},
        race::{Bench, Durability, Expected, Race, Run, Server, in_turn},
        results::{Findings, GANNET, Row, Sample, ratio},
    },
    system,
};

const PATIENCE: Duration = Duration::from_mins(1);

/// P10
pub(super) fn list(bench: &Bench) -> Result<Findings> {
    const FILES: usize = 1000;
    const SIZE_BYTES: u64 = 64 * 1024;
    let nginx = bench.nginx()?;
    let files = served_files(bench, "list", FILES, SIZE_BYTES)?;
    let urls: Vec<String> = files
        .iter()
        .map(|file| nginx.url(Scheme::Http, &file.path))
        .collect();
    let list = bench.work.join("list.txt");
    fs::write(&list, urls.join("\n") + "\n")?;
    let curl_list = bench.work.join("curl-list.txt");
    fs::write(
        &curl_list,
        urls.iter().fold(String::new(), |list, url| {
            list + &format!("url = \"{url}\"\nremote-name\n")
        }),
    )?;

    let contestants = [Lister::Gannet, Lister::Aria2, Lister::Curl, Lister::Wget2];
    let rows = in_turn(
        bench.runs,
        &contestants,
        |lister, _| lister.name().to_owned(),
        |lister, _| {
            let out = bench.empty_out()?;
            nginx.forget()?;
            let mut command = lister.command(&list, &curl_list, &out)?;
            let measured = measure(&mut command, &bench.work, PATIENCE)?;
            let mut sample = Sample::of(&measured);
            sample.traffic = Some(nginx.traffic()?);
            for file in &files {
                if sample.fault.is_none() {
                    sample.fault = file.expected.fault_of(&out.join(&file.name))?;
                }
            }
            let size_bytes = FILES as u64 * SIZE_BYTES;
            Ok(Run {
                sample,
                command: system::show(&command),
                size_bytes,
                output: measured.output,
            })
        },
    )?;
    let mut findings = Findings {
        server: Server::Nginx(nginx).shown(),
        rows,
        verdicts: Vec::new(),
    };
    let wall_s = |name: &str| findings.row(name).and_then(Row::median_wall_s);
    let of_aria2 = ratio(wall_s(GANNET), wall_s("aria2"));
    findings.at_most(0.5, "×", "wall ÷ aria2's", of_aria2);
    Ok(findings)
}

/// P15
pub(super) fn small_and_plain(bench: &Bench) -> Result<Findings> {
    let clients = [Client::Gannet { connections: 8 }, Client::Curl];
    let mut findings = Findings {
        server: Server::Nginx(bench.nginx()?).shown(),
        ..Findings::default()
    };

    findings.rows = small(bench, &clients)?;
    let wall_s = |name: &str| findings.row(name).and_then(Row::median_wall_s);
    let beyond_curl_ms = wall_s("gannet, 10 kB")
        .zip(wall_s("curl, 10 kB"))
        .map(|(ours, theirs)| (ours - theirs) * 1e3);
    findings.at_most(20.0, "ms", "median − curl's, 10 kB", beyond_curl_ms);

    findings.rows.extend(plain(bench, &clients)?);
    let wall_s = |name: &str| findings.row(name).and_then(Row::median_wall_s);
    let ours = wall_s("gannet, 512 MiB");
    let (of_curl, of_synced) = (
        ratio(ours, wall_s("curl, 512 MiB")),
        ratio(ours, wall_s("curl and sync, 512 MiB")),
    );
    findings.at_most(1.05, "×", "wall ÷ curl's, 512 MiB without ranges", of_curl);
    findings.at_most(1.05, "×", "the same, curl followed by `sync FILE`", of_synced);
    Ok(findings)
}

/// One command for each of the files.
fn small(bench: &Bench, clients: &[Client]) -> Result<Vec<Row>> {
    const SIZE_BYTES: u64 = 10_000;
    let count = match bench.extent {
        Extent::Full => 200,
        Extent::Quick => 20,
    };
    let nginx = bench.nginx()?;
    let files = served_files(bench, "small", count, SIZE_BYTES)?;
    in_turn(
        count,
        clients,
        |client, _| format!("{}, 10 kB", client.name()),
        |client, number| {
            let file = &files[number];
            let url = nginx.url(Scheme::Http, &file.path);
            race(nginx, url, file.expected.clone(), Durability::Own)
                .one_run(bench, *client, |_| Ok(Watch::GoOn))
        },
    )
}

/// One file that nginx serves without ranges.
fn plain(bench: &Bench, clients: &[Client]) -> Result<Vec<Row>> {
    const PATH: &str = "plain/half-gib.bin";
    let nginx = bench.nginx()?;
    let expected = bench.served_file(PATH, 512 * MIB)?;
    let contestants: Vec<(Client, Durability)> = clients
        .iter()
        .map(|client| (*client, Durability::Own))
        .chain([(Client::Curl, Durability::Synced)])
        .collect();
    let name = |(client, durability): &(Client, Durability), _| {
        let and = if *durability == Durability::Synced {
            " and sync"
        } else {
            ""
        };
        format!("{}{and}, 512 MiB", client.name())
    };
    in_turn(bench.runs, &contestants, name, |(client, durability), _| {
        race(
            nginx,
            nginx.url(Scheme::Http, PATH),
            expected.clone(),
            *durability,
        )
        .one_run(bench, *client, |_| Ok(Watch::GoOn))
    })
}

fn race(nginx: &crate::bench::nginx::Nginx, url: String, file: Expected, durability: Durability) -> Race<'_> {
    Race {
        server: Server::Nginx(nginx),
        url,
        ca: None,
        file,
        manners: Manners::Kind,
        durability,
        patience: PATIENCE,
        gannet_options: Vec::new(),
    }
}

struct ServedFile {
    /// Below nginx's root.
    path: String,
    name: String,
    expected: Expected,
}

fn served_files(bench: &Bench, folder: &str, count: usize, size_bytes: u64) -> Result<Vec<ServedFile>> {
    (0..count)
        .map(|number| {
            let name = format!("{number:04}.bin");
            let path = format!("{folder}/{name}");
            let expected = bench.served_file(&path, size_bytes)?;
            Ok(ServedFile { path, name, expected })
        })
        .collect()
}

/// A client that is given a list.
#[derive(Clone, Copy)]
enum Lister {
    Gannet,
    Aria2,
    Curl,
    Wget2,
}

impl Lister {
    fn name(self) -> &'static str {
        match self {
            Self::Gannet => GANNET,
            Self::Aria2 => "aria2",
            Self::Curl => "curl",
            Self::Wget2 => "wget2",
        }
    }

    fn command(self, list: &Path, curl_list: &Path, out: &Path) -> Result<Command> {
        Ok(match self {
            Self::Gannet => {
                let mut command = peers::gannet_get()?;
                command.args(["-j", "16", "-d"]).arg(out).arg("-i").arg(list);
                command
            }
            Self::Aria2 => {
                let mut command = peers::program("aria2c")?;
                // Preallocation costs more than it brings for files this small.
                command.args(["--no-conf", "--quiet", "--file-allocation=none", "-j16", "-d"]);
                command.arg(out).arg("-i").arg(list);
                command
            }
            Self::Curl => {
                let mut command = peers::program("curl")?;
                command.args([
                    "--silent",
                    "--show-error",
                    "--fail",
                    "--parallel",
                    "--parallel-max",
                    "16",
                ]);
                command
                    .arg("--output-dir")
                    .arg(out)
                    .arg("--config")
                    .arg(curl_list);
                command
            }
            Self::Wget2 => {
                let mut command = peers::program("wget2")?;
                command.args(["--no-config", "--quiet", "--no-robots", "--max-threads=16", "-P"]);
                command.arg(out).arg("-i").arg(list);
                command
            }
        })
    }
}
