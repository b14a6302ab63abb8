//! What the tests share: an origin, a scratch folder, a transfer, and the question whether the file is right.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use gannet_engine::disk::journal;
use gannet_engine::{
    ByteRange, Error, ErrorCode, Event, Finished, HttpClient, HttpClientOptions, Proxy, RangeSet, Reporter,
    Request, Snapshot,
};
use gannet_testkit::disk::PowerLossDisk;
use gannet_testkit::{Content, Fault, Origin, OriginBuilder, Refusal, RetryAfter, When};
use tempfile::TempDir;

/// No test of a transfer takes longer than this.
const PATIENCE: Duration = Duration::from_mins(1);

/// Records what a transfer tells.
#[derive(Default)]
pub(crate) struct Witness {
    pub(crate) events: Mutex<Vec<String>>,
    pub(crate) last: Mutex<Option<Snapshot>>,
}

impl Reporter for Witness {
    fn snapshot(&self, snapshot: &Snapshot) {
        if let Some(length) = snapshot.length {
            assert!(
                snapshot.bytes() <= length,
                "progress passed 100 %: {} of {length}",
                snapshot.bytes()
            );
        }
        *self.last.lock().unwrap() = Some(snapshot.clone());
    }

    fn event(&self, event: &Event) {
        self.events.lock().unwrap().push(format!("{event:?}"));
    }
}

/// Runs a request to its end.
pub(crate) async fn run(request: Request) -> Result<Finished, Error> {
    run_watched(request).await.0
}

/// Runs a request to its end, and says what it told meanwhile.
pub(crate) async fn run_watched(request: Request) -> (Result<Finished, Error>, Arc<Witness>) {
    let witness = Arc::new(Witness::default());
    let transfer = request.start(Arc::clone(&witness) as Arc<dyn Reporter>);
    let result = tokio::time::timeout(PATIENCE, transfer.finished()).await;
    let result = result.unwrap_or_else(|_| {
        panic!(
            "the transfer did not end: {:?}\n{:?}",
            witness.last.lock().unwrap(),
            witness
                .events
                .lock()
                .unwrap()
                .iter()
                .rev()
                .take(20)
                .collect::<Vec<_>>()
        )
    });
    (result, witness)
}

/// The file holds exactly the content.
pub(crate) fn assert_file_is(path: &Path, content: &Content) {
    let bytes = std::fs::read(path).unwrap();
    assert_eq!(
        bytes.len() as u64,
        content.length(),
        "length of {}",
        path.display()
    );
    assert_eq!(
        content.check(0, &bytes),
        Ok(()),
        "first wrong byte of {}",
        path.display()
    );
}

/// The names in a folder, sorted.
pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A request for the origin's file into a folder.
pub(crate) fn request(origin: &Origin, folder: &Path, connections: u32) -> Request {
    request_from(&origin.url("file.bin"), folder, connections)
}

/// A request for what is at an address into a folder.
pub(crate) fn request_from(url: &str, folder: &Path, connections: u32) -> Request {
    Request::new(url)
        .unwrap()
        .directory(folder)
        .connections(connections)
        .client(direct(HttpClientOptions::default()))
}

/// A client that no proxy of the environment gets in the way of.
pub(crate) fn direct(options: HttpClientOptions) -> HttpClient {
    let options = HttpClientOptions {
        proxy: Proxy::Direct,
        ..options
    };
    HttpClient::new(options).unwrap()
}

/// A client that trusts the origin's authority.
pub(crate) fn trusting(origin: &Origin) -> HttpClient {
    direct(HttpClientOptions {
        authorities_pem: vec![origin.ca_pem().as_bytes().to_vec()],
        ..HttpClientOptions::default()
    })
}

/// What the part file of the origin's file is called.
pub(crate) const PART: &str = "file.bin.part";
/// And the journal beside it.
pub(crate) const JOURNAL: &str = "file.bin.part.journal";

/// The length of the file that failing disks are tried with.
pub(crate) const SMALL: u64 = 1 << 20;

/// An origin of a small file that comes at once.
pub(crate) async fn fast_origin() -> Origin {
    small().start().await.unwrap()
}

/// The same file over more than two seconds: long enough for records to be made.
pub(crate) async fn slow_origin() -> Origin {
    small()
        .with(|profile| profile.pace.first_latency = Duration::from_millis(300))
        .fault(When::Always, Fault::CutAfter(64 << 10))
        .start()
        .await
        .unwrap()
}

fn small() -> OriginBuilder {
    Origin::builder().size(SMALL).seed(41)
}

/// Whether these are the bytes of a whole file.
pub(crate) fn is_whole(bytes: &[u8], content: &Content) -> bool {
    bytes.len() as u64 == content.length() && content.check(0, bytes) == Ok(())
}

/// The first range that the journal on a disk claims and that is not right there.
pub(crate) fn false_claim(disk: &PowerLossDisk, content: &Content) -> Option<ByteRange> {
    let (claimed, part) = claim_on(disk)?;
    claimed.iter().find(|range| {
        let bytes = part.get(range.start() as usize..range.end() as usize);
        bytes.is_none_or(|bytes| content.check(range.start(), bytes) != Ok(()))
    })
}

/// How many bytes the journal on a disk claims.
pub(crate) fn claimed_bytes(disk: &PowerLossDisk) -> u64 {
    claim_on(disk).map_or(0, |(claimed, _)| claimed.bytes())
}

