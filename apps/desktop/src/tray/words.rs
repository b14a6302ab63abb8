//! The tray's words, in the languages of the page.

use gannet_schema::Language;

/// The words of one language.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) show: &'static str,
    pub(super) pause_all: &'static str,
    pub(super) resume_all: &'static str,
    pub(super) quit: &'static str,
    /// Nothing is at work.
    pub(super) idle: &'static str,
    /// Before the number of downloads at work.
    pub(super) active: &'static str,
}

const ENGLISH: Words = Words {
    show: "Show Gannet",
    pause_all: "Pause all",
    resume_all: "Resume all",
    quit: "Quit Gannet",
    idle: "Nothing to do",
    active: "Downloading:",
};

const TURKISH: Words = Words {
    show: "Gannet’i göster",
    pause_all: "Tümünü duraklat",
    resume_all: "Tümünü sürdür",
    quit: "Gannet’ten çık",
    idle: "Yapılacak bir şey yok",
    active: "İndiriliyor:",
};

const CHINESE: Words = Words {
    show: "显示 Gannet",
    pause_all: "全部暂停",
    resume_all: "全部继续",
    quit: "退出 Gannet",
    idle: "没有任务",
    active: "正在下载:",
};

impl Words {
    /// The language that was chosen; `locale` is what the system says, as `tr_TR.UTF-8`.
    pub(super) fn of(language: Language, locale: &str) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Turkish => &TURKISH,
            Language::SimplifiedChinese => &CHINESE,
            Language::System => match locale.get(..2) {
                Some("tr") => &TURKISH,
                Some("zh") => &CHINESE,
                _ => &ENGLISH,
            },
        }
    }

    /// How many downloads are at work.
    pub(super) fn state(&self, active: usize) -> String {
        match active {
            0 => self.idle.to_owned(),
            active => format!("{} {active}", self.active),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chosen_language_goes_before_the_systems() {
        assert_eq!(Words::of(Language::Turkish, "en_GB.UTF-8"), &TURKISH);
        assert_eq!(Words::of(Language::System, "zh_CN.UTF-8"), &CHINESE);
        assert_eq!(Words::of(Language::System, "C"), &ENGLISH);
        assert_eq!(Words::of(Language::System, ""), &ENGLISH);
    }

    #[test]
    fn the_number_at_work_is_said() {
        assert_eq!(ENGLISH.state(0), "Nothing to do");
        assert_eq!(ENGLISH.state(3), "Downloading: 3");
    }
}
