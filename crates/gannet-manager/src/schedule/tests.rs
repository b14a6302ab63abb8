use std::collections::HashSet;

use gannet_schema::{Days, QueueSchedule, WeeklyLimits, WhenDone};
use proptest::prelude::*;

use super::*;

const HOSTS: [&str; 3] = ["a.example", "b.example", "c.example"];
const MINUTE_MS: u64 = 60_000;
/// A Monday's midnight, UTC.
const MONDAY_MS: u64 = 1_763_942_400_000;

fn queue(id: u32, at_once: u32) -> Queue {
    Queue {
        id: QueueId(id),
        name: format!("queue {id}"),
        running: true,
        at_once,
        limit_bytes_per_s: None,
        schedule: None,
        retries: 5,
        when_done: WhenDone::Nothing,
    }
}

fn contender(id: u32, queue: u32, turn: Turn) -> Contender<'static> {
    Contender {
        id: DownloadId(id),
        queue: QueueId(queue),
        position: f64::from(id),
        priority: Priority::Normal,
        host: HOSTS[id as usize % HOSTS.len()],
        turn,
    }
}

fn settings(in_all: u32, per_host: u32) -> Settings {
    let mut settings = Settings::default();
    settings.network.downloads_at_once = in_all;
    settings.network.downloads_per_host = per_host;
    settings
}

fn monday(minute: u32) -> Now {
    after_ms(u64::from(minute) * MINUTE_MS)
}

/// So long after a Monday's midnight, where clocks are never put forward or back.
fn after_ms(ms: u64) -> Now {
    Now {
        at_ms: MONDAY_MS + ms,
        week: WeekMinute::new(0, (ms / MINUTE_MS % (7 * 24 * 60)) as u32),
    }
}

fn starts(plan: &Plan) -> Vec<u32> {
    plan.actions
        .iter()
        .filter_map(|action| match action {
            Action::Start(id) => Some(id.0),
            Action::Stop(..) => None,
        })
        .collect()
}

fn stops(plan: &Plan) -> Vec<(u32, StopReason)> {
    plan.actions
        .iter()
        .filter_map(|action| match action {
            Action::Stop(id, reason) => Some((id.0, *reason)),
            Action::Start(_) => None,
        })
        .collect()
}

