use super::*;
use proptest::prelude::*;

const MIB: u64 = 1 << 20;

fn range(start: u64, end: u64) -> ByteRange {
    ByteRange::new(start, end).expect("a test's range holds a byte")
}

fn speed(rate_bytes_per_s: f64) -> Speed {
    Speed {
        rate_bytes_per_s,
        latency_s: 0.01,
    }
}

#[test]
fn runs_go_out_in_ascending_order_and_follow_the_speed() {
    let mut plan = Plan::new(RangeSet::whole(100 * MIB), 4 * MIB, RunLength::BySpeed);
    let now = Instant::now();
    let slow = plan.next(0, speed(1e3), 4, now, &|_| speed(1.0)).expect("work");
    let fast = plan.next(1, speed(8e6), 4, now, &|_| speed(1.0)).expect("work");
    assert_eq!(slow.segment.remaining(), Some(range(0, 4 * MIB)));
    assert_eq!(
        fast.segment.remaining(),
        Some(range(4 * MIB, 20 * MIB)),
        "two seconds at 8 MB/s are four units, rounded up"
    );
}

#[test]
fn a_run_is_one_unit_where_a_digest_follows() {
    let mut plan = Plan::new(RangeSet::whole(100 * MIB), 4 * MIB, RunLength::OneUnit);
    let work = plan
        .next(0, speed(1e9), 4, Instant::now(), &|_| speed(1.0))
        .expect("work");
    assert_eq!(work.segment.remaining().map(ByteRange::len), Some(4 * MIB));
}

#[test]
fn the_tail_is_cut_in_proportion_to_both_speeds() {
    let cut = theft(range(0, 40 * MIB), speed(1e6), speed(3e6));
    let Some(Theft::Tail { cut_at }) = cut else {
        panic!("{cut:?}")
    };
    let share = (40 * MIB - cut_at) as f64 / (40 * MIB) as f64;
    assert!((share - 0.75).abs() < 0.01, "{share}");
}

#[test]
fn a_theft_that_saves_nothing_does_not_happen() {
    // 90 ms are left: no thief can save 100.
    assert_eq!(theft(range(0, 900_000), speed(1e7), speed(1e9)), None);
    // The thief's first byte comes later than the victim's last.
    let late = Speed {
        rate_bytes_per_s: 1e9,
        latency_s: 5.0,
    };
    assert_eq!(theft(range(0, 4_000_000), speed(1e6), late), None);
}

#[test]
fn the_last_bytes_are_raced_for() {
    assert_eq!(theft(range(0, 60_000), speed(8e3), speed(2e6)), Some(Theft::Race));
}

#[test]
fn a_silent_worker_loses_everything() {
    assert_eq!(
        theft(range(7, 10 * MIB), speed(0.0), speed(1e6)),
        Some(Theft::Tail { cut_at: 7 })
    );
}

#[test]
fn a_racer_that_fails_leaves_the_range_to_the_other() {
    let mut plan = Plan::new(RangeSet::whole(60_000), 512 << 10, RunLength::BySpeed);
    let now = Instant::now();
    let first = plan.next(0, speed(8e3), 1, now, &|_| speed(8e3)).expect("work");
    let second = plan.next(1, speed(1e6), 1, now, &|_| speed(8e3)).expect("a race");
    assert_eq!((second.kind, second.id), (AssignmentKind::Race, first.id));
    assert_eq!(plan.release(first.id, 0, Attempt::Failed, now), None);
    assert_eq!(
        plan.release(first.id, 1, Attempt::Failed, now),
        Some(range(0, 60_000))
    );
    assert!(
        !plan.is_idle(),
        "a returned range is work, though nobody is at it"
    );
}

