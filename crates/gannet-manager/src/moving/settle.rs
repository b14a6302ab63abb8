//! Moves that a crash broke off: those before the takeover are undone, those after it are completed.

use std::io;

use gannet_schema::DownloadId;

use super::{Folders, Plan, Stage};
use crate::folders::{Missing, Roots};
use crate::store::{self, Store, StoreError, Write};

/// Settles all moves that the store has a note of. What cannot be settled now, because a disk is away, keeps its note.
pub(crate) async fn settle_all(store: &Store, roots: &Roots) -> Result<(), StoreError> {
    for (id, plan) in store.run(|connection| store::moves(connection)).await? {
        settle(store, roots, id, plan).await?;
    }
    Ok(())
}

/// Settles the move of one download, where there is one. Returns whether nothing of it is left.
pub(crate) async fn settle_one(store: &Store, roots: &Roots, id: DownloadId) -> Result<bool, StoreError> {
    let plan = store
        .run(move |connection| store::move_of(connection, id))
        .await?;
    match plan {
        Some(plan) => settle(store, roots, id, plan).await,
        None => Ok(true),
    }
}

async fn settle(store: &Store, roots: &Roots, id: DownloadId, plan: Plan) -> Result<bool, StoreError> {
    let roots = roots.clone();
    let settled = tokio::task::spawn_blocking(move || settle_files(&plan, &roots));
    // A panic in there leaves the note, and what it is about.
    match settled.await.unwrap_or_else(|panic| Err(io::Error::other(panic))) {
        Ok(()) => {
            let forget = vec![Write::MoveOver(id)];
            store
                .run(move |connection| store::write(connection, &forget))
                .await?;
            Ok(true)
        }
        Err(error) => {
            tracing::warn!(id = id.0, %error, "what a broken-off move left behind stays for now");
            Ok(false)
        }
    }
}

fn settle_files(plan: &Plan, roots: &Roots) -> io::Result<()> {
    let (Ok(from), Ok(to)) = (roots.find_listed(&plan.from), roots.find_listed(&plan.to)) else {
        // A folder is no longer ours to write into: nobody will ever do more about it.
        return Ok(());
    };
    let folders = Folders {
        here: from.open(Missing::Refuse)?,
        there: to.open(Missing::Refuse)?,
    };
    match plan.stage {
        Stage::Bringing => plan.take_back(&folders),
        Stage::Leaving => plan.leave_all(&folders),
    }
}
