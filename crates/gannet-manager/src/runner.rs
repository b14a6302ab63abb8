//! One download at work: from its turn to whatever ends it.

use std::sync::Arc;

use gannet_engine::{Finished, Opened, Pacer, Transfer, Verification};
use gannet_schema::{DownloadId, Failure, FailureCode, LogKind, Verified, WaitReason};
use tokio::sync::watch;
use tracing::Instrument as _;

use crate::address::AddressDigest;
use crate::desk::{Desk, Run};
use crate::entry::{Entry, Folder, Name};
use crate::folders::{FolderPath, Missing, OpenFolder, Roots, open_failure};
use crate::inner::Inner;
use crate::live::{self, Live, reporter, span};
use crate::outcome::{Outcome, failure_of, is_gone_by, outcome_of};
use crate::placing::{Placing, free_name};
use crate::room::{self, Needs, lack_bytes};
use crate::secrets::Secrets;
use crate::store::{self, Write};

/// Steers a download that is at work.
pub(crate) struct Running {
    pub(crate) live: Arc<Live>,
    /// The limit of this download alone.
    pub(crate) pacer: Pacer,
    pub(crate) handle: Arc<std::sync::OnceLock<gannet_engine::Handle>>,
    /// Of which address its bytes are; the download may have another one by now.
    pub(crate) address_digest: AddressDigest,
    /// It was let go on: from now on others find room only beside it.
    pub(crate) has_room: bool,
    stop: watch::Sender<bool>,
    ended: watch::Receiver<bool>,
}

impl Running {
    /// Ends it, and keeps what is there.
    pub(crate) fn stop(&self) {
        self.stop.send_replace(true);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// Told when it ended, its journal synced.
    pub(crate) fn ended(&self) -> watch::Receiver<bool> {
        self.ended.clone()
    }
}

/// Gives a download its turn.
pub(crate) fn start(inner: &Arc<Inner>, desk: &mut Desk, id: DownloadId) {
    let Some(item) = desk.items.get_mut(&id).filter(|item| !item.is_busy()) else {
        return;
    };
    let live = Arc::clone(item.live.get_or_insert_with(Arc::default));
    live.begin(item.entry.found_digest.clone());
    let pacer = Pacer::new(item.entry.limit_bytes_per_s);
    let opened = item.opened.take();
    let (stop, stopped) = watch::channel(false);
    let (tell_end, ended) = watch::channel(false);
    let handle = Arc::new(std::sync::OnceLock::new());
    item.run = Run::Running(Running {
        live: Arc::clone(&live),
        pacer: pacer.clone(),
        handle: Arc::clone(&handle),
        address_digest: item.entry.address_digest,
        has_room: false,
        stop,
        ended,
    });
    desk.busy_queues.insert(item.entry.queue);
    let work = Work {
        inner: Arc::clone(inner),
        id,
        live,
        pacer,
        handle,
        stopped,
    };
    let inner = Arc::clone(inner);
    tokio::spawn(
        async move {
            // In a task of its own, so that a panic is an outcome like others.
            let result = tokio::spawn(work.fetch(opened).in_current_span()).await;
            let result = result.unwrap_or_else(|panic| {
                Err(Outcome::Fails(Failure::new(
                    FailureCode::Internal,
                    format!("the transfer broke off: {panic}"),
                )))
            });
            inner.run_ended(id, result).await;
            tell_end.send_replace(true);
        }
        .instrument(span(id)),
    );
}

/// What a download at work needs.
struct Work {
    inner: Arc<Inner>,
    id: DownloadId,
    live: Arc<Live>,
    pacer: Pacer,
    handle: Arc<std::sync::OnceLock<gannet_engine::Handle>>,
    stopped: watch::Receiver<bool>,
}

/// What is known of a download when its turn comes.
struct Brief {
    entry: Entry,
    secrets: Secrets,
    folder: FolderPath,
    request: gannet_engine::Request,
}

impl Work {
    async fn fetch(mut self, opened: Option<Box<Opened>>) -> Result<Done, Outcome> {
        let mut brief = self.brief().await?;
        if brief.entry.name.settled().is_some() {
            self.look(&brief).await?;
        } else {
            let opened = match opened {
                Some(opened) => Some(opened),
                None => self.probe(&brief).await?,
            };
            self.settle(opened.as_deref()).await?;
            // Folder and name are known by now.
            brief = self.brief().await?;
            return self.transfer(brief, opened).await;
        }
        self.transfer(brief, None).await
    }

