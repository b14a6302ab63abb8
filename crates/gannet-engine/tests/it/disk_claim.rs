//! Whose a part file is, and what it is worth: fault F7, and names that are taken.

use std::io::IoSlice;
use std::sync::Arc;

use gannet_engine::disk::Publication;
use gannet_engine::disk::part_file::{Adoption, Claim, ClaimedPart, ExistingFile, Held, claim};
use gannet_engine::disk::storage::Directory;
use gannet_engine::{ByteRange, Error, ErrorCode, RangeSet};
use gannet_testkit::disk::PowerLossDisk;

use crate::disk_driver::begin_journal;

const LENGTH: u64 = 10_000;

fn range(start: u64, end: u64) -> ByteRange {
    ByteRange::new(start, end).unwrap()
}

fn directory(disk: &PowerLossDisk) -> Arc<dyn Directory> {
    Arc::new(disk.clone())
}

fn put(disk: &PowerLossDisk, name: &str, content: &[u8]) {
    let file = disk.create_new(name).unwrap();
    file.write_all_at(0, &mut [IoSlice::new(content)]).unwrap();
}

fn claim_part(disk: &PowerLossDisk, existing: ExistingFile) -> ClaimedPart {
    match claim(&directory(disk), "file.iso", existing).unwrap() {
        Claim::Part(part) => part,
        published @ Claim::Published { .. } => panic!("{published:?}"),
    }
}

/// A disk on which a transfer was interrupted when it held `0..6000`.
fn interrupted() -> PowerLossDisk {
    let disk = PowerLossDisk::new();
    let part = claim_part(&disk, ExistingFile::Rename);
    part.file().allocate(LENGTH).unwrap();
    part.file()
        .write_all_at(0, &mut [IoSlice::new(&[7; 6000])])
        .unwrap();
    part.file().sync_data().unwrap();
    let written = RangeSet::from_iter([range(0, 6000)]);
    begin_journal(&directory(&disk), &part, LENGTH, b"\"v1\"".to_vec(), written).unwrap();
    disk
}

#[test]
fn what_was_held_is_found_again() {
    let disk = interrupted();
    let part = claim_part(&disk, ExistingFile::Rename);
    let Held::Bytes { state, adoption } = part.held() else {
        panic!("{part:?}")
    };
    assert_eq!(*adoption, Adoption::SameFile);
    assert_eq!(state.written, RangeSet::from_iter([range(0, 6000)]));
    assert_eq!(
        (state.complete_length, state.validator.as_slice()),
        (LENGTH, &b"\"v1\""[..])
    );
}

#[test]
fn a_part_file_that_was_cut_is_believed_as_far_as_it_goes() {
    let disk = interrupted();
    disk.open("file.iso.part").unwrap().set_length(2500).unwrap();
    let part = claim_part(&disk, ExistingFile::Rename);
    let Held::Bytes { state, .. } = part.held() else {
        panic!("{part:?}")
    };
    assert_eq!(state.written, RangeSet::from_iter([range(0, 2500)]));
}

#[test]
fn a_part_file_that_was_replaced_needs_a_sample() {
    let disk = interrupted();
    disk.remove("file.iso.part").unwrap();
    put(&disk, "file.iso.part", &[9; LENGTH as usize]);
    let part = claim_part(&disk, ExistingFile::Rename);
    assert!(
        matches!(
            part.held(),
            Held::Bytes {
                adoption: Adoption::NeedsSample,
                ..
            }
        ),
        "{part:?}"
    );
}

#[test]
fn a_part_file_that_was_removed_is_begun_anew() {
    let disk = interrupted();
    disk.remove("file.iso.part").unwrap();
    let part = claim_part(&disk, ExistingFile::Rename);
    assert_eq!((part.held(), part.target()), (&Held::Nothing, "file.iso"));
    assert_eq!(
        disk.content("file.iso.part.journal"),
        Some(Vec::new()),
        "the old journal speaks no more"
    );
}

