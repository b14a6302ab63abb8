//! The list as a file, kept where the person at the screen wants it. The page names neither the file nor what goes into it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use directories::UserDirs;
use gannet_schema::{Command, Failure, FailureCode, Reply};
use gannet_server::replace_private_file;
use tauri::{AppHandle, Manager as _};

use crate::dialogs;
use crate::works::Works;

/// What the file is called until somebody calls it something else.
const NAME: &str = "gannet-downloads.json";

/// Asks where the list is to be kept, and keeps it there; answers with that place. None where the person thought better of
/// it.
pub(crate) async fn save(app: &AppHandle) -> Result<Option<String>, Failure> {
    let Some(file) = dialogs::choose_file(app, documents(), NAME.to_owned()).await else {
        return Ok(None);
    };
    let text = match app.state::<Works>().manager().execute(Command::Export).await {
        Reply::Exported { text } => text,
        Reply::Failed { failure } => return Err(failure),
        _ => return Err(Failure::new(FailureCode::Internal, "there is no list")),
    };
    let place = file.to_string_lossy().into_owned();
    let put = tauri::async_runtime::spawn_blocking(move || put(&file, &text));
    match put.await {
        Ok(Ok(())) => Ok(Some(place)),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the list is not kept");
            Err(failure(&error))
        }
        Err(error) => Err(Failure::new(FailureCode::Internal, error.to_string())),
    }
}

/// Where people keep such things.
fn documents() -> Option<PathBuf> {
    let folders = UserDirs::new()?;
    let documents = folders.document_dir().filter(|folder| folder.is_dir());
    Some(documents.unwrap_or(folders.home_dir()).to_owned())
}

/// Puts the list in place of what was there, at once: where that fails, what was there is there. Its owner alone may read
/// it: an address in it may be signed, and then it opens what it names for whoever has it.
fn put(file: &Path, list: &str) -> io::Result<()> {
    // A link to a file stays one.
    let file = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    replace_private_file(&file, list.as_bytes())
}

fn failure(error: &io::Error) -> Failure {
    let code = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FailureCode::DiskFull,
        _ => FailureCode::Disk,
    };
    Failure::new(code, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("list.json");
        put(&file, "a long list").unwrap();
        put(&file, "short").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"short");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_cannot_be_put_in_place_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("list.json");
        fs::create_dir(&taken).unwrap();
        let error = put(&taken, "list").unwrap_err();
        assert_eq!(failure(&error).code, FailureCode::Disk);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(put(&folder.path().join("gone/list.json"), "list").is_err());
        let full = failure(&io::ErrorKind::StorageFull.into());
        assert_eq!(full.code, FailureCode::DiskFull);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_file_stays_one_and_others_read_nothing() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("list.json"), folder.path().join("link.json"));
        put(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        put(&link, "new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o077, 0);
    }
}
