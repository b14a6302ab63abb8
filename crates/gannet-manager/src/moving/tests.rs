//! A kill at every step of a move, within one disk and to another one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gannet_engine::disk::part_file::PartNames;
use gannet_schema::{Command, DownloadId, FailureCode, Reply, Verified};
use tempfile::TempDir;

use super::{Plan, Step};
use crate::commands::relocate::{NewName, Relocation};
use crate::desk::MovingTo;
use crate::entry::{Entry, Folder, Intent, Name};
use crate::secrets::Secrets;
use crate::store::{self, Store, Write};
use crate::{Manager, ManagerOptions};

const ID: DownloadId = DownloadId(1);
const NAME: &str = "film.mkv";

/// What is moved.
#[derive(Debug, Clone, Copy, PartialEq)]
enum What {
    Unfinished,
    Finished,
}

/// Where to.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Where {
    SameDisk,
    OtherDisk,
}

/// A store with one download that rests, and two roots.
struct Scene {
    data: TempDir,
    from: TempDir,
    to: TempDir,
    what: What,
}

impl Scene {
    async fn new(what: What, place: Where) -> Self {
        let memory = Path::new("/dev/shm");
        let scene = Self {
            data: tempfile::tempdir().unwrap(),
            from: tempfile::tempdir().unwrap(),
            to: match place {
                Where::OtherDisk if memory.is_dir() => tempfile::tempdir_in(memory).unwrap(),
                _ => tempfile::tempdir().unwrap(),
            },
            what,
        };
        for (name, content) in scene.files() {
            std::fs::write(scene.from().join(name), content).unwrap();
        }
        let entry = scene.entry();
        let store = Store::open(scene.data.path()).unwrap();
        let secrets = Secrets {
            url: "http://127.0.0.1:1/film.mkv".to_owned(),
            ..Secrets::default()
        };
        let written = store
            .run(move |connection| {
                store::write(connection, &[Write::New(Box::new(entry), Box::new(secrets))])
            })
            .await;
        written.unwrap();
        store.close().await;
        scene
    }

    fn from(&self) -> PathBuf {
        self.from.path().canonicalize().unwrap()
    }

    fn to(&self) -> PathBuf {
        self.to.path().canonicalize().unwrap()
    }

