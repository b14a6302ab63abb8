//! What finished downloads are searched by, in memory: a person who types asks again with each letter, and reading a hundred
//! thousand rows for each takes longer than a key. It is read in slices once somebody looks at the list, and from then on
//! takes over only what was changed.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gannet_schema::CategoryId;
use memchr::memmem;
use rusqlite::{Connection, Row as SqlRow, params};

use super::StoreError;

/// Between two rows. No name and no host holds it.
const END: char = '\0';
/// Rows of a slice: reading it holds up nobody who waits for the store.
const SLICE_ROWS: u32 = 4_000;

/// No download finishes then.
const LATER_THAN_ALL_MS: u64 = i64::MAX as u64;

/// Names and hosts of all finished downloads, the latest first.
#[derive(Debug, Default)]
pub(crate) struct SearchText {
    /// Rows that were written since they were read.
    changed: Changed,
    /// One after the other, each with an [`END`].
    text: String,
    rows: Vec<Row>,
    reading: Reading,
}

/// How far the store was read.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Reading {
    #[default]
    NotBegun,
    /// Up to this row, which is there.
    UpTo(Place),
    Done,
}

/// Where a row stands among all: they are in ascending order of it.
type Place = (Reverse<u64>, Reverse<u32>);

#[derive(Debug)]
struct Row {
    place: Place,
    /// Where it ends in the text, its [`END`] included.
    end: usize,
    category: Option<u32>,
}

impl Row {
    fn id(&self) -> u32 {
        self.place.1.0
    }
}

/// A row as it is in the store.
struct Found {
    place: Place,
    category: Option<u32>,
    folded: String,
}

/// Numbers of rows that were written; the store's connection notes them.
#[derive(Debug, Default, Clone)]
struct Changed(Arc<Mutex<BTreeSet<u32>>>);

impl Changed {
    fn lock(&self) -> MutexGuard<'_, BTreeSet<u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SearchText {
    /// Nothing yet, and it hears of every change that goes through this connection.
    pub(super) fn of(connection: &mut Connection) -> Result<Self, StoreError> {
        let text = Self::default();
        let changed = text.changed.clone();
        connection.update_hook(Some(move |_, _: &str, table: &str, row: i64| {
            if table == "downloads"
                && let Ok(id) = u32::try_from(row)
            {
                changed.lock().insert(id);
            }
        }))?;
        Ok(text)
    }

    /// Reads the next slice. Returns whether that was the last one.
    pub(super) fn read_on(&mut self, connection: &Connection) -> Result<bool, StoreError> {
        if self.reading == Reading::NotBegun {
            // Whatever was written so far is read with the rest.
            self.changed.lock().clear();
        }
        self.read(connection, SLICE_ROWS)?;
        Ok(self.reading == Reading::Done)
    }

    /// Makes it what is in the store now.
    pub(super) fn refresh(&mut self, connection: &Connection) -> Result<(), StoreError> {
        if self.reading == Reading::NotBegun {
            self.changed.lock().clear();
        }
        self.take_over(connection)?;
        while self.reading != Reading::Done {
            self.read(connection, u32::MAX)?;
        }
        Ok(())
    }