fn apply(plan: &Plan, contenders: &mut [Contender<'_>]) {
    for action in &plan.actions {
        let (id, turn) = match *action {
            Action::Start(id) => (id, Turn::Running),
            Action::Stop(id, _) => (id, Turn::Ready),
        };
        let contender = contenders.iter_mut().find(|one| one.id == id).unwrap();
        assert_ne!(contender.turn, turn, "{action:?} changes nothing");
        contender.turn = turn;
    }
}

#[test]
fn a_short_queue_gets_its_turn_beside_a_long_one() {
    let queues = [queue(1, 8), queue(2, 8)];
    let mut all: Vec<_> = (0..50).map(|id| contender(id, 1, Turn::Ready)).collect();
    all.push(contender(100, 2, Turn::Ready));
    let plan = decide(monday(0), None, &settings(3, 64), &queues, &all);
    assert_eq!(starts(&plan), [0, 100, 1]);
}

#[test]
fn priority_goes_before_position_within_a_queue_only() {
    let queues = [queue(1, 8), queue(2, 8)];
    let mut all = [
        contender(1, 1, Turn::Ready),
        contender(2, 1, Turn::Ready),
        contender(3, 1, Turn::Ready),
        contender(4, 2, Turn::Ready),
    ];
    all[0].priority = Priority::Low;
    all[2].priority = Priority::High;
    let plan = decide(monday(0), None, &settings(8, 8), &queues, &all);
    assert_eq!(starts(&plan), [3, 4, 2, 1]);
    let plan = decide(monday(0), None, &settings(1, 8), &queues[..1], &all);
    assert_eq!(starts(&plan), [3]);
}

#[test]
fn a_full_host_is_passed_over_and_the_next_one_starts() {
    let all = [
        contender(0, 1, Turn::Running),
        contender(3, 1, Turn::Ready),
        contender(4, 1, Turn::Ready),
    ];
    let plan = decide(monday(0), None, &settings(8, 1), &[queue(1, 8)], &all);
    assert_eq!(starts(&plan), [4], "0 and 3 are of one host");
}

#[test]
fn one_of_high_priority_waits_for_a_slot_as_all_do() {
    let mut all = [contender(1, 1, Turn::Running), contender(2, 1, Turn::Ready)];
    all[1].priority = Priority::High;
    let plan = decide(monday(0), None, &settings(8, 8), &[queue(1, 1)], &all);
    assert_eq!(plan.actions, []);
}

#[test]
fn a_lowered_limit_stops_the_last_in_order() {
    let all: Vec<_> = (0..4).map(|id| contender(id, 1, Turn::Running)).collect();
    let plan = decide(monday(0), None, &settings(2, 8), &[queue(1, 8)], &all);
    assert_eq!(stops(&plan), [(2, StopReason::TooMany), (3, StopReason::TooMany)]);
}

#[test]
fn a_stopped_queue_stops_what_runs_in_it_and_no_other() {
    let mut queues = [queue(1, 8), queue(2, 8)];
    queues[0].running = false;
    let all = [
        contender(1, 1, Turn::Running),
        contender(2, 2, Turn::Running),
        contender(3, 1, Turn::Ready),
        contender(4, 9, Turn::Running),
    ];
    let plan = decide(monday(0), None, &settings(8, 8), &queues, &all);
    assert_eq!(
        plan.actions,
        [
            Action::Stop(DownloadId(1), StopReason::QueueStopped),
            Action::Stop(DownloadId(4), StopReason::QueueStopped)
        ]
    );
    assert_eq!(plan.queues[&QueueId(1)].gate, Gate::Stopped);
}

#[test]
fn a_queue_opens_and_closes_by_the_clock() {
    let mut nights = queue(1, 8);
    nights.schedule = Some(QueueSchedule {
        from_minute: 90,
        to_minute: 100,
        days: Days([true; 7]),
    });
    let queues = [nights];
    let mut all = [contender(1, 1, Turn::Ready)];
    let settings = settings(8, 8);

    let before = decide(monday(61), None, &settings, &queues, &all);
    assert_eq!(before.actions, []);
    let opens_at_ms = Some(monday(90).at_ms);
    assert_eq!(before.queues[&QueueId(1)].gate, Gate::Closed { opens_at_ms });
    assert_eq!(before.wake_at_ms, opens_at_ms);

    let inside = decide(monday(90), None, &settings, &queues, &all);
    assert_eq!(starts(&inside), [1]);
    assert_eq!(inside.wake_at_ms, Some(monday(100).at_ms));

    apply(&inside, &mut all);
    let after = decide(monday(100), None, &settings, &queues, &all);
    assert_eq!(stops(&after), [(1, StopReason::OutsideHours)]);
}

#[test]
fn the_weekly_grid_limits_and_switches_off() {
    let mut settings = settings(8, 8);
    settings.network.limit_bytes_per_s = Some(500);
    let mut hours = vec![LimitHour::Free; 7 * 24];
    hours[1] = LimitHour::Limited;
    hours[2] = LimitHour::Off;
    settings.network.weekly_limits = Some(WeeklyLimits {
        limit_bytes_per_s: 700,
        hours,
    });
    let queues = [queue(1, 8)];
    let all = [contender(1, 1, Turn::Running), contender(2, 1, Turn::Ready)];

    let free = decide(monday(10), None, &settings, &queues, &all);
    assert_eq!(free.limit_bytes_per_s, None);
    assert_eq!(free.wake_at_ms, Some(monday(60).at_ms));
    let limited = decide(monday(60), None, &settings, &queues, &all);
    assert_eq!(limited.limit_bytes_per_s, Some(700));
    let off = decide(monday(120), None, &settings, &queues, &all);
    assert_eq!(off.actions, [Action::Stop(DownloadId(1), StopReason::OffHour)]);

    settings.network.limit_on = true;
    assert_eq!(
        decide(monday(10), None, &settings, &queues, &all).limit_bytes_per_s,
        Some(500)
    );
    assert_eq!(
        decide(monday(60), None, &settings, &queues, &all).limit_bytes_per_s,
        Some(500)
    );
}

#[test]
fn a_start_time_is_woken_for() {
    let at_ms = monday(3).at_ms + 7;
    let all = [contender(1, 1, Turn::NotBefore { at_ms })];
    let plan = decide(monday(0), None, &settings(8, 8), &[queue(1, 8)], &all);
    assert_eq!((plan.actions.len(), plan.wake_at_ms), (0, Some(at_ms)));
    let then = Now { at_ms, ..monday(3) };
    let plan = decide(then, None, &settings(8, 8), &[queue(1, 8)], &all);
    assert_eq!((starts(&plan), plan.wake_at_ms), (vec![1], None));
}

#[test]
fn nothing_has_its_turn_while_the_machine_is_to_be_spared() {
    let all = [
        contender(1, 1, Turn::Running),
        contender(2, 1, Turn::Ready),
        contender(3, 2, Turn::Running),
    ];
    let mut stopped = queue(2, 8);
    stopped.running = false;
    let queues = [queue(1, 8), stopped];
    let plan = decide(monday(0), Some(Hold::Battery), &settings(8, 8), &queues, &all);
    assert_eq!(
        (starts(&plan), stops(&plan)),
        (
            vec![],
            vec![
                (1, StopReason::Held(Hold::Battery)),
                (3, StopReason::QueueStopped)
            ]
        )
    );
    let plan = decide(monday(0), None, &settings(8, 8), &queues, &all);
    assert_eq!(starts(&plan), [2]);
}

#[derive(Debug, Clone)]
struct Case {
    now: Now,
    settings: Settings,
    queues: Vec<Queue>,
    contenders: Vec<Contender<'static>>,
}

impl Case {
    fn decide(&self) -> Plan {
        decide(self.now, None, &self.settings, &self.queues, &self.contenders)
    }

    fn running(&self) -> impl Iterator<Item = &Contender<'static>> {
        self.contenders.iter().filter(|one| one.turn == Turn::Running)
    }

    fn assert_within_limits(&self) {
        let network = &self.settings.network;
        assert!(self.running().count() <= network.downloads_at_once as usize);
        for host in HOSTS {
            let running = self.running().filter(|one| one.host == host).count();
            assert!(running <= network.downloads_per_host as usize, "{host}");
        }
        for queue in &self.queues {
            let running = self.running().filter(|one| one.queue == queue.id).count();
            assert!(running <= queue.at_once as usize, "{}", queue.name);
            assert!(running == 0 || queue.running, "{} is stopped", queue.name);
        }
    }
}

