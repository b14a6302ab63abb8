//! A file that bears the name already, and is read to know whether it is the one.

use std::io::IoSlice;
#[cfg(target_os = "linux")]
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gannet_engine::disk::journal;
use gannet_engine::disk::part_file::{Claim, ExistingFile, claim};
use gannet_engine::disk::real::RealDirectory;
use gannet_engine::disk::storage::Directory;
use gannet_engine::{ErrorCode, OnExisting, Outcome, RangeSet, Resume, Verification};
use gannet_testkit::{Content, Dates, ETag, Fault, Origin, Outcome as AnswerOutcome, Profile, Ranges, When};
use tempfile::TempDir;

use crate::disk_driver::begin_journal;
use crate::faults_hooked::HookedDisk;
use crate::support::{
    SIZE, assert_file_is, at_each_count, download_into, download_with, names_in, paced, request, run,
    wait_until,
};

/// Reading a large file takes minutes; a server that is left waiting so long gives up, or counts it as a download.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_answer_is_let_go_of_before_the_file_that_is_there_is_read() {
    let origin = Origin::builder()
        .size(SIZE)
        .fault(When::Always, Fault::Slow { bytes_per_s: 1_000 })
        .start()
        .await
        .unwrap();
    let digest = format!("sha256:{}", origin.content().sha256_hex());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("file.bin"),
        origin.content().bytes(0, SIZE as usize),
    )
    .unwrap();
    let disk = RealDirectory::create_and_open(folder.path()).unwrap();
    let log = origin.log().clone();
    let disk = HookedDisk::over_watching_reads(Arc::new(disk) as Arc<dyn Directory>, move |name| {
        let began = Instant::now();
        while name == "file.bin" && log.requests()[0].outcome != AnswerOutcome::Abandoned {
            assert!(
                began.elapsed() < Duration::from_secs(30),
                "the answer is held open"
            );
            // polls: a read is no place to wait for the log
            std::thread::sleep(Duration::from_millis(5));
        }
    });
    let download = download_with(&origin, 4, |request| {
        request.storage(disk).checksum(&digest).unwrap()
    })
    .await;
    let finished = download.ended_well();
    assert_eq!(finished.outcome, Outcome::AlreadyThere);
    assert!(matches!(finished.verification, Verification::Verified { .. }));
    assert_eq!(origin.log().request_count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_the_same_length_and_another_digest_stays_and_the_right_one_comes_beside_it() {
    at_each_count(|connections| async move {
        for ranges in [Ranges::Honoured, Ranges::Ignored] {
            let origin = paced()
                .with(|profile| profile.ranges = ranges)
                .start()
                .await
                .unwrap();
            let digest = format!("sha256:{}", origin.content().sha256_hex());
            let folder = tempfile::tempdir().unwrap();
            let mine = vec![7; SIZE as usize];
            std::fs::write(folder.path().join("file.bin"), &mine).unwrap();
            let download = download_into(folder, &origin.url("file.bin"), connections, |request| {
                request.checksum(&digest).unwrap()
            })
            .await;
            assert_eq!(names_in(download.folder.path()), ["file (1).bin", "file.bin"]);
            assert_eq!(
                std::fs::read(download.folder.path().join("file.bin")).unwrap(),
                mine
            );
            assert_file_is(&download.folder.path().join("file (1).bin"), &origin.content());
            download.ended_well();
        }
    })
    .await;
}

/// What was downloaded before is asked for again, and lies there under one of these names.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_finished_file_is_not_fetched_again_whatever_would_become_of_its_name() {
    for (etag, choice, foreign) in [
        (ETag::Strong, OnExisting::Overwrite, false),
        (ETag::Strong, OnExisting::Rename, true),
        (ETag::Weak, OnExisting::Rename, false),
        (ETag::Weak, OnExisting::Overwrite, false),
    ] {
        let case = format!("{etag:?}, {choice:?}, foreign file: {foreign}");
        let change = |profile: &mut Profile| {
            profile.etag = etag;
            profile.dates = Dates::NoLastModified;
        };
        let origin = paced().with(change).start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        if foreign {
            std::fs::write(folder.path().join("file.bin"), b"mine").unwrap();
        }
        let again = || request(&origin, folder.path(), 4).on_existing(choice);
        let first = run(again()).await.unwrap();
        assert_eq!(first.outcome, Outcome::Downloaded, "{case}");
        let names = names_in(folder.path());
        for _ in 0..2 {
            let second = run(again()).await.unwrap();
            assert_eq!(second.outcome, Outcome::AlreadyThere, "{case}");
            assert_eq!(second.path, first.path, "{case}");
            assert_eq!(names_in(folder.path()), names, "{case}");
        }
    }
}

