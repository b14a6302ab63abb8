//! Contestants in turn, each with the same file from the same server, each result checked.

use std::{
    cell::{OnceCell, RefCell},
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{
    Extent,
    measure::{Watch, measure_watched},
    nginx::Nginx,
    origin,
    peers::{self, Client, Download, Manners},
    results::{Fault, Findings, Row, Sample, Traffic},
};
use crate::{origin::Origin, system};

const HASH_BUFFER_BYTES: usize = 256 * 1024;

/// What all scenarios share.
pub(super) struct Bench {
    /// Everything measured is written below this folder, which git ignores.
    pub(super) work: PathBuf,
    /// How often each contestant runs.
    pub(super) runs: usize,
    pub(super) extent: Extent,
    nginx: OnceCell<Nginx>,
    /// SHA-256 of the origin's content by size and seed.
    known_digests: RefCell<BTreeMap<(u64, u64), String>>,
}

/// What a right download has.
#[derive(Clone)]
pub(super) struct Expected {
    pub(super) size_bytes: u64,
    pub(super) sha256: String,
}

/// Who serves.
#[derive(Clone, Copy)]
pub(super) enum Server<'a> {
    Nginx(&'a Nginx),
    Origin(&'a Origin),
}

/// What a client's wall time includes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Durability {
    /// Whatever it does by itself.
    Own,
    /// As ours always does: peers are followed by `sync FILE`.
    Synced,
}

/// One file that several clients fetch in turn.
pub(super) struct Race<'a> {
    pub(super) server: Server<'a>,
    pub(super) url: String,
    pub(super) ca: Option<&'a Path>,
    pub(super) file: Expected,
    pub(super) manners: Manners,
    pub(super) durability: Durability,
    /// A contestant that takes longer is ended, and does not run again.
    pub(super) patience: Duration,
    /// Options of Gannet alone.
    pub(super) gannet_options: Vec<String>,
}

impl Bench {
    pub(super) fn new(work: PathBuf, runs: usize, extent: Extent) -> Result<Self> {
        fs::create_dir_all(work.join("out"))?;
        Ok(Self {
            work,
            runs,
            extent,
            nginx: OnceCell::new(),
            known_digests: RefCell::default(),
        })
    }

    /// nginx, started when it is first needed.
    pub(super) fn nginx(&self) -> Result<&Nginx> {
        if let Some(nginx) = self.nginx.get() {
            return Ok(nginx);
        }
        let nginx = Nginx::start(&self.work)?;
        Ok(self.nginx.get_or_init(|| nginx))
    }

    /// What the origin's content must be, learned from one plain stream of a well-behaved origin.
    pub(super) fn expected(&self, size_bytes: u64, seed: u64) -> Result<Expected> {
        let known = self.known_digests.borrow().get(&(size_bytes, seed)).cloned();
        let sha256 = if let Some(sha256) = known {
            sha256
        } else {
            let sha256 = digest_of_url(&origin::serve(size_bytes, seed, &[])?.url(origin::NAME))?;
            self.known_digests
                .borrow_mut()
                .insert((size_bytes, seed), sha256.clone());
            sha256
        };
        Ok(Expected { size_bytes, sha256 })
    }

    /// A file of random bytes below nginx's root, made if it is not there.
    pub(super) fn served_file(&self, path: &str, size_bytes: u64) -> Result<Expected> {
        let file = self.nginx()?.www.join(path);
        if fs::metadata(&file).map_or(0, |metadata| metadata.len()) != size_bytes {
            fs::create_dir_all(file.parent().context("a served file is in a folder")?)?;
            let random = File::open("/dev/urandom")?;
            io::copy(&mut random.take(size_bytes), &mut File::create(&file)?)?;
        }
        Ok(Expected {
            size_bytes,
            sha256: sha256(&mut File::open(file)?)?,
        })
    }

    /// The folder that downloads go to, emptied, on a disk that has nothing left to write.
    pub(super) fn empty_out(&self) -> Result<PathBuf> {
        let out = self.work.join("out");
        fs::remove_dir_all(&out)?;
        fs::create_dir_all(&out)?;
        system::run(Command::new("sync").arg("--file-system").arg(&out))?;
        Ok(out)
    }

    /// Where a single file goes.
    pub(super) fn target(&self) -> PathBuf {
        self.work.join("out").join(origin::NAME)
    }
}

