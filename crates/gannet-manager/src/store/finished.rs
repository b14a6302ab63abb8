//! Finished downloads: there may be a hundred thousand, so they stay in the store and are asked for by page.

use gannet_schema::{CategoryId, FinishedPage};
use rusqlite::{Connection, params};

use super::StoreError;
use super::downloads::entry_of;
use super::search::SearchText;
use crate::entry::Entry;

/// How many finished downloads there are.
#[derive(Debug, Clone, Default)]
pub(crate) struct FinishedCounts {
    pub(crate) by_category: Vec<(Option<CategoryId>, u32)>,
}

/// A page, and how many there are in all.
pub(super) fn page(
    connection: &Connection,
    text: &mut SearchText,
    page: &FinishedPage,
) -> Result<(Vec<Entry>, u32), StoreError> {
    let search = page.search.as_deref().unwrap_or_default().trim().to_lowercase();
    // Two steps: first which rows there are, then only those of the page are read.
    let (ids, total) = if search.is_empty() && page.category.is_none() {
        let total = connection
            .prepare_cached(
                "SELECT count(*) FROM downloads WHERE finished_at_ms IS NOT NULL AND removed_until_ms IS NULL",
            )?
            .query_row([], |row| row.get(0))?;
        let mut select = connection.prepare_cached(
            "SELECT id FROM downloads WHERE finished_at_ms IS NOT NULL AND removed_until_ms IS NULL
             ORDER BY finished_at_ms DESC, id DESC LIMIT ?1 OFFSET ?2",
        )?;
        let ids = select
            .query_map(params![page.count, page.offset], |row| row.get(0))?
            .collect::<Result<Vec<u32>, _>>()?;
        (ids, total)
    } else {
        text.refresh(connection)?;
        let all = text.find(&search, page.category);
        let total = all.len() as u32;
        let ids = all
            .into_iter()
            .skip(page.offset as usize)
            .take(page.count as usize)
            .collect();
        (ids, total)
    };
    Ok((entries(connection, &ids)?, total))
}

fn entries(connection: &Connection, ids: &[u32]) -> Result<Vec<Entry>, StoreError> {
    let mut select =
        connection.prepare_cached("SELECT id, address_digest, entry FROM downloads WHERE id = ?1")?;
    let mut entries = Vec::with_capacity(ids.len());
    for id in ids {
        let mut rows = select.query([id])?;
        if let Some(row) = rows.next()? {
            entries.push(entry_of(row)?);
        }
    }
    Ok(entries)
}

/// All of them, the latest first.
pub(crate) fn all_finished(connection: &mut Connection) -> Result<Vec<Entry>, StoreError> {
    let mut select = connection.prepare(
        "SELECT id, address_digest, entry FROM downloads
         WHERE finished_at_ms IS NOT NULL AND removed_until_ms IS NULL ORDER BY finished_at_ms DESC, id DESC",
    )?;
    let mut rows = select.query([])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(entry_of(row)?);
    }
    Ok(entries)
}

/// How many there are, by category.
pub(crate) fn counts(connection: &Connection) -> Result<FinishedCounts, StoreError> {
    let mut select = connection.prepare(
        "SELECT category, count(*) FROM downloads
         WHERE finished_at_ms IS NOT NULL AND removed_until_ms IS NULL GROUP BY category",
    )?;
    let by_category = select
        .query_map([], |row| {
            Ok((row.get::<_, Option<u32>>(0)?.map(CategoryId), row.get(1)?))
        })?
        .collect::<Result<_, _>>()?;
    Ok(FinishedCounts { by_category })
}
