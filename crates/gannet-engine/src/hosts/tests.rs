use super::*;

#[test]
fn a_refusal_sets_the_limit_and_one_more_is_tried_later() {
    let budget = HostBudget::new(32);
    let start = Instant::now();
    let mut held: Vec<_> = (0..4).filter_map(|_| budget.acquire("h:80", start)).collect();
    let refused = budget.acquire("h:80", start);
    assert_eq!(budget.refused("h:80", 4, start), 4);
    drop(refused);
    assert!(budget.acquire("h:80", start + Duration::from_secs(1)).is_none());
    let later = start + FIRST_RETRY;
    let mut fifth = budget.acquire("h:80", later).expect("one more is tried");
    assert!(budget.acquire("h:80", later).is_none(), "one more, not two");
    fifth.served(later);
    assert_eq!(budget.learned("h:80", later), Some(5));
    held.push(fifth);
}

#[test]
fn a_connection_that_is_open_counts_beyond_what_is_left() {
    let budget = HostBudget::new(2);
    let now = Instant::now();
    let acquired: Vec<_> = (0..3).filter_map(|_| budget.acquire("h:80", now)).collect();
    assert_eq!(acquired.len(), 2);
    let open = budget.hold("h:80", now);
    let mut acquired = acquired.into_iter();
    drop(acquired.next());
    assert!(
        budget.acquire("h:80", now).is_none(),
        "the open one has its place"
    );
    drop(acquired.next());
    assert!(budget.acquire("h:80", now).is_some());
    drop(open);
}

#[test]
fn a_limit_does_not_oscillate() {
    let budget = HostBudget::new(32);
    let mut now = Instant::now();
    let _held: Vec<_> = (0..3).filter_map(|_| budget.acquire("h:80", now)).collect();
    budget.refused("h:80", 3, now);
    let mut refusals = 0;
    for _ in 0..3600 {
        now += Duration::from_secs(1);
        if budget.acquire("h:80", now).is_some() {
            refusals += 1;
            budget.refused("h:80", 3, now);
        }
    }
    assert!(refusals <= 10, "{refusals} tries in an hour");
    assert_eq!(budget.learned("h:80", now), Some(3));
}

#[test]
fn nothing_is_opened_beside_what_is_served_before_the_host_said() {
    let budget = HostBudget::new(32);
    let now = Instant::now();
    let mut held: Vec<_> = (0..3).filter_map(|_| budget.acquire("h:80", now)).collect();
    let wait = FIRST_RETRY * 3;
    budget.refused("h:80", 3, now);
    budget.ordered("h:80", 3, wait, now);
    // Another transfer's refusal, with a shorter wait.
    budget.ordered("h:80", 4, FIRST_RETRY, now);
    let early = now + FIRST_RETRY * 2;
    assert!(budget.acquire("h:80", early).is_none(), "not before it said");
    held.pop();
    let again = budget.acquire("h:80", early);
    assert!(again.is_some(), "what it serves goes on");
    assert!(budget.acquire("h:80", early).is_none());
    assert!(budget.acquire("h:80", now + wait).is_some(), "one more, in time");
    assert!(budget.acquire("other:80", now).is_some());
}

#[test]
fn what_was_learned_decays() {
    let budget = HostBudget::new(8);
    let now = Instant::now();
    budget.refused("h:80", 2, now);
    assert_eq!(budget.learned("h:80", now + MEMORY), None);
}

#[test]
fn another_budget_goes_on_with_what_was_learned() {
    let before = HostBudget::new(32);
    let start = Instant::now();
    assert_eq!(before.lessons(), 0);
    before.refused("h:80", 3, start);
    assert_ne!(before.lessons(), 0);
    let age = Duration::from_secs(2);
    let kept = before.knowledge(start + age);
    assert_eq!(
        kept,
        [HostKnowledge {
            host: "h:80".to_owned(),
            connections: 3,
            age,
            retry_after: FIRST_RETRY,
        }]
    );

    let after = HostBudget::new(32);
    after.remember(kept, start);
    let held: Vec<_> = (0..32).filter_map(|_| after.acquire("h:80", start)).collect();
    assert_eq!(held.len(), 3, "the cap holds from the first connection on");
    let due = start + FIRST_RETRY.checked_sub(age).unwrap();
    assert!(
        after
            .acquire("h:80", due.checked_sub(Duration::from_millis(1)).unwrap())
            .is_none(),
        "its age came along"
    );
    assert!(
        after.acquire("h:80", due).is_some(),
        "and one more is tried in time"
    );
}

#[test]
fn what_is_remembered_decays_and_is_bounded() {
    let known = |number: u64, age: Duration| HostKnowledge {
        host: format!("h{number}:80"),
        connections: 2,
        age,
        retry_after: FIRST_RETRY,
    };
    let budget = HostBudget::new(8);
    let now = Instant::now();
    let nearly = MEMORY.checked_sub(FIRST_RETRY).unwrap();
    budget.remember([known(0, MEMORY), known(1, nearly)], now);
    assert_eq!(budget.learned("h0:80", now), None, "a day old");
    assert_eq!(budget.learned("h1:80", now), Some(2));
    assert_eq!(budget.learned("h1:80", now + FIRST_RETRY), None, "it ages on");

    let budget = HostBudget::new(8);
    budget.remember(
        (0..2_000).map(|number| known(number, Duration::from_secs(number))),
        now,
    );
    assert_eq!(budget.knowledge(now).len(), HOSTS_MAX);
    assert_eq!(budget.learned("h0:80", now), Some(2), "the latest stay");
    assert_eq!(budget.learned("h1999:80", now), None);
}

#[test]
fn what_is_known_by_now_counts_more_than_what_is_remembered() {
    let budget = HostBudget::new(8);
    let now = Instant::now();
    budget.refused("h:80", 5, now);
    let known = HostKnowledge {
        host: "h:80".to_owned(),
        connections: 1,
        age: Duration::from_hours(1),
        retry_after: FIRST_RETRY,
    };
    budget.remember([known], now);
    assert_eq!(budget.learned("h:80", now), Some(5));
}

#[test]
fn what_others_are_served_counts_when_one_is_refused() {
    let budget = HostBudget::new(32);
    let now = Instant::now();
    let mut others: Vec<_> = (0..6).filter_map(|_| budget.acquire("h:80", now)).collect();
    for permit in &mut others {
        permit.served(now);
        permit.served(now);
    }
    let _refused = budget.acquire("h:80", now);
    assert_eq!(
        budget.refused("h:80", 2, now),
        6,
        "two of this transfer's, beside four"
    );
    others.truncate(3);
    assert_eq!(budget.refused("h:80", 1, now), 3);
    drop(others);
    assert_eq!(budget.refused("h:80", 0, now), 1);
}

#[test]
fn transfers_that_share_a_budget_share_the_host() {
    let budget = HostBudget::new(2);
    let now = Instant::now();
    let one = budget.clone().acquire("h:80", now);
    let _two = budget.clone().acquire("h:80", now);
    assert!(budget.acquire("h:80", now).is_none());
    drop(one);
    assert!(budget.acquire("h:80", now).is_some());
    assert!(budget.acquire("other:80", now).is_some());
}