    async fn brief(&self) -> Result<Brief, Outcome> {
        let id = self.id;
        let secrets = self
            .inner
            .store
            .run(move |connection| store::secrets(connection, id))
            .await
            .map_err(|error| Outcome::Fails(store_failure(&error)))?
            .ok_or(Outcome::Stopped)?;
        self.live.asks(&secrets);
        let mut desk = self.inner.desk.lock().await;
        let desk = &mut *desk;
        let item = desk.items.get(&id).ok_or(Outcome::Stopped)?;
        let entry = item.entry.clone();
        let request = self
            .inner
            .network
            .request_for(&entry, &secrets, &desk.settings, desk.proxy_url.as_ref())
            .map_err(|error| Outcome::Fails(failure_of(&error)))?
            .pacer(self.pacer.clone())
            .pacer(desk.queue_pacer(entry.queue));
        Ok(Brief {
            folder: self
                .inner
                .roots
                .find_listed(entry.folder.as_str())
                .map_err(Outcome::Fails)?,
            entry,
            secrets,
            request,
        })
    }

    /// Before anybody is asked: is the disk there, and is there room?
    async fn look(&self, brief: &Brief) -> Result<(), Outcome> {
        // One after the other: of two that do not fit together one has its turn, and not neither.
        let _one_at_a_time = self.inner.settling.lock().await;
        let entry = brief.entry.clone();
        let folder = brief.folder.clone();
        let room = self.room().await;
        blocking(move || {
            let open = folder
                .open(Missing::Make)
                .map_err(|error| folder_outcome(&folder, &error))?;
            let name = entry.name.as_str();
            // Whole it needs no more room. The program may have ended between publishing it and noting that: whether it is
            // the file, and what becomes of one that is not, is for the transfer to find out.
            if entry.length.is_some() && open.file_length(name) == entry.length {
                return Ok(());
            }
            room.check(lack_bytes(&entry, Some(&open)), &open)
        })
        .await?;
        self.goes_on().await;
        Ok(())
    }

    /// What those at work take of the disks.
    async fn room(&self) -> Beside {
        Beside {
            running: room::let_go_on(&*self.inner.desk.lock().await),
            roots: self.inner.roots.clone(),
        }
    }

    /// Lets others find room only beside it.
    async fn goes_on(&self) {
        let mut desk = self.inner.desk.lock().await;
        if let Some(Run::Running(running)) = desk.items.get_mut(&self.id).map(|item| &mut item.run) {
            running.has_room = true;
        }
    }

    async fn probe(&mut self, brief: &Brief) -> Result<Option<Box<Opened>>, Outcome> {
        let probing = brief.request.probe(reporter(&self.live));
        let opened = tokio::select! {
            opened = probing => opened,
            () = stopped(&mut self.stopped) => return Err(Outcome::Stopped),
        };
        match opened {
            Ok(opened) => Ok(Some(Box::new(opened))),
            Err(error) => Err(outcome_of(&error, brief.entry.new_address)),
        }
    }

    /// Chooses name and folder, so that no other download and no file bears them.
    async fn settle(&self, opened: Option<&Opened>) -> Result<(), Outcome> {
        // One after the other: two files of the same name must not find the same place free.
        let _one_at_a_time = self.inner.settling.lock().await;
        let (mut entry, placing) = {
            let desk = self.inner.desk.lock().await;
            let item = desk.items.get(&self.id).ok_or(Outcome::Stopped)?;
            let mut entry = item.entry.clone();
            let name = match (&entry.name, opened) {
                (Name::Proposed(_), Some(opened)) => opened.name().to_owned(),
                (name, _) => name.as_str().to_owned(),
            };
            self.inner.place(&desk, &mut entry, &name);
            let folder = self
                .inner
                .roots
                .find_listed(entry.folder.as_str())
                .map_err(Outcome::Fails)?;
            let taken = desk.names_taken(&folder.text(), self.id);
            let on_existing = entry.on_existing(&desk.settings.general);
            (
                entry,
                Placing {
                    folder,
                    name,
                    taken,
                    on_existing,
                },
            )
        };
        if let Some(opened) = opened {
            entry.length = opened.length();
            entry.resumable = Some(opened.is_resumable());
            entry.validator = Some(live::validator(opened.validator_strength()));
            entry.found_digest = opened.digest();
            self.live.found(entry.found_digest.clone());
        }
        let length = entry.length.unwrap_or(0);
        entry.folder = Folder::Chosen(placing.folder.text());
        let wanted = placing.name.clone();
        let room = self.room().await;
        let name = blocking(move || {
            let open = placing
                .folder
                .open(Missing::Make)
                .map_err(|error| folder_outcome(&placing.folder, &error))?;
            room.check(length, &open)?;
            free_name(&placing, &open).map_err(Outcome::Fails)
        })
        .await;
        let mut desk = self.inner.desk.lock().await;
        // Somebody may have changed something else of it meanwhile.
        let item = desk.items.get(&self.id).ok_or(Outcome::Stopped)?;
        let mut now = item.entry.clone();
        now.length = entry.length;
        now.resumable = entry.resumable;
        now.validator = entry.validator;
        now.found_digest = entry.found_digest;
        let name = match name {
            Ok(name) => name,
            Err(outcome) => {
                // How much it is counts for its disk while it waits, too.
                self.inner
                    .save(&mut desk, vec![now])
                    .await
                    .map_err(Outcome::Fails)?;
                return Err(outcome);
            }
        };
        // Under a number that came to it, it replaces nothing.
        now.may_replace &= name == wanted;
        now.name = Name::Settled(name);
        now.folder = entry.folder;
        now.category = entry.category;
        self.inner
            .save(&mut desk, vec![now])
            .await
            .map_err(Outcome::Fails)?;
        drop(desk);
        self.goes_on().await;
        Ok(())
    }

