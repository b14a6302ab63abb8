//! The tray's menu: what stands in it, and what its lines mean.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gannet_schema::{Command, DownloadId, LimitScope};
use tauri::menu::{CheckMenuItem, IsMenuItem, Menu, MenuItem, MenuItemKind, PredefinedMenuItem, Submenu};
use tauri::{AppHandle, Wry};

use super::Said;
use crate::words::Words;

/// Limits that are one choice away.
const LIMITS_BYTES_PER_S: [u64; 5] = [500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000];

/// A menu is as wide as its longest line, and may be no wider than that for a name that a server chose.
const NAME_CHARS_MAX: usize = 40;
/// What is taken for the end that says what sort of file it is.
const EXTENSION_CHARS_MAX: usize = 10;

/// Stands for no limit.
const NO_LIMIT: u64 = 0;
/// How the lines of limits begin.
const LIMIT: &str = "limit";

/// What changes in the menu.
pub(super) struct Items {
    menu: Menu<Wry>,
    state: MenuItem<Wry>,
    show: MenuItem<Wry>,
    pause_all: MenuItem<Wry>,
    resume_all: MenuItem<Wry>,
    limits: Limits,
    recent: Submenu<Wry>,
    quit: MenuItem<Wry>,
}

/// The limits to choose from, and the mark at the one that holds.
#[derive(Clone)]
pub(super) struct Limits {
    menu: Submenu<Wry>,
    /// None is [`NO_LIMIT`].
    holds_bytes_per_s: Arc<AtomicU64>,
}

/// What a line means.
#[derive(Debug, PartialEq)]
pub(super) enum Chosen {
    /// The window is to be seen.
    Show,
    /// A finished file is to be opened.
    Open(DownloadId),
    /// This is to be done, one after the other.
    Order(Vec<Command>),
}

impl Items {
    pub(super) fn new(app: &AppHandle) -> tauri::Result<Self> {
        let item = |id: &str| MenuItem::with_id(app, id, "", true, None::<&str>);
        let line = || PredefinedMenuItem::separator(app);
        let state = MenuItem::with_id(app, "state", "", false, None::<&str>)?;
        let show = item("show")?;
        let pause_all = item("pause_all")?;
        let resume_all = item("resume_all")?;
        let quit = item("quit")?;
        let limits = Limits {
            menu: Submenu::new(app, "", true)?,
            holds_bytes_per_s: Arc::default(),
        };
        let recent = Submenu::new(app, "", true)?;
        let menu = Menu::with_items(
            app,
            &[
                &state,
                &line()?,
                &show,
                &line()?,
                &pause_all,
                &resume_all,
                &limits.menu,
                &recent,
                &line()?,
                &quit,
            ],
        )?;
        Ok(Self {
            menu,
            state,
            show,
            pause_all,
            resume_all,
            limits,
            recent,
            quit,
        })
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) fn menu(&self) -> &Menu<Wry> {
        &self.menu
    }

    /// Changes what is not as it was before.
    pub(super) fn say(
        &self,
        app: &AppHandle,
        state: &str,
        before: Option<&Said>,
        said: &Said,
    ) -> tauri::Result<()> {
        self.state.set_text(state)?;
        let same_words = before.is_some_and(|before| before.words == said.words);
        if !same_words {
            let tray = said.words.tray();
            self.show.set_text(&tray.show)?;
            self.pause_all.set_text(&tray.pause_all)?;
            self.resume_all.set_text(&tray.resume_all)?;
            self.call(&self.limits.menu, &tray.limit)?;
            self.call(&self.recent, &tray.recent)?;
            self.quit.set_text(&tray.quit)?;
        }
        if !same_words || before.is_some_and(|before| before.limit_bytes_per_s != said.limit_bytes_per_s) {
            self.limits.fill(app, said.words, said.limit_bytes_per_s)?;
        }
        if !same_words || before.is_some_and(|before| before.recent != said.recent) {
            self.fill_recent(app, said)?;
        }
        Ok(())
    }

    /// Gives a line that opens further ones its words. On Linux it is drawn with those that it has when it is put into the
    /// menu, and keeps them (muda 0.20).
    fn call(&self, line: &Submenu<Wry>, words: &str) -> tauri::Result<()> {
        line.set_text(words)?;
        let lines = self.menu.items()?;
        let place = lines.iter().position(|other| other.id() == line.id());
        if let Some(place) = place.filter(|_| cfg!(target_os = "linux")) {
            self.menu.remove(line)?;
            self.menu.insert(line, place)?;
        }
        Ok(())
    }

    fn fill_recent(&self, app: &AppHandle, said: &Said) -> tauri::Result<()> {
        clear(&self.recent)?;
        let item = |id: &str, text: &str, enabled: bool| {
            // An ampersand would be read as the mark of a shortcut.
            MenuItem::with_id(app, id, text.replace('&', "&&"), enabled, None::<&str>)
        };
        if said.recent.is_empty() {
            self.recent
                .append(&item("none", &said.words.tray().nothing_recent, false)?)?;
        }
        for (id, name) in &said.recent {
            self.recent
                .append(&item(&format!("open:{}", id.0), &shortened(name), true)?)?;
        }
        Ok(())
    }
}

impl Limits {
    fn fill(&self, app: &AppHandle, words: &Words, now: Option<u64>) -> tauri::Result<()> {
        clear(&self.menu)?;
        let holds = now.unwrap_or(NO_LIMIT);
        self.holds_bytes_per_s.store(holds, Ordering::Relaxed);
        for limit in [NO_LIMIT].into_iter().chain(limits(now)) {
            let text = match limit {
                NO_LIMIT => words.tray().no_limit.clone(),
                limit => words.speed(limit as f64),
            };
            let id = line_of(limit);
            self.menu.append(&CheckMenuItem::with_id(
                app,
                id,
                text,
                true,
                limit == holds,
                None::<&str>,
            )?)?;
        }
        Ok(())
    }

