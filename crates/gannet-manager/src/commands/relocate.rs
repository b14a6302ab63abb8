//! Another folder, another name: the way of [`crate::moving`], one step after the other.

use std::sync::Arc;

use gannet_engine::SafeFileName;
use gannet_schema::{DownloadId, Failure, FailureCode, OnExisting, Reply};

use super::files::{being_moved, blocking, release, stored, take, tell_finished};
use super::{check_count, invalid};
use crate::desk::{MovingTo, Run};
use crate::entry::{Entry, Folder, Intent, Name};
use crate::folders::{FolderPath, Missing, open_failure};
use crate::inner::Inner;
use crate::moving::{Folders, Plan, Step, settle_one};
use crate::placing::{Placing, free_name};
use crate::runner::{changed, store_failure};
use crate::store::Write;

/// How a file's new name is found.
#[derive(Clone)]
pub(crate) enum NewName {
    /// As it was, with a number where that is taken.
    Kept,
    /// This one, or none.
    Exactly(String),
}

/// Brings files into another folder beneath a root.
pub(super) async fn move_files(
    inner: &Arc<Inner>,
    ids: Vec<DownloadId>,
    folder: &str,
) -> Result<Reply, Failure> {
    check_count(&ids)?;
    let folder = inner.roots.find(folder)?;
    let mut first_failure = None;
    for id in ids {
        if let Err(failure) = relocate(inner, id, Some(folder.clone()), NewName::Kept).await {
            first_failure.get_or_insert(failure);
        }
    }
    first_failure.map_or(Ok(Reply::Done), Err)
}

/// Gives a file another name.
pub(super) async fn rename(inner: &Arc<Inner>, id: DownloadId, name: &str) -> Result<Reply, Failure> {
    let safe = SafeFileName::from_untrusted(name);
    let safe = safe.ok_or_else(|| invalid(format!("{name:?} is no name for a file")))?;
    relocate(inner, id, None, NewName::Exactly(safe.as_str().to_owned())).await?;
    Ok(Reply::Done)
}

/// Brings a download's files elsewhere: stopped before and gone on with after, where they are not whole.
async fn relocate(
    inner: &Arc<Inner>,
    id: DownloadId,
    folder: Option<FolderPath>,
    name: NewName,
) -> Result<(), Failure> {
    let on_desk = inner.desk.lock().await.items.contains_key(&id);
    if on_desk {
        match take(inner, id).await {
            Ok(entry) => return relocate_unfinished(inner, entry, folder, name).await,
            // It was finished in that moment.
            Err(failure) if failure.code == FailureCode::NotFound => {}
            Err(failure) => return Err(failure),
        }
    }
    relocated(inner, &stored(inner, id).await?, folder, name).await
}

async fn relocate_unfinished(
    inner: &Arc<Inner>,
    entry: Entry,
    folder: Option<FolderPath>,
    name: NewName,
) -> Result<(), Failure> {
    let id = entry.id;
    let result = match entry.name {
        Name::Settled(_) => relocated(inner, &entry, folder, name).await,
        Name::Proposed(_) | Name::Chosen(_) => {
            // Nothing is on the disk yet.
            let place = Place {
                folder: folder.map(|folder| Folder::Chosen(folder.text())),
                name: match name {
                    NewName::Kept => None,
                    NewName::Exactly(name) => Some(Name::Chosen(name)),
                },
            };
            let plan = Plan::nothing(&entry);
            take_over(inner, id, &place, &plan).await
        }
    };
    let mut desk = inner.desk.lock().await;
    release(&mut desk, id);
    inner.tell_changed(&mut desk, &[id]);
    result
}

/// Moves the files of a download that rests, and notes where they are then.
async fn relocated(
    inner: &Arc<Inner>,
    entry: &Entry,
    folder: Option<FolderPath>,
    name: NewName,
) -> Result<(), Failure> {
    let relocation = {
        let _one_at_a_time = inner.settling.lock().await;
        // A finished one is on no desk that could say that it is taken.
        if inner.desk.lock().await.moving_to.contains_key(&entry.id) {
            return Err(being_moved());
        }
        let relocation = Relocation::plan(inner, entry, folder, name).await?;
        // From here on its new name is its own; a copy to another disk may take long, and holds up nobody.
        inner
            .desk
            .lock()
            .await
            .moving_to
            .insert(entry.id, relocation.destination());
        relocation
    };
    let result = relocation.run(inner).await;
    inner.desk.lock().await.moving_to.remove(&entry.id);
    result
}

