//! The words of whatever is not the page: tray, menu, notifications, dialogs. They stand beside the page's words, in the
//! same files, so that one test looks after all languages.

use std::collections::HashMap;
use std::sync::OnceLock;

use gannet_schema::{FailureCode, Language, WaitReason};
use serde::Deserialize;

use crate::stances::{Left, Wait};

/// The words of one language; there is one of each.
#[derive(Debug)]
pub(crate) struct Words {
    shell: Shell,
    downloads: Downloads,
    decimal_comma: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Shell {
    tray: Tray,
    notice: Notice,
    waits_for: HashMap<WaitReason, String>,
    dialog: Dialog,
    awake: String,
    menu: Menu,
}

/// What stands in the tray's menu.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Tray {
    pub(crate) show: String,
    pub(crate) pause_all: String,
    pub(crate) resume_all: String,
    pub(crate) limit: String,
    pub(crate) no_limit: String,
    pub(crate) recent: String,
    pub(crate) nothing_recent: String,
    pub(crate) quit: String,
    idle: String,
    #[serde(rename = "active_one")]
    active_one: Option<String>,
    #[serde(rename = "active_other")]
    active_other: String,
    #[serde(rename = "waits_one")]
    waits_one: Option<String>,
    #[serde(rename = "waits_other")]
    waits_other: String,
    turn: String,
    time: String,
    #[serde(rename = "paused_one")]
    paused_one: Option<String>,
    #[serde(rename = "paused_other")]
    paused_other: String,
}

/// What stands in notifications.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(
    not(target_os = "linux"),
    expect(
        dead_code,
        reason = "the words of buttons, which notifications have on Linux alone"
    )
)]
pub(crate) struct Notice {
    pub(crate) finished: String,
    #[serde(rename = "finishedMany_one")]
    finished_many_one: Option<String>,
    #[serde(rename = "finishedMany_other")]
    finished_many_other: String,
    pub(crate) failed: String,
    #[serde(rename = "failedMany_one")]
    failed_many_one: Option<String>,
    #[serde(rename = "failedMany_other")]
    failed_many_other: String,
    pub(crate) stuck: String,
    #[serde(rename = "stuckMany_one")]
    stuck_many_one: Option<String>,
    #[serde(rename = "stuckMany_other")]
    stuck_many_other: String,
    pub(crate) all_done: String,
    pub(crate) goes_on: String,
    pub(crate) goes_on_how: String,
    more: String,
    pub(crate) open: String,
    pub(crate) show: String,
    pub(crate) list: String,
}

/// What stands above dialogs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dialog {
    pub(crate) folder: String,
    pub(crate) save: String,
    #[serde(rename = "pageEnds")]
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "the other systems' webviews see to that themselves")
    )]
    pub(crate) page_ends: String,
}

/// What stands in the menu of systems that have one above all windows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Menu {
    pub(crate) file: String,
    pub(crate) add: String,
    pub(crate) paste: String,
    pub(crate) edit: String,
    pub(crate) settings: String,
    pub(crate) window: String,
    pub(crate) about: String,
    pub(crate) services: String,
    pub(crate) hide: String,
    pub(crate) hide_others: String,
    pub(crate) show_all: String,
    pub(crate) close: String,
    pub(crate) undo: String,
    pub(crate) redo: String,
    pub(crate) cut: String,
    pub(crate) copy: String,
    pub(crate) paste_text: String,
    pub(crate) select_all: String,
    pub(crate) minimize: String,
    pub(crate) zoom: String,
    pub(crate) fullscreen: String,
}

/// What the shell says in the page's words.
#[derive(Debug, Deserialize)]
struct Downloads {
    reason: HashMap<FailureCode, String>,
}

/// The files of one language, and what it is that they do not say.
macro_rules! language {
    ($name:literal, $decimal_comma:literal) => {{
        static WORDS: OnceLock<Words> = OnceLock::new();
        WORDS.get_or_init(|| {
            Words::read(
                include_str!(concat!("../../ui/src/i18n/locales/", $name, "/shell.json")),
                include_str!(concat!("../../ui/src/i18n/locales/", $name, "/downloads.json")),
                $decimal_comma,
            )
        })
    }};
}

