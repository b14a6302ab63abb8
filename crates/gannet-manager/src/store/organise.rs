//! Queues, categories and settings in the store.

use gannet_schema::{Category, CategoryId, FileKind, Queue, QueueId, Settings, WhenDone};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;
use crate::entry::Entry;
use crate::folders::{ChosenFolders, Root};

/// Everything that orders downloads.
#[derive(Debug, Clone)]
pub(crate) struct Organisation {
    /// The main one first.
    pub(crate) queues: Vec<Queue>,
    pub(crate) categories: Vec<Category>,
    pub(crate) settings: Settings,
    /// The proxy's address with its userinfo; out of the settings, so that it never leaves.
    pub(crate) proxy_url: Option<gannet_schema::Secret>,
}

const PROXY_URL: &str = "proxy_url";
const CHOSEN_FOLDERS: &str = "chosen_folders";
const LEFT_FOLDERS: &str = "left_folders";
const REMEMBERED_ROOTS: &str = "roots";

/// Reads it all; a new store gets what everybody begins with.
pub(crate) fn read(connection: &mut Connection) -> Result<Organisation, StoreError> {
    let stored: Option<String> = connection
        .query_row("SELECT value FROM settings WHERE name = 'settings'", [], |row| {
            row.get(0)
        })
        .optional()?;
    let Some(settings) = stored else {
        return begin(connection);
    };
    let proxy_url: Option<String> = connection
        .query_row(
            "SELECT value FROM setting_secrets WHERE name = ?1",
            [PROXY_URL],
            |row| row.get(0),
        )
        .optional()?;
    let mut queues: Vec<Queue> = all(connection, "SELECT id, queue FROM queues ORDER BY id")?
        .into_iter()
        .map(|(id, queue)| Queue {
            id: QueueId(id),
            ..queue
        })
        .collect();
    queues.sort_by_key(|queue| (queue.id != QueueId::MAIN, queue.id));
    let categories = all(connection, "SELECT id, category FROM categories ORDER BY id")?
        .into_iter()
        .map(|(id, category)| Category {
            id: CategoryId(id),
            ..category
        })
        .collect();
    Ok(Organisation {
        queues,
        categories,
        settings: serde_json::from_str(&settings)?,
        proxy_url: proxy_url.map(gannet_schema::Secret::new),
    })
}

fn all<T: DeserializeOwned>(connection: &Connection, select: &str) -> Result<Vec<(u32, T)>, StoreError> {
    let mut select = connection.prepare(select)?;
    let mut rows = select.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push((row.get(0)?, serde_json::from_str(&row.get::<_, String>(1)?)?));
    }
    Ok(all)
}

/// What everybody begins with.
fn begin(connection: &mut Connection) -> Result<Organisation, StoreError> {
    let organisation = Organisation {
        queues: vec![main_queue()],
        categories: first_categories(),
        settings: Settings::default(),
        proxy_url: None,
    };
    let transaction = connection.transaction()?;
    for queue in &organisation.queues {
        save_queue(&transaction, queue)?;
    }
    for category in &organisation.categories {
        save_category(&transaction, category)?;
    }
    save_settings(&transaction, &organisation.settings, None)?;
    transaction.commit()?;
    Ok(organisation)
}

pub(crate) fn save_queue(connection: &Connection, queue: &Queue) -> Result<(), StoreError> {
    let mut insert =
        connection.prepare_cached("INSERT OR REPLACE INTO queues (id, queue) VALUES (?1, ?2)")?;
    insert.execute(params![queue.id.0, serde_json::to_string(queue)?])?;
    Ok(())
}

pub(crate) fn remove_queue(connection: &Connection, id: QueueId) -> Result<(), StoreError> {
    connection.execute("DELETE FROM queues WHERE id = ?1", [id.0])?;
    Ok(())
}

pub(crate) fn save_category(connection: &Connection, category: &Category) -> Result<(), StoreError> {
    let mut insert =
        connection.prepare_cached("INSERT OR REPLACE INTO categories (id, category) VALUES (?1, ?2)")?;
    insert.execute(params![category.id.0, serde_json::to_string(category)?])?;
    Ok(())
}

/// Rows of a removed category that are held in memory at once.
const SLICE_ROWS: u32 = 1_000;

/// What was in it is in none; all at once or not at all.
pub(crate) fn remove_category(connection: &mut Connection, id: CategoryId) -> Result<(), StoreError> {
    let transaction = connection.transaction()?;
    while take_out(&transaction, id)? > 0 {}
    transaction.execute("DELETE FROM categories WHERE id = ?1", [id.0])?;
    Ok(transaction.commit()?)
}