#[test]
fn a_damaged_journal_vouches_for_nothing() {
    let disk = interrupted();
    let journal = disk.open("file.iso.part.journal").unwrap();
    journal.write_all_at(30, &mut [IoSlice::new(b"damage")]).unwrap();
    let part = claim_part(&disk, ExistingFile::Rename);
    assert_eq!((part.held(), part.file().length().unwrap()), (&Held::Nothing, 0));
}

#[test]
fn what_a_killed_transfer_left_in_its_first_second_is_begun_anew() {
    let disk = PowerLossDisk::new();
    let part = claim_part(&disk, ExistingFile::Rename);
    part.file()
        .write_all_at(0, &mut [IoSlice::new(b"not yet journaled")])
        .unwrap();
    drop(part);
    let part = claim_part(&disk, ExistingFile::Rename);
    assert_eq!((part.held(), part.target()), (&Held::Nothing, "file.iso"));
    assert_eq!(part.file().length().unwrap(), 0);
}

#[test]
fn somebody_elses_file_of_the_part_files_name_is_not_touched() {
    for (existing, target) in [
        (ExistingFile::Rename, "file (1).iso"),
        (ExistingFile::Refuse, "file.iso"),
    ] {
        let disk = PowerLossDisk::new();
        put(&disk, "file.iso.part", b"a part of something");
        let part = claim_part(&disk, existing);
        assert_eq!(
            (part.target(), part.names().part.as_str()),
            (target, "file (1).iso.part")
        );
        assert_eq!(part.publish(&mut None, &Publication::default()).unwrap(), target);
        assert_eq!(disk.content("file.iso.part").unwrap(), b"a part of something");
        assert_eq!(disk.names().len(), 2, "{:?}", disk.names());
    }
}

#[test]
fn somebody_elses_files_of_both_names_are_not_touched() {
    let names = ["file.iso.part", "file.iso.part.journal"];
    for existing in [ExistingFile::Rename, ExistingFile::Refuse] {
        let disk = PowerLossDisk::new();
        for name in names {
            put(&disk, name, b"a diary");
        }
        let part = claim_part(&disk, existing);
        assert_eq!(part.names().part, "file (1).iso.part");
        part.publish(&mut None, &Publication::default()).unwrap();
        for name in names {
            assert_eq!(disk.content(name).unwrap(), b"a diary", "{name}");
        }
    }
}

#[test]
fn what_another_version_of_gannet_began_is_refused_and_stays() {
    let disk = interrupted();
    let journal = disk.open("file.iso.part.journal").unwrap();
    journal.write_all_at(8, &mut [IoSlice::new(&[2])]).unwrap();
    let there = |disk: &PowerLossDisk| {
        let names = disk.names().into_iter();
        names.map(|name| (disk.content(&name), name)).collect::<Vec<_>>()
    };
    for left in ["both", "the journal alone"] {
        let before = there(&disk);
        let error = claim(&directory(&disk), "file.iso", ExistingFile::Rename).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidRequest, "{left}: {error}");
        assert!(error.to_string().contains("another version of Gannet"), "{error}");
        assert!(there(&disk) == before, "{left}");
        let _gone_the_second_time = disk.remove("file.iso.part");
    }
}

#[test]
fn only_what_a_crash_left_makes_way_for_a_new_journal() {
    const ASIDE: &str = "file.iso.part.journal.new";
    for (there, stays) in [
        (&b"my own"[..], true),
        (b"\x89GANNET\n and then it tore", false),
        (&[0; 100], false),
        (b"", false),
    ] {
        let disk = PowerLossDisk::new();
        put(&disk, ASIDE, there);
        let part = claim_part(&disk, ExistingFile::Rename);
        begin_journal(&directory(&disk), &part, LENGTH, Vec::new(), RangeSet::new()).unwrap();
        assert_eq!(disk.content(ASIDE).as_deref(), stays.then_some(there));
        drop(part);
        let left = if stays { 3 } else { 2 };
        assert_eq!(disk.names().len(), left, "{:?}", disk.names());
    }
}