impl PartialEq for Words {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Words {
    /// The language that was chosen, or the system's.
    pub(crate) fn of(language: Language) -> &'static Self {
        Self::by_locale(language, &locale())
    }

    /// `locale` is what the system says, as `tr_TR.UTF-8`.
    fn by_locale(language: Language, locale: &str) -> &'static Self {
        match language {
            Language::English => language!("en", false),
            Language::Turkish => language!("tr", true),
            Language::SimplifiedChinese => language!("zh-CN", false),
            Language::System => match locale.get(..2) {
                Some("tr") => Self::by_locale(Language::Turkish, locale),
                Some("zh") => Self::by_locale(Language::SimplifiedChinese, locale),
                _ => Self::by_locale(Language::English, locale),
            },
        }
    }

    fn read(shell: &str, downloads: &str, decimal_comma: bool) -> Self {
        Self {
            shell: serde_json::from_str(shell).expect("a test reads the words of all languages"),
            downloads: serde_json::from_str(downloads).expect("a test reads the words of all languages"),
            decimal_comma,
        }
    }

    pub(crate) fn tray(&self) -> &Tray {
        &self.shell.tray
    }

    pub(crate) fn notice(&self) -> &Notice {
        &self.shell.notice
    }

    pub(crate) fn dialog(&self) -> &Dialog {
        &self.shell.dialog
    }

    pub(crate) fn menu(&self) -> &Menu {
        &self.shell.menu
    }

    /// Why the machine is kept awake.
    pub(crate) fn awake(&self) -> &str {
        &self.shell.awake
    }

    /// What failed, in some words.
    pub(crate) fn reason(&self, code: FailureCode) -> &str {
        self.downloads.reason.get(&code).map_or("", String::as_str)
    }

    /// What a download waits for, in some words.
    pub(crate) fn waits_for(&self, reason: WaitReason) -> &str {
        self.shell.waits_for.get(&reason).map_or("", String::as_str)
    }

    /// How many downloads are at work, and how fast; or else what is left, and why nothing is done about it.
    pub(crate) fn state(&self, at_work: usize, rate_bytes_per_s: f64, left: Left) -> String {
        let tray = &self.shell.tray;
        if at_work > 0 {
            return counted(tray.active_one.as_ref(), &tray.active_other, at_work)
                .replace("{{speed}}", &self.speed(rate_bytes_per_s));
        }
        let mut parts = Vec::new();
        if left.waiting > 0 {
            let waits = counted(tray.waits_one.as_ref(), &tray.waits_other, left.waiting);
            parts.push(match left.why {
                Some(why) => format!("{waits}: {}", self.why(why)),
                None => waits,
            });
        }
        if left.paused > 0 {
            parts.push(counted(tray.paused_one.as_ref(), &tray.paused_other, left.paused));
        }
        if parts.is_empty() {
            return tray.idle.clone();
        }
        parts.join(" · ")
    }

    fn why(&self, wait: Wait) -> &str {
        match wait {
            Wait::For(reason) => self.waits_for(reason),
            Wait::Turn => &self.shell.tray.turn,
            Wait::Time => &self.shell.tray.time,
        }
    }

    pub(crate) fn finished_many(&self, count: usize) -> String {
        let notice = &self.shell.notice;
        counted(
            notice.finished_many_one.as_ref(),
            &notice.finished_many_other,
            count,
        )
    }

    pub(crate) fn failed_many(&self, count: usize) -> String {
        let notice = &self.shell.notice;
        counted(notice.failed_many_one.as_ref(), &notice.failed_many_other, count)
    }

    pub(crate) fn stuck_many(&self, count: usize) -> String {
        let notice = &self.shell.notice;
        counted(notice.stuck_many_one.as_ref(), &notice.stuck_many_other, count)
    }

    /// Some names of many.
    pub(crate) fn names_and_more(&self, names: &str) -> String {
        self.shell.notice.more.replace("{{names}}", names)
    }

    /// A speed, as the page writes it.
    pub(crate) fn speed(&self, bytes_per_s: f64) -> String {
        let mut value = bytes_per_s.max(0.0);
        let mut unit = "B/s";
        for larger in ["kB/s", "MB/s", "GB/s"] {
            if value < 1000.0 {
                break;
            }
            value /= 1000.0;
            unit = larger;
        }
        let decimals = usize::from(unit != "B/s" && value < 99.95);
        let figure = format!("{value:.decimals$}");
        let figure = if self.decimal_comma {
            figure.replace('.', ",")
        } else {
            figure
        };
        format!("{figure} {unit}")
    }
}