#[test]
fn a_returned_range_waits_its_time_and_counts_its_tries() {
    let mut plan = Plan::new(RangeSet::whole(1000), 512 << 10, RunLength::BySpeed);
    let now = Instant::now();
    let work = plan.next(0, speed(1e3), 1, now, &|_| speed(1.0)).expect("work");
    work.segment.claim(0, 400);
    plan.release(work.id, 0, Attempt::Failed, now + Duration::from_millis(100));
    assert!(plan.next(0, speed(1e3), 1, now, &|_| speed(1.0)).is_none());
    let again = plan
        .next(0, speed(1e3), 1, now + Duration::from_millis(100), &|_| {
            speed(1.0)
        })
        .expect("work");
    assert_eq!(
        (again.segment.remaining(), again.tries),
        (Some(range(400, 1000)), 1)
    );
}

#[test]
fn an_open_answer_goes_on_into_what_is_nobodys() {
    let mut plan = Plan::new(RangeSet::whole(10 * MIB), MIB, RunLength::BySpeed);
    let first = plan.take_at(0, 0, u64::MAX, 32).expect("work");
    plan.extend(first.id, MIB);
    assert_eq!(first.segment.remaining(), Some(range(0, 2 * MIB)));
    let _other = plan
        .next(1, speed(1.0), 1, Instant::now(), &|_| speed(1.0))
        .expect("work");
    plan.extend(first.id, 4 * MIB);
    assert_eq!(
        first.segment.remaining(),
        Some(range(0, 2 * MIB)),
        "the next unit is another's"
    );
}

proptest! {
    /// Any sequence of takes, deliveries, failures and thefts fetches every byte exactly once.
    #[test]
    fn every_byte_is_fetched_exactly_once(
        length in 1u64..3_000_000,
        run_length in prop::sample::select(vec![RunLength::BySpeed, RunLength::NearFrontier]),
        steps in prop::collection::vec((0u32..6, 0u64..400_000, 0u8..8), 1..200),
    ) {
        let start = Instant::now();
        let mut plan = Plan::new(RangeSet::whole(length), 512 << 10, run_length);
        let mut held: BTreeMap<WorkerId, (Assignment, u64)> = BTreeMap::new();
        let mut done = RangeSet::new();
        let deliver = |work: &Assignment, position: &mut u64, bytes: u64, done: &mut RangeSet| {
            let claim = work.segment.claim(*position, bytes);
            if let Some(taken) = ByteRange::new(*position + claim.skip, *position + claim.skip + claim.take) {
                assert_eq!(done.insert(taken), taken.len(), "a byte came twice");
            }
            *position += claim.skip + claim.take;
            claim.exhausted
        };
        let speeds = |worker: WorkerId| speed(if worker.is_multiple_of(3) { 10_000.0 } else { 1e6 });
        for (worker, bytes, what) in steps {
            if let Some((work, mut position)) = held.remove(&worker) {
                let exhausted = deliver(&work, &mut position, bytes, &mut done);
                if exhausted || what == 0 {
                    plan.release(work.id, worker, Attempt::Failed, start);
                } else {
                    held.insert(worker, (work, position));
                }
            } else if let Some(work) = plan.next(worker, speeds(worker), 4, start, &speeds) {
                match work.segment.remaining() {
                    Some(left) => { held.insert(worker, (work, left.start())); }
                    None => { plan.release(work.id, worker, Attempt::Withdrawn, start); }
                }
            }
        }
        // Let everybody finish.
        for (worker, (work, mut position)) in held {
            deliver(&work, &mut position, length, &mut done);
            plan.release(work.id, worker, Attempt::Delivered, start);
        }
        while let Some(work) = plan.next(9, speed(1e6), 1, start, &speeds) {
            let mut position = work.segment.remaining().expect("an own run has bytes").start();
            deliver(&work, &mut position, length, &mut done);
            plan.release(work.id, 9, Attempt::Delivered, start);
        }
        prop_assert!(plan.is_idle());
        prop_assert!(done.is_whole(length), "{done:?}");
    }
}

