//! A little of everything that can go wrong, over and over: fault F17.
//!
//! Each download is played from a seed of its own: a server with one percent of every fault, a disk whose calls fail as
//! often or a real folder, and somebody who stops, pauses, limits it, or pulls the plug. It is begun again until it is
//! whole. Whatever happens, no file bears its final name before that, and no journal claims what is not there.

use std::sync::Arc;
use std::time::{Duration, Instant};

use fastrand::Rng;
use futures_util::StreamExt as _;
use gannet_engine::disk::journal;
use gannet_engine::disk::real::RealDirectory;
use gannet_engine::disk::storage::Directory;
use gannet_engine::{Error, ErrorCode, Finished, Handle, HttpClientOptions, Request};
use gannet_testkit::disk::{Call, DiskError, Fault as DiskFault, FaultyDisk, Lasting, PowerLossDisk};
use gannet_testkit::{
    Beyond, Cap, Content, Dates, DigestField, DigestKind, ETag, Fault, Flapping, Framing, Network, Origin,
    OriginBuilder, RangeLie, Refusal, RetryAfter, Script, Truth, When,
};
use tempfile::TempDir;

use crate::support::{Witness, direct};

/// Downloads of an ordinary run; `GANNET_SOAK` asks for another number, and `GANNET_SOAK_SEED` for those of a run that
/// failed.
const DOWNLOADS: u64 = 16;
/// So many at once.
const AT_ONCE: usize = 16;
/// How often each fault strikes.
const CHANCE: f64 = 0.01;
/// After so many runs somebody mends the disk. A full one may take no record either, and then a run moves nothing on:
/// how many of them such a disk costs is chance, and nothing that a download could be blamed for.
const DISK_MENDED_AFTER_RUNS: u32 = 12;
/// Runs after which a download is whole, unless it never will be.
const RUNS_MAX: u32 = 40;
/// No run takes longer, unless it hangs.
const RUN_MAX: Duration = Duration::from_secs(90);

const PART: &str = ".part";
const JOURNAL: &str = ".part.journal";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_little_of_every_fault_corrupts_nothing_and_ends_well() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let downloads = number("GANNET_SOAK").unwrap_or(DOWNLOADS);
    let seed = number("GANNET_SOAK_SEED").unwrap_or_else(|| fastrand::u64(..1 << 32));
    println!("seeds from {seed}");
    let began = Instant::now();
    let runs: Vec<u32> = futures_util::stream::iter((0..downloads).map(|nth| download(seed + nth)))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let (all, most) = (runs.iter().sum::<u32>(), runs.iter().max());
    println!(
        "{downloads} downloads in {all} runs, at most {most:?}, in {:?}",
        began.elapsed()
    );
    assert!(
        all > downloads as u32,
        "nothing ever went wrong: the faults do not strike"
    );
}

/// Downloads one file, in as many runs as it takes. Returns their number.
async fn download(seed: u64) -> u32 {
    let mut random = Rng::with_seed(seed);
    let server = Server::new(&mut random, seed);
    let manners = server.manners;
    let origin = server.builder.start().await.unwrap();
    let contents = [origin.content_of(1), origin.content_of(2)];
    let mut place = Place::new(&mut random);
    for run in 1..=RUNS_MAX {
        let case = format!("seed {seed}, run {run}");
        let outcome = one_run(&case, &origin, manners, &place, run, &mut random).await;
        place.recover(random.u64(..));
        for name in place.names().iter().filter(|name| !name.contains(PART)) {
            let bytes = place.content(name).unwrap_or_default();
            let is_right = name.ends_with(".rejected") || version_of(&bytes, &contents).is_some();
            assert!(is_right, "{case}: {name} is neither version, and has its name");
        }
        // A transfer that was dropped may still be at it.
        if outcome.is_some() && !manners.corrupts {
            place.assert_claims(&contents, &case);
        }
        match outcome {
            Some(Ok(_)) => {
                no_connection_is_left(&origin, &case).await;
                return run;
            }
            Some(Err(error)) => assert!(is_to_be_expected(&error, manners), "{case}: {error}"),
            None => {}
        }
    }
    panic!("seed {seed}: not whole after {RUNS_MAX} runs");
}

fn version_of(bytes: &[u8], contents: &[Content]) -> Option<usize> {
    contents
        .iter()
        .position(|content| content.length() == bytes.len() as u64 && content.check(0, bytes) == Ok(()))
}

