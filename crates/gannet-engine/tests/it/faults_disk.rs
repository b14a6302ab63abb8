//! Whole transfers on disks that fail, run full, or are meddled with: faults F4, F5 and F7.

use std::path::Path;
use std::sync::Arc;

use gannet_engine::disk::journal;
use gannet_engine::disk::storage::Directory;
use gannet_engine::{Error, ErrorCode, Finished, Outcome, Request};
use gannet_testkit::disk::{Call, DiskError, Fault as DiskFault, FaultyDisk, Lasting, PowerLossDisk};
use gannet_testkit::{Content, Origin};

#[cfg(target_os = "linux")]
use crate::support::wait_until;
use crate::support::{
    JOURNAL, PART, SMALL, Witness, assert_file_is, claimed_bytes, false_claim, fast_origin, is_whole,
    names_in, request, run, run_watched, seed, slow_origin,
};

/// Where a journal bears the number of its version.
const VERSION_AT: usize = 8;

async fn transfer(origin: &Origin, disk: &FaultyDisk) -> (Result<Finished, Error>, Arc<Witness>) {
    let directory: Arc<dyn Directory> = Arc::new(disk.clone());
    let request = Request::new(&origin.url("file.bin"))
        .unwrap()
        .storage(directory)
        .connections(2);
    run_watched(request).await
}

/// How many bytes a transfer said that it left for the next one.
fn told_to_be_kept(witness: &Witness) -> u64 {
    let events = witness.events();
    let kept = events
        .iter()
        .find_map(|event| event.strip_prefix("Kept { bytes: ")?.strip_suffix(" }"));
    kept.map_or(0, |bytes| bytes.parse().unwrap())
}

/// How many bytes the journal claims. What it claims must be there.
fn rightly_claimed_bytes(memory: &PowerLossDisk, content: &Content, case: &str) -> u64 {
    let wrong = false_claim(memory, content);
    assert_eq!(wrong, None, "{case}: it is claimed and not right");
    claimed_bytes(memory)
}

/// How many bytes the next transfer finds: all of them where the file bears its name already, else what the journal claims.
fn kept_bytes(memory: &PowerLossDisk, content: &Content, case: &str) -> u64 {
    if memory.content("file.bin").is_some() {
        SMALL
    } else {
        rightly_claimed_bytes(memory, content, case)
    }
}

/// What one fault came to.
enum Struck {
    No,
    /// The transfer failed, and this many bytes were kept and used by the next one.
    Failed {
        kept: u64,
    },
    /// It finished all the same.
    Finished,
}

/// Lets one call fail, with the power gone right after it, and then goes on with the fault gone.
async fn strike(fault: DiskFault, code: ErrorCode, first: &Origin, second: &Origin) -> Struck {
    let case = format!("{fault:?}");
    let content = first.content();
    let memory = PowerLossDisk::new();
    let disk = FaultyDisk::new(Arc::new(memory.clone()));
    disk.fail(fault);
    let (result, witness) = transfer(first, &disk).await;
    if disk.struck() == 0 {
        result.unwrap();
        return Struck::No;
    }
    for name in memory.names().iter().filter(|name| !name.contains(".part")) {
        assert!(
            is_whole(&memory.content(name).unwrap(), &content),
            "{case}: {name} is partial"
        );
    }
    // A sync that failed vouches for nothing, and neither does the page cache.
    let safe = (0..4).map(|outcome| kept_bytes(&memory.power_on(outcome), &content, &case));
    let safe = safe.min().unwrap();
    let Err(error) = result else {
        return Struck::Finished;
    };
    assert_eq!(error.code(), code, "{case}: {error}");
    let (kept, told) = (kept_bytes(&memory, &content, &case), told_to_be_kept(&witness));
    match fault.call {
        // The record that could not be made safe may be there all the same, but nobody is told to count on it.
        Call::Sync | Call::DirectorySync => {
            assert!(
                told <= safe && told <= kept,
                "{case}: {told} of {kept}, {safe} of them safe"
            );
        }
        _ => assert_eq!(told, kept, "{case}"),
    }
    disk.free();
    let (finished, _) = transfer(second, &disk).await;
    let finished = finished.unwrap_or_else(|error| panic!("{case}, then freed: {error}"));
    let name = finished.path.file_name().unwrap().to_str().unwrap();
    assert!(is_whole(&memory.content(name).unwrap(), &content), "{case}");
    if finished.outcome == Outcome::Downloaded {
        assert_eq!(finished.bytes_resumed, kept, "{case}: what was safe is used");
    }
    Struck::Failed { kept }
}

