//! What hosts were seen to allow, by the clock on the wall.

use std::time::Duration;

use gannet_engine::HostKnowledge;
use rusqlite::{Connection, params};

use super::StoreError;

/// What is older is not read: hosts change.
const AGE_MAX: Duration = Duration::from_hours(24);
/// Hosts that are read at most, the latest first.
const HOSTS_MAX: u32 = 1024;

/// What is known of hosts, as old as it is now. A time that lies ahead, because a clock was set back, is this moment.
pub(crate) fn hosts(connection: &Connection, now_ms: u64) -> Result<Vec<HostKnowledge>, StoreError> {
    let mut select = connection.prepare(
        "SELECT host, connections, seen_at_ms, retry_after_ms FROM hosts
         WHERE seen_at_ms > ?1 ORDER BY seen_at_ms DESC LIMIT ?2",
    )?;
    let oldest_ms = now_ms.saturating_sub(milliseconds(AGE_MAX));
    let known = select.query_map(params![oldest_ms, HOSTS_MAX], |row| {
        Ok(HostKnowledge {
            host: row.get(0)?,
            connections: row.get(1)?,
            age: Duration::from_millis(now_ms.saturating_sub(row.get(2)?)),
            retry_after: Duration::from_millis(row.get(3)?),
        })
    })?;
    Ok(known.collect::<Result<_, _>>()?)
}

/// This is what is known of hosts now, and nothing else.
pub(crate) fn save_hosts(
    connection: &mut Connection,
    knowledge: &[HostKnowledge],
    now_ms: u64,
) -> Result<(), StoreError> {
    let transaction = connection.transaction()?;
    transaction.execute("DELETE FROM hosts", [])?;
    {
        let mut insert = transaction.prepare_cached(
            "INSERT INTO hosts (host, connections, seen_at_ms, retry_after_ms) VALUES (?1, ?2, ?3, ?4)",
        )?;
        for known in knowledge {
            insert.execute(params![
                known.host,
                known.connections,
                now_ms.saturating_sub(milliseconds(known.age)),
                milliseconds(known.retry_after),
            ])?;
        }
    }
    transaction.commit()?;
    Ok(())
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::schema::migrate;

    const NOW_MS: u64 = 1_700_000_000_000;

    fn store() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        connection
    }

    fn known(number: u64, age: Duration) -> HostKnowledge {
        HostKnowledge {
            host: format!("h{number}:443"),
            connections: 4,
            age,
            retry_after: Duration::from_secs(12),
        }
    }

    #[test]
    fn what_is_known_ages_while_the_program_does_not_run() {
        let mut store = store();
        save_hosts(&mut store, &[known(1, Duration::from_secs(5))], NOW_MS).unwrap();
        let found = hosts(&store, NOW_MS + 60_000).unwrap();
        assert_eq!(found, [known(1, Duration::from_secs(65))]);
        assert_eq!(hosts(&store, NOW_MS + 86_400_000).unwrap(), [], "a day is over");
        // A clock that was set back.
        assert_eq!(
            hosts(&store, NOW_MS - 3_600_000).unwrap(),
            [known(1, Duration::ZERO)]
        );
    }

    #[test]
    fn what_was_known_before_is_replaced() {
        let mut store = store();
        save_hosts(
            &mut store,
            &[known(1, Duration::ZERO), known(2, Duration::ZERO)],
            NOW_MS,
        )
        .unwrap();
        save_hosts(&mut store, &[known(2, Duration::ZERO)], NOW_MS).unwrap();
        assert_eq!(hosts(&store, NOW_MS).unwrap(), [known(2, Duration::ZERO)]);
    }

    #[test]
    fn no_more_hosts_are_read_than_the_engine_keeps_and_the_latest_of_them() {
        let mut store = store();
        let many: Vec<_> = (0..2_000)
            .map(|number| known(number, Duration::from_secs(number)))
            .collect();
        save_hosts(&mut store, &many, NOW_MS).unwrap();
        assert_eq!(hosts(&store, NOW_MS).unwrap(), many[..1_024]);
    }
}
