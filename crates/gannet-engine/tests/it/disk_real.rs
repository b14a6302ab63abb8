//! The real disk of the system that the tests run on.

use std::io::{self, BufRead, BufReader, IoSlice, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gannet_engine::disk::Publication;
use gannet_engine::disk::part_file::{Claim, ClaimedPart, ExistingFile, Held, claim};
use gannet_engine::disk::real::RealDirectory;
#[cfg(target_os = "linux")]
use gannet_engine::disk::storage::Allocation;
use gannet_engine::disk::storage::Directory;
use gannet_engine::{Error, ErrorCode};

/// Tells a copy of this test binary which folder's target to hold.
const HOLD_IN: &str = "GANNET_TEST_HOLD_IN";

fn open(path: &Path) -> Arc<dyn Directory> {
    Arc::new(RealDirectory::open(path).unwrap())
}

fn claim_part(directory: &Arc<dyn Directory>, target: &str) -> ClaimedPart {
    match claim(directory, target, ExistingFile::Rename).unwrap() {
        Claim::Part(part) => part,
        published @ Claim::Published { .. } => panic!("{published:?}"),
    }
}

#[test]
fn a_file_is_written_in_place_and_published() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("not/yet/there");
    let directory: Arc<dyn Directory> = Arc::new(RealDirectory::create_and_open(&path).unwrap());
    let part = claim_part(&directory, "file.bin");
    part.file().allocate(100_000).unwrap();
    // More slices than one system call takes, empty ones among them.
    let pieces: Vec<Vec<u8>> = (0..3000_usize)
        .map(|index| vec![index as u8; index % 50])
        .collect();
    let mut slices: Vec<IoSlice<'_>> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
    part.file().write_all_at(1000, &mut slices).unwrap();
    part.file().write_all_at(5, &mut [IoSlice::new(b"")]).unwrap();
    let publication = Publication {
        origin: Some("https://example.org/file.bin".to_owned()),
        modified: Some(Duration::from_secs(1_000_000_000)),
        ..Publication::default()
    };
    assert_eq!(part.publish(&mut None, &publication).unwrap(), "file.bin");
    let content = std::fs::read(path.join("file.bin")).unwrap();
    let written = pieces.concat();
    assert_eq!(content.len(), 100_000);
    assert!(content[1000..1000 + written.len()] == written);
    let modified = std::fs::metadata(path.join("file.bin"))
        .unwrap()
        .modified()
        .unwrap();
    assert_eq!(
        modified.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs(),
        1_000_000_000
    );
    assert_eq!(
        std::fs::read_dir(&path).unwrap().count(),
        1,
        "only the file is left"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_published_file_remembers_its_version_where_the_file_system_can() {
    let folder = tempfile::tempdir().unwrap();
    let directory = open(folder.path());
    let part = claim_part(&directory, "file");
    assert_eq!(part.file().recall_version().unwrap(), None);
    if part.file().remember_version(b"probe").is_err() {
        return; // No extended attributes here.
    }
    let publication = Publication {
        version: Some(b"\"v1\"".to_vec()),
        ..Publication::default()
    };
    part.publish(&mut None, &publication).unwrap();
    assert_eq!(
        directory
            .open("file")
            .unwrap()
            .recall_version()
            .unwrap()
            .as_deref(),
        Some(&b"\"v1\""[..])
    );
}

#[test]
fn a_rename_replaces_nothing_unless_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let directory = open(folder.path());
    std::fs::write(folder.path().join("new"), "new").unwrap();
    std::fs::write(folder.path().join("old"), "old").unwrap();
    assert_eq!(
        directory.rename_new("new", "old").unwrap_err().kind(),
        io::ErrorKind::AlreadyExists
    );
    assert_eq!(std::fs::read(folder.path().join("old")).unwrap(), b"old");
    directory.rename_over("new", "old").unwrap();
    assert_eq!(std::fs::read(folder.path().join("old")).unwrap(), b"new");
    directory.rename_new("old", "free").unwrap();
    assert!(directory.exists("free").unwrap() && !directory.exists("old").unwrap());
}

#[test]
fn a_name_never_leads_out_of_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    std::fs::create_dir(&inner).unwrap();
    std::fs::write(folder.path().join("outside"), "outside").unwrap();
    let directory = open(&inner);
    for name in ["../outside", "..", ".", "", "/etc/hostname", "nul\0byte"] {
        assert_eq!(
            directory.open(name).err().map(|error| error.kind()),
            Some(io::ErrorKind::InvalidInput)
        );
        assert!(
            directory.remove(name).is_err() && directory.rename_over("x", name).is_err(),
            "{name:?}"
        );
        assert!(
            directory.create_new(name).is_err() && directory.lookup(name).is_err(),
            "{name:?}"
        );
    }
    assert_eq!(std::fs::read(folder.path().join("outside")).unwrap(), b"outside");
}

