//! Disks that fail at the N-th call, for all N: faults F4 and F5.

use std::sync::Arc;

use gannet_engine::disk::journal::decode;
use gannet_engine::disk::part_file::{Claim, ExistingFile, claim};
use gannet_engine::disk::storage::Directory;
use gannet_engine::{ByteRange, Error, ErrorCode, RangeSet};
use gannet_testkit::disk::{Call, DiskError, Fault, FaultyDisk, Lasting, PowerLossDisk};

use crate::disk_driver::{Order, Source, begin_journal, transfer};

const TARGET: &str = "file.iso";

fn run(disk: &FaultyDisk, source: &Source) -> Result<String, Error> {
    let directory: Arc<dyn Directory> = Arc::new(disk.clone());
    transfer(
        &directory,
        TARGET,
        source,
        ExistingFile::Rename,
        Order::SyncThenRecord,
    )
}

/// Lets the N-th call of a kind fail for all N. Nothing incomplete may be published, and once the
/// fault is gone the same command completes.
fn survives_every(call: Call, error: DiskError, lasting: Lasting, code: ErrorCode) {
    for nth in 1.. {
        let case = format!("{call:?} {nth} fails with {error:?}, {lasting:?}");
        let source = &Source::new(nth, 15_000);
        let memory = PowerLossDisk::new();
        let disk = FaultyDisk::new(Arc::new(memory.clone()));
        disk.fail(Fault {
            call,
            nth,
            error,
            lasting,
        });
        let result = run(&disk, source);
        if disk.struck() == 0 {
            assert!(nth > 1, "{call:?} was never called");
            break;
        }
        let there = memory.content(TARGET);
        assert!(there.is_none() || source.is(there), "{case}: a partial file");
        let name = result.unwrap_or_else(|error| {
            assert_eq!(error.code(), code, "{case}: {error}");
            disk.free();
            run(&disk, source).unwrap_or_else(|error| panic!("{case}, then freed: {error}"))
        });
        assert!(source.is(memory.content(&name)), "{case}");
    }
}

#[test]
fn a_disk_that_runs_full_is_said_to_be_full_and_goes_on_once_freed() {
    for call in [Call::Write, Call::Create, Call::Sync] {
        survives_every(call, DiskError::Full, Lasting::UntilFreed, ErrorCode::DiskFull);
        survives_every(call, DiskError::Full, Lasting::Once, ErrorCode::DiskFull);
    }
    survives_every(
        Call::Allocate,
        DiskError::Full,
        Lasting::UntilFreed,
        ErrorCode::DiskFull,
    );
}

/// What was written last on a disk that is full by now is recorded all the same.
#[test]
fn a_journal_has_room_for_its_next_records_though_the_disk_is_full() {
    let source = Source::new(6, 100_000);
    let memory = PowerLossDisk::new();
    let disk = FaultyDisk::new(Arc::new(memory.clone()));
    let directory: Arc<dyn Directory> = Arc::new(disk.clone());
    let Claim::Part(part) = claim(&directory, TARGET, ExistingFile::Rename).unwrap() else {
        panic!("nothing is there yet");
    };
    part.file().allocate(source.length()).unwrap();
    let nothing = RangeSet::new();
    let mut journal = begin_journal(&directory, &part, source.length(), source.validator(), nothing).unwrap();
    let claimed = || {
        let journal = memory.content(&part.names().journal).unwrap();
        decode(&journal).unwrap().written
    };
    // So often that room is made anew, and then none can be had.
    for number in 1..=3_000 {
        if number == 2_900 {
            disk.fail(Fault {
                call: Call::Grow,
                nth: 1,
                error: DiskError::Full,
                lasting: Lasting::UntilFreed,
            });
        }
        let written: RangeSet = ByteRange::new(0, number).into_iter().collect();
        journal.record_written(&written).unwrap();
        assert!(claimed() == written, "{number}");
    }
}

#[test]
fn a_failing_sync_publishes_nothing_that_is_not_safe() {
    for call in [Call::Sync, Call::DirectorySync] {
        survives_every(call, DiskError::Broken, Lasting::Once, ErrorCode::Disk);
        survives_every(call, DiskError::Broken, Lasting::UntilFreed, ErrorCode::Disk);
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_a_clear_error() {
    for error in [
        DiskError::ReadOnly,
        DiskError::Denied,
        DiskError::NameTooLong,
        DiskError::Missing,
    ] {
        for call in [Call::Create, Call::Rename] {
            survives_every(call, error, Lasting::UntilFreed, ErrorCode::Disk);
        }
    }
    survives_every(Call::Remove, DiskError::Denied, Lasting::Once, ErrorCode::Disk);
}

#[test]
fn an_unreadable_journal_is_an_error_and_not_a_fresh_start() {
    let source = &Source::new(5, 20_000);
    let memory = PowerLossDisk::new();
    let disk = FaultyDisk::new(Arc::new(memory.clone()));
    disk.fail(Fault {
        call: Call::Write,
        nth: 9,
        error: DiskError::Full,
        lasting: Lasting::Once,
    });
    run(&disk, source).expect_err("the disk is full");
    let part = memory.content("file.iso.part").expect("a part file");
    disk.free();
    disk.fail(Fault {
        call: Call::Read,
        nth: 1,
        error: DiskError::Broken,
        lasting: Lasting::Once,
    });
    let error = run(&disk, source).expect_err("the journal cannot be read");
    assert_eq!((error.code(), disk.struck()), (ErrorCode::Disk, 2));
    assert!(
        memory.content("file.iso.part") == Some(part),
        "what is there stays"
    );
}
