//! Downloads in the store: written together or not at all.

use std::collections::HashMap;

use gannet_schema::{DownloadId, FileChoice};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use super::StoreError;
use crate::address::AddressDigest;
use crate::entry::Entry;
use crate::moving::Plan;
use crate::secrets::Secrets;

/// One change to the store's downloads.
#[derive(Debug)]
pub(crate) enum Write {
    /// A new download.
    New(Box<Entry>, Box<Secrets>),
    /// It is another one now; its secrets are as they were.
    Changed(Box<Entry>),
    /// Its secrets are others now.
    Secrets(DownloadId, Box<Secrets>),
    /// It is gone, but may come back until then.
    Removed(DownloadId, u64, FileChoice),
    /// It is back.
    Restored(DownloadId),
    /// It is gone for good.
    Purged(DownloadId),
    /// Its files are about to move. No move is under way for it.
    Moving(DownloadId, Box<Plan>),
    /// So far its files have moved.
    Moved(DownloadId, Box<Plan>),
    /// Nothing is left to be done of its move.
    MoveOver(DownloadId),
}

/// A removed download that may come back.
#[derive(Debug, Clone)]
pub(crate) struct Removed {
    pub(crate) entry: Entry,
    pub(crate) until_ms: u64,
    pub(crate) files: FileChoice,
}

/// Writes them all, or none.
pub(crate) fn write(connection: &mut Connection, writes: &[Write]) -> Result<(), StoreError> {
    let transaction = connection.transaction()?;
    for write in writes {
        write_one(&transaction, write)?;
    }
    transaction.commit()?;
    Ok(())
}

fn write_one(transaction: &Transaction<'_>, write: &Write) -> Result<(), StoreError> {
    match write {
        Write::New(entry, secrets) => {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO downloads (id, finished_at_ms, category, address_digest, folded, entry)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?;
            insert.execute(params![
                entry.id.0,
                entry.finished_at_ms(),
                entry.category.map(|category| category.0),
                entry.address_digest.0,
                folded(entry),
                serde_json::to_string(entry)?,
            ])?;
            write_secrets(transaction, entry.id, secrets)?;
        }
        Write::Changed(entry) => {
            let mut update = transaction.prepare_cached(
                "UPDATE downloads SET finished_at_ms = ?2, category = ?3, address_digest = ?4, folded = ?5, entry = ?6
                 WHERE id = ?1",
            )?;
            update.execute(params![
                entry.id.0,
                entry.finished_at_ms(),
                entry.category.map(|category| category.0),
                entry.address_digest.0,
                folded(entry),
                serde_json::to_string(entry)?,
            ])?;
        }
        Write::Secrets(id, secrets) => write_secrets(transaction, *id, secrets)?,
        Write::Removed(id, until_ms, files) => {
            let mut update = transaction.prepare_cached(
                "UPDATE downloads SET removed_until_ms = ?2, removed_files = ?3 WHERE id = ?1",
            )?;
            update.execute(params![id.0, until_ms, serde_json::to_string(files)?])?;
        }
        Write::Restored(id) => {
            let mut update = transaction.prepare_cached(
                "UPDATE downloads SET removed_until_ms = NULL, removed_files = NULL WHERE id = ?1",
            )?;
            update.execute([id.0])?;
        }
        Write::Purged(id) => {
            let mut delete = transaction.prepare_cached("DELETE FROM downloads WHERE id = ?1")?;
            delete.execute([id.0])?;
        }
        Write::Moving(id, plan) => {
            let mut insert =
                transaction.prepare_cached("INSERT INTO moves (download, plan) VALUES (?1, ?2)")?;
            insert.execute(params![id.0, serde_json::to_string(plan)?])?;
        }
        Write::Moved(id, plan) => {
            let mut update = transaction.prepare_cached("UPDATE moves SET plan = ?2 WHERE download = ?1")?;
            update.execute(params![id.0, serde_json::to_string(plan)?])?;
        }
        Write::MoveOver(id) => {
            let mut delete = transaction.prepare_cached("DELETE FROM moves WHERE download = ?1")?;
            delete.execute([id.0])?;
        }
    }
    Ok(())
}