#[cfg(target_os = "linux")]
const MAY_NOT_WRITE: &str = "GANNET_TEST_MAY_NOT_WRITE";

/// Root may write whatever it likes: it runs the test below without that privilege.
#[cfg(target_os = "linux")]
#[test]
fn a_finished_file_that_may_not_be_written_is_not_fetched_again() {
    let protected = tempfile::NamedTempFile::new().unwrap();
    make_read_only(protected.path());
    let this = std::env::current_exe().unwrap();
    let mut command = if may_write(protected.path()) {
        let mut unprivileged = std::process::Command::new("setpriv");
        unprivileged
            .arg("--bounding-set=-dac_override,-dac_read_search")
            .arg(this);
        unprivileged
    } else {
        std::process::Command::new(this)
    };
    let ran = command
        .args(["--exact", "existing::by_one_who_may_not_write_it", "--nocapture"])
        .env(MAY_NOT_WRITE, "yes")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout) + String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success() && said.contains("1 passed"), "{said}");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_one_who_may_not_write_it() {
    if std::env::var_os(MAY_NOT_WRITE).is_none() {
        return;
    }
    let origin = paced().start().await.unwrap();
    let digest = format!("sha256:{}", origin.content().sha256_hex());
    let downloaded = tempfile::tempdir().unwrap();
    let first = run(request(&origin, downloaded.path(), 4)).await.unwrap();
    make_read_only(&first.path);
    assert!(!may_write(&first.path));
    let copied = tempfile::tempdir().unwrap();
    std::fs::copy(&first.path, copied.path().join("file.bin")).unwrap();
    for (folder, checksum) in [
        (&downloaded, None),
        (&downloaded, Some(&digest)),
        (&copied, Some(&digest)),
    ] {
        let mut again = request(&origin, folder.path(), 4);
        if let Some(checksum) = checksum {
            again = again.checksum(checksum).unwrap();
        }
        let again = run(again).await.unwrap();
        assert_eq!(again.outcome, Outcome::AlreadyThere, "{checksum:?}");
        assert_eq!(names_in(folder.path()), ["file.bin"]);
    }
}

#[cfg(target_os = "linux")]
fn make_read_only(path: &Path) {
    let mut permissions = std::fs::metadata(path).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(path, permissions).unwrap();
}

#[cfg(target_os = "linux")]
fn may_write(path: &Path) -> bool {
    std::fs::OpenOptions::new().write(true).open(path).is_ok()
}

/// What a server said of its dates when the file was downloaded, and says now.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_finished_file_is_recognised_whatever_became_of_its_date() {
    const ANOTHER_DATE: &str = "Sat, 21 Nov 2026 12:00:00 GMT";
    let new = Dates::Apart(Duration::ZERO);
    let dated = |date: Dates| move |profile: &mut Profile| profile.dates = date;
    let untagged =
        |date: Dates| move |profile: &mut Profile| (profile.dates, profile.etag) = (date, ETag::None);
    let elsewhere = |profile: &mut Profile| {
        let date = ("Last-Modified".to_owned(), ANOTHER_DATE.to_owned());
        (profile.dates, profile.headers) = (Dates::NoLastModified, vec![date]);
    };
    let other_bytes = |profile: &mut Profile| {
        (profile.etag, profile.seed) = (ETag::None, 99);
    };
    let (fetched, there) = (Outcome::Downloaded, Outcome::AlreadyThere);
    for (case, first, later, outcome) in [
        (
            "it was downloaded as it was made",
            start(untagged(new)).await,
            start(untagged(Dates::LongAgo)).await,
            there,
        ),
        (
            "it was new, and so was what took its place",
            start(untagged(new)).await,
            start(other_bytes).await,
            fetched,
        ),
        (
            "it was old already",
            start(untagged(Dates::LongAgo)).await,
            start(untagged(new)).await,
            there,
        ),
        (
            "the tag is what counts",
            start(dated(new)).await,
            start(dated(Dates::LongAgo)).await,
            there,
        ),
        (
            "the nodes of a CDN disagree",
            start(dated(Dates::LongAgo)).await,
            start(elsewhere).await,
            there,
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        run(request(&first, folder.path(), 4)).await.unwrap();
        let again = run(request(&later, folder.path(), 4)).await.unwrap();
        assert_eq!(again.outcome, outcome, "{case}");
        assert_file_is(&again.path, &later.content());
    }
}

