//! The closed menu: each command by itself, checked before anything is changed.

mod add;
mod life;
mod list;
mod settings;

use std::sync::Arc;

use gannet_schema::{Command, DownloadId, Failure, FailureCode, Reply};

use crate::desk::Desk;
use crate::inner::Inner;

/// Downloads that one command may name.
const IDS_MAX: usize = 100_000;

/// Carries a command out.
pub(crate) async fn execute(inner: &Arc<Inner>, command: Command) -> Result<Reply, Failure> {
    if inner.desk.lock().await.closing {
        return Err(Failure::new(FailureCode::WrongState, "the program is about to end"));
    }
    match command {
        Command::Add {
            downloads,
            duplicates,
        } => add::add(inner, downloads, duplicates).await,
        Command::Pause { ids } => life::pause(inner, Some(ids)).await,
        Command::Resume { ids } => life::resume(inner, Some(ids)).await,
        Command::PauseAll => life::pause(inner, None).await,
        Command::ResumeAll => life::resume(inner, None).await,
        Command::Remove { ids, files } => life::remove(inner, ids, files).await,
        Command::UndoRemove { ids } => life::undo_remove(inner, ids).await,
        Command::ChangeSettings { settings } => settings::change(inner, *settings).await,
        Command::SwitchLimit { on } => settings::change_limit(inner, |network| network.limit_on = on).await,
        Command::ListFinished { page } => list::finished(inner, page).await,
        Command::GetDetail { id } => list::detail(inner, id).await,
        Command::CopyLink { id } => list::link(inner, id).await,
        Command::ListFolders { folder } => list::folders(inner, &folder).await,
        Command::MakeFolder { folder } => list::make_folder(inner, &folder).await,
        Command::Quit => {
            inner.ask_to_quit();
            Ok(Reply::Done)
        }
        _ => Err(Failure::new(FailureCode::WrongState, "not yet")),
    }
}

/// The downloads that a command names and the desk has, each once; all of them where it names none.
fn on_desk(desk: &Desk, ids: Option<Vec<DownloadId>>) -> Result<Vec<DownloadId>, Failure> {
    let Some(mut ids) = ids else {
        return Ok(desk.items.keys().copied().collect());
    };
    check_count(&ids)?;
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| desk.items.contains_key(id) && seen.insert(*id));
    Ok(ids)
}

fn check_count(ids: &[DownloadId]) -> Result<(), Failure> {
    if ids.len() > IDS_MAX {
        return Err(Failure::new(
            FailureCode::TooMany,
            format!("one command names at most {IDS_MAX} downloads"),
        ));
    }
    Ok(())
}

fn not_found() -> Failure {
    Failure::new(FailureCode::NotFound, "there is no such download")
}

fn invalid(what: impl Into<String>) -> Failure {
    Failure::new(FailureCode::InvalidRequest, what)
}