impl Server<'_> {
    pub(super) fn traffic(self) -> Result<Traffic> {
        match self {
            Self::Nginx(nginx) => nginx.traffic(),
            Self::Origin(served) => origin::traffic(served),
        }
    }

    pub(super) fn forget(self) -> Result<()> {
        match self {
            Self::Nginx(nginx) => nginx.forget(),
            Self::Origin(served) => origin::forget(served),
        }
    }

    pub(super) fn shown(self) -> String {
        match self {
            Self::Nginx(_) => "nginx (xtask/src/bench/nginx.rs)".to_owned(),
            Self::Origin(served) => served.shown.clone(),
        }
    }
}

impl<'a> Race<'a> {
    /// A file of a well-behaved origin.
    pub(super) fn of_origin(origin: &'a Origin, file: Expected) -> Self {
        Self {
            server: Server::Origin(origin),
            url: origin.url(origin::NAME),
            ca: None,
            file,
            manners: Manners::Kind,
            durability: Durability::Own,
            patience: Duration::from_mins(2),
            gannet_options: Vec::new(),
        }
    }

    /// Every client, run after run, in turn.
    pub(super) fn run(&self, bench: &Bench, clients: &[Client]) -> Result<Findings> {
        let rows = in_turn(
            bench.runs,
            clients,
            |client, _| client.name().to_owned(),
            |client, _| self.one_run(bench, *client, |_| Ok(Watch::GoOn)),
        )?;
        Ok(Findings {
            server: self.server.shown(),
            rows,
            verdicts: Vec::new(),
        })
    }

    /// One download from nothing to a checked file, watched.
    pub(super) fn one_run(
        &self,
        bench: &Bench,
        client: Client,
        watch: impl FnMut(Duration) -> Result<Watch>,
    ) -> Result<Run> {
        bench.empty_out()?;
        warm_memory(&bench.work, self.file.size_bytes)?;
        self.run_on(bench, client, watch)
    }

    /// The same command again, with what is there.
    pub(super) fn again(
        &self,
        bench: &Bench,
        client: Client,
        watch: impl FnMut(Duration) -> Result<Watch>,
    ) -> Result<Run> {
        self.run_on(bench, client, watch)
    }

    fn run_on(
        &self,
        bench: &Bench,
        client: Client,
        watch: impl FnMut(Duration) -> Result<Watch>,
    ) -> Result<Run> {
        self.server.forget()?;
        let mut command = client.command(&self.download(&bench.target()))?;
        let measured = measure_watched(&mut command, &bench.work, self.patience, watch)?;
        let mut sample = Sample::of(&measured);
        if self.durability == Durability::Synced && !client.is_ours() && sample.fault.is_none() {
            sample.wall_s += time_to_sync(&bench.target())?.as_secs_f64();
        }
        sample.traffic = Some(self.server.traffic()?);
        if sample.fault.is_none() {
            sample.fault = self.file.fault_of(&bench.target())?;
        }
        Ok(Run {
            sample,
            command: system::show(&command),
            size_bytes: self.file.size_bytes,
            output: measured.output,
        })
    }

    fn download<'d>(&'d self, target: &'d Path) -> Download<'d> {
        Download {
            url: &self.url,
            target,
            ca: self.ca,
            manners: self.manners,
            gannet_options: &self.gannet_options,
        }
    }
}

/// One run with what a table needs of it.
pub(super) struct Run {
    pub(super) sample: Sample,
    pub(super) command: String,
    pub(super) size_bytes: u64,
    /// What the client wrote to standard output.
    pub(super) output: String,
}

/// Lets the contestants run one after the other (A B C, A B C, …), so that a machine that gets slower or faster
/// does so for all of them. One that ran out of patience does not run again.
pub(super) fn in_turn<C>(
    runs: usize,
    contestants: &[C],
    name: impl Fn(&C, usize) -> String,
    mut one_run: impl FnMut(&C, usize) -> Result<Run>,
) -> Result<Vec<Row>> {
    let mut rows: Vec<Row> = contestants
        .iter()
        .enumerate()
        .map(|(index, contestant)| Row {
            contestant: name(contestant, index),
            command: String::new(),
            size_bytes: 0,
            samples: Vec::new(),
        })
        .collect();
    for number in 0..runs {
        for (contestant, row) in contestants.iter().zip(&mut rows) {
            let is_retired = row.faults().any(|fault| matches!(fault, Fault::OutOfPatience(_)));
            if is_retired {
                continue;
            }
            let run = one_run(contestant, number)?;
            row.command = run.command;
            row.size_bytes = run.size_bytes;
            print!(
                "  {} {}: {}   \r",
                row.contestant,
                number + 1,
                summary(&run.sample)
            );
            io::stdout().flush()?;
            row.samples.push(run.sample);
        }
    }
    Ok(rows)
}