async fn start(change: impl FnOnce(&mut Profile)) -> Origin {
    paced().with(change).start().await.unwrap()
}

/// Its name, its length and the note of its version are what they were.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_was_edited_in_place_is_not_taken_for_the_one_that_was_downloaded() {
    for dates in [Dates::LongAgo, Dates::NoLastModified] {
        let origin = paced()
            .with(|profile| profile.dates = dates)
            .start()
            .await
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let first = run(request(&origin, folder.path(), 4)).await.unwrap();
        let again = run(request(&origin, folder.path(), 4)).await.unwrap();
        assert_eq!(again.outcome, Outcome::AlreadyThere, "{dates:?}");
        let file = std::fs::OpenOptions::new().write(true).open(&first.path).unwrap();
        // Far from where a sample would look, as likely as not.
        let mut file = file;
        std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(SIZE / 3)).unwrap();
        std::io::Write::write_all(&mut file, b"mine").unwrap();
        let second = run(request(&origin, folder.path(), 4)).await.unwrap();
        assert_eq!(second.outcome, Outcome::Downloaded, "{dates:?}");
        assert_file_is(&folder.path().join("file (1).bin"), &origin.content());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_was_changed_under_a_weak_validator_is_fetched_again() {
    let origin = paced()
        .with(|profile| {
            profile.etag = ETag::Weak;
            profile.dates = Dates::NoLastModified;
        })
        .start()
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let first = run(request(&origin, folder.path(), 4)).await.unwrap();
    // The file itself, and not its name, bears the note of its version.
    let mut file = std::fs::OpenOptions::new().write(true).open(&first.path).unwrap();
    std::io::Write::write_all(&mut file, b"not what the server has").unwrap();
    let second = run(request(&origin, folder.path(), 4)).await.unwrap();
    assert_eq!(second.outcome, Outcome::Downloaded);
    assert_file_is(&folder.path().join("file (1).bin"), &origin.content());
}

/// Where a publication was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Killed {
    BeforeTheRename,
    BeforeTheJournalWent,
}

/// Leaves a folder as a transfer of `content` does that is killed in the middle of its publication.
fn half_published(content: &Content, validator: &[u8], killed: Killed) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let directory: Arc<dyn Directory> = Arc::new(RealDirectory::open(folder.path()).unwrap());
    let Claim::Part(part) = claim(&directory, "file.bin", ExistingFile::Rename).unwrap() else {
        panic!("an empty folder");
    };
    let bytes = content.bytes(0, SIZE as usize);
    part.file().write_all_at(0, &mut [IoSlice::new(&bytes)]).unwrap();
    let whole = RangeSet::whole(SIZE);
    let mut journal = begin_journal(&directory, &part, SIZE, validator.to_vec(), whole).unwrap();
    journal.record_publishing("file.bin").unwrap();
    if killed == Killed::BeforeTheJournalWent {
        directory.rename_new("file.bin.part", "file.bin").unwrap();
    }
    folder
}