async fn no_connection_is_left(origin: &Origin, case: &str) {
    let closed = origin.wait_until(|log| log.open_connections() == 0).await;
    closed.unwrap_or_else(|_| panic!("{case}: connections leaked"));
}

/// Whether a run may end so under these faults. Whatever it was, the next run goes on.
fn is_to_be_expected(error: &Error, manners: Manners) -> bool {
    match error.code() {
        ErrorCode::Integrity => manners.corrupts,
        ErrorCode::GaveOut
        | ErrorCode::Protocol
        | ErrorCode::Changed
        | ErrorCode::Refused
        | ErrorCode::Expired
        | ErrorCode::Disk
        | ErrorCode::DiskFull
        | ErrorCode::TargetBusy
        | ErrorCode::Cancelled => true,
        _ => false,
    }
}

/// One run of the download: `None` where it was dropped.
async fn one_run(
    case: &str,
    origin: &Origin,
    manners: Manners,
    place: &Place,
    run: u32,
    random: &mut Rng,
) -> Option<Result<Finished, Error>> {
    let witness = Arc::new(Witness::default());
    let mut request = Request::new(&origin.url("file.bin"))
        .unwrap()
        .storage(place.directory(run, random))
        .connections([1, 2, 4, 8, 32][random.usize(..5)])
        .client(direct(HttpClientOptions::default()))
        .retry_for(Duration::from_secs(4));
    if manners.corrupts {
        // Only a digest can tell; it is of the first version, and the only one.
        let digest = format!("sha256:{}", origin.content_of(1).sha256_hex());
        request = request.checksum(&digest).unwrap();
    }
    let transfer = request.start(Arc::clone(&witness) as Arc<dyn gannet_engine::Reporter>);
    let handle = transfer.handle();
    let mut finished = Box::pin(transfer.finished());
    let deadline = tokio::time::Instant::now() + RUN_MAX;
    for _ in 0..random.u32(..3) {
        let wait = Duration::from_millis(random.u64(5..1_200));
        // paces: somebody meddles with it after a while, if it lasts that long
        if let Ok(outcome) = tokio::time::timeout(wait, &mut finished).await {
            return Some(outcome);
        }
        if meddle(&handle, origin, manners, place, random) == Meddling::Drops {
            return None;
        }
    }
    let outcome = tokio::time::timeout_at(deadline, finished).await;
    Some(outcome.unwrap_or_else(|_| {
        let last = witness.last.lock().unwrap();
        let events = witness.events();
        let late = &events[events.len().saturating_sub(20)..];
        panic!("{case}: it hangs: {last:?}\n{late:#?}")
    }))
}

/// Whether whoever meddles lets the transfer go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meddling {
    GoesOn,
    Drops,
}

fn meddle(handle: &Handle, origin: &Origin, manners: Manners, place: &Place, random: &mut Rng) -> Meddling {
    match random.u32(..12) {
        0 => handle.cancel(),
        1 => return Meddling::Drops,
        2 | 3 => place.crash(),
        4 | 5 => {
            handle.pause();
            let handle = handle.clone();
            let wait = Duration::from_millis(random.u64(..500));
            tokio::spawn(async move {
                // paces: a pause is as long as somebody wants
                tokio::time::sleep(wait).await;
                handle.resume();
            });
        }
        6 => handle.set_limit(Some(random.u64(200_000..2_000_000))),
        7 => handle.set_limit(None),
        8 | 9 => handle.set_connections(random.u32(1..33)),
        10 if manners.swaps => origin.set_version(2),
        _ => handle.replace_url(&origin.url("another-way/file.bin")).unwrap(),
    }
    Meddling::GoesOn
}

/// What may be expected of a server.
#[derive(Debug, Clone, Copy)]
struct Manners {
    /// Whether its file may become another one.
    swaps: bool,
    /// Whether it sends wrong bytes under right heads.
    corrupts: bool,
}

struct Server {
    builder: OriginBuilder,
    manners: Manners,
}

