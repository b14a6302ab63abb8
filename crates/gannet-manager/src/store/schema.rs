//! The tables, and how older ones become today's.

use rusqlite::{Connection, Transaction};

use super::StoreError;

/// Each brings the store from the version of its index to the next.
const MIGRATIONS: [&str; 3] = [DOWNLOADS, HOSTS, MOVES];

const DOWNLOADS: &str = "
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
";

const HOSTS: &str = "
    -- What each host was seen to allow.
    CREATE TABLE hosts (
        host TEXT PRIMARY KEY,
        connections INTEGER NOT NULL,
        seen_at_ms INTEGER NOT NULL,
        retry_after_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
";

const MOVES: &str = "
    -- Files on their way to another place, until they are there and no longer here.
    CREATE TABLE moves (
        download INTEGER PRIMARY KEY REFERENCES downloads (id) ON DELETE CASCADE,
        plan TEXT NOT NULL
    ) STRICT;
";

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_of_any_older_version_becomes_todays_and_keeps_what_is_in_it() {
        for before in 1..=VERSION {
            let mut connection = Connection::open_in_memory().unwrap();
            for migration in &MIGRATIONS[..before as usize] {
                connection.execute_batch(migration).unwrap();
            }
            connection.pragma_update(None, "user_version", before).unwrap();
            connection
                .execute(
                    "INSERT INTO downloads (id, finished_at_ms, address_digest, folded, entry)
                     VALUES (7, 1, x'00', 'film.mkv', '{}')",
                    [],
                )
                .unwrap();
            assert!(matches!(migrate(&mut connection).unwrap(), Migrated::Done));
            let found: (u32, u32) = connection
                .query_row(
                    "SELECT (SELECT user_version FROM pragma_user_version), id FROM downloads",
                    [],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .unwrap();
            assert_eq!(found, (VERSION, 7), "from {before}");
            for table in ["hosts", "moves"] {
                let count: u32 = connection
                    .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
                    .unwrap();
                assert_eq!(count, 0, "{table}, from {before}");
            }
        }
    }

    #[test]
    fn a_store_from_the_future_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection
            .pragma_update(None, "user_version", VERSION + 1)
            .unwrap();
        let migrated = migrate(&mut connection).unwrap();
        assert!(matches!(migrated, Migrated::TooNew(found) if found == VERSION + 1));
    }
}
