//! Why there is no window, in words for the person who wanted one.

use std::io::{self, Write as _};
use std::path::PathBuf;

use gannet_manager::OpenError;
use gannet_server::ConfigError;

#[cfg(target_os = "linux")]
use crate::screen;

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// Another process owns the store.
    #[error(
        "Your downloads are in use by {}. Use that one, or end it and start Gannet again.",
        holder.as_deref().unwrap_or("another program, most likely `gannet serve`")
    )]
    Busy {
        /// Who, where that is known.
        holder: Option<String>,
    },
    /// The window that has the list does not take the links.
    #[error("Gannet is open already, and {0}")]
    Refused(Refusal),
    /// The store cannot be opened.
    #[error("Gannet cannot start: {0}. {advice}", advice = advice(.0))]
    Store(OpenError),
    /// A folder that was named cannot be used.
    #[error("Gannet cannot use {}: {source}. Name another one.", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The config file cannot be used.
    #[error("Gannet cannot use its settings file. {0}.")]
    Config(#[from] ConfigError),
    /// Nobody says where the user's files are.
    #[error("Gannet does not find your home folder. Name --data-dir and --download-dir.")]
    NoHome,
    /// The system gives no threads.
    #[error(
        "Gannet cannot start: the system gives no threads ({0}). Close other programs and start it again."
    )]
    Threads(io::Error),
    /// There is no screen to show a window on.
    #[cfg(target_os = "linux")]
    #[error(
        "Gannet finds no screen for its window: {sought}. \
         Start it in a desktop session; without one, `gannet serve` shows the same list in a browser, \
         and `gannet add` hands links to a Gannet that runs."
    )]
    NoScreen {
        /// Where it was looked for.
        sought: String,
    },
    /// The window system refuses.
    #[error(
        "Gannet cannot open its window: {0}. Start it again; if it stays so, `gannet serve` shows the same list in a \
         browser."
    )]
    Window(#[from] tauri::Error),
}

/// Why a window that is there does not take links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// It is asked too much at once.
    #[error("has too much to do to take these links. Give them to it once more in a moment.")]
    Busy,
    /// They are too many.
    #[error("does not take so many links at once. Give them to it in several lists.")]
    TooMuch,
    /// Something else is between us.
    #[error("does not take these links: it answers with {0}. Paste them into its window.")]
    Other(u16),
}

/// Tells it to who started the program: in a terminal, and on the screen, since a window that does not come says nothing.
pub(crate) fn tell(trouble: &Trouble) {
    // Nobody has to listen there.
    let _ = writeln!(io::stderr(), "gannet-desktop: {trouble}");
    if trouble.leaves_a_screen() {
        show(&trouble.to_string());
    }
}

impl Trouble {
    /// Whether there is a screen to say it on.
    const fn leaves_a_screen(&self) -> bool {
        match self {
            #[cfg(target_os = "linux")]
            Self::NoScreen { .. } => false,
            _ => true,
        }
    }
}

/// What to do about a store that cannot be opened.
const fn advice(error: &OpenError) -> &'static str {
    match error {
        OpenError::Busy { .. } => "End that program and start Gannet again.",
        OpenError::Folder { .. } => {
            "See that you may write there, or name another folder with --data-dir or --download-dir."
        }
        OpenError::NoRoots => "Name one with --download-dir.",
        OpenError::TooNew { .. } => {
            "Install the newer Gannet again, or begin another list in a folder that you name with --data-dir."
        }
        OpenError::Store(_) => {
            "See that its disk has room and can be written to, or begin another list in a folder that you name with \
             --data-dir."
        }
        OpenError::Network(_) => "Start Gannet again; if it stays so, install it anew.",
    }
}

/// Shows it on the screen, where there is one, until somebody has read it.
#[cfg(target_os = "linux")]
fn show(words: &str) {
    use gtk::prelude::{DialogExt as _, GtkWindowExt as _};

    if screen::reach().is_err() {
        return;
    }
    let dialog = gtk::MessageDialog::new(
        None::<&gtk::Window>,
        gtk::DialogFlags::empty(),
        gtk::MessageType::Error,
        gtk::ButtonsType::Close,
        words,
    );
    dialog.set_title("Gannet");
    dialog.run();
}

/// Shows it on the screen until somebody has read it.
#[cfg(not(target_os = "linux"))]
fn show(words: &str) {
    let _ = rfd::MessageDialog::new()
        .set_level(rfd::MessageLevel::Error)
        .set_title("Gannet")
        .set_description(words)
        .show();
}

impl From<OpenError> for Trouble {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Busy { holder } => Self::Busy { holder },
            other => Self::Store(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_the_list_from_being_opened_is_said_with_what_to_do() {
        let too_new = OpenError::TooNew { found: 9, known: 1 };
        let folder = OpenError::Folder {
            path: "/srv/data".into(),
            source: io::ErrorKind::PermissionDenied.into(),
        };
        for (error, cause, advice) in [
            (
                too_new,
                "a newer version of Gannet",
                "Install the newer Gannet again",
            ),
            (folder, "/srv/data", "name another folder with --data-dir"),
        ] {
            let words = Trouble::from(error).to_string();
            assert!(words.contains(cause) && words.contains(advice), "{words}");
        }
    }

    #[test]
    fn who_holds_the_list_is_named_where_that_is_known() {
        let busy = |holder: Option<&str>| {
            let holder = holder.map(ToOwned::to_owned);
            Trouble::from(OpenError::Busy { holder }).to_string()
        };
        assert!(busy(Some("process 7")).contains("in use by process 7."));
        assert!(busy(None).contains("gannet serve"));
    }
}
