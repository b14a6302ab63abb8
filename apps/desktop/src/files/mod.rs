//! Finished files, handed to the system: opened, opened with something that the person chooses, shown in their folder.
//! The page names a download, never a path.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod system;

use std::io;
#[cfg(target_os = "linux")]
use std::path::Path;

use gannet_manager::Place;
use gannet_schema::DownloadId;
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager as _};

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
            Some(file) => outcome(system::open_with(app, &file)),
            None => Handed::Missing,
        };
    }
    let handed = tauri::async_runtime::spawn_blocking(move || hand_now(&place, handing));
    handed.await.unwrap_or(Handed::Refused)
}

/// Blocks.
fn hand_now(place: &Place, handing: Handing) -> Handed {
    let file = place.file.as_deref().filter(|file| file.exists());
    match (handing, file) {
        (Handing::Show, Some(file)) => outcome(system::show(file)),
        // What is not whole is shown by its folder.
        (Handing::Show, None) if place.folder.is_dir() => outcome(open::that_detached(&place.folder)),
        (Handing::Open, Some(file)) => outcome(open::that_detached(file)),
        _ => Handed::Missing,
    }
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
}