#[test]
fn a_part_file_made_anew_under_the_same_name_is_another_one() {
    let folder = tempfile::tempdir().unwrap();
    let directory = open(folder.path());
    let old = directory.create_new("file").unwrap().identity().unwrap();
    directory.remove("file").unwrap();
    // Most file systems use the same inode again right away.
    let new = directory.create_new("file").unwrap().identity().unwrap();
    assert!(!old.is_same_file(new), "{old:?} {new:?}");
    directory.rename_new("file", "renamed").unwrap();
    assert_eq!(directory.lookup("renamed").unwrap(), Some(new));
}

#[cfg(unix)]
#[test]
fn links_folders_and_pipes_are_not_part_files() {
    let folder = tempfile::tempdir().unwrap();
    let victim = folder.path().join("victim");
    std::fs::write(&victim, "precious").unwrap();
    std::os::unix::fs::symlink(&victim, folder.path().join("file.iso.part")).unwrap();
    std::fs::create_dir(folder.path().join("file (1).iso.part")).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(folder.path().join("file (2).iso.part"))
            .status()
            .unwrap()
            .success()
    );
    std::os::unix::fs::symlink("nowhere", folder.path().join("file (3).iso")).unwrap();

    let part = claim_part(&open(folder.path()), "file.iso");
    assert_eq!(part.target(), "file (4).iso", "a dangling link is something, too");
    part.file().write_all_at(0, &mut [IoSlice::new(b"evil")]).unwrap();
    assert_eq!(std::fs::read(&victim).unwrap(), b"precious");
}

#[test]
fn a_gigabyte_is_allocated_in_an_instant() {
    let folder = tempfile::tempdir().unwrap();
    let directory = open(folder.path());
    let took = (0..5).map(|index| {
        let file = directory.create_new(&format!("{index}")).unwrap();
        let begun = Instant::now();
        let allocation = file.allocate(1 << 30).unwrap();
        let took = begun.elapsed();
        assert_eq!(file.length().unwrap(), 1 << 30, "{allocation:?}");
        directory.remove(&format!("{index}")).unwrap();
        took
    });
    let best = took.min().unwrap();
    assert!(best <= Duration::from_millis(100), "{best:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn in_memory_only_the_length_is_set_and_space_is_checked() {
    let Ok(folder) = tempfile::tempdir_in("/dev/shm") else {
        return; // No such folder here.
    };
    let directory = open(folder.path());
    let file = directory.create_new("file").unwrap();
    assert_eq!(file.allocate(1 << 20).unwrap(), Allocation::Sparse);
    assert_eq!(file.length().unwrap(), 1 << 20);
    if let Some(free) = directory.free_bytes().unwrap() {
        let error = file.allocate(free.saturating_mul(2)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert_eq!(file.length().unwrap(), 1 << 20, "as it was");
    }
}

#[test]
fn a_name_that_is_too_long_is_a_clear_error_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let directory = open(folder.path());
    let error = claim(&directory, &"x".repeat(256), ExistingFile::Rename).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Disk);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    // The longest that there is works, although its part file could not bear it.
    let longest = "y".repeat(255);
    let part = claim_part(&directory, &longest);
    assert_eq!(part.publish(&mut None, &Publication::default()).unwrap(), longest);
}

#[test]
fn a_folder_that_is_gone_is_a_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let directory = open(folder.path());
    folder.close().unwrap();
    let error = claim(&directory, "file", ExistingFile::Rename).unwrap_err();
    assert!(matches!(&error, Error::Disk { source, .. } if source.kind() == io::ErrorKind::NotFound));
}

#[test]
fn another_process_at_the_same_target_is_named_and_a_dead_one_lets_go() {
    let folder = tempfile::tempdir().unwrap();
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "disk_real::hold_a_target_for_another_test",
            "--nocapture",
        ])
        .env(HOLD_IN, folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(holder.stdout.take().unwrap()).lines();
    assert!(
        lines.any(|line| line.unwrap().contains("held")),
        "it never got the lock"
    );

    let directory = open(folder.path());
    let error = claim(&directory, "file", ExistingFile::Rename).unwrap_err();
    let Error::TargetBusy { holder: name, .. } = &error else {
        panic!("{error}")
    };
    if cfg!(target_os = "linux") {
        let expected = format!("process {} (", holder.id());
        assert!(
            name.as_ref().is_some_and(|name| name.starts_with(&expected)),
            "{name:?}"
        );
    }

    holder.kill().unwrap();
    holder.wait().unwrap();
    let part = claim_part(&directory, "file");
    assert_eq!((part.target(), part.held()), ("file", &Held::Nothing));
    let error = claim(&directory, "file", ExistingFile::Overwrite).unwrap_err();
    assert_eq!(error.code(), ErrorCode::TargetBusy);
    assert_eq!(claim_part(&directory, "file").target(), "file (1)");
}

#[test]
fn hold_a_target_for_another_test() {
    let Some(folder) = std::env::var_os(HOLD_IN) else {
        return;
    };
    let _part = claim_part(&open(Path::new(&folder)), "file");
    println!("held");
    io::stdout().flush().unwrap();
    // Until it is killed, or the other test is.
    let _end = io::stdin().lines().next();
}
