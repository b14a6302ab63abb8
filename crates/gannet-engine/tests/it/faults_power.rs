//! Whole transfers on a disk that loses power: faults F2 and F3.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gannet_engine::disk::storage::Directory;
use gannet_engine::{Error, Finished, Outcome, Request};
use gannet_testkit::disk::{Call, PowerLossDisk};
use gannet_testkit::{Content, Origin};

use crate::faults_hooked::{HookedDisk, Pass, When};
use crate::support::{PART, claimed_bytes, false_claim, fast_origin, is_whole, run, seed, slow_origin};

/// When the power fails.
#[derive(Debug, Clone, Copy)]
enum Crash {
    /// At a call that is no write, before it or after it, counted from 1.
    AtStep(u64, When),
    /// During a call of any kind, counted from 1.
    DuringCall(u64),
    /// As the transfer says that it is done.
    AtTheEnd,
}

/// Whether the part file is really synced when a transfer asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Syncs {
    Honest,
    /// What a test has to notice.
    LeftOut,
}

async fn transfer(origin: &Origin, directory: Arc<dyn Directory>) -> Result<Finished, Error> {
    let request = Request::new(&origin.url("file.bin"))
        .unwrap()
        .storage(directory)
        .connections(2);
    run(request).await
}

/// Runs a transfer into a loss of power. Returns the disk as it was then.
async fn run_into(crash: Crash, syncs: Syncs, origin: &Origin) -> PowerLossDisk {
    let disk = PowerLossDisk::new();
    if let Crash::DuringCall(call) = crash {
        disk.crash_at(call);
    }
    let steps = AtomicU64::new(0);
    let victim = disk.clone();
    let hooked = HookedDisk::over(Arc::new(disk.clone()), move |when, call, name| {
        if call != Call::Write {
            let step = match when {
                When::Before => steps.fetch_add(1, Ordering::SeqCst) + 1,
                When::After => steps.load(Ordering::SeqCst),
            };
            if matches!(crash, Crash::AtStep(at, moment) if at == step && moment == when) {
                victim.crash();
            }
        }
        if syncs == Syncs::LeftOut && call == Call::Sync && name == PART {
            Pass::LeftOut
        } else {
            Pass::Through
        }
    });
    let result = transfer(origin, hooked).await;
    if disk.is_dead() {
        // In the very last steps it may have been done already.
        assert!(
            result.is_err() || matches!(crash, Crash::AtStep(..) | Crash::DuringCall(_)),
            "{crash:?}"
        );
    } else {
        result.unwrap();
        disk.crash();
    }
    disk
}

/// What is wrong on a disk after a loss of power: a range that the journal claims and that is not right, or a file
/// under a final name that is not the whole file.
fn wrong_on(disk: &PowerLossDisk, content: &Content) -> Option<String> {
    for name in disk.names().iter().filter(|name| !name.contains(".part")) {
        if !disk.content(name).is_some_and(|bytes| is_whole(&bytes, content)) {
            return Some(format!("{name} is partial"));
        }
    }
    false_claim(disk, content).map(|range| format!("{range:?} is claimed"))
}

/// The moments that are tried: around every step, and at calls of a seed's choice.
fn moments(random: &mut fastrand::Rng) -> Vec<Crash> {
    let steps = (1..=26).flat_map(|step| {
        [
            Crash::AtStep(step, When::Before),
            Crash::AtStep(step, When::After),
        ]
    });
    let calls = std::iter::repeat_with(|| Crash::DuringCall(random.u64(1..60))).take(40);
    steps.chain(calls).chain([Crash::AtTheEnd]).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transfer_that_lost_power_at_any_moment_goes_on_from_what_was_safe() {
    /// Outcomes of each failure that are looked at.
    const OUTCOMES: u64 = 5;
    let seed = seed();
    let (slow, fast) = (slow_origin().await, fast_origin().await);
    let content = fast.content();
    let mut random = fastrand::Rng::with_seed(seed);
    let moments = moments(&mut random);
    let crashed =
        futures_util::future::join_all(moments.iter().map(|&crash| run_into(crash, Syncs::Honest, &slow)))
            .await;
    let (mut crash_points, mut resumed) = (0, 0);
    for (crash, disk) in moments.iter().zip(&crashed) {
        for outcome in 0..OUTCOMES {
            let case = format!("seed {seed}, {crash:?}, outcome {outcome}");
            let mut disk = disk.power_on(seed ^ (outcome << 40));
            crash_points += 1;
            assert_eq!(wrong_on(&disk, &content), None, "{case}");
            resumed += u32::from(claimed_bytes(&disk) > 0);
            if outcome % 2 == 1 {
                // It never rains but it pours.
                let call = random.u64(1..30);
                disk.crash_at(call);
                let _lost_power_or_done = transfer(&fast, Arc::new(disk.clone())).await;
                disk.crash();
                disk = disk.power_on(seed + call);
                crash_points += 1;
                assert_eq!(wrong_on(&disk, &content), None, "{case}, again at call {call}");
            }
            let safe = claimed_bytes(&disk);
            let finished = transfer(&fast, Arc::new(disk.clone()))
                .await
                .unwrap_or_else(|error| panic!("{case}: {error}"));
            let name = finished.path.file_name().unwrap().to_str().unwrap();
            let bytes = disk.content(name).unwrap();
            assert!(is_whole(&bytes, &content), "{case}: {name} is wrong");
            assert_eq!(wrong_on(&disk, &content), None, "{case}, recovered");
            if finished.outcome == Outcome::Downloaded {
                assert_eq!(
                    finished.bytes_resumed, safe,
                    "{case}: what is safe is not fetched again"
                );
            }
        }
    }
    assert!(crash_points >= 500, "{crash_points} crash points");
    assert!(resumed >= 50, "only {resumed} disks held anything to go on with");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_would_be_noticed_if_the_part_file_were_not_synced() {
    let (slow, seed) = (slow_origin().await, seed());
    let mut random = fastrand::Rng::with_seed(seed);
    let moments = moments(&mut random);
    let crashed = futures_util::future::join_all(
        moments
            .iter()
            .map(|&crash| run_into(crash, Syncs::LeftOut, &slow)),
    )
    .await;
    let content = slow.content();
    let wrong: Vec<String> = crashed
        .iter()
        .flat_map(|disk| (0..4).filter_map(|outcome| wrong_on(&disk.power_on(seed + outcome), &content)))
        .collect();
    let about = |what: &str| wrong.iter().filter(|text| text.contains(what)).count();
    assert!(about("claimed") > 0, "no false claim in {wrong:?}");
    assert!(about("partial") > 0, "no partial file in {wrong:?}");
}
