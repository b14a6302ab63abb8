//! One root: where it leads, and on which disk it lies.
//!
//! A disk that is not there may leave its mount point behind, an empty folder on another disk; and a link that leads to it
//! leads nowhere. So what a root was is remembered from one start to the next: nothing is put into the empty folder, and a
//! download whose root cannot be resolved today still lies beneath it.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// One root, and what is remembered of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Root {
    /// As it was configured, or chosen.
    pub(super) given: PathBuf,
    /// Without links.
    pub(super) resolved: PathBuf,
    pub(super) disk: Disk,
}

/// The disk that a root lies on: where it is mounted. None is the one that holds everything else, which is always there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Disk(Option<PathBuf>);

/// Whether a root that is missing is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MissingRoot {
    Make,
    Leave,
}

impl Root {
    /// Resolves a root, with what is remembered of roots. One whose disk is gone stays as it was.
    pub(super) fn new(given: &Path, missing: MissingRoot, remembered: &[Self]) -> Self {
        let given = std::path::absolute(given).unwrap_or_else(|_| given.to_owned());
        let before = remembered.iter().find(|root| root.given == given);
        if let Some(before) = before.filter(|before| before.disk.is_gone_from(&before.resolved)) {
            tracing::warn!(folder = %given.display(), "the disk of a download folder is not there");
            return before.clone();
        }
        if missing == MissingRoot::Make
            && let Err(error) = std::fs::create_dir_all(&given)
        {
            tracing::warn!(folder = %given.display(), %error, "a download folder is not there");
        }
        match (std::fs::canonicalize(&given), before) {
            (Ok(resolved), _) => Self {
                disk: Disk::of(&resolved),
                given,
                resolved,
            },
            (Err(_), Some(before)) => before.clone(),
            (Err(_), None) => Self {
                resolved: given.clone(),
                given,
                disk: Disk::default(),
            },
        }
    }

    /// Looks at its disk again: another one may be mounted there since.
    pub(super) fn look_again(&mut self) {
        if self.resolved.is_dir() && !self.disk.is_gone_from(&self.resolved) {
            self.disk = Disk::of(&self.resolved);
        }
    }

    /// Whether a store can keep it.
    pub(super) fn can_be_remembered(&self) -> bool {
        let disk = self.disk.0.as_ref();
        [Some(&self.given), Some(&self.resolved), disk]
            .into_iter()
            .flatten()
            .all(|path| path.to_str().is_some())
    }
}

impl Disk {
    fn of(folder: &Path) -> Self {
        Self(mount_point(folder))
    }

    /// Refuses a root whose disk is not there, as the system would without the folder that it left behind.
    ///
    /// # Errors
    /// `NotFound`.
    pub(super) fn check(&self, root: &Path) -> io::Result<()> {
        if self.is_gone_from(root) {
            return Err(io::Error::new(io::ErrorKind::NotFound, "its disk is not there"));
        }
        Ok(())
    }

    /// Whether nothing is mounted where it was, and nothing took its place: who copied his files to another disk has
    /// files there.
    fn is_gone_from(&self, root: &Path) -> bool {
        let Some(mount_point) = &self.0 else {
            return false;
        };
        !is_mount_point(mount_point) && is_empty_or_missing(root)
    }
}

fn is_empty_or_missing(folder: &Path) -> bool {
    std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none())
}

/// The nearest folder above, or this one, that lies on another disk than the folder around it.
#[cfg(unix)]
fn mount_point(folder: &Path) -> Option<PathBuf> {
    folder
        .ancestors()
        .find(|folder| is_mount_point(folder))
        .map(Path::to_owned)
}

#[cfg(unix)]
fn is_mount_point(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let device = |folder: &Path| std::fs::metadata(folder).ok().map(|metadata| metadata.dev());
    folder
        .parent()
        .is_some_and(|around| device(folder).is_some_and(|here| device(around) != Some(here)))
}

/// Where a disk that is gone leaves nothing behind, there is nothing to remember.
#[cfg(not(unix))]
fn mount_point(_folder: &Path) -> Option<PathBuf> {
    None
}

#[cfg(not(unix))]
fn is_mount_point(folder: &Path) -> bool {
    folder.is_dir()
}

// Elsewhere a folder is all that is known of a disk.
#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// A root as it would be remembered, had a disk been mounted there.
    fn mounted_before(folder: &Path) -> Root {
        Root {
            given: folder.to_owned(),
            resolved: folder.to_owned(),
            disk: Disk(Some(folder.to_owned())),
        }
    }

    #[test]
    fn an_empty_folder_where_a_disk_was_is_not_the_disk() {
        let scene = tempfile::tempdir().unwrap();
        let folder = scene.path().canonicalize().unwrap().join("disk");
        std::fs::create_dir(&folder).unwrap();
        let before = mounted_before(&folder);
        let now = Root::new(&folder, MissingRoot::Make, std::slice::from_ref(&before));
        assert_eq!(now, before, "it is remembered until it is back");
        assert!(now.disk.check(&now.resolved).is_err());
        // Missing altogether, it is not made on the wrong disk.
        std::fs::remove_dir(&folder).unwrap();
        let now = Root::new(&folder, MissingRoot::Make, std::slice::from_ref(&before));
        assert_eq!(now, before);
        assert!(!folder.exists());
        // Somebody put his files there: that is where they are now.
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("film.mkv.part"), "").unwrap();
        let now = Root::new(&folder, MissingRoot::Make, std::slice::from_ref(&before));
        now.disk.check(&now.resolved).unwrap();
        assert_ne!(now.disk, before.disk);
    }

    #[test]
    fn a_link_that_leads_nowhere_leads_where_it_led() {
        let scene = tempfile::tempdir().unwrap();
        let scene = scene.path().canonicalize().unwrap();
        let (link, target) = (scene.join("link"), scene.join("target"));
        std::fs::create_dir(&target).unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let before = Root::new(&link, MissingRoot::Make, &[]);
        assert_eq!(before.resolved, target);
        std::fs::remove_dir(&target).unwrap();
        let now = Root::new(&link, MissingRoot::Make, std::slice::from_ref(&before));
        assert_eq!(now, before);
    }

    #[test]
    fn the_disk_that_holds_everything_is_always_there() {
        assert_eq!(Disk::of(Path::new("/")), Disk(None));
        let scene = tempfile::tempdir().unwrap();
        Disk(None).check(scene.path()).unwrap();
    }
}