    /// The download's files.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let bytes = |seed: u8| (0..300_000_u32).map(|at| (at % 251) as u8 ^ seed).collect();
        match self.what {
            What::Finished => BTreeMap::from([(NAME.to_owned(), bytes(1))]),
            What::Unfinished => {
                let names = PartNames::of(NAME);
                BTreeMap::from([(names.part, bytes(2)), (names.journal, b"a journal".to_vec())])
            }
        }
    }

    fn entry(&self) -> Entry {
        Entry {
            id: ID,
            folder: Folder::Chosen(self.from().to_string_lossy().into_owned()),
            name: Name::Settled(NAME.to_owned()),
            intent: match self.what {
                What::Unfinished => Intent::Pause,
                What::Finished => Intent::Finished {
                    at_ms: 1,
                    bytes: 300_000,
                    verified: Verified::Unverified,
                },
            },
            length: Some(300_000),
            ..crate::entry::tests::entry()
        }
    }

    async fn open(&self) -> Manager {
        let options = ManagerOptions {
            data_dir: self.data.path().to_owned(),
            roots: vec![self.from(), self.to()],
            ..ManagerOptions::new("", "")
        };
        Manager::open(options).await.unwrap()
    }

    /// A move of the download to the other root.
    async fn plan(&self, manager: &Manager) -> Relocation {
        let inner = &manager.inner;
        let to = inner.roots.find(&self.to().to_string_lossy()).unwrap();
        Relocation::plan(inner, &self.entry(), Some(to), NewName::Kept)
            .await
            .unwrap()
    }

    /// Where the store leads to, and which moves it has a note of.
    async fn stored(&self) -> (PathBuf, Vec<(DownloadId, Plan)>) {
        let store = Store::open(self.data.path()).unwrap();
        let stored = store
            .run(|connection| Ok((store::entry(connection, ID)?.unwrap(), store::moves(connection)?)))
            .await
            .unwrap();
        store.close().await;
        (PathBuf::from(stored.0.folder.as_str()), stored.1)
    }

    /// The files are whole in one place, and the store leads there. Returns which place.
    async fn whole_somewhere(&self, when: &str) -> PathBuf {
        let (place, _) = self.stored().await;
        for (name, content) in self.files() {
            let found = std::fs::read(place.join(&name));
            assert!(
                found.as_ref().is_ok_and(|found| *found == content),
                "{when}: {name} is not whole in {}",
                place.display()
            );
        }
        place
    }

    /// The files are whole in that place alone, and nothing is left anywhere, nor in the store.
    async fn only_in(&self, place: &Path, when: &str) {
        assert_eq!(self.whole_somewhere(when).await, place, "{when}");
        let other = if place == self.from() {
            self.to()
        } else {
            self.from()
        };
        let names: Vec<String> = self.files().into_keys().collect();
        assert_eq!(names_in(place), names, "{when}");
        assert_eq!(names_in(&other), Vec::<String>::new(), "{when}");
        assert_eq!(self.stored().await.1, [], "{when}");
    }
}

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Opens the manager once more, which settles what was broken off, and closes it.
async fn start_again(scene: &Scene) {
    scene.open().await.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_step_of_a_move_the_files_are_whole_where_the_store_leads() {
    for what in [What::Unfinished, What::Finished] {
        for place in [Where::SameDisk, Where::OtherDisk] {
            let mut kill = 0;
            loop {
                let scene = Scene::new(what, place).await;
                let manager = scene.open().await;
                let relocation = scene.plan(&manager).await;
                let steps = relocation.plan.steps();
                for step in &steps[..kill] {
                    relocation.carry_out(*step, &manager.inner).await.unwrap();
                }
                manager.close().await;

                let when = format!("{what:?}, {place:?}, killed after {:?}", &steps[..kill]);
                scene.whole_somewhere(&when).await;
                start_again(&scene).await;
                let taken_over = steps[..kill].contains(&Step::TakeOver);
                let expected = if taken_over { scene.to() } else { scene.from() };
                scene.only_in(&expected, &when).await;
                if kill == steps.len() {
                    break;
                }
                kill += 1;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_of_a_copy_nothing_of_it_stays() {
    for what in [What::Unfinished, What::Finished] {
        let scene = Scene::new(what, Where::OtherDisk).await;
        let manager = scene.open().await;
        let relocation = scene.plan(&manager).await;
        relocation
            .carry_out(Step::Announce, &manager.inner)
            .await
            .unwrap();
        let last = scene.files().len() - 1;
        if last > 0 {
            relocation.carry_out(Step::Copy(0), &manager.inner).await.unwrap();
        }
        std::fs::write(scene.to().join(relocation.plan.arriving(last)), "half").unwrap();
        manager.close().await;
        start_again(&scene).await;
        scene.only_in(&scene.from(), "half a copy").await;
    }
}

/// A disk without links renames instead of linking.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_renamed_instead_of_linked_comes_back() {
    for how_many in 1..=2 {
        for named in [false, true] {
            let scene = Scene::new(What::Unfinished, Where::SameDisk).await;
            let manager = scene.open().await;
            let relocation = scene.plan(&manager).await;
            relocation
                .carry_out(Step::Announce, &manager.inner)
                .await
                .unwrap();
            for (file, (old, new)) in relocation.plan.names.iter().enumerate().take(how_many) {
                let arrived = if named {
                    new.clone()
                } else {
                    relocation.plan.arriving(file)
                };
                std::fs::rename(scene.from().join(old), scene.to().join(arrived)).unwrap();
            }
            manager.close().await;
            start_again(&scene).await;
            scene
                .only_in(&scene.from(), &format!("{how_many} renamed, {named}"))
                .await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_somebody_else_put_there_is_neither_replaced_nor_deleted() {
    for place in [Where::SameDisk, Where::OtherDisk] {
        let scene = Scene::new(What::Finished, place).await;
        let manager = scene.open().await;
        let relocation = scene.plan(&manager).await;
        std::fs::write(scene.to().join(NAME), "theirs").unwrap();
        let failure = relocation.run(&manager.inner).await.unwrap_err();
        assert_eq!(failure.code, FailureCode::TargetExists);
        assert_eq!(names_in(&scene.to()), [NAME], "what was brought was taken back");
        // Once more, and killed before it can be noticed.
        std::fs::remove_file(scene.to().join(NAME)).unwrap();
        let relocation = scene.plan(&manager).await;
        relocation
            .carry_out(Step::Announce, &manager.inner)
            .await
            .unwrap();
        std::fs::write(scene.to().join(NAME), "theirs").unwrap();
        manager.close().await;
        start_again(&scene).await;
        assert_eq!(std::fs::read(scene.to().join(NAME)).unwrap(), b"theirs");
        std::fs::remove_file(scene.to().join(NAME)).unwrap();
        scene.only_in(&scene.from(), "a stranger's file").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_whose_disk_is_away_is_settled_when_it_is_back() {
    let scene = Scene::new(What::Unfinished, Where::OtherDisk).await;
    let manager = scene.open().await;
    let relocation = scene.plan(&manager).await;
    for step in [Step::Announce, Step::Copy(0)] {
        relocation.carry_out(step, &manager.inner).await.unwrap();
    }
    manager.close().await;
    let manager = scene.open_without_there().await;
    assert_eq!(scene.note_count(&manager).await, 1, "the note stays");
    manager.close().await;
    scene.bring_there_back();
    start_again(&scene).await;
    scene.only_in(&scene.from(), "the disk is back").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_move_settles_the_one_before() {
    let scene = Scene::new(What::Unfinished, Where::SameDisk).await;
    let manager = scene.open().await;
    let broken_off = scene.plan(&manager).await;
    for step in [Step::Announce, Step::Copy(0), Step::Name(0)] {
        broken_off.carry_out(step, &manager.inner).await.unwrap();
    }
    let reply = manager
        .execute(Command::MoveFiles {
            ids: vec![ID],
            folder: scene.to().to_string_lossy().into_owned(),
        })
        .await;
    assert_eq!(reply, Reply::Done);
    manager.close().await;
    scene.only_in(&scene.to(), "moved after all").await;
}

impl Scene {
    fn hidden(&self) -> PathBuf {
        self.to().with_extension("away")
    }

    /// Opens a manager while the other root is not there, not even as an empty folder.
    async fn open_without_there(&self) -> Manager {
        let to = self.to();
        let options = ManagerOptions {
            data_dir: self.data.path().to_owned(),
            roots: vec![self.from(), to.clone()],
            ..ManagerOptions::new("", "")
        };
        std::fs::rename(&to, self.hidden()).unwrap();
        // Where a folder should be made, a file is in the way.
        std::fs::write(&to, "").unwrap();
        Manager::open(options).await.unwrap()
    }

    fn bring_there_back(&self) {
        let to = self.to.path();
        let hidden = to.canonicalize().unwrap().with_extension("away");
        std::fs::remove_file(to).unwrap();
        std::fs::rename(hidden, to).unwrap();
    }

    async fn note_count(&self, manager: &Manager) -> usize {
        let inner = Arc::clone(&manager.inner);
        inner
            .store
            .run(|connection| store::moves(connection))
            .await
            .unwrap()
            .len()
    }
}

#[tokio::test]
async fn the_name_that_a_file_is_on_its_way_to_is_nobody_elses() {
    let scene = Scene::new(What::Finished, Where::SameDisk).await;
    let manager = scene.open().await;
    let to = scene.to().to_string_lossy().into_owned();
    let mut desk = manager.inner.desk.lock().await;
    let moving = MovingTo {
        folder: to.clone(),
        name: "Film.mkv".to_owned(),
    };
    desk.moving_to.insert(ID, moving);
    assert!(desk.names_taken(&to, DownloadId(ID.0 + 1)).contains("film.mkv"));
    assert!(!desk.names_taken(&to, ID).contains("film.mkv"));
    drop(desk);
    manager.close().await;
}
