//! Moves of files that are under way: what is about to be done, until it is done.

use gannet_schema::DownloadId;
use rusqlite::{Connection, OptionalExtension as _};

use super::StoreError;
use crate::moving::Plan;

/// Every move that has not come to its end.
pub(crate) fn moves(connection: &Connection) -> Result<Vec<(DownloadId, Plan)>, StoreError> {
    let mut select = connection.prepare("SELECT download, plan FROM moves")?;
    let mut rows = select.query([])?;
    let mut moves = Vec::new();
    while let Some(row) = rows.next()? {
        let plan = serde_json::from_str(&row.get::<_, String>(1)?)?;
        moves.push((DownloadId(row.get(0)?), plan));
    }
    Ok(moves)
}

/// The move of one download.
pub(crate) fn move_of(connection: &Connection, id: DownloadId) -> Result<Option<Plan>, StoreError> {
    let mut select = connection.prepare_cached("SELECT plan FROM moves WHERE download = ?1")?;
    let text: Option<String> = select.query_row([id.0], |row| row.get(0)).optional()?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}
