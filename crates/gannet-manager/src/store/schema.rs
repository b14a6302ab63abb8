//! The tables, and how older ones become today's.

use rusqlite::{Connection, Transaction};

use super::StoreError;

/// Each brings the store from the version of its index to the next.
const MIGRATIONS: [&str; 1] = ["
    CREATE TABLE downloads (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        finished_at_ms INTEGER,
        removed_until_ms INTEGER,
        removed_files TEXT,
        category INTEGER,
        address_digest BLOB NOT NULL,
        -- Name and host in lower case, for the search.
        folded TEXT NOT NULL,
        entry TEXT NOT NULL
    ) STRICT;
    -- Pages and searches of finished downloads read this alone, until they know which rows they want.
    CREATE INDEX downloads_finished ON downloads (finished_at_ms DESC, id DESC, category, folded)
        WHERE finished_at_ms IS NOT NULL AND removed_until_ms IS NULL;
    CREATE INDEX downloads_unfinished ON downloads (id)
        WHERE finished_at_ms IS NULL;
    CREATE INDEX downloads_removed ON downloads (removed_until_ms)
        WHERE removed_until_ms IS NOT NULL;
    CREATE INDEX downloads_category ON downloads (category)
        WHERE finished_at_ms IS NOT NULL AND removed_until_ms IS NULL;
    CREATE INDEX downloads_address ON downloads (address_digest);
    CREATE TABLE secrets (
        download INTEGER PRIMARY KEY REFERENCES downloads (id) ON DELETE CASCADE,
        secrets TEXT NOT NULL
    ) STRICT;
    CREATE TABLE queues (id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL) STRICT;
    CREATE TABLE categories (id INTEGER PRIMARY KEY AUTOINCREMENT, category TEXT NOT NULL) STRICT;
    CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE setting_secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"];

/// The version that this program writes.
pub(crate) const VERSION: u32 = MIGRATIONS.len() as u32;

/// What stands in the store's way.
pub(crate) enum Migrated {
    /// Nothing: it is of today's version.
    Done,
    /// It is from the future.
    TooNew(u32),
}

/// Brings the store to today's version, in one step or not at all.
pub(crate) fn migrate(connection: &mut Connection) -> Result<Migrated, StoreError> {
    let before: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if before > VERSION {
        return Ok(Migrated::TooNew(before));
    }
    if before < VERSION {
        let transaction = connection.transaction()?;
        migrate_from(&transaction, before)?;
        transaction.commit()?;
    }
    Ok(Migrated::Done)
}

fn migrate_from(transaction: &Transaction<'_>, before: u32) -> Result<(), StoreError> {
    for migration in &MIGRATIONS[before as usize..] {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    Ok(())
}
