//! What the shell does by itself while the manager works: it keeps tray and task bar up to date, tells what happened, keeps
//! the machine awake and spares it. One listener for all of it, and no snapshots: how much is at work is asked for while
//! something is.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use gannet_manager::{Hold, Manager, Pulse};
use gannet_schema::{
    Command, DownloadId, Event, FinishedPage, Language, Message, Notice, Reply, Row, Settings,
};
use tauri::async_runtime::JoinHandle;
use tauri::{AppHandle, Manager as _};
use tokio::time::{MissedTickBehavior, timeout};

use crate::clipboard::Watch;
use crate::errands::{Errand, Errands};
use crate::leaving::{self, Leaving};
use crate::login;
use crate::menu;
use crate::notices::{Gatherer, Host};
use crate::power::{AWAKE_FOR_A_WAIT, Activity, Awake, Machine, WAITED_FOR_AWAKE, keeps_awake};
use crate::stances::Stances;
use crate::taskbar;
use crate::theme::Follower;
use crate::tray::{self, RECENT_MAX, Said, Tray};
use crate::window::MAIN;
use crate::words::Words;
use crate::works::Works;

/// How often speeds are asked for.
const BEAT: Duration = Duration::from_secs(2);
/// How often battery and line are looked at, where that matters.
const LOOK_EVERY: Duration = Duration::from_secs(3);
/// A program that nobody sees ends after so long without anything to do: that a download is at its end is heard before
/// the news of it.
const ENDS_AFTER: Duration = Duration::from_secs(3);
/// So long the first look may take before downloads begin without it.
const FIRST_LOOK: Duration = Duration::from_secs(2);

/// Attends to the manager until it closes. To be made where the windows live.
pub(crate) struct Attendant {
    app: AppHandle,
    manager: Manager,
    tray: Option<Tray>,
    host: Host,
    gatherer: Gatherer,
    clipboard: Watch,
    awake: Option<Awake>,
    /// Whether it starts with the session, as the system was told.
    at_login: Arc<AtomicBool>,
    /// The menu's.
    language: Option<Language>,
    theme: Follower,
    /// Why nothing is downloaded, as the manager was told.
    hold: Option<Hold>,
    /// What stands at the program's icon.
    thousandths: Option<u16>,
    /// Since when nobody sees it, and nothing is left to do.
    is_over_since: Option<Instant>,
    /// What is being told now.
    telling: Option<JoinHandle<()>>,
    known: Known,
    began: Instant,
}

/// What is known of the manager.
#[derive(Default)]
struct Known {
    settings: Settings,
    stances: Stances,
    /// Downloads that bring bytes, and those that will by themselves.
    going_on: HashSet<DownloadId>,
    /// Since when nothing is at work, and something will be if the machine stays awake.
    soon_since: Option<Instant>,
    pulse: Pulse,
    /// What finished last, the latest first.
    recent: Vec<(DownloadId, String)>,
}

impl Attendant {
    pub(crate) fn new(app: &AppHandle) -> Self {
        menu::heed(app);
        let host = Host::new(app);
        app.manage(host.clone());
        Self {
            manager: app.state::<Works>().manager().clone(),
            tray: Tray::take_place(app),
            host,
            gatherer: Gatherer::default(),
            clipboard: Watch::new(app),
            awake: None,
            at_login: Arc::default(),
            language: None,
            theme: app.state::<Follower>().inner().clone(),
            hold: None,
            thousandths: None,
            is_over_since: None,
            telling: None,
            known: Known::default(),
            began: Instant::now(),
            app: app.clone(),
        }
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn manager(&self) -> &Manager {
        &self.manager
    }

    /// Lets downloads begin once it is known whether the machine is to be spared.
    pub(crate) async fn attend(mut self) {
        self.known.settings = self.manager.settings().await;
        if Machine::matters(self.known.settings.desktop) && timeout(FIRST_LOOK, self.look()).await.is_err() {
            tracing::warn!("the system does not say whether it is on its battery or a metered line");
        }
        self.manager.give_turns().await;
        let mut subscription = self.manager.subscribe();
        subscription.look(false);
        let leaving = self.app.clone();
        self.known.recent = finished_lately(&self.manager).await;
        let mut beat = tokio::time::interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let news_in = self.gatherer.wake_at_ms().map(|at_ms| {
                let now_ms = self.now_ms();
                Duration::from_millis(at_ms.saturating_sub(now_ms))
            });
            let ends_in = self
                .is_over_since
                .map(|since| ENDS_AFTER.saturating_sub(since.elapsed()));
            let sleepy_in = self.sleepy_in();
            tokio::select! {
                message = subscription.next() => match message {
                    Some(message) => self.take_in(message),
                    None => return,
                },
                _ = beat.tick(), if self.known.stances.at_work() > 0 => {
                    self.known.pulse = self.manager.pulse().await;
                }
                _ = look.tick(), if Machine::matters(self.known.settings.desktop) => self.look().await,
                () = tokio::time::sleep(news_in.unwrap_or_default()), if news_in.is_some() => self.tell_news(),
                () = tokio::time::sleep(ends_in.unwrap_or_default()), if ends_in.is_some() => {}
                () = leaving.state::<Leaving>().inner().left_alone() => {}
                // Nothing comes to say that the machine was awake for long enough.
                () = tokio::time::sleep(sleepy_in.unwrap_or_default()), if sleepy_in.is_some() => {}
            }
            self.show();
            self.end_if_over().await;
        }
    }