/// The validator that a journal bears of what the origin serves.
async fn validator_of(origin: &Origin) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let transfer = request(origin, folder.path(), 1).start(Arc::new(gannet_engine::Silent));
    let journal = folder.path().join("file.bin.part.journal");
    let state = || journal::decode(&std::fs::read(&journal).ok()?);
    wait_until("a record", || state().is_some()).await;
    transfer.handle().cancel();
    let validator = state().unwrap().validator;
    transfer.finished().await.unwrap_err();
    validator
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_publication_that_is_completed_is_held_against_what_is_asked_for() {
    let slow = || paced().rate_per_connection(1_000_000);
    let origin = slow().start().await.unwrap();
    let (here, before) = (origin.content(), Content::new(99, SIZE));
    let (version, old_version) = (validator_of(&origin).await, b"\"before\"".to_vec());
    let digest = |content: &Content| Some(format!("sha256:{}", content.sha256_hex()));
    for killed in [Killed::BeforeTheRename, Killed::BeforeTheJournalWent] {
        for (left, validator, checksum, is_it) in [
            (&here, &version, None, true),
            (&here, &version, digest(&here), true),
            // The digest is what counts, whatever became of the validator.
            (&here, &old_version, digest(&here), true),
            (&before, &version, digest(&here), false),
            (&before, &old_version, None, false),
        ] {
            let case = format!("{killed:?}, {left:?}, {checksum:?}");
            let folder = half_published(left, validator, killed);
            let mut again = request(&origin, folder.path(), 4);
            if let Some(checksum) = &checksum {
                again = again.checksum(checksum).unwrap();
            }
            let finished = run(again).await.unwrap();
            assert_file_is(&folder.path().join("file.bin"), left);
            assert_file_is(&finished.path, &here);
            let is_verified = matches!(finished.verification, Verification::Verified { .. });
            assert_eq!(is_verified, checksum.is_some(), "{case}");
            if is_it {
                assert_eq!(finished.outcome, Outcome::AlreadyThere, "{case}");
                assert_eq!(names_in(folder.path()), ["file.bin"], "{case}");
            } else {
                assert_eq!(finished.outcome, Outcome::Downloaded, "{case}");
                assert_eq!(names_in(folder.path()), ["file (1).bin", "file.bin"], "{case}");
            }
        }
    }
    for (choice, resume) in [
        (OnExisting::Overwrite, Resume::Continue),
        (OnExisting::Overwrite, Resume::StartOver),
        (OnExisting::Fail, Resume::Continue),
        (OnExisting::Skip, Resume::Continue),
    ] {
        let folder = half_published(&before, &old_version, Killed::BeforeTheRename);
        let again = request(&origin, folder.path(), 4)
            .on_existing(choice)
            .resume(resume);
        let result = run(again).await;
        let there = folder.path().join("file.bin");
        match choice {
            OnExisting::Fail => {
                assert_eq!(result.unwrap_err().code(), ErrorCode::TargetExists);
                assert_file_is(&there, &before);
            }
            OnExisting::Skip => {
                assert_eq!(result.unwrap().outcome, Outcome::Skipped);
                assert_file_is(&there, &before);
            }
            _ => {
                assert_eq!(result.unwrap().outcome, Outcome::Downloaded, "{resume:?}");
                assert_file_is(&there, &here);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_of_the_files_name_is_refused_before_the_first_byte() {
    let origin = paced().start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("file.bin")).unwrap();
    for choice in [OnExisting::Overwrite, OnExisting::Rename, OnExisting::Skip] {
        let named = request(&origin, folder.path(), 4).on_existing(choice);
        let error = run(named.file_name("file.bin").unwrap()).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidRequest, "{choice:?}: {error}");
        assert!(error.to_string().contains("is a folder"), "{error}");
    }
    assert_eq!(origin.log().request_count(), 0);

    // The name comes from the server.
    let replacing = request(&origin, folder.path(), 4).on_existing(OnExisting::Overwrite);
    let error = run(replacing).await.unwrap_err();
    assert!(error.to_string().contains("is a folder"), "{error}");
    assert_eq!(names_in(folder.path()), ["file.bin"], "nothing is left");
    let beside = run(request(&origin, folder.path(), 4)).await.unwrap();
    assert!(beside.path.ends_with("file (1).bin"), "{}", beside.path.display());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_file_takes_the_place_of_a_pipe_or_a_device() {
    use std::os::unix::fs::FileTypeExt as _;
    let origin = paced().start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("file.bin");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    std::os::unix::fs::symlink("/dev/null", folder.path().join("null")).unwrap();
    for (name, choice) in [
        ("file.bin", OnExisting::Overwrite),
        ("file.bin", OnExisting::Rename),
        ("null", OnExisting::Overwrite),
    ] {
        let named = request(&origin, folder.path(), 4).on_existing(choice);
        let error = run(named.file_name(name).unwrap()).await.unwrap_err();
        assert_eq!(
            error.code(),
            ErrorCode::InvalidRequest,
            "{name} {choice:?}: {error}"
        );
    }
    assert_eq!(origin.log().request_count(), 0);
    assert!(std::fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
    assert_eq!(names_in(folder.path()), ["file.bin", "null"], "nothing is left");
}