/// What the journal says of the part file that is there, and that file's bytes. Without one it speaks of a file that is gone.
fn claim_on(disk: &PowerLossDisk) -> Option<(RangeSet, Vec<u8>)> {
    let part = disk.content(PART)?;
    let state = journal::decode(&disk.content(JOURNAL)?)?;
    Some((state.written, part))
}

/// A refusal of the server, and how long it says to wait.
pub(crate) fn refuse(status: u16, retry_after: RetryAfter) -> Fault {
    Fault::Refuse(Refusal { status, retry_after })
}

/// The length of the file that most cases fetch: eight units, the last of them cut.
pub(crate) const SIZE: u64 = 4_000_037;

/// An origin so slow that many connections have time to work, and fast enough for one.
pub(crate) fn paced() -> OriginBuilder {
    Origin::builder().size(SIZE).rate_per_connection(12_000_000)
}

/// As [`paced`], but the first answer ends early: at any number of connections something is asked for in mid-file.
pub(crate) fn interrupted() -> OriginBuilder {
    paced().fault(When::First(1), Fault::CutAfter(1_000_000))
}

/// Runs a case at 1, 4 and 32 connections, side by side.
pub(crate) async fn at_each_count<F: Future<Output = ()>>(case: impl Fn(u32) -> F) {
    join_all([1, 4, 32].map(case)).await;
}

/// A download that ended, well or not.
pub(crate) struct Download {
    pub(crate) folder: TempDir,
    pub(crate) witness: Arc<Witness>,
    result: Result<Finished, Error>,
    connections: u32,
}

/// Downloads the origin's file.
pub(crate) async fn download(origin: &Origin, connections: u32) -> Download {
    download_with(origin, connections, |request| request).await
}

/// Downloads the origin's file by a request that was changed first.
pub(crate) async fn download_with(
    origin: &Origin,
    connections: u32,
    change: impl FnOnce(Request) -> Request,
) -> Download {
    download_from(&origin.url("file.bin"), connections, change).await
}

/// As [`download_with`], from another address.
pub(crate) async fn download_from(
    url: &str,
    connections: u32,
    change: impl FnOnce(Request) -> Request,
) -> Download {
    download_into(tempfile::tempdir().unwrap(), url, connections, change).await
}

/// As [`download_from`], into a folder where something may be already.
pub(crate) async fn download_into(
    folder: TempDir,
    url: &str,
    connections: u32,
    change: impl FnOnce(Request) -> Request,
) -> Download {
    let request = request_from(url, folder.path(), connections);
    let (result, witness) = run_watched(change(request)).await;
    Download {
        folder,
        witness,
        result,
        connections,
    }
}

impl Download {
    /// It ended well: the file holds exactly the content, and nothing else is left.
    pub(crate) fn whole(self, content: &Content) -> Finished {
        let (connections, events) = (self.connections, self.witness.events());
        let finished = self
            .result
            .unwrap_or_else(|error| panic!("at {connections} connections: {error}\n{events:?}"));
        assert_file_is(&finished.path, content);
        let name = finished.path.file_name().unwrap().to_str().unwrap();
        assert_eq!(
            names_in(self.folder.path()),
            [name],
            "at {connections} connections"
        );
        finished
    }

    /// One of its notices holds these words.
    pub(crate) fn said(self, words: &str) -> Self {
        let events = self.witness.events();
        assert!(events.iter().any(|event| event.contains(words)), "{events:?}");
        self
    }

    /// It failed with this code, and no file bears the final name.
    pub(crate) fn failed(self, code: ErrorCode) -> Error {
        let connections = self.connections;
        let error = match self.result {
            Err(error) => error,
            Ok(finished) => panic!("at {connections} connections it ended well: {finished:?}"),
        };
        assert_eq!(error.code(), code, "at {connections} connections: {error}");
        for name in names_in(self.folder.path()) {
            let is_kept = [".part", ".part.journal", ".rejected"]
                .iter()
                .any(|suffix| name.ends_with(suffix));
            assert!(is_kept, "{name} was left at {connections} connections");
        }
        error
    }
}

impl Download {
    /// It ended well, whatever else is in the folder.
    pub(crate) fn ended_well(self) -> Finished {
        self.result.unwrap()
    }

    /// It failed, whatever else is in the folder.
    pub(crate) fn ended_badly(self) -> Error {
        self.result.unwrap_err()
    }
}

impl Witness {
    /// What happened so far.
    pub(crate) fn events(&self) -> Vec<String> {
        self.events.lock().unwrap().clone()
    }

    /// How many events begin so.
    pub(crate) fn count(&self, kind: &str) -> usize {
        self.events()
            .iter()
            .filter(|event| event.starts_with(kind))
            .count()
    }
}

/// What a test's random choices follow from. It is shown where the test fails, with how to have the same again.
#[expect(clippy::print_stdout, reason = "the harness shows it where the test fails")]
pub(crate) fn seed() -> u64 {
    let given = std::env::var("GANNET_SEED").ok();
    let seed = given.map_or_else(|| fastrand::u64(..1 << 32), |seed| seed.parse().unwrap());
    println!("seed {seed}: run the test with GANNET_SEED={seed} to have the same again");
    seed
}

/// Waits until something holds; fails after [`PATIENCE`].
pub(crate) async fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !condition() {
            // polls: what is waited for is told by callbacks of a trait that knows no waiting.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    waited.await.unwrap_or_else(|_| panic!("never came true: {what}"));
}
