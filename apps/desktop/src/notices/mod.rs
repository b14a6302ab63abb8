//! News on the screen of somebody who looks elsewhere: what is to be told is decided in `gather`, and told by the system.

mod gather;
#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod system;

use gannet_schema::{DownloadId, WaitReason};
use tauri::{AppHandle, Manager as _};

pub(crate) use gather::Gatherer;
use gather::{NoDisk, Note, Subject};
pub(crate) use system::Host;

use crate::words::Words;
use crate::works::Works;

/// What a person can do from a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    /// Opens the file.
    Open,
    /// Shows it in its folder.
    Show,
    /// Shows the list.
    List,
}

/// What a notification says.
#[derive(Debug, PartialEq, Eq)]
struct Notification {
    title: String,
    body: String,
    actions: Vec<Action>,
    /// What the actions are about.
    about: Option<DownloadId>,
    /// The earlier one of the same sort gives way to it.
    replaces: bool,
}

/// Tells that the program goes on without a window, and how to see it again.
pub(crate) async fn tell_goes_on(app: &AppHandle) {
    let settings = app.state::<Works>().manager().settings().await;
    let words = Words::of(settings.appearance.language);
    let host = app.state::<Host>().inner().clone();
    let told = tauri::async_runtime::spawn_blocking(move || host.tell(&Note::GoesOn, words));
    if let Err(error) = told.await {
        tracing::debug!(%error, "nobody is told that it goes on");
    }
}

/// The words for what is to be told.
fn notification(note: &Note, words: &'static Words) -> Notification {
    let notice = words.notice();
    match note {
        Note::Finished {
            last,
            count: 1,
            replaces,
        } => Notification {
            title: notice.finished.clone(),
            body: last.name.clone(),
            actions: vec![Action::Open, Action::Show],
            about: Some(last.id),
            replaces: *replaces,
        },
        Note::Finished {
            last,
            count,
            replaces,
        } => Notification {
            title: words.finished_many(*count),
            body: words.names_and_more(&last.name),
            actions: vec![Action::Show, Action::List],
            about: Some(last.id),
            replaces: *replaces,
        },
        Note::Failed {
            last,
            code,
            count: 1,
            replaces,
        } => Notification {
            title: notice.failed.clone(),
            body: format!("{}: {}", last.name, words.reason(*code)),
            actions: vec![Action::List],
            about: Some(last.id),
            replaces: *replaces,
        },
        Note::Failed {
            last,
            count,
            replaces,
            ..
        } => Notification {
            title: words.failed_many(*count),
            body: words.names_and_more(&last.name),
            actions: vec![Action::List],
            about: Some(last.id),
            replaces: *replaces,
        },
        Note::Stuck {
            last,
            why,
            count,
            replaces,
        } => stuck(words, last, *why, *count, *replaces),
        Note::AllDone { finished, failed } => Notification {
            title: notice.all_done.clone(),
            body: all_done(words, *finished, *failed),
            actions: vec![Action::List],
            about: None,
            replaces: true,
        },
        Note::GoesOn => Notification {
            title: notice.goes_on.clone(),
            body: notice.goes_on_how.clone(),
            actions: vec![Action::List],
            about: None,
            replaces: false,
        },
    }
}

fn stuck(words: &Words, last: &Subject, why: NoDisk, count: usize, replaces: bool) -> Notification {
    let (title, names) = match count {
        1 => (words.notice().stuck.clone(), last.name.clone()),
        _ => (words.stuck_many(count), words.names_and_more(&last.name)),
    };
    let why = words.waits_for(match why {
        NoDisk::Full => WaitReason::DiskFull,
        NoDisk::Gone => WaitReason::DiskGone,
    });
    Notification {
        title,
        body: format!("{names}: {why}"),
        actions: vec![Action::List],
        about: Some(last.id),
        replaces,
    }
}

fn all_done(words: &Words, finished: usize, failed: usize) -> String {
    let mut parts = Vec::new();
    if finished > 0 {
        parts.push(words.finished_many(finished));
    }
    if failed > 0 {
        parts.push(words.failed_many(failed));
    }
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use gannet_schema::{FailureCode, Language};

    use super::*;

    fn subject(name: &str) -> Subject {
        Subject {
            id: DownloadId(7),
            name: name.to_owned(),
        }
    }

    #[test]
    fn one_is_told_by_its_name_and_can_be_opened() {
        let note = Note::Finished {
            last: subject("film.mkv"),
            count: 1,
            replaces: false,
        };
        let told = notification(&note, Words::of(Language::English));
        assert_eq!(
            (told.title.as_str(), told.body.as_str()),
            ("Download finished", "film.mkv")
        );
        assert_eq!(told.actions, [Action::Open, Action::Show]);
    }

    #[test]
    fn a_failure_says_why() {
        let note = Note::Failed {
            last: subject("film.mkv"),
            code: FailureCode::DiskFull,
            count: 1,
            replaces: false,
        };
        let told = notification(&note, Words::of(Language::English));
        assert_eq!(told.body, "film.mkv: The disk is full");
    }

    #[test]
    fn what_waits_for_its_disk_says_what_the_disk_lacks() {
        let told = |count, why| {
            let last = subject("film.mkv");
            let note = Note::Stuck {
                last,
                why,
                count,
                replaces: false,
            };
            let Notification { title, body, .. } = notification(&note, Words::of(Language::English));
            (title, body)
        };
        let said = |title: &str, body: &str| (title.to_owned(), body.to_owned());
        assert_eq!(
            told(1, NoDisk::Full),
            said("Download waits", "film.mkv: the disk is full")
        );
        assert_eq!(
            told(3, NoDisk::Gone),
            said("3 downloads wait", "film.mkv and more: the disk is gone")
        );
    }

    #[test]
    fn many_are_told_by_their_number() {
        let note = Note::AllDone {
            finished: 3,
            failed: 1,
        };
        let told = notification(&note, Words::of(Language::English));
        assert_eq!(told.title, "All downloads are done");
        assert_eq!(told.body, "3 downloads finished · 1 download failed");
    }
}