    async fn transfer(mut self, brief: Brief, opened: Option<Box<Opened>>) -> Result<Done, Outcome> {
        let Brief {
            entry,
            secrets,
            folder,
            request,
        } = brief;
        drop(secrets);
        let directory = blocking({
            let folder = folder.clone();
            move || {
                folder
                    .directory()
                    .map_err(|error| folder_outcome(&folder, &error))
            }
        })
        .await?;
        let request = request
            .storage(directory)
            .file_name(entry.name.as_str())
            .map_err(|error| Outcome::Fails(failure_of(&error)))?;
        let transfer = match opened {
            Some(opened) => request.start_from(*opened, reporter(&self.live)),
            None => request.start(reporter(&self.live)),
        };
        let result = self.follow(transfer).await;
        match result {
            Ok(finished) => {
                let found = self.live.found_digest();
                Ok(Done::of(&finished, &entry, found.as_deref()))
            }
            Err(error) => {
                if !matches!(error, gannet_engine::Error::Cancelled) {
                    self.live.note(LogKind::Failure, error.to_string());
                }
                Err(outcome_of(&error, entry.new_address))
            }
        }
    }

    /// Waits for a transfer's end. Stopped, it still syncs its journal first.
    async fn follow(&mut self, transfer: Transfer) -> Result<Finished, gannet_engine::Error> {
        let handle = transfer.handle();
        let _ = self.handle.set(handle.clone());
        let finished = transfer.finished();
        tokio::pin!(finished);
        tokio::select! {
            result = &mut finished => return result,
            () = stopped(&mut self.stopped) => handle.cancel(),
        }
        finished.await
    }
}

/// Those at work, as far as room is concerned.
struct Beside {
    running: Vec<Entry>,
    roots: Roots,
}

impl Beside {
    /// Whether so much has room in a folder beside them. Blocks.
    fn check(&self, needed_bytes: u64, folder: &OpenFolder) -> Result<(), Outcome> {
        let beside_bytes = Needs::of(&self.roots, &self.running).on_disk_of(folder);
        room::check(needed_bytes, beside_bytes, folder.free_bytes())
            .map_err(|failure| Outcome::Waits(WaitReason::DiskFull, failure))
    }
}

/// A download that is there.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) verified: Verified,
}

impl Done {
    fn of(finished: &Finished, entry: &Entry, found_digest: Option<&str>) -> Self {
        let name = finished.path.file_name().map_or_else(
            || entry.name.as_str().to_owned(),
            |name| name.to_string_lossy().into_owned(),
        );
        Self {
            name,
            bytes: finished.bytes,
            verified: verified(&finished.verification, &entry.checksums, found_digest),
        }
    }
}

fn verified(verification: &Verification, checksums: &[String], found_digest: Option<&str>) -> Verified {
    match verification {
        Verification::Verified { algorithm, source } => Verified::By {
            algorithm: algorithm.clone(),
            digest: checksums
                .iter()
                .map(String::as_str)
                .chain(found_digest)
                .filter_map(|checksum| checksum.split_once(':'))
                .find(|(name, _)| name.replace('-', "").eq_ignore_ascii_case(algorithm))
                .map(|(_, digest)| digest.to_ascii_lowercase())
                .unwrap_or_default(),
            given: *source == gannet_engine::DigestSource::Given,
        },
        Verification::Unverified { .. } => Verified::Unverified,
    }
}

/// What it comes to when a folder cannot be opened.
fn folder_outcome(folder: &FolderPath, error: &std::io::Error) -> Outcome {
    let failure = open_failure(folder, error);
    match error.kind() {
        _ if is_gone_by(error) => {
            let failure = Failure::new(FailureCode::Disk, failure.message);
            Outcome::Waits(WaitReason::DiskGone, failure)
        }
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            Outcome::Waits(WaitReason::DiskFull, failure)
        }
        _ => Outcome::Fails(failure),
    }
}

pub(crate) fn store_failure(error: &store::StoreError) -> Failure {
    Failure::new(FailureCode::Internal, format!("the list cannot be kept: {error}"))
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // Where nobody can stop it any more, the program ends.
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Outcome> + Send + 'static,
) -> Result<T, Outcome> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| {
        Err(Outcome::Fails(Failure::new(
            FailureCode::Internal,
            error.to_string(),
        )))
    })
}

/// What is written when a download was changed.
pub(crate) fn changed(entry: &Entry) -> Write {
    Write::Changed(Box::new(entry.clone()))
}