#[test]
fn a_second_claim_is_refused_and_told_by_whom() {
    let disk = PowerLossDisk::new();
    let part = claim_part(&disk, ExistingFile::Rename);
    for existing in [ExistingFile::Overwrite, ExistingFile::Refuse] {
        let error = claim(&directory(&disk), "file.iso", existing).unwrap_err();
        assert!(matches!(&error, Error::TargetBusy { holder: Some(holder), .. } if holder == "this process"));
    }
    drop(part);
    claim_part(&disk, ExistingFile::Overwrite);
}

#[test]
fn a_second_claim_of_the_same_process_goes_beside_the_first_where_it_may_be_renamed() {
    let disk = PowerLossDisk::new();
    let first = claim_part(&disk, ExistingFile::Rename);
    let second = claim_part(&disk, ExistingFile::Rename);
    assert_eq!((first.target(), second.target()), ("file.iso", "file (1).iso"));
    drop(first);
    assert_eq!(claim_part(&disk, ExistingFile::Rename).target(), "file.iso");
}

#[test]
fn an_existing_file_is_kept_replaced_or_refused_as_the_user_says() {
    let disk = PowerLossDisk::new();
    put(&disk, "file.iso", b"old");
    let error = claim(&directory(&disk), "file.iso", ExistingFile::Refuse).unwrap_err();
    assert_eq!(error.code(), ErrorCode::TargetExists);

    let renamed = claim_part(&disk, ExistingFile::Rename);
    assert_eq!(
        renamed.publish(&mut None, &Publication::default()).unwrap(),
        "file (1).iso"
    );
    assert_eq!(disk.content("file.iso").unwrap(), b"old");

    let replacing = claim_part(&disk, ExistingFile::Overwrite);
    assert_eq!(
        disk.content("file.iso").unwrap(),
        b"old",
        "until the new one is complete"
    );
    assert_eq!(
        replacing.publish(&mut None, &Publication::default()).unwrap(),
        "file.iso"
    );
    assert_eq!(disk.content("file.iso").unwrap(), b"");
    assert_eq!(disk.names(), ["file (1).iso", "file.iso"]);
}

#[test]
fn a_name_taken_meanwhile_gets_the_next_number_or_is_refused() {
    for existing in [ExistingFile::Rename, ExistingFile::Refuse] {
        let disk = interrupted();
        let part = claim_part(&disk, existing);
        put(&disk, "file.iso", b"first");
        put(&disk, "file (1).iso", b"second");
        let whole = RangeSet::whole(LENGTH);
        let begun = begin_journal(&directory(&disk), &part, LENGTH, Vec::new(), whole);
        let mut journal = Some(begun.unwrap());
        let result = part.publish(&mut journal, &Publication::default());
        match existing {
            ExistingFile::Refuse => {
                assert_eq!(result.unwrap_err().code(), ErrorCode::TargetExists);
                assert!(
                    disk.content("file.iso.part").is_some() && journal.is_some(),
                    "all is kept"
                );
            }
            _ => assert_eq!(result.unwrap(), "file (2).iso"),
        }
        assert_eq!(disk.content("file.iso").unwrap(), b"first");
        assert_eq!(disk.content("file (1).iso").unwrap(), b"second");
    }
}

#[test]
fn rejected_bytes_are_set_aside_and_replace_nothing() {
    let disk = interrupted();
    let rejected = disk.content("file.iso.part");
    put(&disk, "file.iso.rejected", b"somebody's own");
    let path = claim_part(&disk, ExistingFile::Rename).set_aside(None).unwrap();
    assert!(path.ends_with("file.iso (1).rejected"), "{}", path.display());
    assert_eq!(disk.names(), ["file.iso (1).rejected", "file.iso.rejected"]);
    assert_eq!(disk.content("file.iso.rejected").unwrap(), b"somebody's own");
    assert_eq!(disk.content("file.iso (1).rejected"), rejected);
    assert_eq!(*claim_part(&disk, ExistingFile::Rename).held(), Held::Nothing);
}

#[test]
fn a_discarded_transfer_leaves_nothing() {
    let disk = interrupted();
    claim_part(&disk, ExistingFile::Rename).discard(None).unwrap();
    assert_eq!(disk.names(), [""; 0]);
}
