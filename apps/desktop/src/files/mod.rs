//! Finished files, handed to the system: opened, opened with something that the person chooses, shown in their folder.
//! The page names a download, never a path.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod system;

use std::io;
use std::path::Path;

use gannet_manager::{Place, programs};
use gannet_schema::DownloadId;
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager as _};

use crate::dialogs;
use crate::works::Works;

/// What is to be done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Handing {
    /// The system's program for it opens it.
    Open,
    /// The person chooses the program.
    OpenWith,
    /// The file manager shows it.
    Show,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Handed {
    /// The system has it.
    Done,
    /// It was to be opened, and is something that the system would run: it is shown in its folder instead.
    Shown,
    /// It is not where it was put.
    Missing,
    /// The system does not take it.
    Refused,
}

/// Hands the file of a download to the system.
pub(crate) async fn hand(app: &AppHandle, id: DownloadId, handing: Handing) -> Handed {
    let Ok(place) = app.state::<Works>().manager().place(id).await else {
        return Handed::Missing;
    };
    if handing == Handing::OpenWith {
        return match place.file.filter(|file| file.is_file()) {
            Some(file) => outcome(dialogs::open_with(app, &file).await),
            None => Handed::Missing,
        };
    }
    let handed = tauri::async_runtime::spawn_blocking(move || hand_now(&place, handing));
    handed.await.unwrap_or(Handed::Refused)
}

/// Blocks.
fn hand_now(place: &Place, handing: Handing) -> Handed {
    match step(place, handing) {
        Step::Open(file) => outcome(open::that_detached(file)),
        Step::Show(file) => outcome(system::show(file)),
        Step::ShowInstead(file) => match outcome(system::show(file)) {
            Handed::Done => Handed::Shown,
            other => other,
        },
        Step::ShowFolder(folder) => outcome(open::that_detached(folder)),
        Step::None => Handed::Missing,
    }
}

/// What is to be done with what is there.
#[derive(Debug, PartialEq, Eq)]
enum Step<'a> {
    Open(&'a Path),
    Show(&'a Path),
    /// It was to be opened.
    ShowInstead(&'a Path),
    ShowFolder(&'a Path),
    /// There is nothing.
    None,
}

fn step(place: &Place, handing: Handing) -> Step<'_> {
    let file = place.file.as_deref().filter(|file| file.exists());
    match (handing, file) {
        (Handing::Show, Some(file)) => Step::Show(file),
        // What is not whole is shown by its folder.
        (Handing::Show, None) if place.folder.is_dir() => Step::ShowFolder(&place.folder),
        // A server chose its name. Whoever wants to run what it sent does that from the folder.
        (Handing::Open, Some(file)) if is_run(file) => Step::ShowInstead(file),
        (Handing::Open, Some(file)) => Step::Open(file),
        _ => Step::None,
    }
}

fn is_run(file: &Path) -> bool {
    file.file_name()
        .is_some_and(|name| programs::is_run(&name.to_string_lossy()))
}

fn outcome(result: io::Result<()>) -> Handed {
    match result {
        Ok(()) => Handed::Done,
        Err(error) => {
            tracing::warn!(%error, "the system does not take a file");
            Handed::Refused
        }
    }
}

/// The folder that a file is in.
#[cfg(target_os = "linux")]
fn folder_of(file: &Path) -> &Path {
    file.parent().unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_gone_is_said_to_be() {
        let folder = tempfile::tempdir().unwrap();
        let gone = Place {
            folder: folder.path().join("gone"),
            file: Some(folder.path().join("gone/file.iso")),
        };
        assert_eq!(hand_now(&gone, Handing::Open), Handed::Missing);
        assert_eq!(hand_now(&gone, Handing::Show), Handed::Missing);
        let unfinished = Place {
            folder: folder.path().to_owned(),
            file: None,
        };
        assert_eq!(hand_now(&unfinished, Handing::Open), Handed::Missing);
    }

    #[test]
    fn what_the_system_would_run_is_shown_in_its_folder_and_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| {
            let file = folder.path().join(name);
            std::fs::write(&file, "[Desktop Entry]\n").unwrap();
            Place {
                folder: folder.path().to_owned(),
                file: Some(file),
            }
        };
        let letter = place("letter.pdf");
        let file = letter.file.as_deref().unwrap();
        assert_eq!(step(&letter, Handing::Open), Step::Open(file));
        for name in ["letter.pdf.desktop", "Setup.EXE"] {
            let program = place(name);
            let file = program.file.as_deref().unwrap();
            assert_eq!(step(&program, Handing::Open), Step::ShowInstead(file), "{name}");
            assert_eq!(step(&program, Handing::Show), Step::Show(file), "{name}");
        }
    }
}
