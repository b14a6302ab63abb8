//! Notifications of the freedesktop specification.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gannet_schema::DownloadId;
use gio::DBusConnection;
use gio::glib::{ToVariant as _, Variant};
use tauri::AppHandle;

use super::{Action, NoDisk, Note, Notification, notification};
use crate::bus::{self, Peer};
use crate::desktop::come;
use crate::elsewhere;
use crate::files::Handing;
use crate::words::Words;

const HOST: Peer = Peer {
    name: "org.freedesktop.Notifications",
    path: "/org/freedesktop/Notifications",
    interface: "org.freedesktop.Notifications",
};
/// A click on the notification itself.
const DEFAULT: &str = "default";
/// As the desktop file and its icon are called.
const DESKTOP_ENTRY: &str = "gannet-desktop";
/// Notifications whose buttons still do something.
const REMEMBERED_MAX: usize = 32;

/// Whoever shows notifications.
#[derive(Debug, Clone)]
pub(crate) struct Host {
    app: AppHandle,
    shown: Arc<Mutex<Shown>>,
}

/// What was shown, by the numbers that the system gave.
#[derive(Debug, Default)]
struct Shown {
    about: VecDeque<(u32, Option<DownloadId>)>,
    /// The last one of each sort.
    last: HashMap<Sort, u32>,
    /// An answer to one whose number is not known yet: the system may tell that later. Or another program's.
    early: Option<(u32, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Sort {
    Finished,
    Failed,
    Stuck(NoDisk),
}

impl Host {
    /// Hears what a person answers. To be called where the windows live.
    pub(crate) fn new(app: &AppHandle) -> Self {
        let shown = Arc::new(Mutex::new(Shown::default()));
        let host = Self {
            app: app.clone(),
            shown,
        };
        let heard = host.clone();
        HOST.heed("ActionInvoked", None, move |parameters| {
            heard.answered(parameters);
        });
        host
    }

    /// Shows what is to be told. Blocks.
    pub(crate) fn tell(&self, note: &Note, words: &'static Words) {
        let sort = match note {
            Note::Finished { .. } | Note::AllDone { .. } | Note::GoesOn => Sort::Finished,
            Note::Failed { .. } => Sort::Failed,
            Note::Stuck { why, .. } => Sort::Stuck(*why),
        };
        let told = notification(note, words);
        let before = lock(&self.shown).last.get(&sort).copied();
        let replaces = before.filter(|_| told.replaces).unwrap_or(0);
        match bus::session().and_then(|bus| notify(&bus, &told, category(note), replaces, words)) {
            Ok(number) => {
                let mut shown = lock(&self.shown);
                if shown.about.len() == REMEMBERED_MAX {
                    shown.about.pop_front();
                }
                shown.about.push_back((number, told.about));
                shown.last.insert(sort, number);
                let early = shown.early.take_if(|(early, _)| *early == number);
                drop(shown);
                if let Some((_, key)) = early {
                    self.carry_out(&key, told.about);
                }
            }
            // Many desktops have none.
            Err(error) => tracing::debug!(%error, "nobody shows notifications"),
        }
    }

    fn answered(&self, parameters: &Variant) {
        let Some((number, key)) = parameters.get::<(u32, String)>() else {
            return;
        };
        let mut shown = lock(&self.shown);
        let known = shown.about.iter().rev().find(|(known, _)| *known == number);
        let Some((_, about)) = known.copied() else {
            shown.early = Some((number, key));
            return;
        };
        drop(shown);
        self.carry_out(&key, about);
    }

    fn carry_out(&self, key: &str, about: Option<DownloadId>) {
        let action = Action::ALL.into_iter().find(|action| action.key() == key);
        action.unwrap_or(Action::List).carry_out(&self.app, about);
    }
}

impl Action {
    const ALL: [Self; 3] = [Self::Open, Self::Show, Self::List];

    /// Its name between us and the system.
    const fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Show => "show",
            Self::List => "list",
        }
    }

    fn label(self, words: &'static Words) -> &'static str {
        let notice = words.notice();
        match self {
            Self::Open => &notice.open,
            Self::Show => &notice.show,
            Self::List => &notice.list,
        }
    }

    /// Does it.
    fn carry_out(self, app: &AppHandle, about: Option<DownloadId>) {
        let handing = match self {
            Self::Open => Handing::Open,
            Self::Show => Handing::Show,
            Self::List => return come(app),
        };
        match about {
            Some(id) => elsewhere::hand(app, id, handing),
            None => come(app),
        }
    }
}

/// What desktops may sort notifications by, or choose a sound by, where the specification has a word for it.
const fn category(note: &Note) -> Option<&'static str> {
    match note {
        Note::Finished { .. } | Note::AllDone { .. } => Some("transfer.complete"),
        Note::Failed { .. } | Note::Stuck { .. } => Some("transfer.error"),
        Note::GoesOn => None,
    }
}

