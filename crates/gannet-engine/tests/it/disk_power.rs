//! What a loss of power leaves: faults F2 and F3.

use std::sync::Arc;

use gannet_engine::disk::Publication;
use gannet_engine::disk::journal::{self, JournalState};
use gannet_engine::disk::part_file::{Claim, ClaimedPart, ExistingFile, Held, claim};
use gannet_engine::disk::storage::Directory;
use gannet_engine::{Error, ErrorCode, RangeSet};
use gannet_testkit::disk::PowerLossDisk;

use crate::disk_driver::{Order, Source, begin_journal, transfer};

const TARGET: &str = "file.iso";
const PART: &str = "file.iso.part";
const JOURNAL: &str = "file.iso.part.journal";
const IN_THE_MAKING: &str = "file.iso.part.journal.new";

/// Outcomes of one and the same failure that are looked at.
const OUTCOMES: std::ops::Range<u64> = 0..20;

fn directory(disk: &PowerLossDisk) -> Arc<dyn Directory> {
    Arc::new(disk.clone())
}

fn run(disk: &PowerLossDisk, source: &Source, existing: ExistingFile) -> Result<String, Error> {
    transfer(&directory(disk), TARGET, source, existing, Order::SyncThenRecord)
}

/// Runs a transfer into a loss of power during the given call. Where it said that it was done, only the
/// journal's removal can have been lost: the file is there in every outcome.
fn run_until(call: u64, disk: &PowerLossDisk, source: &Source, existing: ExistingFile) {
    disk.crash_at(call);
    let result = run(disk, source, existing);
    assert!(disk.is_dead(), "there is no call {call}");
    if let Ok(name) = result {
        for seed in OUTCOMES {
            assert!(
                source.is(disk.power_on(seed).content(&name)),
                "call {call}, seed {seed}: said to be done"
            );
        }
    }
}

/// How many calls a whole transfer makes on a disk.
fn calls_of(source: &Source, existing: ExistingFile, disk: &PowerLossDisk) -> u64 {
    run(disk, source, existing).expect("nothing fails here");
    disk.calls()
}

fn journal_of(disk: &PowerLossDisk) -> Option<JournalState> {
    journal::decode(&disk.content(JOURNAL)?)
}

/// The first range that the journal on this disk claims and that is not right.
fn wrong_claim(disk: &PowerLossDisk, source: &Source) -> Option<String> {
    let state = journal_of(disk)?;
    // Between the rename and the journal's removal the bytes are under the final name. Where they are
    // nowhere, the journal speaks of a file that is gone, and of no other.
    let bytes = disk.content(PART).or_else(|| disk.content(TARGET))?;
    state.written.iter().find_map(|range| {
        let range = range.start() as usize..range.end() as usize;
        (bytes.get(range.clone()) != source.content.get(range.clone())).then(|| format!("{range:?}"))
    })
}

#[test]
fn after_a_loss_of_power_at_any_call_the_journal_claims_only_what_is_on_disk() {
    let (mut crash_points, mut resumed) = (0, 0);
    for seed in 0..50 {
        let source = &Source::new(seed, 30_000);
        let calls = calls_of(source, ExistingFile::Rename, &PowerLossDisk::new());
        for call in 1..=calls {
            crash_points += 1;
            let case = format!("seed {seed}, power lost at call {call} of {calls}");
            let disk = PowerLossDisk::new();
            run_until(call, &disk, source, ExistingFile::Rename);
            let disk = disk.power_on(seed * 1_000_003 + call);
            assert_eq!(wrong_claim(&disk, source), None, "{case}");
            resumed += u32::from(journal_of(&disk).is_some_and(|state| !state.written.is_empty()));

            // Once more in the middle of what is left, then to the end.
            let second_call = 1 + call % 17;
            disk.crash_at(second_call);
            let _lost_again = run(&disk, source, ExistingFile::Rename);
            let disk = disk.power_on(seed + call);
            assert_eq!(
                wrong_claim(&disk, source),
                None,
                "{case}, then at call {second_call}"
            );
            let name =
                run(&disk, source, ExistingFile::Rename).unwrap_or_else(|error| panic!("{case}: {error}"));
            assert!(source.is(disk.content(&name)), "{case}: {name} is not the file");
        }
    }
    assert!(crash_points >= 2_000, "{crash_points}");
    assert!(
        resumed * 2 > crash_points,
        "only {resumed} of {crash_points} had a journal to go on from"
    );
}