    fn read(&mut self, connection: &Connection, most: u32) -> Result<(), StoreError> {
        let (at_ms, id) = match self.reading {
            Reading::NotBegun => (LATER_THAN_ALL_MS, u32::MAX),
            Reading::UpTo((Reverse(at_ms), Reverse(id))) => (at_ms, id),
            Reading::Done => return Ok(()),
        };
        let mut select = connection.prepare_cached(
            "SELECT id, finished_at_ms, category, folded FROM downloads
             WHERE finished_at_ms IS NOT NULL AND removed_until_ms IS NULL
               AND (finished_at_ms, id) < (?1, ?2)
             ORDER BY finished_at_ms DESC, id DESC LIMIT ?3",
        )?;
        let mut rows = select.query(params![at_ms, id, most])?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            let place = place_of(row)?;
            self.push(
                place,
                row.get(2)?,
                row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?,
            );
            self.reading = Reading::UpTo(place);
            count += 1;
        }
        if count < most {
            self.reading = Reading::Done;
        }
        Ok(())
    }

    /// Takes over what was written since: rows that were there go, and come back where they are to be found still.
    fn take_over(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let changed = std::mem::take(&mut *self.changed.lock());
        if changed.is_empty() {
            return Ok(());
        }
        let mut select = connection.prepare_cached(
            "SELECT id, finished_at_ms, category, folded FROM downloads
             WHERE id = ?1 AND finished_at_ms IS NOT NULL AND removed_until_ms IS NULL",
        )?;
        let mut come = Vec::new();
        for id in &changed {
            let mut rows = select.query([id])?;
            if let Some(row) = rows.next()? {
                let place = place_of(row)?;
                // What lies beyond is read in its turn.
                if self.reading == Reading::Done
                    || matches!(self.reading, Reading::UpTo(read) if place <= read)
                {
                    come.push(Found {
                        place,
                        category: row.get(2)?,
                        folded: row.get(3)?,
                    });
                }
            }
        }
        if come.is_empty() && !self.rows.iter().any(|row| changed.contains(&row.id())) {
            return Ok(());
        }
        come.sort_unstable_by_key(|found| found.place);
        self.merge(&changed, come);
        Ok(())
    }

    /// Writes the text anew, without those that go and with those that come. Copying millions of bytes takes milliseconds.
    fn merge(&mut self, go: &BTreeSet<u32>, come: Vec<Found>) {
        let mut merged = Self {
            changed: self.changed.clone(),
            text: String::with_capacity(self.text.len()),
            rows: Vec::with_capacity(self.rows.len() + come.len()),
            reading: self.reading,
        };
        let mut come = come.into_iter().peekable();
        let mut start = 0;
        for row in &self.rows {
            while let Some(found) = come.next_if(|found| found.place < row.place) {
                merged.push(found.place, found.category, &found.folded);
            }
            if !go.contains(&row.id()) {
                merged.push(
                    row.place,
                    row.category,
                    &self.text[start..row.end - END.len_utf8()],
                );
            }
            start = row.end;
        }
        for found in come {
            merged.push(found.place, found.category, &found.folded);
        }
        *self = merged;
    }

    fn push(&mut self, place: Place, category: Option<u32>, folded: &str) {
        self.text.push_str(folded);
        self.text.push(END);
        self.rows.push(Row {
            place,
            end: self.text.len(),
            category,
        });
    }

    /// Those whose name or host holds `search`, which is in lower case, and that are of the category; the latest first.
    pub(super) fn find(&self, search: &str, category: Option<CategoryId>) -> Vec<u32> {
        let is_wanted = |row: &&Row| category.is_none_or(|category| row.category == Some(category.0));
        if search.is_empty() {
            return self.rows.iter().filter(is_wanted).map(Row::id).collect();
        }
        if search.contains(END) {
            return Vec::new();
        }
        let finder = memmem::Finder::new(search.as_bytes());
        let mut found = Vec::new();
        let mut rows = self.rows.iter();
        let mut from = 0;
        while let Some(at) = finder.find(&self.text.as_bytes()[from..]) {
            let at = from + at;
            // Matches come in the rows' order, and of each row the first one is enough.
            let Some(row) = rows.find(|row| row.end > at) else {
                break;
            };
            found.extend(Some(row).filter(is_wanted).map(Row::id));
            from = row.end;
        }
        found
    }
}