fn schedules() -> impl Strategy<Value = Option<QueueSchedule>> {
    let schedule =
        (0..1440_u16, 0..1440_u16, any::<[bool; 7]>()).prop_map(|(from_minute, to_minute, days)| {
            QueueSchedule {
                from_minute,
                to_minute,
                days: Days(days),
            }
        });
    prop_oneof![2 => Just(None), 1 => schedule.prop_map(Some)]
}

fn grids() -> impl Strategy<Value = Option<WeeklyLimits>> {
    let hour = prop_oneof![
        4 => Just(LimitHour::Free),
        2 => Just(LimitHour::Limited),
        1 => Just(LimitHour::Off),
    ];
    let grid = proptest::collection::vec(hour, 7 * 24).prop_map(|hours| WeeklyLimits {
        limit_bytes_per_s: 1_000,
        hours,
    });
    prop_oneof![2 => Just(None), 1 => grid.prop_map(Some)]
}

fn turns() -> impl Strategy<Value = Turn> {
    prop_oneof![
        5 => Just(Turn::Ready),
        3 => Just(Turn::Running),
        1 => Just(Turn::Held),
        2 => (0..14 * 24 * 60 * MINUTE_MS).prop_map(|ms| Turn::NotBefore { at_ms: MONDAY_MS + ms }),
    ]
}

fn cases() -> impl Strategy<Value = Case> {
    let queues = proptest::collection::vec((proptest::bool::weighted(0.8), 1..6_u32, schedules()), 1..4);
    let one = (
        0..4_u32,
        -5.0..5.0_f64,
        prop_oneof![Just(Priority::High), Just(Priority::Normal), Just(Priority::Low)],
        proptest::sample::select(&HOSTS[..]),
        turns(),
    );
    let contenders = proptest::collection::vec(one, 0..40);
    let time_ms = 0..7 * 24 * 60 * MINUTE_MS;
    (time_ms, 1..8_u32, 1..5_u32, grids(), queues, contenders).prop_map(
        |(ms, in_all, per_host, weekly, queues, contenders)| {
            let mut settings = settings(in_all, per_host);
            settings.network.weekly_limits = weekly;
            let queues = (1..).zip(queues).map(|(id, (running, at_once, schedule))| Queue {
                running,
                schedule,
                ..queue(id, at_once)
            });
            let contenders = (1..).zip(contenders);
            let contenders = contenders.map(|(id, (queue, position, priority, host, turn))| Contender {
                queue: QueueId(queue),
                position,
                priority,
                host,
                ..contender(id, queue, turn)
            });
            Case {
                now: after_ms(ms),
                settings,
                queues: queues.collect(),
                contenders: contenders.collect(),
            }
        },
    )
}