#[test]
fn the_simulated_disk_notices_a_missing_sync_before_the_record() {
    let mut wrong = 0;
    for seed in 0..10 {
        let source = &Source::new(seed, 30_000);
        let calls = calls_of(source, ExistingFile::Rename, &PowerLossDisk::new());
        for call in 1..=calls {
            let disk = PowerLossDisk::new();
            disk.crash_at(call);
            let _lost = transfer(
                &directory(&disk),
                TARGET,
                source,
                ExistingFile::Rename,
                Order::RecordOnly,
            );
            wrong += u32::from(wrong_claim(&disk.power_on(call), source).is_some());
        }
    }
    assert!(wrong > 50, "the test above would have noticed only {wrong} times");
}

#[test]
fn after_a_loss_of_power_at_any_call_the_final_name_bears_the_complete_file_or_nothing() {
    // Over before anything was journaled; and long enough for a journal.
    for length in [3_000, 20_000] {
        let source = &Source::new(7, length);
        let calls = calls_of(source, ExistingFile::Refuse, &PowerLossDisk::new());
        for call in 1..=calls {
            let lost = PowerLossDisk::new();
            run_until(call, &lost, source, ExistingFile::Refuse);
            for seed in OUTCOMES {
                let case = format!("{length} bytes, call {call} of {calls}, seed {seed}");
                let disk = lost.power_on(seed);
                let was_there = disk.content(TARGET);
                assert!(
                    was_there.is_none() || source.is(was_there.clone()),
                    "{case}: a partial file"
                );
                match run(&disk, source, ExistingFile::Refuse) {
                    Ok(name) => assert_eq!(name, TARGET, "{case}"),
                    // Complete, but the announcement was not asked for or not yet safe.
                    Err(error) => {
                        assert!(was_there.is_some(), "{case}: {error}");
                        assert_eq!(error.code(), ErrorCode::TargetExists, "{case}");
                    }
                }
                assert!(source.is(disk.content(TARGET)), "{case}");
                // A folder that keeps names but not their order can show a part file that nobody vouches for,
                // and that is left alone; never a journal.
                assert!(
                    !disk.names().iter().any(|name| name == JOURNAL),
                    "{case}: {:?}",
                    disk.names()
                );
                // Nor can a journal in the making be told from a stranger's file, where it came to rest as garbage.
                let names: Vec<String> = disk.names();
                let known = |name: &String| [TARGET, PART, IN_THE_MAKING].contains(&name.as_str());
                assert!(
                    names.iter().all(known) || names.iter().any(|name| name == PART),
                    "{case}: {names:?}"
                );
            }
        }
    }
}

#[test]
fn overwriting_never_leaves_less_than_the_old_file() {
    let old = &Source::new(1, 5_000);
    let new = &Source::new(2, 15_000);
    let with_old = || {
        let disk = PowerLossDisk::new();
        run(&disk, old, ExistingFile::Refuse).expect("nothing fails here");
        disk.sync().expect("nothing fails here");
        disk.power_on(0)
    };
    let calls = calls_of(new, ExistingFile::Overwrite, &with_old());
    for call in 1..=calls {
        let lost = with_old();
        run_until(call, &lost, new, ExistingFile::Overwrite);
        for seed in OUTCOMES {
            let disk = lost.power_on(seed);
            let there = disk.content(TARGET);
            assert!(old.is(there.clone()) || new.is(there), "call {call}, seed {seed}");
            run(&disk, new, ExistingFile::Overwrite).unwrap_or_else(|error| panic!("{error}"));
            assert!(new.is(disk.content(TARGET)), "call {call}, seed {seed}");
        }
    }
}

#[test]
fn a_restart_with_another_version_never_resumes_into_the_old_one() {
    let (first, second) = (&Source::new(1, 20_000), &Source::new(2, 20_000));
    let calls = calls_of(first, ExistingFile::Rename, &PowerLossDisk::new());
    let begun = || {
        let disk = PowerLossDisk::new();
        run_until(calls / 2, &disk, first, ExistingFile::Rename);
        disk.power_on(1)
    };
    assert!(
        journal_of(&begun()).is_some_and(|state| !state.written.is_empty()),
        "something is held"
    );
    let calls = calls_of(second, ExistingFile::Rename, &begun());
    for call in 1..=calls {
        let lost = begun();
        run_until(call, &lost, second, ExistingFile::Rename);
        for seed in OUTCOMES {
            let disk = lost.power_on(seed);
            if let Some(state) = journal_of(&disk) {
                let version = if state.validator == first.validator() {
                    first
                } else {
                    second
                };
                assert_eq!(wrong_claim(&disk, version), None, "call {call}, seed {seed}");
            }
            let name = run(&disk, second, ExistingFile::Rename).unwrap_or_else(|error| panic!("{error}"));
            assert!(second.is(disk.content(&name)), "call {call}, seed {seed}");
        }
    }
}

