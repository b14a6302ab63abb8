//! What the tests share: an origin, folders, a manager, somebody who listens.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gannet_manager::{Manager, ManagerOptions, Subscription};
use gannet_schema::{
    Command, DownloadId, DuplicateChoice, Event, FinishedPage, Message, NewDownload, ProxyChoice, Reply,
    RequestOptions, Row, Standing, Start, State,
};
use gannet_testkit::{Content, Origin};
use tempfile::TempDir;

/// No test waits longer than this.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Folders for a manager, which live as long as the test.
pub(crate) struct Scene {
    folder: TempDir,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The one root.
    pub(crate) fn downloads(&self) -> PathBuf {
        let folder = self.folder.path().join("downloads");
        std::fs::create_dir_all(&folder).unwrap();
        folder.canonicalize().unwrap()
    }

    /// A root that nobody made yet.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("root")
    }

    /// With that root.
    pub(crate) fn options_of_root(&self) -> ManagerOptions {
        ManagerOptions::new(self.data_dir(), self.root())
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn options(&self) -> ManagerOptions {
        ManagerOptions::new(self.data_dir(), self.downloads())
    }

    /// A manager that no proxy of the environment gets in the way of.
    pub(crate) async fn open(&self) -> Manager {
        let manager = Manager::open(self.options()).await.unwrap();
        change_settings(&manager, |settings| settings.network.proxy = ProxyChoice::Direct).await;
        manager
    }
}

/// Changes settings.
pub(crate) async fn change_settings(manager: &Manager, change: impl FnOnce(&mut gannet_schema::Settings)) {
    let mut settings = state(manager).await.settings;
    change(&mut settings);
    let reply = manager
        .execute(Command::ChangeSettings {
            settings: Box::new(settings),
        })
        .await;
    assert_eq!(reply, Reply::Done);
}

/// The whole state.
pub(crate) async fn state(manager: &Manager) -> State {
    match manager.subscribe().next().await {
        Some(Message::State { state, .. }) => *state,
        other => panic!("{other:?}"),
    }
}

/// A download with nothing chosen.
pub(crate) fn new_download(url: impl Into<String>) -> NewDownload {
    NewDownload {
        url: url.into(),
        mirrors: Vec::new(),
        name: None,
        folder: None,
        category: None,
        queue: None,
        start: Start::InTurn,
        checksums: Vec::new(),
        connections: None,
        limit_bytes_per_s: None,
        options: RequestOptions::default(),
        ticket: None,
        pieces: None,
        replace: false,
        on_existing: None,
        on_change: None,
    }
}

pub(crate) async fn add_all(manager: &Manager, downloads: Vec<NewDownload>) -> Vec<DownloadId> {
    let reply = manager
        .execute(Command::Add {
            downloads,
            duplicates: DuplicateChoice::Add,
        })
        .await;
    match reply {
        Reply::Added { ids, .. } => ids,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn add(manager: &Manager, download: NewDownload) -> DownloadId {
    add_all(manager, vec![download]).await[0]
}

pub(crate) async fn done(manager: &Manager, command: Command) {
    assert_eq!(manager.execute(command.clone()).await, Reply::Done, "{command:?}");
}

/// What a refused command says.
pub(crate) async fn failed(manager: &Manager, command: Command) -> gannet_schema::Failure {
    match manager.execute(command.clone()).await {
        Reply::Failed { failure } => failure,
        other => panic!("{command:?}: {other:?}"),
    }
}

pub(crate) async fn finished(manager: &Manager) -> Vec<Row> {
    let page = FinishedPage {
        offset: 0,
        count: 1000,
        search: None,
        category: None,
    };
    match manager.execute(Command::ListFinished { page }).await {
        Reply::Finished { rows, .. } => rows,
        other => panic!("{other:?}"),
    }
}

/// Listens until something is said.
pub(crate) async fn until<T>(
    subscription: &mut Subscription,
    what: &str,
    mut check: impl FnMut(&Message) -> Option<T>,
) -> T {
    let waiting = async {
        loop {
            let message = subscription.next().await.expect("the manager is open");
            if let Some(found) = check(&message) {
                return found;
            }
        }
    };
    let found = tokio::time::timeout(PATIENCE, waiting).await;
    found.unwrap_or_else(|_| panic!("never came: {what}"))
}

/// The rows that a message bears.
pub(crate) fn rows(message: &Message) -> &[Row] {
    match message {
        Message::State { state, .. } => &state.rows,
        Message::Event { event, .. } => match &**event {
            Event::Changed { rows, .. } => rows,
            _ => &[],
        },
        Message::Snapshot { .. } => &[],
    }
}

/// Waits until a download stands somewhere.
pub(crate) async fn until_standing(
    subscription: &mut Subscription,
    id: DownloadId,
    what: &str,
    mut check: impl FnMut(&Standing) -> bool,
) -> Row {
    until(subscription, what, |message| {
        let row = rows(message).iter().find(|row| row.id == id)?;
        check(&row.standing).then(|| row.clone())
    })
    .await
}

/// Waits until a snapshot shows that much of a download.
pub(crate) async fn until_bytes(subscription: &mut Subscription, id: DownloadId, bytes: u64) -> u64 {
    until(subscription, "bytes in a snapshot", |message| {
        let Message::Snapshot { snapshot, .. } = message else {
            return None;
        };
        let moving = snapshot.moving.iter().find(|moving| moving.id == id)?;
        (moving.bytes >= bytes).then_some(moving.bytes)
    })
    .await
}

/// The file holds exactly the content.
pub(crate) fn assert_file_is(path: &Path, content: &Content) {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(
        bytes.len() as u64,
        content.length(),
        "length of {}",
        path.display()
    );
    assert_eq!(content.check(0, &bytes), Ok(()), "{}", path.display());
}

/// The path of a finished row.
pub(crate) fn path_of(row: &Row) -> PathBuf {
    Path::new(&row.folder).join(&row.name)
}

/// An origin that is slow enough to be watched.
pub(crate) async fn slow_origin(size: u64, rate_per_connection: u64) -> Origin {
    Origin::builder()
        .size(size)
        .rate_per_connection(rate_per_connection)
        .start()
        .await
        .unwrap()
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

/// Waits until something holds.
pub(crate) async fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !condition() {
            // polls: the disk tells nobody what was deleted.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    waited.await.unwrap_or_else(|_| panic!("never came true: {what}"));
}
