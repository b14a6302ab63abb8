//! Disks of a test's own: small ones that fill up, and such that go away. They are mounted in a namespace where nobody else
//! sees them; the tests are this very program, run again there.

use std::path::Path;
use std::process::Command as Process;

use gannet_manager::{Manager, ManagerOptions};
use gannet_schema::{Command, DownloadId, ProxyChoice, Reply, Row, Standing, WaitReason};
use gannet_testkit::{Framing, Origin, Ranges};

use crate::scene::*;

const INSIDE: &str = "GANNET_TEST_MANAGER_DISKS";
const MIB: u64 = 1 << 20;

/// Runs one of the tests below where it may mount disks.
fn run_inside(test: &str) {
    let ran = Process::new("unshare")
        .args(["--map-root-user", "--mount"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", &format!("tmpfs::inside::{test}"), "--nocapture"])
        .env(INSIDE, "yes")
        .output()
        .expect("unshare is a part of util-linux");
    let said = String::from_utf8_lossy(&ran.stdout) + String::from_utf8_lossy(&ran.stderr);
    // A system that gives nobody a namespace shows nothing of this, and must not seem to.
    assert!(ran.status.success() && said.contains("1 passed"), "{said}");
}

/// Whether this is the process in the namespace; in any other one the tests inside do nothing.
fn is_inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

#[test]
fn of_two_that_do_not_fit_together_one_has_its_turn_and_the_other_waits_for_room() {
    run_inside("two_on_a_small_disk");
}

#[test]
fn a_disk_that_fills_up_in_mid_download_is_waited_for() {
    run_inside("a_stream_onto_a_full_disk");
}

#[test]
fn a_disk_that_goes_away_in_mid_download_is_waited_for() {
    run_inside("a_disk_that_goes_away");
}

#[test]
fn a_folder_on_a_disk_of_its_own_has_nothing_of_the_room_around_it() {
    run_inside("a_disk_in_a_folder");
}

/// A disk that is there until this is dropped, as where one is pulled out: who has something open on it keeps that.
struct Mounted<'a>(&'a Path);

impl<'a> Mounted<'a> {
    /// An empty one of that size.
    fn new(size_bytes: u64, at: &'a Path) -> Self {
        Self::with(&["-t", "tmpfs", "-o", &format!("size={size_bytes}"), "none"], at)
    }

    /// A folder that is on a disk already, seen at another place.
    fn again(folder: &Path, at: &'a Path) -> Self {
        Self::with(&["--bind", folder.to_str().unwrap()], at)
    }

    fn with(arguments: &[&str], at: &'a Path) -> Self {
        assert!(is_inside(), "not onto the system's own disks");
        std::fs::create_dir_all(at).unwrap();
        let mounted = Process::new("mount").args(arguments).arg(at).output().unwrap();
        assert!(mounted.status.success(), "{mounted:?}");
        Self(at)
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let unmounted = Process::new("umount").arg("--lazy").arg(self.0).output();
        assert!(unmounted.is_ok_and(|ran| ran.status.success()) || std::thread::panicking());
    }
}

fn waits_for(wanted: WaitReason) -> impl FnMut(&Standing) -> bool {
    move |standing| matches!(standing, Standing::Waiting { reason, .. } if *reason == wanted)
}

fn is_finished(standing: &Standing) -> bool {
    *standing == Standing::Finished
}

async fn open(options: ManagerOptions) -> Manager {
    let manager = Manager::open(options).await.unwrap();
    change_settings(&manager, |settings| settings.network.proxy = ProxyChoice::Direct).await;
    manager
}

async fn needed_bytes(manager: &Manager, folder: &Path) -> u64 {
    let folder = folder.to_str().unwrap().to_owned();
    match manager.execute(Command::ListFolders { folder }).await {
        Reply::Folders { needed_bytes, .. } => needed_bytes,
        other => panic!("{other:?}"),
    }
}

mod inside {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn two_on_a_small_disk() {
        if !is_inside() {
            return;
        }
        let origin = slow_origin(8 * MIB, 4_000_000).await;
        let scene = Scene::new();
        let root = scene.root();
        let _disk = Mounted::new(12 * MIB, &root);
        let manager = open(scene.options_of_root()).await;
        let mut subscription = manager.subscribe();
        let ids = add_all(
            &manager,
            vec![
                new_download(origin.url("a.bin")),
                new_download(origin.url("b.bin")),
            ],
        )
        .await;
        let mut finished: Option<Row> = None;
        let mut waiting: Option<Row> = None;
        until(&mut subscription, "one finished, one waits", |message| {
            for row in rows(message) {
                match &row.standing {
                    Standing::Finished => finished = Some(row.clone()),
                    Standing::Waiting {
                        reason: WaitReason::DiskFull,
                        ..
                    } => waiting = Some(row.clone()),
                    _ => {}
                }
            }
            (finished.is_some() && waiting.is_some()).then_some(())
        })
        .await;
        let (finished, waiting) = (finished.unwrap(), waiting.unwrap());
        assert_file_is(&path_of(&finished), &origin.content());
        assert!(ids.contains(&waiting.id) && waiting.id != finished.id);
        assert_eq!(waiting.length, Some(8 * MIB));
        assert_eq!(
            needed_bytes(&manager, &root).await,
            8 * MIB,
            "what is there needs nothing"
        );
        std::fs::remove_file(path_of(&finished)).unwrap();
        let row = until_standing(&mut subscription, waiting.id, "it goes on by itself", is_finished).await;
        assert_file_is(&path_of(&row), &origin.content());
        manager.close().await;
    }

    /// What has no length takes its room as it comes.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_stream_onto_a_full_disk() {
        if !is_inside() {
            return;
        }
        let origin = Origin::builder()
            .size(8 * MIB)
            .with(|profile| {
                profile.framing = Framing::Chunked;
                profile.ranges = Ranges::Ignored;
            })
            .start()
            .await
            .unwrap();
        let scene = Scene::new();
        let root = scene.root();
        let _disk = Mounted::new(12 * MIB, &root);
        let other = root.join("other");
        std::fs::write(&other, vec![1; 8 * MIB as usize]).unwrap();
        let manager = open(scene.options_of_root()).await;
        let mut subscription = manager.subscribe();
        let id = add(&manager, new_download(origin.url("stream.bin"))).await;
        until_standing(
            &mut subscription,
            id,
            "it is full",
            waits_for(WaitReason::DiskFull),
        )
        .await;
        assert!(origin.log().bytes_sent() > 2 * MIB, "it was full in mid-file");
        std::fs::remove_file(&other).unwrap();
        let row = until_standing(&mut subscription, id, "it goes on by itself", is_finished).await;
        assert_file_is(&path_of(&row), &origin.content());
        assert_eq!(names_in(&root), ["stream.bin"]);
        manager.close().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_disk_that_goes_away() {
        const LENGTH: u64 = 12_000_000;
        if !is_inside() {
            return;
        }
        let origin = slow_origin(LENGTH, 250_000).await;
        let scene = Scene::new();
        let (disk, root) = (scene.path().join("disk"), scene.root());
        let _disk = Mounted::new(64 * MIB, &disk);
        let plugged_in = Mounted::again(&disk, &root);
        let manager = open(scene.options_of_root()).await;
        let mut subscription = manager.subscribe();
        let id = add(&manager, new_download(origin.url("film.mkv"))).await;
        until_bytes(&mut subscription, id, LENGTH / 2).await;
        drop(plugged_in);
        goes_on_after(&manager, id).await;
        let row = until_standing(
            &mut subscription,
            id,
            "it is gone",
            waits_for(WaitReason::DiskGone),
        )
        .await;
        assert!(row.bytes >= LENGTH / 2, "what it had is still known: {row:?}");
        assert!(names_in(&root).is_empty(), "nothing is put where the disk was");
        let _plugged_in = Mounted::again(&disk, &root);
        let row = until_standing(&mut subscription, id, "it goes on by itself", is_finished).await;
        assert_file_is(&path_of(&row), &origin.content());
        let twice = origin.log().bytes_sent() - LENGTH;
        assert!(twice < LENGTH / 3, "{twice} bytes were fetched twice");
        manager.close().await;
    }

    /// What a transfer has open outlasts its disk; the next one finds out.
    async fn goes_on_after(manager: &Manager, id: DownloadId) {
        done(manager, Command::Pause { ids: vec![id] }).await;
        done(manager, Command::Resume { ids: vec![id] }).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_disk_in_a_folder() {
        if !is_inside() {
            return;
        }
        let huge = Origin::builder().size(1 << 55).start().await.unwrap();
        let scene = Scene::new();
        let inner = scene.root().join("inner");
        let _disk = Mounted::new(12 * MIB, &inner);
        let manager = open(scene.options_of_root()).await;
        let mut subscription = manager.subscribe();
        let mut download = new_download(huge.url("huge.bin"));
        download.folder = Some(inner.join("deeper").to_str().unwrap().to_owned());
        let id = add(&manager, download).await;
        until_standing(&mut subscription, id, "no room", waits_for(WaitReason::DiskFull)).await;
        assert_eq!(needed_bytes(&manager, &inner).await, 1 << 55);
        assert_eq!(needed_bytes(&manager, &scene.root()).await, 0);
        manager.close().await;
    }
}