/// Of the columns `id, finished_at_ms`.
fn place_of(row: &SqlRow<'_>) -> Result<Place, StoreError> {
    Ok((Reverse(row.get(1)?), Reverse(row.get(0)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::schema::migrate;

    /// Rows of id, category and text, the first of them finished last.
    fn store(rows: &[(u32, Option<u32>, &str)]) -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        for (at_ms, (id, category, folded)) in rows.iter().rev().enumerate() {
            connection
                .execute(
                    "INSERT INTO downloads (id, finished_at_ms, category, address_digest, folded, entry)
                     VALUES (?1, ?2, ?3, x'00', ?4, '{}')",
                    rusqlite::params![id, at_ms as u64, category, folded],
                )
                .unwrap();
        }
        connection
    }

    #[test]
    fn a_search_finds_each_row_once_and_in_order() {
        let store = store(&[
            (3, Some(1), "aa aa\nhost"),
            (9, None, "überblick\nother.example"),
            (1, Some(2), "b\naa.example"),
        ]);
        let mut text = SearchText::default();
        text.refresh(&store).unwrap();
        for (search, category, expected) in [
            ("aa", None, &[3, 1][..]),
            ("aa", Some(2), &[1]),
            ("über", None, &[9]),
            ("example", None, &[9, 1]),
            ("", None, &[3, 9, 1]),
            ("", Some(1), &[3]),
            ("nothing", None, &[]),
            ("aa", Some(7), &[]),
            // From one row into the next.
            ("host\0überblick", None, &[]),
            ("hostüber", None, &[]),
        ] {
            assert_eq!(
                text.find(search, category.map(CategoryId)),
                expected,
                "{search:?}"
            );
        }
    }

    #[test]
    fn what_was_changed_is_found_as_it_is_now() {
        let mut store = store(&[(1, None, "film.mkv\nhost"), (2, None, "song.mp3\nhost")]);
        let mut text = SearchText::of(&mut store).unwrap();
        text.refresh(&store).unwrap();
        assert_eq!(text.find("film", None), [1]);
        let change = |sql: &str| assert_eq!(store.execute(sql, []).unwrap(), 1, "{sql}");
        change("UPDATE downloads SET folded = 'movie.mkv' WHERE id = 1");
        change("UPDATE downloads SET removed_until_ms = 1 WHERE id = 2");
        text.refresh(&store).unwrap();
        assert_eq!(text.find("film", None), Vec::<u32>::new());
        assert_eq!(text.find("", None), [1]);
        change("UPDATE downloads SET removed_until_ms = NULL WHERE id = 2");
        change("DELETE FROM downloads WHERE id = 1");
        text.refresh(&store).unwrap();
        assert_eq!(text.find("", None), [2]);
    }

    /// Whatever is written while the text is read in slices or after that, it finds what a text finds that is read anew.
    #[test]
    fn taking_changes_over_comes_to_the_same_as_reading_anew() {
        let seed = fastrand::u64(..);
        let mut random = fastrand::Rng::with_seed(seed);
        for _ in 0..40 {
            let rows: Vec<_> = (1..=30).map(|id| (id, None, "film.mkv\nhost")).collect();
            let mut store = store(&rows);
            let mut text = SearchText::of(&mut store).unwrap();
            for _ in 0..40 {
                match random.u8(..4) {
                    0 => text.read(&store, random.u32(1..12)).unwrap(),
                    1 => text.refresh(&store).unwrap(),
                    _ => write_something(&store, &mut random),
                }
            }
            text.refresh(&store).unwrap();
            let mut anew = SearchText::default();
            anew.refresh(&store).unwrap();
            let found = |text: &SearchText| {
                (
                    text.find("", None),
                    text.find("song", None),
                    text.find("", Some(CategoryId(1))),
                )
            };
            assert_eq!(found(&text), found(&anew), "with the seed {seed}");
            assert_eq!(text.text, anew.text, "with the seed {seed}");
        }
    }

    fn write_something(store: &Connection, random: &mut fastrand::Rng) {
        let id = random.u32(1..=40);
        let value = random.u32(0..40);
        let sql = match random.u8(..6) {
            0 => "UPDATE downloads SET finished_at_ms = ?2 WHERE id = ?1",
            1 => "UPDATE downloads SET finished_at_ms = NULL WHERE id = ?1 AND ?2 > 0",
            2 => "UPDATE downloads SET removed_until_ms = iif(?2 % 2, ?2, NULL) WHERE id = ?1",
            3 => "UPDATE downloads SET folded = 'song' || ?2, category = ?2 % 3 WHERE id = ?1",
            4 => "DELETE FROM downloads WHERE id = ?1 AND ?2 % 2",
            _ => {
                "INSERT OR REPLACE INTO downloads (id, finished_at_ms, address_digest, folded, entry)
                 VALUES (?1, ?2, x'00', 'new song', '{}')"
            }
        };
        store.execute(sql, [id, value]).unwrap();
    }
}
