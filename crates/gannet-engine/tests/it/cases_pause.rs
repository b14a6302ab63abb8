//! A pause is heard in every phase, and a low limit holds up nobody who watches or commands.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use gannet_engine::disk::real::RealDirectory;
use gannet_engine::{Pacer, Phase, Request, Transfer};
use gannet_testkit::{ETag, Fault, Framing, Origin, OriginBuilder, Ranges, Script, When};
use tempfile::TempDir;

use crate::cases_resume::{half, slow};
use crate::faults_hooked::HookedDisk;
use crate::support::{Witness, assert_file_is, paced, request, wait_until};

/// Shorter than every pause here.
const PATIENCE: Duration = Duration::from_millis(300);
/// Within this a command or a byte has to show.
const SOON: Duration = Duration::from_secs(1);

struct UnderWay {
    witness: Arc<Witness>,
    transfer: Transfer,
}

fn begin(origin: &Origin, folder: &TempDir, change: impl FnOnce(Request) -> Request) -> UnderWay {
    let witness = Arc::new(Witness::default());
    let request = request(origin, folder.path(), 4).retry_for(PATIENCE);
    let transfer = change(request).start(witness.clone());
    UnderWay { witness, transfer }
}

impl UnderWay {
    fn phase(&self) -> Option<Phase> {
        let last = self.witness.last.lock().unwrap();
        last.as_ref().map(|last| last.phase.clone())
    }

    fn bytes(&self) -> u64 {
        let last = self.witness.last.lock().unwrap();
        last.as_ref().map_or(0, gannet_engine::Snapshot::bytes)
    }

    async fn soon(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        wait_until(what, || condition(self)).await;
        assert!(began.elapsed() < SOON, "{what}: after {:?}", began.elapsed());
    }

    /// Pauses for longer than its patience, in which nothing may be asked; then `change` happens, and it goes on to a
    /// whole file.
    async fn survives_a_pause(self, origin: &Origin, change: impl FnOnce()) {
        self.transfer.handle().pause();
        self.soon("it is paused", |it| it.phase() == Some(Phase::Paused))
            .await;
        let asked = origin.log().request_count();
        // paces: the pause has to be longer than the patience.
        tokio::time::sleep(2 * PATIENCE).await;
        assert_eq!(origin.log().request_count(), asked, "it asks while it is paused");
        change();
        self.transfer.handle().resume();
        let ended = tokio::time::timeout(Duration::from_secs(30), self.transfer.finished()).await;
        let events = self.witness.events();
        let finished = ended
            .unwrap_or_else(|_| panic!("it did not end: {events:?}"))
            .unwrap_or_else(|error| panic!("{error}: {events:?}"));
        assert_file_is(&finished.path, &origin.content());
    }
}