    /// Marks the limit that holds. A menu moves its mark by itself when a line is chosen, off the line where it was that
    /// one: then nothing is to be changed, and nothing would come to set it right.
    pub(super) fn mark(&self) -> tauri::Result<()> {
        let holds = line_of(self.holds_bytes_per_s.load(Ordering::Relaxed));
        for item in self.menu.items()? {
            if let MenuItemKind::Check(item) = item {
                item.set_checked(item.id().as_ref() == holds)?;
            }
        }
        Ok(())
    }
}

impl Chosen {
    pub(super) fn of(item: &str) -> Option<Self> {
        let limit_all = |limit_bytes_per_s| Command::SetLimit {
            scope: LimitScope::All,
            limit_bytes_per_s,
        };
        let order = match item.split_once(':') {
            None => match item {
                "show" => return Some(Self::Show),
                "pause_all" => vec![Command::PauseAll],
                "resume_all" => vec![Command::ResumeAll],
                "quit" => vec![Command::Quit],
                _ => return None,
            },
            Some((LIMIT, limit)) => match limit.parse().ok()? {
                NO_LIMIT => vec![Command::SwitchLimit { on: false }],
                limit => vec![limit_all(Some(limit)), Command::SwitchLimit { on: true }],
            },
            Some(("open", id)) => return Some(Self::Open(DownloadId(id.parse().ok()?))),
            Some(_) => return None,
        };
        Some(Self::Order(order))
    }
}

/// A name without its middle, where it is long; with its extension.
fn shortened(name: &str) -> String {
    let length = name.chars().count();
    if length <= NAME_CHARS_MAX {
        return name.to_owned();
    }
    let extension = name
        .rsplit_once('.')
        .map_or(0, |(_, end)| 1 + end.chars().count());
    let extension = if extension <= EXTENSION_CHARS_MAX {
        extension
    } else {
        0
    };
    // Two thirds of the rest from its beginning: parts of a series differ at their end.
    let rest = NAME_CHARS_MAX - 1 - extension;
    let end = extension + rest / 3;
    let beginning: String = name.chars().take(NAME_CHARS_MAX - 1 - end).collect();
    let end: String = name.chars().skip(length - end).collect();
    format!("{beginning}…{end}")
}

/// The line of a limit.
fn line_of(limit_bytes_per_s: u64) -> String {
    format!("{LIMIT}:{limit_bytes_per_s}")
}

/// Whether a line chooses a limit.
pub(super) fn is_limit(line: &str) -> bool {
    line.split_once(':').is_some_and(|(sort, _)| sort == LIMIT)
}

/// The usual limits, and the one that holds.
fn limits(now: Option<u64>) -> Vec<u64> {
    let mut limits: Vec<u64> = LIMITS_BYTES_PER_S.into_iter().chain(now).collect();
    limits.sort_unstable();
    limits.dedup();
    limits
}

fn clear(menu: &Submenu<Wry>) -> tauri::Result<()> {
    for item in menu.items()? {
        let item: &dyn IsMenuItem<Wry> = match &item {
            MenuItemKind::MenuItem(item) => item,
            MenuItemKind::Check(item) => item,
            _ => continue,
        };
        menu.remove(item)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_set_before_it_is_switched_on() {
        assert_eq!(
            Chosen::of("limit:5000000"),
            Some(Chosen::Order(vec![
                Command::SetLimit {
                    scope: LimitScope::All,
                    limit_bytes_per_s: Some(5_000_000)
                },
                Command::SwitchLimit { on: true }
            ]))
        );
        assert_eq!(
            Chosen::of("limit:0"),
            Some(Chosen::Order(vec![Command::SwitchLimit { on: false }]))
        );
    }

    #[test]
    fn lines_mean_what_they_say() {
        assert_eq!(Chosen::of("show"), Some(Chosen::Show));
        assert_eq!(Chosen::of("open:7"), Some(Chosen::Open(DownloadId(7))));
        assert_eq!(Chosen::of("quit"), Some(Chosen::Order(vec![Command::Quit])));
        for nothing in ["state", "none", "open:", "open:x", "limit:x", "other:1"] {
            assert_eq!(Chosen::of(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_long_name_loses_its_middle_and_keeps_its_extension() {
        assert_eq!(shortened("film.mkv"), "film.mkv");
        let forty = "x".repeat(NAME_CHARS_MAX);
        assert_eq!(shortened(&forty), forty);
        let long = format!("{}{}.part2.mkv", "a".repeat(100), "z".repeat(100));
        assert_eq!(
            shortened(&long),
            format!("{}…zzzzz.part2.mkv", "a".repeat(24)),
            "what tells parts of a series apart stays"
        );
        // Each of them three bytes long.
        let chinese = format!("{}.iso", "长".repeat(200));
        let short = shortened(&chinese);
        assert_eq!(short.chars().count(), NAME_CHARS_MAX);
        assert!(short.ends_with("长.iso"), "{short}");
        let no_extension = format!("a.{}", "b".repeat(200));
        assert_eq!(shortened(&no_extension).chars().count(), NAME_CHARS_MAX);
    }

    #[test]
    fn the_limit_that_holds_stands_among_the_usual_ones() {
        assert_eq!(limits(None), LIMITS_BYTES_PER_S);
        assert_eq!(limits(Some(700_000))[1], 700_000);
        assert_eq!(limits(Some(1_000_000)), LIMITS_BYTES_PER_S);
    }
}