impl Server {
    fn new(random: &mut Rng, seed: u64) -> Self {
        let size = random.u64(1..6_000_000);
        let etag = [ETag::Strong, ETag::Strong, ETag::Weak, ETag::None][random.usize(..4)].clone();
        let dates = [
            Dates::LongAgo,
            Dates::Apart(Duration::ZERO),
            Dates::NoLastModified,
        ][random.usize(..3)];
        let corrupts = random.u32(..6) == 0;
        // Of versions that nothing tells apart nobody can say which is which.
        let has_signs = etag != ETag::None || dates != Dates::NoLastModified;
        let swaps = has_signs && !corrupts && random.u32(..3) > 0;
        let manners = Manners { swaps, corrupts };
        let builder = Origin::builder().size(size).seed(seed).with(|profile| {
            (profile.etag, profile.dates) = (etag, dates);
            profile.pace.total_bytes_per_s = Some(random.u64(1_500_000..8_000_000));
            profile.pace.first_latency = Duration::from_millis(random.u64(..40));
            profile.pace.latency = profile.pace.first_latency / 2;
            profile.faults = faults(size)
                .into_iter()
                // It would name two versions alike.
                .filter(|fault| !(swaps && matches!(fault, Fault::ETag(_))))
                .map(|fault| (When::Chance(CHANCE), fault))
                .collect();
            if random.u32(..3) == 0 {
                profile.cap = Some(cap(random));
            }
            let digest = [
                None,
                None,
                Some(DigestKind::ReprSha256),
                Some(DigestKind::ContentSha256),
            ][random.usize(..4)];
            profile.digests = digest
                .map(|kind| DigestField {
                    kind,
                    truth: Truth::Right,
                })
                .into_iter()
                .collect();
            if corrupts {
                let wrong = Fault::Corrupt(random.u64(..size));
                profile.faults.push((When::Chance(CHANCE), wrong));
            }
        });
        let builder = if random.u32(..8) == 0 {
            builder.flapping(Flapping {
                up: Duration::from_millis(700),
                down: Duration::from_millis(200),
                meanwhile: [Network::Stalled, Network::Reset][random.usize(..2)],
            })
        } else {
            builder
        };
        let builder = builder.on_request(move |request, number| portal(request, seed ^ (number << 20)));
        Self { builder, manners }
    }
}

fn cap(random: &mut Rng) -> Cap {
    Cap {
        at_most: random.usize(1..7),
        beyond: match random.u32(..4) {
            0 => Beyond::Refuse(Refusal::status(503)),
            1 => Beyond::Reset,
            2 => Beyond::Silence,
            _ => Beyond::Queue,
        },
    }
}

/// A login page, now and then. Instead of the very first bytes it would be the file.
fn portal(request: &gannet_testkit::Request, seed: u64) -> Option<Script> {
    let in_mid_file = request.header("Range").is_some_and(|range| range != "bytes=0-");
    let strikes = Rng::with_seed(seed).f64() < CHANCE;
    (in_mid_file && strikes).then(|| {
        Script::new(200)
            .header("Content-Type", "text/html")
            .bytes("<html>Who are you?</html>")
    })
}

/// Everything that may befall an answer and leaves its bytes right.
fn faults(size: u64) -> Vec<Fault> {
    let refuse = |status, retry_after| Fault::Refuse(Refusal { status, retry_after });
    let broken = [
        Fault::Slow { bytes_per_s: 3_000 },
        Fault::Late(Duration::from_millis(600)),
        Fault::SilentBeforeHeaders,
        Fault::SilentAfterHeaders,
        Fault::SilentAfter(50_000),
        Fault::ResetBeforeHeaders,
        Fault::ResetAfter(30_000),
        Fault::CutAfter(30_000),
        Fault::CutSomewhere,
        Fault::ResetSomewhere,
        Fault::CloseAfter,
        Fault::Framing(Framing::ChunkedUnfinished),
        Fault::Framing(Framing::ChunkedAndLength),
    ];
    let refused = [
        refuse(503, RetryAfter::Absent),
        refuse(429, RetryAfter::Seconds(1)),
        Fault::Status(500),
        Fault::Status(403),
        Fault::Status(404),
        Fault::PreconditionFailed,
        Fault::NotSatisfiable { complete: None },
        Fault::NotSatisfiable { complete: Some(size) },
        Fault::ETag("\"of another node\"".to_owned()),
    ];
    let lies = [
        RangeLie::NoContentRange,
        RangeLie::Shifted(512),
        RangeLie::HeaderShifted(512),
        RangeLie::Shorter { bytes: 10_000 },
        RangeLie::RunsOn(5_000),
        RangeLie::RunsOnPastLength(5_000),
        RangeLie::CompleteLength(size + 1_000),
        RangeLie::UnknownComplete,
        RangeLie::Reversed,
        RangeLie::CompleteTooSmall,
        RangeLie::OtherUnit,
        RangeLie::EqualsSign,
        RangeLie::LengthOff(100),
        RangeLie::LengthOff(-100),
        RangeLie::HugeNumbers,
        RangeLie::Multipart,
    ];
    broken
        .into_iter()
        .chain(refused)
        .chain(lies.into_iter().map(Fault::Range))
        .collect()
}

