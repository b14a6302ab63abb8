use gannet_schema::{Cells, Failure, FileKind, Priority, WhenDone};

use super::*;

const ALL: Notifications = Notifications {
    finished: true,
    failed: true,
    all_done: true,
};

fn finished(id: u32) -> Notice {
    Notice::Finished {
        id: DownloadId(id),
        name: format!("file{id}"),
    }
}

fn failed(id: u32) -> Notice {
    Notice::Failed {
        id: DownloadId(id),
        name: format!("file{id}"),
        failure: Failure::new(FailureCode::Refused, ""),
    }
}

/// Somebody with other things still to do.
fn busy() -> Gatherer {
    let mut gatherer = Gatherer::default();
    gatherer.left.insert(DownloadId(1000), Left::Sure);
    gatherer
}

fn row(id: u32, standing: Standing) -> Row {
    Row {
        id: DownloadId(id),
        name: format!("file{id}"),
        host: "example.org".to_owned(),
        url: format!("https://example.org/file{id}"),
        mirrors: 0,
        file_kind: FileKind::Other,
        category: None,
        queue: QueueId::MAIN,
        position: f64::from(id),
        priority: Priority::Normal,
        folder: String::new(),
        standing,
        length: None,
        bytes: 0,
        cells: Cells::default(),
        connections_limit: None,
        limit_bytes_per_s: None,
        added_at_ms: 0,
        finished_at_ms: None,
        active_ms: 0,
        verified: None,
        missing: false,
    }
}

fn main_queue(running: bool) -> Queue {
    Queue {
        id: QueueId::MAIN,
        name: "Main".to_owned(),
        running,
        at_once: 1,
        limit_bytes_per_s: None,
        schedule: None,
        retries: 0,
        when_done: WhenDone::Nothing,
    }
}

fn counts(notes: &[Note]) -> Vec<(usize, bool)> {
    notes
        .iter()
        .map(|note| match note {
            Note::Finished { count, replaces, .. }
            | Note::Failed { count, replaces, .. }
            | Note::Stuck { count, replaces, .. } => (*count, *replaces),
            other => panic!("{other:?} does not count some"),
        })
        .collect()
}

#[test]
fn one_is_told_after_a_moment() {
    let mut gatherer = busy();
    gatherer.hear(&finished(1), 1000);
    assert_eq!(gatherer.wake_at_ms(), Some(1800));
    assert_eq!(gatherer.due(1799, ALL, false), []);
    let told = gatherer.due(1800, ALL, false);
    assert_eq!(
        told,
        [Note::Finished {
            last: Subject {
                id: DownloadId(1),
                name: "file1".to_owned()
            },
            count: 1,
            replaces: false
        }]
    );
    assert_eq!(
        (gatherer.wake_at_ms(), gatherer.due(9000, ALL, false)),
        (None, vec![])
    );
}

#[test]
fn many_at_once_become_one_and_the_first_does_not_wait_for_ever() {
    let mut gatherer = busy();
    for step in 0..20 {
        gatherer.hear(&finished(step), 1000 + u64::from(step) * 200);
    }
    assert_eq!(gatherer.wake_at_ms(), Some(4000));
    assert_eq!(counts(&gatherer.due(4000, ALL, false)), [(20, false)]);
}

#[test]
fn what_follows_soon_takes_the_place_of_what_was_told() {
    let mut gatherer = busy();
    gatherer.hear(&finished(1), 0);
    assert_eq!(counts(&gatherer.due(800, ALL, false)), [(1, false)]);
    gatherer.hear(&finished(2), 10_000);
    assert_eq!(counts(&gatherer.due(10_800, ALL, false)), [(2, true)]);
    gatherer.hear(&finished(3), 60_000);
    assert_eq!(counts(&gatherer.due(60_800, ALL, false)), [(1, false)]);
}

