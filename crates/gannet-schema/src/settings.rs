//! What a person may set.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Everything a person may set; `Default` is what a new store has. The proxy's password goes in and does not come out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Settings {
    /// How the program behaves.
    pub general: General,
    /// How it asks.
    pub network: Network,
    /// What it trusts.
    pub integrity: Integrity,
    /// How it looks.
    pub appearance: Appearance,
    /// What a window of its own does on the person's screen. Faces without one leave it alone.
    pub desktop: Desktop,
}

/// How the program behaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct General {
    /// Where files go, absolute and beneath a root; none is the first root.
    pub folder: Option<String>,
    /// Whether each category has a folder of its own.
    pub folders_by_category: bool,
    /// Whether an added download begins when its turn comes, or waits to be resumed.
    pub start_when_added: bool,
    /// What is asked before it is done.
    pub confirmations: Confirmations,
    /// What happens where a file of the same name is there.
    pub on_existing: OnExisting,
}

/// What is asked before it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Confirmations {
    /// Before the same address is added once more.
    pub duplicates: bool,
    /// Before files are deleted.
    pub deletion: bool,
}

/// What happens where a file of the same name is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OnExisting {
    /// The new one gets a number.
    #[default]
    Rename,
    /// The old one is replaced once the new one is whole.
    Overwrite,
    /// The download fails and says so.
    Fail,
}

/// How it asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Network {
    /// Connections for one download, 1 to 64.
    pub connections: u32,
    /// Connections to one host over all downloads, 1 to 256; each download has one at least.
    pub connections_per_host: u32,
    /// Downloads at once over all queues, 1 to 64.
    pub downloads_at_once: u32,
    /// Downloads at once from one host, 1 to 64.
    pub downloads_per_host: u32,
    /// Bytes per second at most over all downloads while the limit is on.
    pub limit_bytes_per_s: Option<u64>,
    /// Whether that limit is on.
    pub limit_on: bool,
    /// Limits by the hour of the week; they hold beside the one above.
    pub weekly_limits: Option<WeeklyLimits>,
    /// The way out.
    pub proxy: ProxyChoice,
    /// Who one says to be.
    pub identity: Identity,
    /// Seconds to wait for a connection, 1 to 300.
    pub connect_timeout_s: u32,
    /// Seconds to go on when no source delivers a byte, 5 to 3600.
    pub retry_for_s: u32,
    /// Whether a redirect may lead from https to http.
    pub allow_downgrade: bool,
}

/// Limits by the hour of the week, in local time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WeeklyLimits {
    /// Bytes per second in the limited hours.
    pub limit_bytes_per_s: u64,
    /// 7 × 24, from Monday 00:00.
    pub hours: Vec<LimitHour>,
}

/// What holds in one hour of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LimitHour {
    /// No limit.
    #[default]
    Free,
    /// The weekly limit.
    Limited,
    /// Nothing is downloaded.
    Off,
}

/// The way out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ProxyChoice {
    /// What the system and the environment say.
    #[default]
    System,
    /// None.
    Direct,
    /// This one.
    Url {
        /// http, https or socks5, without userinfo when it comes out; with it when it goes in.
        url: String,
        /// Whether a password is kept for it.
        #[serde(default)]
        has_password: bool,
    },
}

/// Who one says to be.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Identity {
    /// The current Chrome on Windows; many servers refuse unknown ones.
    #[default]
    Browser,
    /// Gannet.
    Gannet,
    /// Something else.
    Custom {
        /// The User-Agent header.
        user_agent: String,
    },
}

/// What it trusts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Integrity {
    /// What happens when the file changed at the source.
    pub on_change: OnChange,
}

/// What happens when the file changed at the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OnChange {
    /// The row says so and offers both.
    #[default]
    Ask,
    /// What is there is dropped, and the new version fetched.
    Restart,
}

/// How it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Appearance {
    /// Light or dark.
    pub theme: Theme,
    /// The one accent.
    pub accent: Accent,
    /// How close rows stand.
    pub density: Density,
    /// The language.
    pub language: Language,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system is.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// The one accent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Accent {
    /// Gold.
    #[default]
    Gold,
    /// Sea blue.
    Sea,
    /// Kelp green.
    Kelp,
    /// Coral red.
    Coral,
}

/// How close rows stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Density {
    /// Two lines a row.
    #[default]
    Comfortable,
    /// One line a row.
    Compact,
}

/// The language of the face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub enum Language {
    /// As the system or the browser says.
    #[default]
    #[serde(rename = "system")]
    System,
    /// English.
    #[serde(rename = "en")]
    English,
    /// Turkish.
    #[serde(rename = "tr")]
    Turkish,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    SimplifiedChinese,
}

/// What a window of its own does on the person's screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Desktop {
    /// What it tells when nobody looks at it.
    pub notifications: Notifications,
    /// The machine does not fall asleep while something is downloaded.
    pub keep_awake: bool,
    /// Nothing is downloaded while the machine runs on its battery.
    pub pause_on_battery: bool,
    /// Nothing is downloaded on a line that is paid by what goes through it.
    pub pause_on_metered: bool,
    /// It starts with the person's session, without its window.
    pub start_at_login: bool,
    /// Links that are copied anywhere are asked about.
    pub watch_clipboard: bool,
}

/// What is told when nobody looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Notifications {
    /// That a download is finished.
    pub finished: bool,
    /// That one failed.
    pub failed: bool,
    /// That nothing is left to do.
    pub all_done: bool,
}

impl Default for Desktop {
    fn default() -> Self {
        Self {
            notifications: Notifications::default(),
            keep_awake: true,
            pause_on_battery: false,
            pause_on_metered: false,
            start_at_login: false,
            watch_clipboard: false,
        }
    }
}

impl Default for Notifications {
    fn default() -> Self {
        Self {
            finished: true,
            failed: true,
            all_done: true,
        }
    }
}

impl Default for General {
    fn default() -> Self {
        Self {
            folder: None,
            folders_by_category: true,
            start_when_added: true,
            confirmations: Confirmations::default(),
            on_existing: OnExisting::default(),
        }
    }
}

impl Default for Confirmations {
    fn default() -> Self {
        Self {
            duplicates: true,
            deletion: true,
        }
    }
}

impl Default for Network {
    fn default() -> Self {
        Self {
            connections: 32,
            connections_per_host: 64,
            downloads_at_once: 5,
            downloads_per_host: 5,
            limit_bytes_per_s: None,
            limit_on: false,
            weekly_limits: None,
            proxy: ProxyChoice::default(),
            identity: Identity::default(),
            connect_timeout_s: 15,
            retry_for_s: 60,
            allow_downgrade: false,
        }
    }
}