fn counted(one: Option<&String>, other: &str, count: usize) -> String {
    let words = one.filter(|_| count == 1).map_or(other, String::as_str);
    words.replace("{{count}}", &count.to_string())
}

/// What the system says of its language, as `tr_TR.UTF-8` or `tr-TR`.
#[cfg(not(target_os = "linux"))]
fn locale() -> String {
    // What is started from a menu there has no environment to speak of.
    sys_locale::get_locale().unwrap_or_default()
}

/// What the system says of its language, as `tr_TR.UTF-8` or `tr-TR`.
#[cfg(target_os = "linux")]
fn locale() -> String {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Language; 3] = [Language::English, Language::Turkish, Language::SimplifiedChinese];

    #[test]
    fn every_language_says_everything() {
        for language in ALL {
            let words = Words::of(language);
            assert!(!words.reason(FailureCode::DiskFull).is_empty(), "{language:?}");
            assert!(!words.awake().is_empty(), "{language:?}");
            for reason in [
                WaitReason::Network,
                WaitReason::Server,
                WaitReason::Retry,
                WaitReason::DiskFull,
                WaitReason::DiskGone,
                WaitReason::Battery,
                WaitReason::Metered,
            ] {
                assert!(!words.waits_for(reason).is_empty(), "{language:?} {reason:?}");
            }
        }
    }

    #[test]
    fn the_chosen_language_goes_before_the_systems() {
        let quit = |language, locale| Words::by_locale(language, locale).tray().quit.as_str();
        assert_eq!(quit(Language::Turkish, "en_GB.UTF-8"), "Gannet’ten çık");
        assert_eq!(quit(Language::System, "zh_CN.UTF-8"), "退出 Gannet");
        assert_eq!(quit(Language::System, "C"), "Quit Gannet");
        assert_eq!(quit(Language::System, ""), "Quit Gannet");
    }

    #[test]
    fn what_is_at_work_is_said_with_its_speed() {
        let english = Words::of(Language::English);
        let left = Left {
            waiting: 4,
            ..Left::default()
        };
        assert_eq!(english.state(1, 12_340_000.0, left), "1 download, 12.3 MB/s");
        assert_eq!(
            Words::of(Language::Turkish).state(3, 1_260_000.0, left),
            "3 indirme, 1,3 MB/s"
        );
    }

    #[test]
    fn where_nothing_is_at_work_it_is_said_what_is_left_and_why() {
        let english = Words::of(Language::English);
        let state = |waiting, why, paused| english.state(0, 0.0, Left { waiting, why, paused });
        let full = Some(Wait::For(WaitReason::DiskFull));
        assert_eq!(state(0, None, 0), "Nothing to do");
        assert_eq!(state(2, full, 0), "2 wait: the disk is full");
        assert_eq!(state(1, Some(Wait::Turn), 0), "1 waits: no turn yet");
        assert_eq!(state(0, None, 3), "3 paused");
        assert_eq!(state(2, None, 1), "2 wait · 1 paused");
    }

    #[test]
    fn speeds_have_three_figures_at_most() {
        let english = Words::of(Language::English);
        for (rate, text) in [
            (0.0, "0 B/s"),
            (999.0, "999 B/s"),
            (1_000.0, "1.0 kB/s"),
            (99_949.0, "99.9 kB/s"),
            (123_456_789.0, "123 MB/s"),
            (5e12, "5000 GB/s"),
        ] {
            assert_eq!(english.speed(rate), text);
        }
    }
}
