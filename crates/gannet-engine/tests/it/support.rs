//! What the tests share: an origin, a scratch folder, a transfer, and the question whether the file is right.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gannet_engine::{Error, Event, Finished, Reporter, Request, Snapshot};
use gannet_testkit::{Content, Origin};

/// No test of a transfer takes longer than this.
const PATIENCE: Duration = Duration::from_mins(1);

/// Records what a transfer tells.
#[derive(Default)]
pub(crate) struct Witness {
    pub(crate) events: Mutex<Vec<String>>,
    pub(crate) last: Mutex<Option<Snapshot>>,
}

impl Reporter for Witness {
    fn snapshot(&self, snapshot: &Snapshot) {
        if let Some(length) = snapshot.length {
            assert!(
                snapshot.bytes() <= length,
                "progress passed 100 %: {} of {length}",
                snapshot.bytes()
            );
        }
        *self.last.lock().unwrap() = Some(snapshot.clone());
    }

    fn event(&self, event: &Event) {
        self.events.lock().unwrap().push(format!("{event:?}"));
    }
}

/// Runs a request to its end.
pub(crate) async fn run(request: Request) -> Result<Finished, Error> {
    run_watched(request).await.0
}

/// Runs a request to its end, and says what it told meanwhile.
pub(crate) async fn run_watched(request: Request) -> (Result<Finished, Error>, Arc<Witness>) {
    let witness = Arc::new(Witness::default());
    let transfer = request.start(Arc::clone(&witness) as Arc<dyn Reporter>);
    let result = tokio::time::timeout(PATIENCE, transfer.finished()).await;
    let result = result.unwrap_or_else(|_| {
        panic!(
            "the transfer did not end: {:?}\n{:?}",
            witness.last.lock().unwrap(),
            witness
                .events
                .lock()
                .unwrap()
                .iter()
                .rev()
                .take(20)
                .collect::<Vec<_>>()
        )
    });
    (result, witness)
}

/// The file holds exactly the content.
pub(crate) fn assert_file_is(path: &Path, content: &Content) {
    let bytes = std::fs::read(path).unwrap();
    assert_eq!(
        bytes.len() as u64,
        content.length(),
        "length of {}",
        path.display()
    );
    assert_eq!(
        content.check(0, &bytes),
        Ok(()),
        "first wrong byte of {}",
        path.display()
    );
}

/// The names in a folder, sorted.
pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A request for the origin's file into a folder.
pub(crate) fn request(origin: &Origin, folder: &Path, connections: u32) -> Request {
    Request::new(&origin.url("file.bin"))
        .unwrap()
        .directory(folder)
        .connections(connections)
}