#[test]
fn when_nothing_is_left_that_stands_for_all() {
    let mut gatherer = busy();
    gatherer.hear(&finished(1), 0);
    gatherer.due(800, ALL, false);
    gatherer.hear(&failed(2), 30_000);
    gatherer.due(30_800, ALL, false);
    gatherer.hear(&finished(3), 60_000);
    gatherer.forget(&[DownloadId(1000)]);
    assert_eq!(
        gatherer.due(60_800, ALL, false),
        [Note::AllDone {
            finished: 2,
            failed: 1
        }]
    );
    gatherer.hear(&finished(4), 61_000);
    assert_eq!(
        counts(&gatherer.due(61_800, ALL, false)),
        [(1, false)],
        "a single one is told as such"
    );
}

#[test]
fn who_looks_is_told_nothing_and_what_is_not_wanted_is_not_told() {
    let mut gatherer = busy();
    gatherer.hear(&finished(1), 0);
    assert_eq!(gatherer.due(800, ALL, true), []);
    gatherer.hear(&finished(2), 1000);
    gatherer.hear(&failed(3), 1000);
    let none_finished = Notifications {
        finished: false,
        ..ALL
    };
    let told = gatherer.due(1800, none_finished, false);
    assert!(matches!(told[..], [Note::Failed { count: 1, .. }]), "{told:?}");
}

#[test]
fn who_wants_to_hear_only_when_all_is_done_hears_of_a_single_one_too() {
    let only_the_end = Notifications {
        finished: false,
        failed: false,
        all_done: true,
    };
    let mut gatherer = busy();
    gatherer.hear(&finished(1), 0);
    assert_eq!(gatherer.due(800, only_the_end, false), [], "others are left");

    let mut gatherer = Gatherer::default();
    gatherer.hear(&finished(1), 0);
    let told = gatherer.due(800, only_the_end, false);
    assert!(
        matches!(&told[..], [Note::Finished { last, count: 1, .. }] if last.id == DownloadId(1)),
        "{told:?}"
    );
    gatherer.hear(&failed(2), 60_000);
    assert_eq!(gatherer.due(60_800, only_the_end, false), []);
}

fn waiting(id: u32, reason: WaitReason) -> Row {
    let standing = Standing::Waiting {
        reason,
        retry_at_ms: None,
        failure: None,
    };
    row(id, standing)
}

#[test]
fn what_waits_for_its_disk_is_told_once_however_often_it_tries() {
    let mut gatherer = busy();
    let full = |id| waiting(id, WaitReason::DiskFull);
    gatherer.see(&[full(1), waiting(2, WaitReason::Server)], 0);
    gatherer.see(&[full(3)], 300);
    let told = gatherer.due(1100, ALL, false);
    assert!(
        matches!(&told[..], [Note::Stuck { last, why: NoDisk::Full, count: 2, .. }] if last.name == "file3"),
        "{told:?}"
    );
    gatherer.see(&[row(1, Standing::Downloading)], 60_000);
    gatherer.see(&[full(1)], 60_000);
    gatherer.see(&[waiting(1, WaitReason::DiskGone)], 60_000);
    assert_eq!(gatherer.wake_at_ms(), None, "it is known");

    gatherer.see(&[row(1, Standing::Paused)], 70_000);
    gatherer.see(&[waiting(1, WaitReason::DiskGone)], 70_000);
    let told = gatherer.due(70_800, ALL, false);
    assert!(
        matches!(
            told[..],
            [Note::Stuck {
                why: NoDisk::Gone,
                count: 1,
                ..
            }]
        ),
        "a person had it in hand: {told:?}"
    );
}

#[test]
fn what_waits_for_its_disk_at_the_start_is_told_and_not_to_who_wants_no_failures() {
    let rows = [waiting(1, WaitReason::DiskFull)];
    let no_failures = Notifications { failed: false, ..ALL };
    for (choices, looking, told) in [(ALL, false, 1), (ALL, true, 0), (no_failures, false, 0)] {
        let mut gatherer = Gatherer::default();
        gatherer.begin(&rows, &[main_queue(true)], 0);
        assert_eq!(gatherer.due(800, choices, looking).len(), told);
        gatherer.begin(&rows, &[main_queue(true)], 5000);
        assert_eq!(gatherer.wake_at_ms(), None, "it is known");
    }
}