proptest! {
    #[test]
    fn no_limit_is_exceeded_and_the_same_question_needs_no_second_answer(mut case in cases()) {
        let plan = case.decide();
        apply(&plan, &mut case.contenders);
        case.assert_within_limits();
        if plan.hour == LimitHour::Off {
            prop_assert_eq!(case.running().count(), 0);
        }
        let again = case.decide();
        prop_assert_eq!(again.actions, []);
        prop_assert_eq!((again.hour, again.queues), (plan.hour, plan.queues));
    }

    #[test]
    fn nothing_stops_without_a_cause(case in cases()) {
        let plan = case.decide();
        let runs_in = |queue| case.running().filter(|one| one.queue == queue).count();
        for (id, reason) in stops(&plan) {
            let stopped = case.contenders.iter().find(|one| one.id.0 == id).unwrap();
            let gate = plan.queues.get(&stopped.queue).map(|queue| queue.gate);
            match reason {
                StopReason::Held(_) => panic!("nothing is held"),
                StopReason::QueueStopped => prop_assert!(matches!(gate, None | Some(Gate::Stopped))),
                StopReason::OutsideHours => {
                    let is_closed = matches!(gate, Some(Gate::Closed { .. }));
                    prop_assert!(is_closed);
                }
                StopReason::OffHour => prop_assert_eq!(plan.hour, LimitHour::Off),
                StopReason::TooMany => {
                    let network = &case.settings.network;
                    let queue = case.queues.iter().find(|queue| queue.id == stopped.queue).unwrap();
                    let of_host = case.running().filter(|one| one.host == stopped.host).count();
                    prop_assert!(
                        case.running().count() > network.downloads_at_once as usize
                            || of_host > network.downloads_per_host as usize
                            || runs_in(stopped.queue) > queue.at_once as usize
                    );
                }
            }
        }
    }

    #[test]
    fn order_is_kept_within_a_queue(case in cases()) {
        let plan = case.decide();
        let started = starts(&plan);
        for one in case.contenders.iter().filter(|one| is_due(one.turn, case.now)) {
            for other in &case.contenders {
                // Of one queue and one host, nothing but the order tells them apart.
                if one.queue == other.queue && one.host == other.host && order(one, other).is_lt() {
                    prop_assert!(!started.contains(&other.id.0) || started.contains(&one.id.0));
                }
            }
        }
        for queue in 0..4 {
            let of_queue: Vec<_> = started
                .iter()
                .filter_map(|id| case.contenders.iter().find(|one| one.id.0 == *id && one.queue.0 == queue))
                .collect();
            prop_assert!(of_queue.is_sorted_by(|one, other| order(one, other).is_lt()));
        }
    }

    #[test]
    fn no_slot_stays_empty_that_somebody_could_take(mut case in cases()) {
        apply(&case.decide(), &mut case.contenders);
        let plan = case.decide();
        for one in case.contenders.clone() {
            if is_due(one.turn, case.now)
                && reason_to_stop(plan.hour, None, plan.queues.get(&one.queue)).is_none()
            {
                let mut more = case.clone();
                more.contenders.iter_mut().find(|other| other.id == one.id).unwrap().turn = Turn::Running;
                prop_assert!(!stops(&more.decide()).is_empty(), "{one:?} fits, and was not started");
            }
        }
    }

    #[test]
    fn everything_that_is_ready_has_its_turn_while_others_finish(mut case in cases(), which in any::<u64>()) {
        for queue in &mut case.queues {
            (queue.running, queue.schedule) = (true, None);
        }
        case.settings.network.weekly_limits = None;
        let queues: HashSet<_> = case.queues.iter().map(|queue| queue.id).collect();
        case.contenders.retain(|one| queues.contains(&one.queue));
        let mut waiting: HashSet<_> =
            case.contenders.iter().filter(|one| is_due(one.turn, case.now)).map(|one| one.id).collect();
        for round in 0..=case.contenders.len() {
            let plan = case.decide();
            apply(&plan, &mut case.contenders);
            case.running().for_each(|one| {
                waiting.remove(&one.id);
            });
            let running: Vec<_> = case.running().map(|one| one.id).collect();
            if !running.is_empty() {
                let done = running[(which as usize).wrapping_add(round) % running.len()];
                case.contenders.retain(|one| one.id != done);
            }
        }
        prop_assert!(waiting.is_empty(), "never started: {waiting:?}");
    }

    #[test]
    fn nothing_changes_before_it_wakes(mut case in cases(), share in 0.0..1.0_f64) {
        let plan = case.decide();
        apply(&plan, &mut case.contenders);
        let begin_ms = case.now.at_ms;
        // Where it never wakes, nothing ever changes.
        let until_ms = plan.wake_at_ms.unwrap_or(begin_ms + 14 * 24 * 60 * MINUTE_MS);
        prop_assert!(until_ms > begin_ms);
        let last_ms = until_ms - 1;
        let between_ms = begin_ms + ((last_ms - begin_ms) as f64 * share) as u64;
        for at_ms in [between_ms, last_ms] {
            case.now = after_ms(at_ms - MONDAY_MS);
            let then = case.decide();
            prop_assert_eq!(then.actions, []);
            prop_assert_eq!(then.limit_bytes_per_s, plan.limit_bytes_per_s);
            prop_assert_eq!(then.hour, plan.hour);
            prop_assert_eq!(&then.queues, &plan.queues);
            prop_assert_eq!(then.wake_at_ms, plan.wake_at_ms);
        }
    }
}