/// A move that is under way.
pub(crate) struct Relocation {
    id: DownloadId,
    /// The old one, for what is said when it fails.
    name: String,
    pub(crate) plan: Plan,
    /// `None` where no file moves.
    folders: Option<Arc<Folders>>,
    place: Place,
}

/// Where a download is from now on; nothing where that is as it was.
struct Place {
    folder: Option<Folder>,
    name: Option<Name>,
}

impl Relocation {
    /// Finds a place that nothing else bears, and plans the way there. Nothing is changed yet.
    pub(crate) async fn plan(
        inner: &Arc<Inner>,
        entry: &Entry,
        folder: Option<FolderPath>,
        name: NewName,
    ) -> Result<Self, Failure> {
        let is_free = settle_one(&inner.store, &inner.roots, entry.id).await;
        if !is_free.map_err(|error| store_failure(&error))? {
            return Err(Failure::new(
                FailureCode::Disk,
                "an earlier move of it was broken off, and one of its folders cannot be opened now",
            ));
        }
        let from = inner.roots.find_listed(entry.folder.as_str())?;
        let to = folder.unwrap_or_else(|| from.clone());
        let old_name = entry.name.as_str();
        let same_place = from == to
            && match &name {
                NewName::Kept => true,
                NewName::Exactly(name) => name == old_name,
            };
        let place = |name: String| Place {
            folder: Some(Folder::Chosen(to.text())),
            name: Some(Name::Settled(name)),
        };
        if same_place {
            return Ok(Self {
                id: entry.id,
                name: old_name.to_owned(),
                plan: Plan::nothing(entry),
                folders: None,
                place: place(old_name.to_owned()),
            });
        }
        let taken = inner.desk.lock().await.names_taken(&to.text(), entry.id);
        let (planned, destination) = (entry.clone(), to.clone());
        let (plan, folders, new_name) = blocking(move || {
            let opened =
                |path: &FolderPath, missing| path.open(missing).map_err(|error| open_failure(path, &error));
            let there = opened(&destination, Missing::Make)?;
            let new_name = choose_name(&planned, name, destination.clone(), taken, &there)?;
            let here = opened(&from, Missing::Refuse)?;
            let plan = Plan::new(&planned, destination.text(), &new_name, &here)
                .map_err(|error| moving_failure(planned.name.as_str(), &error))?;
            Ok((plan, Folders { here, there }, new_name))
        })
        .await?;
        Ok(Self {
            id: entry.id,
            name: old_name.to_owned(),
            plan,
            folders: Some(Arc::new(folders)),
            place: place(new_name),
        })
    }

    fn destination(&self) -> MovingTo {
        MovingTo {
            folder: self
                .place
                .folder
                .as_ref()
                .map_or_else(String::new, |folder| folder.as_str().to_owned()),
            name: self
                .place
                .name
                .as_ref()
                .map_or_else(String::new, |name| name.as_str().to_owned()),
        }
    }

    /// Goes all the way, or back to where it began.
    pub(crate) async fn run(&self, inner: &Inner) -> Result<(), Failure> {
        let mut is_there = false;
        for step in self.plan.steps() {
            match self.carry_out(step, inner).await {
                Ok(()) => is_there |= step == Step::TakeOver,
                Err(failure) if is_there => {
                    // The note in the store stays: the next start, or the next move, leaves the old place.
                    tracing::warn!(id = self.id.0, %failure.message, "a file was moved, and its old names stay for now");
                    return Ok(());
                }
                Err(failure) => {
                    self.take_back(inner).await;
                    return Err(failure);
                }
            }
        }
        Ok(())
    }