#[test]
fn a_claim_after_the_announcement_completes_the_publication() {
    let source = &Source::new(9, 20_000);
    let calls = calls_of(source, ExistingFile::Rename, &PowerLossDisk::new());
    let mut completed = 0;
    for call in 1..=calls {
        let lost = PowerLossDisk::new();
        run_until(call, &lost, source, ExistingFile::Rename);
        for seed in OUTCOMES {
            let case = format!("call {call}, seed {seed}");
            let disk = lost.power_on(seed);
            let announced = journal_of(&disk).is_some_and(|state| state.publishing.is_some());
            match claim(&directory(&disk), TARGET, ExistingFile::Rename).expect("nothing fails here") {
                Claim::Published { name, state } => {
                    completed += 1;
                    assert!(
                        announced && name == TARGET && state.validator == source.validator(),
                        "{case}"
                    );
                    assert!(source.is(disk.content(TARGET)), "{case}");
                    assert_eq!(disk.names(), [TARGET], "{case}");
                }
                Claim::Part(part) => {
                    assert!(!announced, "{case}: {part:?}");
                    assert!(
                        !matches!(part.held(), Held::Bytes { state, .. } if state.publishing.is_some()),
                        "{case}"
                    );
                }
            }
        }
    }
    assert!(completed > 20, "{completed}");
}

fn claim_part(disk: &PowerLossDisk) -> ClaimedPart {
    match claim(&directory(disk), TARGET, ExistingFile::Rename).expect("nothing fails here") {
        Claim::Part(part) => part,
        published @ Claim::Published { .. } => panic!("{published:?}"),
    }
}

#[test]
fn what_was_recorded_survives_every_loss_of_power() {
    let disk = PowerLossDisk::new();
    let part = claim_part(&disk);
    part.file().allocate(10_000).unwrap();
    part.file().sync_data().unwrap();
    let first = RangeSet::whole(1_000);
    let mut journal = begin_journal(&directory(&disk), &part, 10_000, b"v1".to_vec(), first.clone()).unwrap();
    for seed in OUTCOMES {
        let held = journal_of(&disk.power_on(seed))
            .expect("the journal was begun")
            .written;
        assert_eq!(held, first, "seed {seed}");
    }
    let second = RangeSet::whole(2_000);
    journal.record_written(&second).unwrap();
    for seed in OUTCOMES {
        assert_eq!(
            journal_of(&disk.power_on(seed)).map(|state| state.written),
            Some(second.clone())
        );
    }
}

#[test]
fn what_a_published_file_bears_survives_every_loss_of_power() {
    let disk = PowerLossDisk::new();
    let publication = Publication {
        version: Some(b"v1".to_vec()),
        ..Publication::default()
    };
    let name = claim_part(&disk).publish(&mut None, &publication).unwrap();
    for seed in OUTCOMES {
        let file = disk.power_on(seed).open(&name).unwrap();
        assert_eq!(
            file.recall_version().unwrap().as_deref(),
            Some(&b"v1"[..]),
            "seed {seed}"
        );
    }
}

#[test]
fn a_publication_completed_by_a_claim_survives_a_loss_of_power() {
    let disk = PowerLossDisk::new();
    let part = claim_part(&disk);
    part.file().allocate(1_000).unwrap();
    part.file().sync_data().unwrap();
    begin_journal(&directory(&disk), &part, 1_000, Vec::new(), RangeSet::new())
        .unwrap()
        .record_publishing(TARGET)
        .unwrap();
    disk.rename_new(PART, TARGET).unwrap();
    // Killed right here: the rename is done, and not yet safe.
    drop(part);
    let claimed = claim(&directory(&disk), TARGET, ExistingFile::Rename).unwrap();
    assert!(
        matches!(&claimed, Claim::Published { name, .. } if name == TARGET),
        "{claimed:?}"
    );
    for seed in OUTCOMES {
        assert_eq!(
            disk.power_on(seed).content(TARGET),
            Some(vec![0; 1_000]),
            "seed {seed}"
        );
    }
}