#[test]
fn failures_alone_are_never_all_done() {
    let mut gatherer = Gatherer::default();
    gatherer.hear(&failed(1), 0);
    gatherer.hear(&failed(2), 0);
    assert_eq!(counts(&gatherer.due(800, ALL, false)), [(2, false)]);
}

#[test]
fn what_was_told_before_the_rest_was_paused_is_not_counted_with_what_comes_later() {
    let mut gatherer = Gatherer::default();
    let at_work = |id| row(id, Standing::Downloading);
    gatherer.begin(&[at_work(1), at_work(2)], &[main_queue(true)], 0);
    gatherer.see(&[row(1, Standing::Finished)], 0);
    gatherer.hear(&finished(1), 0);
    assert_eq!(counts(&gatherer.due(800, ALL, false)), [(1, false)]);
    gatherer.see(&[row(2, Standing::Paused)], 0);

    gatherer.see(&[at_work(3)], 0);
    gatherer.see(&[row(3, Standing::Finished)], 0);
    gatherer.hear(&finished(3), 90_000_000);
    assert_eq!(counts(&gatherer.due(90_000_800, ALL, false)), [(1, false)]);
}

#[test]
fn what_follows_before_the_news_is_told_is_counted_with_it() {
    let mut gatherer = Gatherer::default();
    gatherer.begin(&[row(1, Standing::Downloading)], &[main_queue(true)], 0);
    gatherer.see(&[row(1, Standing::Finished)], 0);
    gatherer.hear(&finished(1), 0);
    gatherer.see(&[row(2, Standing::Downloading)], 0);
    assert_eq!(counts(&gatherer.due(800, ALL, false)), [(1, false)]);
    gatherer.see(&[row(2, Standing::Finished)], 0);
    gatherer.hear(&finished(2), 60_000);
    let told = gatherer.due(60_800, ALL, false);
    assert!(
        matches!(told[..], [Note::AllDone { finished: 2, .. }]),
        "{told:?}"
    );
}

#[test]
fn what_waits_in_a_stopped_queue_does_not_keep_all_from_being_done() {
    for (running, all_done) in [(true, false), (false, true)] {
        let mut gatherer = Gatherer::default();
        let rows = [1, 2].map(|id| row(id, Standing::Downloading));
        gatherer.begin(&rows, &[main_queue(true)], 0);
        gatherer.see(&[row(3, Standing::Queued)], 0);
        gatherer.see_queues(&[main_queue(running)]);
        gatherer.see(&[1, 2].map(|id| row(id, Standing::Finished)), 0);
        gatherer.hear(&finished(1), 0);
        gatherer.hear(&finished(2), 0);
        let told = gatherer.due(800, ALL, false);
        let is_all = matches!(
            told[..],
            [Note::AllDone {
                finished: 2,
                failed: 0
            }]
        );
        assert_eq!(is_all, all_done, "{told:?}");
    }
}

#[test]
fn nothing_is_at_rest_that_goes_on_or_is_still_to_be_told() {
    let mut gatherer = Gatherer::default();
    assert!(gatherer.is_at_rest());
    gatherer.begin(&[row(1, Standing::Downloading)], &[main_queue(true)], 0);
    assert!(!gatherer.is_at_rest());
    gatherer.see(&[row(1, Standing::Finished), row(2, Standing::Queued)], 0);
    assert!(!gatherer.is_at_rest(), "the next one gets its turn");
    gatherer.see_queues(&[main_queue(false)]);
    assert!(gatherer.is_at_rest());
    gatherer.hear(&finished(1), 0);
    assert!(!gatherer.is_at_rest(), "nobody was told");
    gatherer.due(WAIT_MAX_MS, ALL, false);
    assert!(gatherer.is_at_rest());
}