/// An origin that answers by `script` where `asked` says so and the switch is on.
async fn until_switched_off(
    builder: OriginBuilder,
    asked: impl Fn(&str) -> bool + Send + Sync + 'static,
    script: impl Fn() -> Script + Send + Sync + 'static,
) -> (Origin, Arc<AtomicBool>) {
    let switch = Arc::new(AtomicBool::new(true));
    let is_on = Arc::clone(&switch);
    let builder = builder.on_request(move |request, _| {
        let is_meant = asked(request.header("Range").unwrap_or_default());
        (is_meant && is_on.load(Ordering::SeqCst)).then(&script)
    });
    (builder.start().await.unwrap(), switch)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_before_the_first_answer_is_heard() {
    for script in [
        || Script::text(503, "Not now.\n"),
        // Nothing at all, for longer than the test takes.
        || Script::text(200, "").delay(Duration::from_mins(1)),
    ] {
        let (origin, switch) = until_switched_off(paced(), |_| true, script).await;
        let folder = tempfile::tempdir().unwrap();
        let under_way = begin(&origin, &folder, |request| request);
        origin.wait_until(|log| log.request_count() > 0).await.unwrap();
        under_way
            .survives_a_pause(&origin, || switch.store(false, Ordering::SeqCst))
            .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_between_two_tries_of_a_stream_is_heard() {
    let broken = paced()
        .with(|profile| profile.ranges = Ranges::Ignored)
        .fault(When::First(1), Fault::CutAfter(1_000_000));
    let answered = AtomicBool::new(false);
    let busy = || Script::text(503, "Not now.\n");
    let (origin, switch) =
        until_switched_off(broken, move |_| answered.swap(true, Ordering::SeqCst), busy).await;
    let folder = tempfile::tempdir().unwrap();
    let under_way = begin(&origin, &folder, |request| request.retry_for(SOON));
    under_way
        .soon("it waits", |it| matches!(it.phase(), Some(Phase::Waiting(_))))
        .await;
    under_way
        .survives_a_pause(&origin, || switch.store(false, Ordering::SeqCst))
        .await;
}

/// Of a stream without a length nothing can be gone on with; that is the caller's choice, and not the server's failure.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_may_be_paused_as_often_as_the_caller_likes() {
    /// More than a server's streams may break off.
    const PAUSES: usize = 8;
    let of_known_length = paced().with(|profile| profile.ranges = Ranges::Ignored);
    let of_unknown_length = paced().with(|profile| {
        profile.ranges = Ranges::Ignored;
        profile.framing = Framing::Chunked;
    });
    for (origin, restarts) in [(of_known_length, 0), (of_unknown_length, PAUSES)] {
        let origin = origin.rate_per_connection(2_000_000).start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let under_way = begin(&origin, &folder, |request| request);
        for pause in 1..=PAUSES {
            under_way
                .soon("it streams", |it| {
                    it.witness.count("Restarted") == restarts.min(pause - 1)
                        && it.phase() == Some(Phase::Downloading)
                        && it.bytes() > 0
                })
                .await;
            under_way.transfer.handle().pause();
            under_way
                .soon("it is paused", |it| it.phase() == Some(Phase::Paused))
                .await;
            under_way.transfer.handle().resume();
        }
        let finished = under_way.transfer.finished().await.unwrap();
        assert_file_is(&finished.path, &origin.content());
        assert_eq!(under_way.witness.count("Restarted"), restarts);
        assert_eq!(finished.retries, 0, "{:?}", under_way.witness.events());
        assert_eq!(finished.requests, PAUSES as u64 + 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_while_pieces_are_compared_is_heard() {
    let weak = slow(4).with(|profile| profile.etag = ETag::Weak);
    let is_piece = |range: &str| !range.is_empty() && !range.ends_with('-');
    let busy = || Script::text(503, "Not now.\n");
    let (origin, switch) = until_switched_off(weak, is_piece, busy).await;
    switch.store(false, Ordering::SeqCst);
    let folder = half(&origin, 4).await;
    switch.store(true, Ordering::SeqCst);
    let under_way = begin(&origin, &folder, |request| request.retry_for(SOON));
    under_way
        .soon("it compares", |it| it.phase() == Some(Phase::Sampling))
        .await;
    under_way
        .survives_a_pause(&origin, || switch.store(false, Ordering::SeqCst))
        .await;
}

/// Dropped, also by a test that fails, it lets go on what waits for it.
struct Latch(Arc<AtomicBool>);

impl Drop for Latch {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

/// Reading what came is local work; the name is what others wait for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_while_the_digest_is_finished_holds_the_name_back() {
    let whole = Origin::builder().size(2_000_000);
    let of_unknown_length = Origin::builder().size(2_000_000).with(|profile| {
        profile.ranges = Ranges::Ignored;
        profile.framing = Framing::Chunked;
    });
    for origin in [whole, of_unknown_length] {
        let origin = origin.start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let reads_wait = Latch(Arc::new(AtomicBool::new(true)));
        let wait = Arc::clone(&reads_wait.0);
        let real = Arc::new(RealDirectory::open(folder.path()).unwrap());
        let disk = HookedDisk::over_watching_reads(real, move |name| {
            while wait.load(Ordering::SeqCst) && name == "file.bin.part" {
                // polls: the test lets the reading go on
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        let digest = format!("sha256:{}", origin.content().sha256_hex());
        let under_way = begin(&origin, &folder, |request| {
            request.storage(disk).checksum(&digest).unwrap()
        });
        under_way
            .soon("it verifies", |it| it.phase() == Some(Phase::Verifying))
            .await;
        under_way.transfer.handle().pause();
        under_way
            .soon("it is paused", |it| it.phase() == Some(Phase::Paused))
            .await;
        drop(reads_wait);
        // paces: as long as a digest of this and a rename take, many times over
        tokio::time::sleep(2 * PATIENCE).await;
        assert!(
            !folder.path().join("file.bin").exists(),
            "it got its name in a pause"
        );
        under_way.transfer.handle().resume();
        let finished = under_way.transfer.finished().await.unwrap();
        assert_file_is(&finished.path, &origin.content());
        assert!(finished.elapsed < 2 * PATIENCE, "the pause is counted");
    }
}

/// The smallest chunks that come from a server are of two seconds each.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_under_a_low_limit_shows_its_progress_and_hears_a_pause() {
    const LIMIT_BYTES_PER_S: u64 = 4_000;
    let origin = Origin::builder()
        .size(4_000_000)
        .with(|profile| profile.ranges = Ranges::Ignored)
        .start()
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let pacer = Pacer::new(Some(LIMIT_BYTES_PER_S));
    let began = Instant::now();
    let under_way = begin(&origin, &folder, |request| request.pacer(pacer.clone()));
    under_way.soon("a byte", |it| it.bytes() > 0).await;
    let first = under_way.bytes();
    under_way.soon("more", |it| it.bytes() > first).await;
    let at_most = began.elapsed().as_secs_f64() * LIMIT_BYTES_PER_S as f64 + 2_000.0;
    let bytes = under_way.bytes();
    assert!((bytes as f64) < at_most, "{bytes} of at most {at_most}");

    under_way.survives_a_pause(&origin, || pacer.set_rate(None)).await;
}

/// What waits for its turn is let go of at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_under_a_low_limit_hears_that_it_is_cancelled() {
    let origin = Origin::builder()
        .with(|profile| profile.ranges = Ranges::Ignored)
        .start()
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let under_way = begin(&origin, &folder, |request| request.pacer(Pacer::new(Some(1_000))));
    under_way.soon("a byte", |it| it.bytes() > 0).await;
    under_way.transfer.handle().cancel();
    let ended = tokio::time::timeout(SOON, under_way.transfer.finished()).await;
    assert_eq!(
        ended.expect("at once").unwrap_err().code(),
        gannet_engine::ErrorCode::Cancelled
    );
}