/// The same for a slice of it. Returns how many there were.
fn take_out(transaction: &Transaction<'_>, id: CategoryId) -> Result<usize, StoreError> {
    let mut select =
        transaction.prepare_cached("SELECT id, entry FROM downloads WHERE category = ?1 LIMIT ?2")?;
    let rows = select.query_map([id.0, SLICE_ROWS], |row| {
        Ok((row.get::<_, u32>(0)?, row.get::<_, String>(1)?))
    })?;
    let rows: Vec<_> = rows.collect::<Result<_, _>>()?;
    let mut update =
        transaction.prepare_cached("UPDATE downloads SET category = NULL, entry = ?2 WHERE id = ?1")?;
    for (download, entry) in &rows {
        let mut entry: Entry = serde_json::from_str(entry)?;
        entry.category = None;
        update.execute(params![download, serde_json::to_string(&entry)?])?;
    }
    Ok(rows.len())
}

/// Saves the settings and, in its own table, the proxy's full address.
pub(crate) fn save_settings(
    connection: &Connection,
    settings: &Settings,
    proxy_url: Option<&gannet_schema::Secret>,
) -> Result<(), StoreError> {
    connection.execute(
        "INSERT OR REPLACE INTO settings (name, value) VALUES ('settings', ?1)",
        [serde_json::to_string(settings)?],
    )?;
    match proxy_url {
        Some(url) => connection.execute(
            "INSERT OR REPLACE INTO setting_secrets (name, value) VALUES (?1, ?2)",
            [PROXY_URL, url.reveal()],
        )?,
        None => connection.execute("DELETE FROM setting_secrets WHERE name = ?1", [PROXY_URL])?,
    };
    Ok(())
}

/// Folders that a person chose in a dialog of the system.
pub(crate) fn chosen_folders(connection: &mut Connection) -> Result<ChosenFolders, StoreError> {
    Ok(ChosenFolders {
        taking: read_list(connection, CHOSEN_FOLDERS)?,
        left: read_list(connection, LEFT_FOLDERS)?,
    })
}

pub(crate) fn save_chosen_folders(
    connection: &Connection,
    folders: &ChosenFolders,
) -> Result<(), StoreError> {
    save_list(connection, CHOSEN_FOLDERS, &folders.taking)?;
    save_list(connection, LEFT_FOLDERS, &folders.left)
}

/// What is remembered of the roots.
pub(crate) fn remembered_roots(connection: &mut Connection) -> Result<Vec<Root>, StoreError> {
    read_list(connection, REMEMBERED_ROOTS)
}

pub(crate) fn save_remembered_roots(connection: &Connection, roots: &[Root]) -> Result<(), StoreError> {
    save_list(connection, REMEMBERED_ROOTS, roots)
}

fn read_list<T: DeserializeOwned>(connection: &Connection, name: &str) -> Result<Vec<T>, StoreError> {
    let stored: Option<String> = connection
        .query_row("SELECT value FROM settings WHERE name = ?1", [name], |row| {
            row.get(0)
        })
        .optional()?;
    stored.map_or_else(|| Ok(Vec::new()), |stored| Ok(serde_json::from_str(&stored)?))
}

fn save_list<T: Serialize>(connection: &Connection, name: &str, list: &[T]) -> Result<(), StoreError> {
    connection.execute(
        "INSERT OR REPLACE INTO settings (name, value) VALUES (?1, ?2)",
        params![name, serde_json::to_string(list)?],
    )?;
    Ok(())
}

/// The next free number of a table.
pub(crate) fn next_id(connection: &Connection, table: &'static str) -> Result<u32, StoreError> {
    let last: Option<u32> = connection
        .query_row(
            "SELECT seq FROM sqlite_sequence WHERE name = ?1",
            [table],
            |row| row.get(0),
        )
        .optional()?;
    Ok(last.unwrap_or(0) + 1)
}

fn main_queue() -> Queue {
    Queue {
        id: QueueId::MAIN,
        name: "Main".to_owned(),
        running: true,
        at_once: 5,
        limit_bytes_per_s: None,
        schedule: None,
        retries: 10,
        when_done: WhenDone::Nothing,
    }
}

fn first_categories() -> Vec<Category> {
    [
        ("Video", FileKind::Video),
        ("Music", FileKind::Audio),
        ("Images", FileKind::Image),
        ("Documents", FileKind::Document),
        ("Archives", FileKind::Archive),
        ("Disk images", FileKind::DiskImage),
        ("Programs", FileKind::Program),
    ]
    .into_iter()
    .zip(1..)
    .map(|((name, kind), id)| Category {
        id: CategoryId(id),
        name: name.to_owned(),
        file_kinds: vec![kind],
        extensions: Vec::new(),
        folder: None,
    })
    .collect()
}