/// Where the download goes.
enum Place {
    /// A folder of the real disk.
    Folder(TempDir),
    /// A disk that can fail and lose its power.
    Memory(PowerLossDisk),
}

impl Place {
    fn new(random: &mut Rng) -> Self {
        if random.bool() {
            Self::Folder(tempfile::tempdir().unwrap())
        } else {
            Self::Memory(PowerLossDisk::new())
        }
    }

    /// The disk of one run. Where it is simulated, each of its calls may fail until it is mended.
    fn directory(&self, run: u32, random: &mut Rng) -> Arc<dyn Directory> {
        match self {
            Self::Folder(folder) => Arc::new(RealDirectory::open(folder.path()).unwrap()),
            Self::Memory(memory) if run > DISK_MENDED_AFTER_RUNS => Arc::new(memory.clone()),
            Self::Memory(memory) => {
                let disk = FaultyDisk::new(Arc::new(memory.clone()));
                let calls = [
                    (Call::Create, DiskError::Denied),
                    (Call::Open, DiskError::Broken),
                    (Call::Write, DiskError::Full),
                    (Call::Read, DiskError::Broken),
                    (Call::Allocate, DiskError::Full),
                    (Call::Sync, DiskError::Broken),
                    (Call::DirectorySync, DiskError::Broken),
                    (Call::Rename, DiskError::ReadOnly),
                    (Call::Remove, DiskError::Denied),
                ];
                for (call, error) in calls {
                    // The first of the calls, each of which fails with the same probability, that does.
                    let nth = ((random.f64().ln() / (1.0 - CHANCE).ln()) as u64).saturating_add(1);
                    let lasting = [Lasting::Once, Lasting::UntilFreed][random.usize(..2)];
                    disk.fail(DiskFault {
                        call,
                        nth,
                        error,
                        lasting,
                    });
                }
                Arc::new(disk)
            }
        }
    }

    /// Pulls the plug, where there is one.
    fn crash(&self) {
        if let Self::Memory(memory) = self {
            memory.crash();
        }
    }

    /// Switches the power on again, where it is gone.
    fn recover(&mut self, seed: u64) {
        if let Self::Memory(memory) = self
            && memory.is_dead()
        {
            *memory = memory.power_on(seed);
        }
    }

    fn names(&self) -> Vec<String> {
        match self {
            Self::Folder(folder) => crate::support::names_in(folder.path()),
            Self::Memory(memory) => memory.names(),
        }
    }

    fn content(&self, name: &str) -> Option<Vec<u8>> {
        match self {
            Self::Folder(folder) => std::fs::read(folder.path().join(name)).ok(),
            Self::Memory(memory) => memory.content(name),
        }
    }

    /// What each journal claims is right, of one version or of the other, now and were the power to fail.
    fn assert_claims(&self, contents: &[Content], case: &str) {
        self.assert_claims_now(contents, case);
        if let Self::Memory(memory) = self {
            for outcome in 0..2 {
                Self::Memory(memory.power_on(outcome)).assert_claims_now(contents, case);
            }
        }
    }

    fn assert_claims_now(&self, contents: &[Content], case: &str) {
        for name in self.names() {
            let Some(target) = name.strip_suffix(JOURNAL) else {
                continue;
            };
            let state = self.content(&name).and_then(|bytes| journal::decode(&bytes));
            let (Some(state), Some(part)) = (state, self.content(&format!("{target}{PART}"))) else {
                continue;
            };
            let is_of = |content: &Content| {
                state.written.iter().all(|range| {
                    let bytes = part.get(range.start() as usize..range.end() as usize);
                    bytes.is_some_and(|bytes| content.check(range.start(), bytes) == Ok(()))
                })
            };
            assert!(
                contents.iter().any(is_of),
                "{case}: {name} claims what is not there: {:?}",
                state.written
            );
        }
    }
}