fn write_secrets(transaction: &Transaction<'_>, id: DownloadId, secrets: &Secrets) -> Result<(), StoreError> {
    let mut insert =
        transaction.prepare_cached("INSERT OR REPLACE INTO secrets (download, secrets) VALUES (?1, ?2)")?;
    insert.execute(params![id.0, serde_json::to_string(secrets)?])?;
    Ok(())
}

/// Every download that is neither finished nor removed.
pub(crate) fn unfinished(connection: &Connection) -> Result<Vec<Entry>, StoreError> {
    let mut select = connection.prepare(
        "SELECT id, address_digest, entry FROM downloads
         WHERE finished_at_ms IS NULL AND removed_until_ms IS NULL ORDER BY id",
    )?;
    let mut rows = select.query([])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(entry_of(row)?);
    }
    Ok(entries)
}

/// Every download that was removed and may come back.
pub(crate) fn removed(connection: &Connection) -> Result<Vec<Removed>, StoreError> {
    let mut select = connection.prepare(
        "SELECT id, address_digest, entry, removed_until_ms, removed_files FROM downloads
         WHERE removed_until_ms IS NOT NULL",
    )?;
    let mut rows = select.query([])?;
    let mut removed = Vec::new();
    while let Some(row) = rows.next()? {
        removed.push(Removed {
            entry: entry_of(row)?,
            until_ms: row.get(3)?,
            files: serde_json::from_str(&row.get::<_, String>(4)?)?,
        });
    }
    Ok(removed)
}

/// The highest number that was ever given to a download.
pub(crate) fn last_id(connection: &Connection) -> Result<u32, StoreError> {
    let last = connection
        .query_row(
            "SELECT seq FROM sqlite_sequence WHERE name = 'downloads'",
            [],
            |row| row.get(0),
        )
        .optional()?;
    Ok(last.unwrap_or(0))
}

/// One download, finished or not.
pub(crate) fn entry(connection: &Connection, id: DownloadId) -> Result<Option<Entry>, StoreError> {
    let mut select = connection.prepare_cached(
        "SELECT id, address_digest, entry FROM downloads WHERE id = ?1 AND removed_until_ms IS NULL",
    )?;
    let mut rows = select.query([id.0])?;
    rows.next()?.map(entry_of).transpose()
}

/// Its secrets.
pub(crate) fn secrets(connection: &Connection, id: DownloadId) -> Result<Option<Secrets>, StoreError> {
    let mut select = connection.prepare_cached("SELECT secrets FROM secrets WHERE download = ?1")?;
    let text: Option<String> = select.query_row([id.0], |row| row.get(0)).optional()?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}

/// The secrets of all downloads.
pub(crate) fn all_secrets(connection: &Connection) -> Result<HashMap<DownloadId, Secrets>, StoreError> {
    let mut select = connection.prepare("SELECT download, secrets FROM secrets")?;
    let mut rows = select.query([])?;
    let mut all = HashMap::new();
    while let Some(row) = rows.next()? {
        let secrets = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        all.insert(DownloadId(row.get(0)?), serde_json::from_str(secrets)?);
    }
    Ok(all)
}

/// Downloads of the same addresses, in no order: at most one for each.
pub(crate) fn of_addresses(
    connection: &Connection,
    digests: &[AddressDigest],
) -> Result<Vec<Entry>, StoreError> {
    let mut select = connection.prepare_cached(
        "SELECT id, address_digest, entry FROM downloads
         WHERE address_digest = ?1 AND removed_until_ms IS NULL ORDER BY id DESC LIMIT 1",
    )?;
    let mut found = Vec::new();
    for digest in digests {
        let mut rows = select.query([digest.0])?;
        if let Some(row) = rows.next()? {
            found.push(entry_of(row)?);
        }
    }
    Ok(found)
}

/// Of the columns `id, address_digest, entry`.
pub(super) fn entry_of(row: &Row<'_>) -> Result<Entry, StoreError> {
    let mut entry: Entry = serde_json::from_str(row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?)?;
    entry.id = DownloadId(row.get(0)?);
    entry.address_digest = AddressDigest(row.get(1)?);
    Ok(entry)
}

fn folded(entry: &Entry) -> String {
    format!("{}\n{}", entry.name.as_str(), entry.host).to_lowercase()
}