    /// One step.
    pub(crate) async fn carry_out(&self, step: Step, inner: &Inner) -> Result<(), Failure> {
        match (step, &self.folders) {
            (Step::Announce, _) => {
                let announced = Write::Moving(self.id, Box::new(self.plan.clone()));
                inner.write(vec![announced]).await
            }
            (Step::TakeOver, _) => take_over(inner, self.id, &self.place, &self.plan).await,
            (Step::Forget, _) => inner.write(vec![Write::MoveOver(self.id)]).await,
            (_, None) => Ok(()),
            (_, Some(folders)) => {
                let (plan, folders) = (self.plan.clone(), Arc::clone(folders));
                let name = self.name.clone();
                blocking(move || {
                    plan.carry_out(step, &folders)
                        .map_err(|error| moving_failure(&name, &error))
                })
                .await
            }
        }
    }

    async fn take_back(&self, inner: &Inner) {
        let Some(folders) = self.folders.clone() else {
            return;
        };
        let (plan, name) = (self.plan.clone(), self.name.clone());
        let taken_back = blocking(move || {
            plan.take_back(&folders)
                .map_err(|error| moving_failure(&name, &error))
        });
        let undone = match taken_back.await {
            Ok(()) => inner.write(vec![Write::MoveOver(self.id)]).await,
            Err(failure) => Err(failure),
        };
        if let Err(failure) = undone {
            tracing::warn!(id = self.id.0, %failure.message, "a move that failed is undone at the next start");
        }
    }
}

/// The store and the desk lead to the new place, and the old one is to be left.
async fn take_over(inner: &Inner, id: DownloadId, place: &Place, plan: &Plan) -> Result<(), Failure> {
    let moved = |entry: &Entry| {
        let mut entry = entry.clone();
        if let Some(folder) = &place.folder {
            entry.folder = folder.clone();
        }
        if let Some(name) = &place.name {
            entry.name = name.clone();
        }
        entry.may_replace = false;
        // Another folder, or another name, is what was offered to mend these.
        if let Intent::Failed { failure } = &entry.intent
            && failure.remedy == Some(gannet_schema::Remedy::OtherFolder)
        {
            entry.intent = Intent::Fetch { not_before_ms: None };
        }
        entry
    };
    let leaving = Write::Moved(id, Box::new(plan.leaving()));
    let mut desk = inner.desk.lock().await;
    if let Some(item) = desk.items.get_mut(&id) {
        // As it is now: somebody may have changed something else of it meanwhile.
        let entry = moved(&item.entry);
        inner.write(vec![changed(&entry), leaving]).await?;
        item.entry = entry;
        if matches!(item.run, Run::Waiting { .. }) {
            item.run = Run::Idle;
        }
        return Ok(());
    }
    let entry = moved(&stored(inner, id).await?);
    inner.write(vec![changed(&entry), leaving]).await?;
    tell_finished(inner, &desk, &[entry]);
    Ok(())
}

/// The name that the file gets. Blocks.
fn choose_name(
    entry: &Entry,
    name: NewName,
    folder: FolderPath,
    taken: std::collections::HashSet<String>,
    open: &crate::folders::OpenFolder,
) -> Result<String, Failure> {
    let (wanted, on_existing) = match name {
        NewName::Kept => (entry.name.as_str().to_owned(), OnExisting::Rename),
        NewName::Exactly(name) => (name, OnExisting::Fail),
    };
    let placing = Placing {
        folder,
        name: wanted.clone(),
        taken,
        on_existing,
    };
    let found = free_name(&placing, open)?;
    if on_existing == OnExisting::Fail && found != wanted {
        return Err(Failure::new(
            FailureCode::TargetExists,
            format!("{wanted} is taken in {}", placing.folder.text()),
        ));
    }
    Ok(found)
}

fn moving_failure(name: &str, error: &std::io::Error) -> Failure {
    let code = match error.kind() {
        std::io::ErrorKind::AlreadyExists => FailureCode::TargetExists,
        std::io::ErrorKind::NotFound => FailureCode::NotFound,
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => FailureCode::DiskFull,
        _ => FailureCode::Disk,
    };
    Failure::new(code, format!("cannot move {name}: {error}"))
}