fn notify(
    bus: &DBusConnection,
    told: &Notification,
    category: Option<&str>,
    replaces: u32,
    words: &'static Words,
) -> Result<u32, gio::glib::Error> {
    let can = HOST.call(bus, "GetCapabilities", &().to_variant())?;
    let can: Vec<String> = can.child_value(0).get().unwrap_or_default();
    let can = |what: &str| can.iter().any(|one| one == what);
    let mut actions: Vec<&str> = Vec::new();
    if can("actions") {
        for action in &told.actions {
            actions.extend([action.key(), action.label(words)]);
        }
        actions.extend([DEFAULT, &words.notice().list]);
    }
    let body = if can("body-markup") {
        without_markup(&told.body)
    } else {
        told.body.clone()
    };
    let mut hints = HashMap::from([("desktop-entry", DESKTOP_ENTRY.to_variant())]);
    hints.extend(category.map(|category| ("category", category.to_variant())));
    let system_decides_ms = -1_i32;
    let parameters = (
        "Gannet",
        replaces,
        DESKTOP_ENTRY,
        told.title.as_str(),
        body.as_str(),
        actions,
        hints,
        system_decides_ms,
    );
    let answer = HOST.call(bus, "Notify", &parameters.to_variant())?;
    Ok(answer.child_value(0).get().unwrap_or(0))
}

/// A file's name is a name, whatever stands in it.
fn without_markup(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn lock(shown: &Mutex<Shown>) -> MutexGuard<'_, Shown> {
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use gannet_schema::{FailureCode, Language};

    use super::super::gather::Subject;
    use super::*;
    use crate::stand_in::StandIn;

    const INTERFACE: &str = "
        <method name='GetCapabilities'><arg type='as' direction='out'/></method>
        <method name='Notify'>
            <arg type='s' direction='in'/><arg type='u' direction='in'/><arg type='s' direction='in'/>
            <arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='as' direction='in'/>
            <arg type='a{sv}' direction='in'/><arg type='i' direction='in'/><arg type='u' direction='out'/>
        </method>";

    fn tell(can: &[&str]) -> Variant {
        let can: Vec<String> = can.iter().map(|&one| one.to_owned()).collect();
        let stand_in = StandIn::start(HOST, INTERFACE, move |method| match method {
            "GetCapabilities" => (can.clone(),).to_variant(),
            _ => (7_u32,).to_variant(),
        });
        let told = Notification {
            title: "Download finished".to_owned(),
            body: "<b>&.iso".to_owned(),
            actions: vec![Action::Open, Action::Show],
            about: Some(DownloadId(1)),
            replaces: true,
        };
        let number = notify(
            stand_in.bus(),
            &told,
            Some("transfer.complete"),
            3,
            Words::of(Language::English),
        );
        assert_eq!(number.unwrap(), 7);
        stand_in.calls("Notify").remove(0)
    }

    #[test]
    fn what_is_told_reaches_the_host_with_its_actions() {
        let told = tell(&["actions", "body-markup"]);
        assert_eq!(
            told.child_value(1).get(),
            Some(3_u32),
            "it takes the place of the one before"
        );
        assert_eq!(told.child_value(3).str(), Some("Download finished"));
        assert_eq!(
            told.child_value(4).str(),
            Some("&lt;b&gt;&amp;.iso"),
            "a name is no markup"
        );
        let actions: Vec<String> = told.child_value(5).get().unwrap();
        assert_eq!(
            actions,
            [
                "open",
                "Open",
                "show",
                "Show in folder",
                "default",
                "Show the list"
            ]
        );
    }

    #[test]
    fn a_failure_is_told_as_one_and_what_goes_on_as_nothing_that_came_to_its_end() {
        let category = |note: Note| {
            let stand_in = StandIn::start(HOST, INTERFACE, |method| match method {
                "GetCapabilities" => (Vec::<String>::new(),).to_variant(),
                _ => (7_u32,).to_variant(),
            });
            let words = Words::of(Language::English);
            let told = notification(&note, words);
            notify(stand_in.bus(), &told, category(&note), 0, words).unwrap();
            let hints = stand_in.calls("Notify").remove(0).child_value(6);
            let hints: HashMap<String, Variant> = hints.get().unwrap();
            hints.get("category").and_then(Variant::get::<String>)
        };
        let last = Subject {
            id: DownloadId(1),
            name: "film.mkv".to_owned(),
        };
        let failed = Note::Failed {
            last,
            code: FailureCode::Refused,
            count: 1,
            replaces: false,
        };
        let done = Note::AllDone {
            finished: 2,
            failed: 0,
        };
        assert_eq!(category(failed).as_deref(), Some("transfer.error"));
        assert_eq!(category(done).as_deref(), Some("transfer.complete"));
        assert_eq!(category(Note::GoesOn), None);
    }

    #[test]
    fn a_host_without_actions_and_markup_gets_neither() {
        let told = tell(&["body"]);
        assert_eq!(told.child_value(4).str(), Some("<b>&.iso"));
        assert_eq!(told.child_value(5).get(), Some(Vec::<String>::new()));
    }
}
