//! Does what is held still fit? The question itself may go unanswered, and that is no answer.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gannet_engine::ErrorCode;
use gannet_engine::disk::real::RealDirectory;
use gannet_testkit::disk::{Call, DiskError, Fault as DiskFault, FaultyDisk, Lasting};
use gannet_testkit::{Beyond, Cap, ETag, End, Origin, OriginBuilder, Refusal, Script};
use tempfile::TempDir;

use crate::cases_resume::{half, slow};
use crate::faults_hooked::HookedDisk;
use crate::support::{SIZE, assert_file_is, at_each_count, download_into, names_in, request, run};

/// An origin without a strong validator: a later run has to compare.
fn weak(connections: u32) -> OriginBuilder {
    slow(connections).with(|profile| profile.etag = ETag::Weak)
}

/// As [`weak`]; answers to a question for a piece of the file are `script`, for as long as that says so.
async fn weak_but(connections: u32, script: impl Fn() -> Option<Script> + Send + Sync + 'static) -> Origin {
    let origin = weak(connections).on_request(move |request, _| {
        let range = request.header("Range")?;
        if range.ends_with('-') {
            return None;
        }
        script()
    });
    origin.start().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_held_is_kept_where_nobody_answers_whether_it_fits() {
    at_each_count(|connections| async move {
        let is_busy = Arc::new(AtomicBool::new(false));
        let busy = Arc::clone(&is_busy);
        let origin = weak_but(connections, move || {
            busy.load(Ordering::SeqCst)
                .then(|| Script::text(503, "Not now.\n"))
        })
        .await;
        let folder = half(&origin, connections).await;
        is_busy.store(true, Ordering::SeqCst);
        let second = download_into(folder, &origin.url("file.bin"), connections, |request| {
            request.retry_for(Duration::from_secs(1))
        })
        .await;
        assert_eq!(
            (second.witness.count("Kept"), second.witness.count("Restarted")),
            (1, 0)
        );
        let folder = second.folder;
        is_busy.store(false, Ordering::SeqCst);
        let third = download_into(folder, &origin.url("file.bin"), connections, |request| request).await;
        assert_eq!(third.witness.count("Restarted"), 0);
        let finished = third.whole(&origin.content());
        assert!(finished.bytes_resumed >= SIZE / 2, "{}", finished.bytes_resumed);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pieces_that_never_come_do_not_hang_the_question() {
    at_each_count(|connections| async move {
        let silences = Arc::new(AtomicU64::new(0));
        let left = Arc::clone(&silences);
        let origin = weak_but(connections, move || {
            let is_silent = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
            is_silent
                .is_ok()
                .then(|| Script::new(206).end(End::SilentBeforeHeaders))
        })
        .await;
        let folder = half(&origin, connections).await;
        silences.store(1, Ordering::SeqCst);
        let second = download_into(folder, &origin.url("file.bin"), connections, |request| request).await;
        assert_eq!(silences.load(Ordering::SeqCst), 0);
        let finished = second.whole(&origin.content());
        assert!(finished.bytes_resumed >= SIZE / 2, "{}", finished.bytes_resumed);
    })
    .await;
}

/// The answer of the first request would take the only place there is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_takes_one_connection_can_be_asked_whether_what_is_held_fits() {
    for beyond in [Beyond::Refuse(Refusal::status(503)), Beyond::Silence] {
        let origin = weak(1)
            .with(|profile| profile.cap = Some(Cap { at_most: 1, beyond }))
            .start()
            .await
            .unwrap();
        let folder = half(&origin, 1).await;
        let second = download_into(folder, &origin.url("file.bin"), 4, |request| request).await;
        assert_eq!(second.witness.count("Restarted"), 0);
        let finished = second.whole(&origin.content());
        assert!(finished.bytes_resumed >= SIZE / 2, "{}", finished.bytes_resumed);
    }
}

/// The first request is answered in ranges, and no piece is, however often it is asked for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_never_be_compared_is_begun_anew() {
    let odd_answers = Arc::new(AtomicU64::new(0));
    let left = Arc::clone(&odd_answers);
    let origin = weak_but(1, move || {
        let is_odd = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        is_odd.is_ok().then(|| Script::new(206).bytes("What?"))
    })
    .await;
    let folder = half(&origin, 1).await;
    odd_answers.store(5, Ordering::SeqCst);
    let second = download_into(folder, &origin.url("file.bin"), 1, |request| {
        request.retry_for(Duration::from_mins(10))
    })
    .await;
    assert_eq!(odd_answers.load(Ordering::SeqCst), 0);
    assert_eq!(second.witness.count("Restarted"), 1);
    second.whole(&origin.content());
}

/// One that failed, and one that is finished: of both only a sample tells.
async fn half_and_whole(origin: &Origin) -> [(&'static str, TempDir); 2] {
    let whole = tempfile::tempdir().unwrap();
    run(request(origin, whole.path(), 1)).await.unwrap();
    [("file.bin.part", half(origin, 1).await), ("file.bin", whole)]
}

/// It has sockets to serve.
#[tokio::test]
async fn no_thread_of_the_network_waits_for_a_disk_to_compare() {
    let origin = weak(1).start().await.unwrap();
    let network = std::thread::current().id();
    for (name, folder) in half_and_whole(&origin).await {
        let readers = Arc::new(Mutex::new(Vec::new()));
        let note = Arc::clone(&readers);
        let real = Arc::new(RealDirectory::open(folder.path()).unwrap());
        let disk = HookedDisk::over_watching_reads(real, move |read| {
            if read == name {
                note.lock().unwrap().push(std::thread::current().id());
            }
        });
        let again = request(&origin, folder.path(), 1).storage(disk);
        let finished = run(again).await.unwrap();
        assert_file_is(&finished.path, &origin.content());
        assert_eq!(names_in(folder.path()), ["file.bin"]);
        let readers = readers.lock().unwrap();
        assert!(readers.len() >= 8, "{name}: {readers:?}");
        assert!(!readers.contains(&network), "{name} is read by {network:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_cannot_be_read_to_be_compared_is_named_by_its_path() {
    let origin = weak(1).start().await.unwrap();
    for (name, folder) in half_and_whole(&origin).await {
        let real = Arc::new(RealDirectory::open(folder.path()).unwrap());
        let disk = FaultyDisk::new(real);
        disk.fail(DiskFault {
            call: Call::Read,
            // The journal of what is not finished is read twice before: to ask for the rest, and to claim it.
            nth: if name == "file.bin" { 1 } else { 3 },
            error: DiskError::Broken,
            lasting: Lasting::UntilFreed,
        });
        let again = request(&origin, folder.path(), 1).storage(Arc::new(disk));
        let error = run(again).await.unwrap_err();
        let path = folder.path().join(name);
        let expected = format!("cannot read {}: input/output error", path.display());
        assert_eq!((error.code(), error.to_string()), (ErrorCode::Disk, expected));
    }
}

/// The first request is answered in ranges, and every piece is refused: that is no word on what is held.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_held_is_kept_where_its_pieces_are_refused() {
    for status in [401, 403, 404, 410] {
        let is_closed = Arc::new(AtomicBool::new(false));
        let closed = Arc::clone(&is_closed);
        let origin = weak_but(1, move || {
            closed
                .load(Ordering::SeqCst)
                .then(|| Script::text(status, "Not for you.\n"))
        })
        .await;
        let folder = half(&origin, 1).await;
        is_closed.store(true, Ordering::SeqCst);
        let second = download_into(folder, &origin.url("file.bin"), 1, |request| request).await;
        assert_eq!(
            (second.witness.count("Kept"), second.witness.count("Restarted")),
            (1, 0),
            "{status}"
        );
    }
}