    fn take_in(&mut self, message: Message) {
        match message {
            Message::State { state, .. } => {
                self.known.stances = Stances::default();
                self.known.going_on.clear();
                self.known.see(&state.rows);
                let now_ms = self.now_ms();
                self.gatherer.begin(&state.rows, &state.queues, now_ms);
                self.known.settings = state.settings;
                let starts_at_login = self.known.settings.desktop.start_at_login;
                self.at_login.store(starts_at_login, Ordering::Relaxed);
                self.begin_or_end();
            }
            Message::Event { event, .. } => match *event {
                Event::Changed { rows, .. } => {
                    self.known.see(&rows);
                    let now_ms = self.now_ms();
                    self.gatherer.see(&rows, now_ms);
                }
                Event::Removed { ids, .. } => {
                    self.known.forget(&ids);
                    self.gatherer.forget(&ids);
                }
                Event::Settings { settings } => {
                    let starts_at_login = settings.desktop.start_at_login;
                    // Only where the person changed it here: elsewhere it may have been changed since.
                    if self.at_login.swap(starts_at_login, Ordering::Relaxed) != starts_at_login {
                        let at_login = Arc::clone(&self.at_login);
                        tauri::async_runtime::spawn(start_at_login(
                            self.app.clone(),
                            starts_at_login,
                            at_login,
                        ));
                    }
                    self.known.settings = *settings;
                    self.begin_or_end();
                }
                Event::Notice { notice } => {
                    self.gatherer.hear(&notice, self.now_ms());
                    if let Notice::Finished { id, name } = notice {
                        self.known.add_recent(id, name);
                    }
                }
                Event::Queues { queues } => self.gatherer.see_queues(&queues),
                Event::Categories { .. } | Event::Roots { .. } => {}
            },
            Message::Snapshot { .. } => {}
        }
    }

    /// What follows of new settings at once.
    fn begin_or_end(&mut self) {
        let language = self.known.settings.appearance.language;
        if self.language != Some(language) {
            self.language = Some(language);
            if let Err(error) = menu::set(&self.app, language) {
                tracing::warn!(%error, "no menu");
            }
        }
        let desktop = self.known.settings.desktop;
        self.clipboard.switch(desktop.watch_clipboard);
        self.theme.choose(self.known.settings.appearance.theme);
        if self.hold.is_some() && !Machine::matters(desktop) {
            self.hold = None;
            let manager = self.manager.clone();
            tauri::async_runtime::spawn(async move { manager.hold(None).await });
        }
    }

    /// Looks at battery and line.
    async fn look(&mut self) {
        let machine = tokio::task::spawn_blocking(Machine::look).await;
        let hold = machine.unwrap_or_default().hold(self.known.settings.desktop);
        if self.hold != hold {
            self.hold = hold;
            self.manager.hold(hold).await;
        }
    }

    fn tell_news(&mut self) {
        let looking = self
            .app
            .get_webview_window(MAIN)
            .is_some_and(|window| window.is_focused().unwrap_or(false));
        let choices = self.known.settings.desktop.notifications;
        let words = self.words();
        let notes = self.gatherer.due(self.now_ms(), choices, looking);
        if notes.is_empty() {
            return;
        }
        let host = self.host.clone();
        let telling = tauri::async_runtime::spawn_blocking(move || {
            for note in &notes {
                host.tell(note, words);
            }
        });
        self.telling = Some(telling);
    }

    /// Ends a program that nobody sees, once all that it stayed for is done, and told: it would be there for ever.
    async fn end_if_over(&mut self) {
        let is_alone = self.app.state::<Leaving>().goes_on() && self.app.get_webview_window(MAIN).is_none();
        let is_done = self.known.going_on.is_empty() && self.gatherer.is_at_rest();
        if !is_alone || !is_done || tray::is_seen_now(&self.app).await {
            self.is_over_since = None;
            return;
        }
        let since = self.is_over_since.get_or_insert_with(Instant::now);
        if since.elapsed() < ENDS_AFTER {
            return;
        }
        self.is_over_since = None;
        if let Some(telling) = self.telling.take() {
            // What is not told by now will not be.
            let _ = telling.await;
        }
        self.app.exit(0);
    }