/// Lets the N-th call fail for N from 1 up, all at the same time. Returns what was kept by each that failed.
async fn strike_each(call: Call, error: DiskError, lasting: Lasting, code: ErrorCode, upto: u64) -> Vec<u64> {
    let (slow, fast) = (slow_origin().await, fast_origin().await);
    let each = (1..=upto).map(|nth| {
        let fault = DiskFault {
            call,
            nth,
            error,
            lasting,
        };
        strike(fault, code, &slow, &fast)
    });
    let struck = futures_util::future::join_all(each).await;
    assert!(
        matches!(struck.last(), Some(Struck::No)),
        "{call:?}: there are more than {upto} such calls"
    );
    struck
        .iter()
        .filter_map(|struck| match struck {
            Struck::Failed { kept } => Some(*kept),
            Struck::No | Struck::Finished => None,
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_that_fails_at_any_call_is_never_trusted() {
    for lasting in [Lasting::Once, Lasting::UntilFreed] {
        let kept = strike_each(Call::Sync, DiskError::Broken, lasting, ErrorCode::Disk, 14).await;
        assert!(kept.len() >= 3, "{lasting:?}: {kept:?}");
        assert!(
            kept.iter().any(|&bytes| bytes > 0),
            "{lasting:?}: nothing was kept: {kept:?}"
        );
    }
    let kept = strike_each(
        Call::DirectorySync,
        DiskError::Broken,
        Lasting::UntilFreed,
        ErrorCode::Disk,
        5,
    )
    .await;
    assert!(!kept.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_full_at_any_write_keeps_what_is_there_and_goes_on_once_freed() {
    for lasting in [Lasting::Once, Lasting::UntilFreed] {
        let kept = strike_each(Call::Write, DiskError::Full, lasting, ErrorCode::DiskFull, 60).await;
        assert!(kept.len() >= 5, "{lasting:?}: {kept:?}");
        assert!(
            kept.iter().any(|&bytes| bytes >= SMALL / 4),
            "{lasting:?}: {kept:?}"
        );
        if lasting == Lasting::Once {
            // The journal can still be written afterwards. Nothing is kept only where there was nothing yet, or where
            // it was the first record itself that failed.
            let lost = kept.iter().filter(|&&bytes| bytes == 0).count();
            assert!(lost <= 8 && lost * 2 < kept.len(), "{kept:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_refusal_of_the_disk_has_its_code_and_harms_nothing() {
    for (call, error, code) in [
        (Call::Create, DiskError::ReadOnly, ErrorCode::Disk),
        (Call::Create, DiskError::Denied, ErrorCode::Disk),
        (Call::Create, DiskError::NameTooLong, ErrorCode::Disk),
        (Call::Create, DiskError::Missing, ErrorCode::Disk),
        (Call::Create, DiskError::Full, ErrorCode::DiskFull),
        (Call::Allocate, DiskError::Full, ErrorCode::DiskFull),
        (Call::Allocate, DiskError::Broken, ErrorCode::Disk),
        (Call::Rename, DiskError::Denied, ErrorCode::Disk),
        (Call::Rename, DiskError::Full, ErrorCode::DiskFull),
    ] {
        let origin = fast_origin().await;
        let fault = DiskFault {
            call,
            nth: 1,
            error,
            lasting: Lasting::UntilFreed,
        };
        let struck = strike(fault, code, &origin, &origin).await;
        assert!(matches!(struck, Struck::Failed { .. }), "{call:?} {error:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_rename_loses_nothing() {
    let (slow, fast) = (slow_origin().await, fast_origin().await);
    // The first rename puts the journal in place, the second one would publish.
    let fault = DiskFault {
        call: Call::Rename,
        nth: 2,
        error: DiskError::Denied,
        lasting: Lasting::UntilFreed,
    };
    let struck = strike(fault, ErrorCode::Disk, &slow, &fast).await;
    assert!(matches!(struck, Struck::Failed { kept } if kept > SMALL / 4));
}

/// A file that came too fast for a journal, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_file_that_cannot_be_given_its_name_is_kept_and_said_to_be() {
    // The journal of the slow one is put in place by the first rename.
    for (origin, nth) in [(fast_origin().await, 1), (slow_origin().await, 2)] {
        let memory = PowerLossDisk::new();
        let disk = FaultyDisk::new(Arc::new(memory.clone()));
        disk.fail(DiskFault {
            call: Call::Rename,
            nth,
            error: DiskError::Denied,
            lasting: Lasting::Once,
        });
        let again = || {
            let directory: Arc<dyn Directory> = Arc::new(disk.clone());
            let request = Request::new(&origin.url("file.bin")).unwrap();
            run_watched(request.storage(directory).connections(2))
        };
        let (result, witness) = again().await;
        assert_eq!(result.unwrap_err().code(), ErrorCode::Disk);
        let kept = format!("Kept {{ bytes: {SMALL} }}");
        assert_eq!(witness.events().last(), Some(&kept), "{:?}", witness.events());
        assert_eq!(rightly_claimed_bytes(&memory, &origin.content(), "kept"), SMALL);
        let finished = again().await.0.unwrap();
        let is_there = finished.outcome == Outcome::AlreadyThere || finished.bytes_resumed == SMALL;
        assert!(is_there, "it is fetched again: {finished:?}");
        assert!(is_whole(&memory.content("file.bin").unwrap(), &origin.content()));
        assert_eq!(memory.names(), ["file.bin"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_goes_away_is_said_to_be_gone() {
    let origin = slow_origin().await;
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("gone");
    let transfer = tokio::spawn(run(request(&origin, &folder, 2)));
    origin.wait_until(|log| log.bytes_sent() > 100_000).await.unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let error = transfer.await.unwrap().unwrap_err();
    assert_eq!(error.code(), ErrorCode::Disk, "{error}");
    assert!(error.to_string().contains("gone"), "{error} does not say where");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_as_long_as_names_may_be_has_room_for_its_part_file() {
    let origin = fast_origin().await;
    let folder = tempfile::tempdir().unwrap();
    let name = format!("{}.bin", "n".repeat(251));
    let request = request(&origin, folder.path(), 2).file_name(&name).unwrap();
    let finished = run(request).await.unwrap();
    assert_file_is(&finished.path, &origin.content());
    assert_eq!(names_in(folder.path()).len(), 1);
}

/// A real file system of this size, where this process may mount one. Unmounted when dropped.
#[cfg(target_os = "linux")]
struct SmallDisk(tempfile::TempDir);

#[cfg(target_os = "linux")]
impl SmallDisk {
    fn mount(bytes: u64) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={bytes}"), "tmpfs"])
            .arg(folder.path())
            .stderr(std::process::Stdio::null())
            .status();
        mounted
            .is_ok_and(|status| status.success())
            .then_some(Self(folder))
    }
}

#[cfg(target_os = "linux")]
impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a test that fails may still have a file open.
        let _ = std::process::Command::new("umount")
            .arg("-l")
            .arg(self.0.path())
            .status();
    }
}

/// Where no file system may be mounted, the disk that fails on demand has shown the same above.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_file_system_that_runs_full_is_said_to_be_full_and_goes_on_once_freed() {
    let (slow, fast) = (slow_origin().await, fast_origin().await);
    let Some(disk) = SmallDisk::mount(4 << 20) else {
        println!("no file system may be mounted here: the simulated disk stands in");
        let kept = strike_each(
            Call::Write,
            DiskError::Full,
            Lasting::UntilFreed,
            ErrorCode::DiskFull,
            60,
        )
        .await;
        assert!(!kept.is_empty());
        return;
    };
    let folder = disk.0.path();
    let too_large = Origin::builder().size(5 << 20).start().await.unwrap();
    let error = run(request(&too_large, folder, 2)).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::DiskFull, "{error}");
    assert_eq!(
        names_in(folder),
        Vec::<String>::new(),
        "nothing came, so nothing is left"
    );

    let transfer = tokio::spawn(run(request(&slow, folder, 2)));
    let recorded = || std::fs::metadata(folder.join(JOURNAL)).is_ok_and(|metadata| metadata.len() > 0);
    wait_until("a record", recorded).await;
    let balloon = folder.join("balloon");
    fill(&balloon);
    let error = transfer.await.unwrap().unwrap_err();
    assert_eq!(error.code(), ErrorCode::DiskFull, "{error}");
    std::fs::remove_file(&balloon).unwrap();
    let finished = run(request(&fast, folder, 2)).await.unwrap();
    assert!(finished.bytes_resumed > 0);
    assert_file_is(&finished.path, &fast.content());
    assert_eq!(names_in(folder), ["file.bin"]);
}

/// Writes until the disk is full.
#[cfg(target_os = "linux")]
fn fill(path: &Path) {
    use std::io::Write as _;
    let mut file = std::fs::File::create(path).unwrap();
    while file.write_all(&[1; 4096]).is_ok() {}
}

/// Fetches a good part of the file, and stops. Returns what the journal says is there.
async fn begin(folder: &Path) -> u64 {
    let slow = slow_origin().await;
    let request = request(&slow, folder, 2);
    let transfer = request.start(Arc::new(gannet_engine::Silent));
    slow.wait_until(|log| log.bytes_sent() > SMALL / 2).await.unwrap();
    transfer.handle().cancel();
    assert_eq!(
        transfer.finished().await.unwrap_err().code(),
        ErrorCode::Cancelled
    );
    let state = journal::decode(&std::fs::read(folder.join(JOURNAL)).unwrap()).unwrap();
    let bytes = state.written.bytes();
    assert!(bytes > SMALL / 4, "{bytes}");
    bytes
}

/// Begins a download, meddles with what it left, and goes on. Returns what was used of it, and what there was.
async fn meddled_with(meddle: impl FnOnce(&Path, &Path)) -> (u64, u64) {
    let folder = tempfile::tempdir().unwrap();
    let there = begin(folder.path()).await;
    meddle(&folder.path().join(PART), &folder.path().join(JOURNAL));
    let fast = fast_origin().await;
    let finished = run(request(&fast, folder.path(), 2)).await.unwrap();
    assert_file_is(&finished.path, &fast.content());
    let resent = fast.log().bytes_sent();
    assert!(
        resent >= SMALL - finished.bytes_resumed,
        "{resent} bytes sent cannot be enough"
    );
    (finished.bytes_resumed, there)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_left_untouched_is_used_to_the_last_byte() {
    let (used, there) = meddled_with(|_, _| {}).await;
    assert_eq!(used, there);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_file_that_was_cut_loses_only_what_was_cut_off() {
    const KEPT_BYTES: u64 = 40_000;
    let cut = |part: &Path, _: &Path| {
        let file = std::fs::OpenOptions::new().write(true).open(part).unwrap();
        file.set_len(KEPT_BYTES).unwrap();
    };
    let (used, _) = meddled_with(cut).await;
    assert_eq!(used, KEPT_BYTES);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_file_that_was_removed_is_begun_anew() {
    let (used, _) = meddled_with(|part, _| std::fs::remove_file(part).unwrap()).await;
    assert_eq!(used, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_file_replaced_by_other_bytes_is_noticed_and_a_faithful_copy_is_used() {
    let replaced = |part: &Path, _: &Path| {
        let length = std::fs::metadata(part).unwrap().len();
        std::fs::remove_file(part).unwrap();
        std::fs::write(part, vec![0x55; length as usize]).unwrap();
    };
    let (used, _) = meddled_with(replaced).await;
    assert_eq!(used, 0, "bytes of another file");

    let copied = |part: &Path, _: &Path| {
        let copy = part.with_extension("copy");
        std::fs::copy(part, &copy).unwrap();
        std::fs::rename(&copy, part).unwrap();
    };
    let (used, there) = meddled_with(copied).await;
    assert_eq!(used, there);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_journal_costs_what_it_claimed_and_nothing_else() {
    let seed = seed();
    let mut random = fastrand::Rng::with_seed(seed);
    for _ in 0..3 {
        let (at, bit) = (random.usize(..), random.u8(..8));
        let flipped = |_: &Path, journal: &Path| {
            let mut bytes = std::fs::read(journal).unwrap();
            // Behind the last record there are zeros, and nobody reads them.
            let length = bytes.iter().rposition(|&byte| byte != 0).unwrap() + 1;
            // A flipped bit of the version cannot be told from another version, which is refused.
            let at = Some(at % length).filter(|&at| at != VERSION_AT).unwrap_or(0);
            bytes[at] ^= 1 << bit;
            std::fs::write(journal, bytes).unwrap();
        };
        let (used, there) = meddled_with(flipped).await;
        assert!(used <= there, "seed {seed}");
    }
    let (used, _) = meddled_with(|_, journal| std::fs::write(journal, "").unwrap()).await;
    assert_eq!(used, 0);
}
