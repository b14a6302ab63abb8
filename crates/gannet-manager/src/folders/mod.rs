//! Where files may be put: beneath the configured roots and those that a person chose, and never through a symbolic link.
//!
//! A chosen root that is taken back takes nothing new. Downloads that are in the list keep their folders beneath it: what
//! was begun there is finished there, and what was finished there can be opened, moved and deleted.
//!
//! A root is resolved once, when the manager is opened or it is chosen. From there every step is taken on an open folder, one name at a
//! time, following no link: what is checked is what is used, whatever somebody does to the path meanwhile.

#[cfg(not(unix))]
mod portable;
mod root;
#[cfg(unix)]
mod unix;

use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use gannet_engine::disk::storage::Directory;
use gannet_schema::{Failure, FailureCode};

#[cfg(not(unix))]
pub(crate) use portable::{OpenFolder, Volume};
#[cfg(unix)]
pub(crate) use unix::{OpenFolder, Volume};

pub(crate) use root::Root;
use root::{Disk, MissingRoot};

/// A path that no system could use is not looked at.
const PATH_BYTES_MAX: usize = 4096;
/// Folders in a folder that are listed at most.
pub(crate) const FOLDERS_LISTED_MAX: usize = 2_000;
/// Folders that a person may have chosen beside the configured ones, and as many that were taken back.
const CHOSEN_MAX: usize = 100;

/// The configured folders, and those that a person chose. Clones are the same ones.
#[derive(Debug, Clone)]
pub(crate) struct Roots {
    all: Arc<RwLock<All>>,
}

/// The folders that a person chose, as they are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ChosenFolders {
    /// Files may be put beneath these.
    pub(crate) taking: Vec<PathBuf>,
    /// These were taken back; the one that was taken back last stands last.
    pub(crate) left: Vec<PathBuf>,
}

#[derive(Debug)]
struct All {
    /// At least one.
    configured: Vec<Root>,
    taking: Vec<Root>,
    left: Vec<Root>,
}

/// A folder that was found to lie beneath a root; whether it exists is another question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FolderPath {
    root: PathBuf,
    disk: Disk,
    /// Plain names only.
    names: Vec<String>,
}

/// Whether missing folders are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    Make,
    Refuse,
}

impl Roots {
    /// Makes the configured folders where they are missing, and resolves all. One whose disk is gone stays as it is
    /// remembered, for the day it is back. Blocks.
    pub(crate) fn new(configured: &[PathBuf], chosen: &ChosenFolders, remembered: &[Root]) -> Self {
        let roots = |folders: &[PathBuf], missing| -> Vec<Root> {
            let roots = folders.iter().map(|given| Root::new(given, missing, remembered));
            roots.collect()
        };
        Self {
            all: Arc::new(RwLock::new(All {
                configured: roots(configured, MissingRoot::Make),
                taking: roots(&chosen.taking, MissingRoot::Leave),
                left: roots(&chosen.left, MissingRoot::Leave),
            })),
        }
    }

    /// The default folder.
    pub(crate) fn first(&self) -> PathBuf {
        self.read().configured[0].resolved.clone()
    }

    /// All that take files, the configured ones first, each once.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        let mut paths = Vec::new();
        for root in self.read().taking_files() {
            if !paths.contains(&root.resolved) {
                paths.push(root.resolved.clone());
            }
        }
        paths
    }

    /// Those that a person chose.
    pub(crate) fn chosen(&self) -> ChosenFolders {
        let all = self.read();
        let paths = |roots: &[Root]| roots.iter().map(|root| root.resolved.clone()).collect();
        ChosenFolders {
            taking: paths(&all.taking),
            left: paths(&all.left),
        }
    }

    /// Whether a person chose this one, and no configuration names it.
    pub(crate) fn is_chosen(&self, path: &Path) -> bool {
        let all = self.read();
        all.configured.iter().all(|root| root.resolved != path)
            && all.taking.iter().any(|root| root.resolved == path)
    }

    /// From now on a person chose these. Blocks.
    pub(crate) fn choose(&self, chosen: &ChosenFolders) {
        let known = self.to_remember();
        let roots = |folders: &[PathBuf]| -> Vec<Root> {
            let roots = folders
                .iter()
                .map(|given| Root::new(given, MissingRoot::Leave, &known));
            roots.collect()
        };
        let (taking, left) = (roots(&chosen.taking), roots(&chosen.left));
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        all.taking = taking;
        all.left = left;
    }

    /// Looks again at the disks that they lie on. Blocks.
    pub(crate) fn look_again(&self) {
        let mut roots = {
            let all = self.read();
            [all.configured.clone(), all.taking.clone(), all.left.clone()]
        };
        // Looked at without the lock: a disk may take its time.
        roots.iter_mut().flatten().for_each(Root::look_again);
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        for seen in roots.into_iter().flatten() {
            for known in all.each_mut().filter(|known| known.resolved == seen.resolved) {
                known.disk.clone_from(&seen.disk);
            }
        }
    }

    /// What the next start has to know of them.
    pub(crate) fn to_remember(&self) -> Vec<Root> {
        let all = self.read();
        let roots = all.listed().filter(|root| root.can_be_remembered());
        roots.cloned().collect()
    }

    /// Finds the root that a path lies beneath, for something new.
    ///
    /// # Errors
    /// [`FailureCode::OutsideRoots`] for everything else, and for whatever is no plain absolute path.
    pub(crate) fn find(&self, path: &str) -> Result<FolderPath, Failure> {
        beneath(self.read().taking_files(), path)
    }

    /// The same for the folder of a download that is in the list: it may lie beneath a root that was taken back since.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub(crate) fn find_listed(&self, path: &str) -> Result<FolderPath, Failure> {
        beneath(self.read().listed(), path)
    }

    fn read(&self) -> RwLockReadGuard<'_, All> {
        self.all.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl All {
    fn taking_files(&self) -> impl Iterator<Item = &Root> {
        self.configured.iter().chain(&self.taking)
    }

    /// Those that were taken back too.
    fn listed(&self) -> impl Iterator<Item = &Root> {
        self.taking_files().chain(&self.left)
    }

    fn each_mut(&mut self) -> impl Iterator<Item = &mut Root> {
        let chosen = self.taking.iter_mut().chain(&mut self.left);
        self.configured.iter_mut().chain(chosen)
    }
}

