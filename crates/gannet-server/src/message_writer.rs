//! Messages as text. Listeners have numbers of their own, but most are shown the same snapshot: it is written once.

use std::sync::{Arc, Mutex, PoisonError};

use gannet_schema::{Message, Snapshot};

/// Writes messages.
#[derive(Default)]
pub(crate) struct MessageWriter {
    latest: Mutex<Option<Written>>,
}

/// The snapshot that was written last.
struct Written {
    snapshot: Snapshot,
    text: Arc<str>,
}

impl MessageWriter {
    /// The message in JSON.
    pub(crate) fn write(&self, message: &Message) -> serde_json::Result<String> {
        match message {
            Message::Snapshot { sequence, snapshot } if snapshot.detail.is_none() => {
                let snapshot = self.snapshot(snapshot)?;
                Ok(format!(
                    r#"{{"kind":"snapshot","sequence":{sequence},"snapshot":{snapshot}}}"#
                ))
            }
            message => serde_json::to_string(message),
        }
    }

    /// To compare two snapshots costs a small part of writing one.
    fn snapshot(&self, snapshot: &Snapshot) -> serde_json::Result<Arc<str>> {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(written) = latest.as_ref().filter(|written| written.snapshot == *snapshot) {
            return Ok(Arc::clone(&written.text));
        }
        let text: Arc<str> = serde_json::to_string(snapshot)?.into();
        *latest = Some(Written {
            snapshot: snapshot.clone(),
            text: Arc::clone(&text),
        });
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use gannet_schema::{Cells, DownloadId, Moving, Standing};

    use super::*;

    fn message(sequence: u64, bytes: u64) -> Message {
        let moving = Moving {
            id: DownloadId(7),
            standing: Standing::Downloading,
            length: Some(100),
            bytes,
            rate_bytes_per_s: 1.5,
            time_left_ms: None,
            connections: 3,
            cells: Cells("00ff".to_owned()),
            notches: Vec::new(),
        };
        let snapshot = Snapshot {
            moving: vec![moving],
            ..Snapshot::default()
        };
        Message::Snapshot {
            sequence,
            snapshot: Box::new(snapshot),
        }
    }

    #[test]
    fn what_is_shared_reads_as_what_is_not() {
        let writer = MessageWriter::default();
        for message in [message(1, 10), message(9, 10), message(2, 20), message(3, 10)] {
            let text = writer.write(&message).unwrap();
            assert_eq!(text, serde_json::to_string(&message).unwrap());
        }
    }
}