impl Expected {
    /// What is wrong with the file, or `None` where it is whole and right.
    pub(super) fn fault_of(&self, file: &Path) -> Result<Option<Fault>> {
        let Ok(mut content) = File::open(file) else {
            return Ok(Some(Fault::Wrong("there is no file".to_owned())));
        };
        let length = content.metadata()?.len();
        if length != self.size_bytes {
            return Ok(Some(Fault::Wrong(format!(
                "{length} bytes instead of {}",
                self.size_bytes
            ))));
        }
        let is_right = sha256(&mut content)? == self.sha256;
        Ok((!is_right).then(|| Fault::Wrong("the SHA-256 differs".to_owned())))
    }
}

/// What `gannet get --json` says at the end of a file.
#[derive(Deserialize)]
pub(super) struct Finished {
    pub(super) bytes_discarded: u64,
    pub(super) retries: u64,
}

impl Finished {
    /// Finds it among the lines of standard output.
    pub(super) fn find(output: &str) -> Result<Self> {
        output
            .lines()
            .rev()
            .filter(|line| line.contains("finished"))
            .find_map(|line| serde_json::from_str(line).ok())
            .context("no `finished` line in the output of gannet")
    }
}

/// SHA-256 in hexadecimal.
pub(super) fn sha256(content: &mut impl Read) -> Result<String> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; HASH_BUFFER_BYTES];
    loop {
        match content.read(&mut buffer)? {
            0 => break,
            count => hasher.update(&buffer[..count]),
        }
    }
    Ok(hasher
        .finalize()
        .iter()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")))
}

fn digest_of_url(url: &str) -> Result<String> {
    let mut curl = peers::program("curl")?
        .args(["--silent", "--show-error", "--fail", url])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let digest = sha256(&mut curl.stdout.take().context("standard output is piped")?);
    ensure!(curl.wait()?.success(), "curl could not fetch {url}");
    digest
}

/// Fills as much of the page cache as the download will, and lets go of it.
///
/// A virtual machine gives free memory back to its host and pays to get it again, page by page: up to a second of
/// processor time for a gigabyte. Without this, whoever comes after a pause pays for all.
fn warm_memory(work: &Path, size_bytes: u64) -> Result<()> {
    let path = work.join("warm");
    let zeros = io::repeat(0).take(size_bytes.min(WARM_MAX_BYTES));
    io::copy(
        &mut io::BufReader::with_capacity(1 << 20, zeros),
        &mut File::create(&path)?,
    )?;
    fs::remove_file(&path)?;
    Ok(())
}

/// Warmed at most, in bytes.
const WARM_MAX_BYTES: u64 = 2 << 30;

fn time_to_sync(file: &Path) -> Result<Duration> {
    let start = Instant::now();
    system::run(Command::new("sync").arg(file))?;
    Ok(start.elapsed())
}

fn summary(sample: &Sample) -> String {
    match &sample.fault {
        None => format!("{:.3} s, {:.3} CPU-s", sample.wall_s, sample.cpu_s),
        Some(Fault::Failed(words)) => format!("failed: {words}"),
        Some(Fault::OutOfPatience(seconds)) => format!("not done after {seconds} s"),
        Some(Fault::Wrong(what)) => format!("wrong: {what}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(fault: Option<Fault>) -> Run {
        let sample = Sample {
            fault,
            wall_s: 1.0,
            cpu_s: 1.0,
            peak_memory_bytes: 1,
            traffic: None,
            extra: BTreeMap::new(),
        };
        Run {
            sample,
            command: "get".to_owned(),
            size_bytes: 1,
            output: String::new(),
        }
    }

    #[test]
    fn contestants_alternate_and_a_hopeless_one_retires() {
        let order = RefCell::new(String::new());
        let rows = in_turn(
            3,
            &["a", "b"],
            |name, _| (*name).to_owned(),
            |name, _| {
                order.borrow_mut().push_str(name);
                Ok(run((*name == "b").then_some(Fault::OutOfPatience(1))))
            },
        )
        .unwrap();
        assert_eq!(*order.borrow(), "abaa");
        assert_eq!(
            rows.iter().map(|row| row.samples.len()).collect::<Vec<_>>(),
            [3, 1]
        );
    }

    #[test]
    fn a_wrong_byte_is_a_wrong_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, b"right").unwrap();
        let expected = Expected {
            size_bytes: 5,
            sha256: sha256(&mut &b"right"[..]).unwrap(),
        };
        assert!(expected.fault_of(&path).unwrap().is_none());
        fs::write(&path, b"wrong").unwrap();
        assert!(matches!(expected.fault_of(&path).unwrap(), Some(Fault::Wrong(_))));
        assert!(matches!(
            expected.fault_of(&folder.path().join("none")).unwrap(),
            Some(Fault::Wrong(_))
        ));
    }
}