    fn show(&mut self) {
        if self.known.stances.at_work() == 0 {
            self.known.pulse = Pulse::default();
        }
        self.app
            .state::<Leaving>()
            .at_work(!self.known.going_on.is_empty());
        let words = self.words();
        let now = Instant::now();
        let activity = self.known.activity(now);
        if keeps_awake(self.known.settings.desktop, activity, now) {
            self.awake.get_or_insert_with(|| Awake::keep(words.awake()));
        } else {
            self.awake = None;
        }
        let thousandths = taskbar::thousandths(&self.known.pulse);
        if self.thousandths != thousandths {
            self.thousandths = thousandths;
            taskbar::show(&self.app, thousandths);
        }
        let Known {
            settings,
            stances,
            pulse,
            recent,
            ..
        } = &self.known;
        if let Some(tray) = &mut self.tray {
            let said = Said {
                words,
                at_work: stances.at_work(),
                left: stances.left(),
                rate_bytes_per_s: pulse.rate_bytes_per_s,
                limit_bytes_per_s: settings
                    .network
                    .limit_bytes_per_s
                    .filter(|_| settings.network.limit_on),
                recent: recent.clone(),
            };
            tray.say(&self.app, said);
        }
    }

    /// When the machine need not be kept awake any more, where it is for what waits.
    fn sleepy_in(&self) -> Option<Duration> {
        let since = self.known.soon_since.filter(|_| self.awake.is_some())?;
        Some((since + AWAKE_FOR_A_WAIT).saturating_duration_since(Instant::now()))
    }

    fn words(&self) -> &'static Words {
        Words::of(self.known.settings.appearance.language)
    }

    fn now_ms(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }
}

impl Known {
    fn see(&mut self, rows: &[Row]) {
        self.stances.see(rows);
        for row in rows {
            if leaving::needs_the_program(&row.standing) {
                self.going_on.insert(row.id);
            } else {
                self.going_on.remove(&row.id);
            }
        }
    }

    /// What there is to stay awake for. Each try begins a new wait: how many there are, a queue says.
    fn activity(&mut self, now: Instant) -> Activity {
        let is_soon = |reason| self.stances.waiting_for(reason) > 0;
        if self.stances.at_work() > 0 {
            self.soon_since = None;
            Activity::Works
        } else if WAITED_FOR_AWAKE.into_iter().any(is_soon) {
            let since = *self.soon_since.get_or_insert(now);
            Activity::Waits { since }
        } else {
            self.soon_since = None;
            Activity::None
        }
    }

    fn forget(&mut self, ids: &[DownloadId]) {
        self.stances.forget(ids);
        for id in ids {
            self.going_on.remove(id);
            self.recent.retain(|(recent, _)| recent != id);
        }
    }

    fn add_recent(&mut self, id: DownloadId, name: String) {
        self.recent.retain(|(recent, _)| *recent != id);
        self.recent.insert(0, (id, name));
        self.recent.truncate(RECENT_MAX);
    }
}

/// Starts with the session from now on, or not any more. Where the system does not take that, the setting goes back to what
/// holds, and the page says so.
async fn start_at_login(app: AppHandle, on: bool, at_login: Arc<AtomicBool>) {
    let told = app.state::<login::Told>().inner().clone();
    let done = tauri::async_runtime::spawn_blocking(move || login::set(on, &told)).await;
    let Ok(Err(error)) = done else { return };
    tracing::warn!(%error, on, "whether Gannet starts with the session could not be changed");
    at_login.store(!on, Ordering::Relaxed);
    let manager = app.state::<Works>().manager().clone();
    let mut settings = Box::new(manager.settings().await);
    settings.desktop.start_at_login = !on;
    manager.execute(Command::ChangeSettings { settings }).await;
    app.state::<Errands>().tell(Errand::LoginRefused);
}

async fn finished_lately(manager: &Manager) -> Vec<(DownloadId, String)> {
    let page = FinishedPage {
        offset: 0,
        count: RECENT_MAX as u32,
        search: None,
        category: None,
    };
    match manager.execute(Command::ListFinished { page }).await {
        Reply::Finished { rows, .. } => rows.into_iter().map(|row| (row.id, row.name)).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_finished_last_stands_first_and_few_are_named() {
        let mut known = Known::default();
        for id in 0..9 {
            known.add_recent(DownloadId(id), format!("file{id}"));
        }
        known.add_recent(DownloadId(6), "file6".to_owned());
        let ids: Vec<u32> = known.recent.iter().map(|(id, _)| id.0).collect();
        assert_eq!(ids, [6, 8, 7, 5, 4]);
        known.forget(&[DownloadId(8)]);
        assert_eq!(known.recent.len(), 4);
    }
}
