//! What finished downloads are searched by, in memory from the first search on: a person who types asks again with each
//! letter, and reading a hundred thousand rows for each takes longer than a key.

use gannet_schema::CategoryId;
use memchr::memmem;
use rusqlite::Connection;

use super::StoreError;

/// Between two rows. No name and no host holds it.
const END: char = '\0';

/// Names and hosts of all finished downloads, the latest first.
#[derive(Debug, Default)]
pub(crate) struct SearchText {
    /// How often the store had been changed when this was read.
    as_of: u64,
    /// One after the other, each with an [`END`].
    text: String,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    /// Where it ends in the text, its [`END`] included.
    end: usize,
    id: u32,
    category: Option<u32>,
}

impl SearchText {
    /// The text of the store as it is now: this one, where nothing was changed since.
    pub(super) fn refreshed(self, connection: &Connection) -> Result<Self, StoreError> {
        let as_of = connection.total_changes();
        if !self.rows.is_empty() && self.as_of == as_of {
            return Ok(self);
        }
        let mut fresh = Self {
            as_of,
            text: String::with_capacity(self.text.len()),
            rows: Vec::with_capacity(self.rows.len()),
        };
        let mut select = connection.prepare_cached(
            "SELECT id, category, folded FROM downloads
             WHERE finished_at_ms IS NOT NULL AND removed_until_ms IS NULL
             ORDER BY finished_at_ms DESC, id DESC",
        )?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            fresh
                .text
                .push_str(row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?);
            fresh.text.push(END);
            fresh.rows.push(Row {
                end: fresh.text.len(),
                id: row.get(0)?,
                category: row.get(1)?,
            });
        }
        Ok(fresh)
    }

    /// Those whose name or host holds `search`, which is in lower case, and that are of the category; the latest first.
    pub(super) fn find(&self, search: &str, category: Option<CategoryId>) -> Vec<u32> {
        let is_wanted = |row: &&Row| category.is_none_or(|category| row.category == Some(category.0));
        if search.is_empty() {
            return self.rows.iter().filter(is_wanted).map(|row| row.id).collect();
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
            found.extend(Some(row).filter(is_wanted).map(|row| row.id));
            from = row.end;
        }
        found
    }
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
        let text = SearchText::default().refreshed(&store).unwrap();
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
        let store = store(&[(1, None, "film.mkv\nhost"), (2, None, "song.mp3\nhost")]);
        let text = SearchText::default().refreshed(&store).unwrap();
        assert_eq!(text.find("film", None), [1]);
        store
            .execute("UPDATE downloads SET folded = 'movie.mkv' WHERE id = 1", [])
            .unwrap();
        store
            .execute("UPDATE downloads SET removed_until_ms = 1 WHERE id = 2", [])
            .unwrap();
        let text = text.refreshed(&store).unwrap();
        assert_eq!(text.find("film", None), Vec::<u32>::new());
        assert_eq!(text.find("", None), [1]);
    }
}