#[test]
fn where_both_racers_crawl_a_third_may_help() {
    let mut plan = Plan::new(RangeSet::whole(60_000), 512 << 10, RunLength::BySpeed);
    let now = Instant::now();
    let crawling = |_| speed(8e3);
    for worker in 0..3 {
        let work = plan.next(worker, speed(2e6), 4, now, &crawling);
        assert_eq!(
            work.map(|work| work.kind),
            Some(if worker == 0 {
                AssignmentKind::Own
            } else {
                AssignmentKind::Race
            })
        );
    }
    assert!(
        plan.next(3, speed(2e6), 4, now, &crawling).is_none(),
        "three are enough"
    );
    assert!(plan.is_handed_out());
}

/// Lets workers of these speeds fetch for a while, in steps; returns how long the unbroken beginning is.
fn frontier_after(seconds: u32, rates: &[f64], run_length: RunLength) -> u64 {
    const STEPS_PER_S: u32 = 20;
    let start = Instant::now();
    let mut plan = Plan::new(RangeSet::whole(300_000_000), 4 * MIB, run_length);
    let mut held: BTreeMap<WorkerId, (Assignment, u64)> = BTreeMap::new();
    let mut done = RangeSet::new();
    let speeds = |worker: WorkerId| speed(rates[worker as usize]);
    for step in 0..seconds * STEPS_PER_S {
        let now = start + Duration::from_secs(1) / STEPS_PER_S * step;
        for (worker, rate) in (0..).zip(rates) {
            let (work, mut position) = held.remove(&worker).unwrap_or_else(|| {
                let crew = rates.len() as u32;
                let work = plan
                    .next(worker, speeds(worker), crew, now, &speeds)
                    .expect("work");
                let first = work.segment.remaining().map_or(0, ByteRange::start);
                (work, first)
            });
            let claim = work
                .segment
                .claim(position, (rate / f64::from(STEPS_PER_S)) as u64);
            if let Some(taken) = ByteRange::new(position + claim.skip, position + claim.skip + claim.take) {
                done.insert(taken);
            }
            position += claim.skip + claim.take;
            if claim.exhausted {
                plan.release(work.id, worker, Attempt::Delivered, now);
            } else {
                held.insert(worker, (work, position));
            }
        }
    }
    done.frontier()
}

#[test]
fn near_the_frontier_all_workers_make_the_beginning_grow() {
    let all = frontier_after(6, &[500e3; 8], RunLength::NearFrontier);
    assert!(all > 16_000_000, "{all} of 24,000,000");
    // One that crawls holds nobody up.
    let mut rates = [500e3; 8];
    rates[0] = 10e3;
    let uneven = frontier_after(6, &rates, RunLength::NearFrontier);
    assert!(uneven > 14_000_000, "{uneven} of 21,060,000");
}

#[test]
fn near_the_frontier_runs_follow_the_speed_between_half_a_mebibyte_and_one_unit() {
    let run_at = |rate| {
        let mut plan = Plan::new(RangeSet::whole(300 * MIB), 4 * MIB, RunLength::NearFrontier);
        let work = plan.next(0, speed(rate), 4, Instant::now(), &|_| speed(rate));
        work.and_then(|work| work.segment.remaining()).map(ByteRange::len)
    };
    assert_eq!(run_at(0.0), Some(MIB / 2));
    assert_eq!(run_at(50e3), Some(MIB / 2));
    assert_eq!(run_at(524_288.0), Some(MIB));
    assert_eq!(run_at(1e9), Some(4 * MIB));
}

#[test]
fn near_the_frontier_equal_workers_leave_each_other_alone() {
    let mut plan = Plan::new(RangeSet::whole(300 * MIB), 4 * MIB, RunLength::NearFrontier);
    let now = Instant::now();
    for worker in 0..32 {
        let work = plan
            .next(worker, speed(500e3), 32, now, &|_| speed(450e3))
            .expect("work");
        assert_eq!(
            (work.kind, work.segment.began_at()),
            (AssignmentKind::Own, u64::from(worker) * MIB)
        );
    }
}