fn beneath<'a>(roots: impl Iterator<Item = &'a Root>, path: &str) -> Result<FolderPath, Failure> {
    let outside = || {
        Failure::new(
            FailureCode::OutsideRoots,
            "the folder is not beneath a configured download folder",
        )
    };
    if path.len() > PATH_BYTES_MAX || path.contains('\0') {
        return Err(outside());
    }
    let path = Path::new(path);
    let plain = path.components().all(|component| {
        matches!(
            component,
            Component::Normal(_) | Component::RootDir | Component::Prefix(_)
        )
    });
    if !plain || !path.is_absolute() {
        return Err(outside());
    }
    roots
        .flat_map(|root| [(&root.resolved, root), (&root.given, root)])
        .filter_map(|(prefix, root)| Some((path.strip_prefix(prefix).ok()?, root)))
        .min_by_key(|(rest, _)| rest.as_os_str().len())
        .and_then(|(rest, root)| {
            let names = rest
                .components()
                .map(|component| Some(component.as_os_str().to_str()?.to_owned()))
                .collect::<Option<_>>()?;
            Some(FolderPath {
                root: root.resolved.clone(),
                disk: root.disk.clone(),
                names,
            })
        })
        .ok_or_else(outside)
}

impl ChosenFolders {
    /// With one more beneath which files may be put.
    ///
    /// # Errors
    /// [`FailureCode::TooMany`] where there are as many as there may be.
    pub(crate) fn with(mut self, folder: &Path) -> Result<Self, Failure> {
        if self.taking.len() >= CHOSEN_MAX {
            return Err(Failure::new(
                FailureCode::TooMany,
                format!("files go to at most {CHOSEN_MAX} chosen folders"),
            ));
        }
        self.left.retain(|left| left != folder);
        self.taking.push(folder.to_owned());
        Ok(self)
    }

    /// With one that was taken back; `None` where it was not chosen. Of too many that were taken back the first one is
    /// forgotten.
    pub(crate) fn without(mut self, folder: &Path) -> Option<Self> {
        let place = self.taking.iter().position(|chosen| chosen == folder)?;
        self.left.push(self.taking.remove(place));
        if self.left.len() > CHOSEN_MAX {
            self.left.remove(0);
        }
        Some(self)
    }
}

impl FolderPath {
    pub(crate) fn path(&self) -> PathBuf {
        let mut path = self.root.clone();
        path.extend(&self.names);
        path
    }

    /// Whether the root is there; where it is not, its disk is away. Blocks.
    pub(crate) fn is_root_there(&self) -> bool {
        self.walk(0, Missing::Refuse).is_ok()
    }

    pub(crate) fn text(&self) -> String {
        self.path().to_string_lossy().into_owned()
    }

    /// Opens it without following a link. Blocks.
    ///
    /// # Errors
    /// `NotFound` where it, or its root, is gone; whatever else the system says.
    pub(crate) fn open(&self, missing: Missing) -> io::Result<OpenFolder> {
        self.walk(self.names.len(), missing)
    }

    /// Opens it as the disk of a transfer. Blocks.
    pub(crate) fn directory(&self) -> io::Result<Arc<dyn Directory>> {
        let folder = self.open(Missing::Make)?;
        Ok(Arc::new(folder.into_directory(self.path())?))
    }

    /// Opens the nearest folder above that is there, or this one; where this one is still to be made, it will lie on the
    /// same disk. Blocks.
    pub(crate) fn open_nearest(&self) -> Option<OpenFolder> {
        (0..=self.names.len())
            .rev()
            .find_map(|depth| self.walk(depth, Missing::Refuse).ok())
    }

    fn walk(&self, depth: usize, missing: Missing) -> io::Result<OpenFolder> {
        self.disk.check(&self.root)?;
        OpenFolder::walk(&self.root, &self.names[..depth], missing)
    }
}

/// What a failure to open a folder says.
pub(crate) fn open_failure(folder: &FolderPath, error: &io::Error) -> Failure {
    let code = match error.kind() {
        io::ErrorKind::NotADirectory => FailureCode::OutsideRoots,
        io::ErrorKind::NotFound => FailureCode::NotFound,
        _ if OpenFolder::is_link(error) => FailureCode::OutsideRoots,
        _ => FailureCode::Disk,
    };
    Failure::new(code, format!("cannot open {}: {error}", folder.text()))
}
