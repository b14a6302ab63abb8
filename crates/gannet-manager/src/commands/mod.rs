//! The closed menu: each command by itself, checked before anything is changed.

mod add;
mod change;
mod files;
mod life;
pub(crate) mod list;
mod organise;
mod probing;
pub(crate) mod relocate;
mod settings;
mod transfer_list;

use std::sync::Arc;

use gannet_schema::{Command, DownloadId, Failure, FailureCode, Reply};

use crate::desk::Desk;
use crate::inner::Inner;

/// Downloads that one command may name.
const IDS_MAX: usize = 100_000;

/// Carries a command out.
pub(crate) async fn execute(inner: &Arc<Inner>, command: Command) -> Result<Reply, Failure> {
    if inner.desk.lock().await.closing {
        return Err(Failure::new(
            FailureCode::WrongState,
            "the program is about to end",
        ));
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
        Command::CopyLinks { ids } => list::addresses(inner, ids).await,
        Command::ListFolders { folder } => list::folders(inner, &folder).await,
        Command::MakeFolder { folder } => list::make_folder(inner, &folder).await,
        Command::Quit => {
            inner.ask_to_quit();
            Ok(Reply::Done)
        }
        Command::Probe { url, options } => probing::probe(inner, &url, options).await,
        Command::Release { ticket } => {
            inner.probes.release(ticket);
            Ok(Reply::Done)
        }
        Command::ReadLinks { text } => probing::links(inner, text).await,
        Command::Restart { ids } => files::restart(inner, ids).await,
        Command::MoveFiles { ids, folder } => relocate::move_files(inner, ids, &folder).await,
        Command::Rename { id, name } => relocate::rename(inner, id, &name).await,
        Command::SetLimit {
            scope,
            limit_bytes_per_s,
        } => change::set_limit(inner, scope, limit_bytes_per_s).await,
        Command::SetConnections { ids, connections } => {
            change::set_connections(inner, ids, connections).await
        }
        Command::ReplaceUrl { id, url } => change::replace_url(inner, id, &url).await,
        Command::AddMirror { id, url } => change::add_mirror(inner, id, &url).await,
        Command::SetOptions { id, options } => change::set_options(inner, id, options).await,
        Command::MoveInOrder { ids, queue, place } => change::move_in_order(inner, ids, queue, place).await,
        Command::SetPriority { ids, priority } => change::set_priority(inner, ids, priority).await,
        Command::SetCategory { ids, category } => change::set_category(inner, ids, category).await,
        Command::AddQueue { queue } => organise::add_queue(inner, queue).await,
        Command::ChangeQueue { queue } => organise::change_queue(inner, queue).await,
        Command::RemoveQueue { id } => organise::remove_queue(inner, id).await,
        Command::RunQueue { id, run } => organise::run_queue(inner, id, run).await,
        Command::AddCategory { category } => organise::add_category(inner, category).await,
        Command::ChangeCategory { category } => organise::change_category(inner, category).await,
        Command::RemoveCategory { id } => organise::remove_category(inner, id).await,
        Command::DismissFolder { folder } => crate::chosen::dismiss(inner, &folder).await,
        Command::Export => transfer_list::export(inner).await,
        Command::Import { text } => transfer_list::import(inner, text).await,
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
