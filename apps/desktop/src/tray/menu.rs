//! The tray's menu: what stands in it, and what its lines mean.

use gannet_schema::{Command, DownloadId, LimitScope};
use tauri::menu::{CheckMenuItem, IsMenuItem, Menu, MenuItem, PredefinedMenuItem, Submenu};
use tauri::{AppHandle, Wry};

use super::Said;
use crate::words::Words;

/// Limits that are one choice away.
const LIMITS_BYTES_PER_S: [u64; 5] = [500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000];

/// What changes in the menu.
pub(super) struct Items {
    menu: Menu<Wry>,
    state: MenuItem<Wry>,
    show: MenuItem<Wry>,
    pause_all: MenuItem<Wry>,
    resume_all: MenuItem<Wry>,
    limit: Submenu<Wry>,
    recent: Submenu<Wry>,
    quit: MenuItem<Wry>,
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
        let limit = Submenu::new(app, "", true)?;
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
                &limit,
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
            limit,
            recent,
            quit,
        })
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
            self.limit.set_text(&tray.limit)?;
            self.recent.set_text(&tray.recent)?;
            self.quit.set_text(&tray.quit)?;
        }
        if !same_words || before.is_some_and(|before| before.limit_bytes_per_s != said.limit_bytes_per_s) {
            self.fill_limits(app, said.words, said.limit_bytes_per_s)?;
        }
        if !same_words || before.is_some_and(|before| before.recent != said.recent) {
            self.fill_recent(app, said)?;
        }
        Ok(())
    }

    fn fill_limits(&self, app: &AppHandle, words: &Words, now: Option<u64>) -> tauri::Result<()> {
        clear(&self.limit)?;
        let choice = |id: &str, text: &str, chosen: bool| {
            CheckMenuItem::with_id(app, id, text, true, chosen, None::<&str>)
        };
        self.limit
            .append(&choice("limit:0", &words.tray().no_limit, now.is_none())?)?;
        for limit in limits(now) {
            let text = words.speed(limit as f64);
            self.limit
                .append(&choice(&format!("limit:{limit}"), &text, now == Some(limit))?)?;
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
                .append(&item(&format!("open:{}", id.0), name, true)?)?;
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
            Some(("limit", "0")) => vec![Command::SwitchLimit { on: false }],
            Some(("limit", limit)) => vec![
                limit_all(Some(limit.parse().ok()?)),
                Command::SwitchLimit { on: true },
            ],
            Some(("open", id)) => return Some(Self::Open(DownloadId(id.parse().ok()?))),
            Some(_) => return None,
        };
        Some(Self::Order(order))
    }
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
            tauri::menu::MenuItemKind::MenuItem(item) => item,
            tauri::menu::MenuItemKind::Check(item) => item,
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
    fn the_limit_that_holds_stands_among_the_usual_ones() {
        assert_eq!(limits(None), LIMITS_BYTES_PER_S);
        assert_eq!(limits(Some(700_000))[1], 700_000);
        assert_eq!(limits(Some(1_000_000)), LIMITS_BYTES_PER_S);
    }
}
