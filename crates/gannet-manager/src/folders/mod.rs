//! Where files may be put: beneath the configured roots and those that a person chose, and never through a symbolic link.
//!
//! A chosen root that is taken back takes nothing new. Downloads that are in the list keep their folders beneath it: what
//! was begun there is finished there, and what was finished there can be opened, moved and deleted.
//!
//! A root is resolved once, when the manager is opened or it is chosen. From there every step is taken on an open folder, one name at a
//! time, following no link: what is checked is what is used, whatever somebody does to the path meanwhile.

#[cfg(not(unix))]
mod portable;
#[cfg(unix)]
mod unix;

use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use gannet_engine::disk::storage::Directory;
use gannet_schema::{Failure, FailureCode};

#[cfg(not(unix))]
pub(crate) use portable::OpenFolder;
#[cfg(unix)]
pub(crate) use unix::OpenFolder;

/// A path that no system could use is not looked at.
const PATH_BYTES_MAX: usize = 4096;
/// Folders in a folder that are listed at most.
pub(crate) const FOLDERS_LISTED_MAX: usize = 2_000;
/// Folders that a person may have chosen beside the configured ones, and as many that were taken back.
const CHOSEN_MAX: usize = 100;

/// The configured folders, and those that a person chose. Clones are the same ones.
#[derive(Debug, Clone)]
pub(crate) struct Roots {
    /// At least one.
    configured: Arc<[Root]>,
    chosen: Arc<RwLock<Chosen>>,
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
struct Chosen {
    taking: Vec<Root>,
    left: Vec<Root>,
}

#[derive(Debug)]
struct Root {
    /// As it was configured.
    given: PathBuf,
    /// Without links.
    resolved: PathBuf,
}

/// A folder that was found to lie beneath a root; whether it exists is another question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FolderPath {
    root: PathBuf,
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
    /// Makes the configured folders where they are missing, and resolves all. One whose disk is gone stays, for the day
    /// it is back.
    pub(crate) fn new(configured: &[PathBuf], chosen: &ChosenFolders) -> Self {
        let configured = configured
            .iter()
            .map(|given| {
                if let Err(error) = std::fs::create_dir_all(given) {
                    tracing::warn!(folder = %given.display(), %error, "a download folder is not there");
                }
                Root::of(given)
            })
            .collect();
        Self {
            configured,
            chosen: Arc::new(RwLock::new(Chosen::of(chosen))),
        }
    }

    /// The default folder.
    pub(crate) fn first(&self) -> &Path {
        &self.configured[0].resolved
    }

    /// All that take files, the configured ones first, each once.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> = self.configured.iter().map(|root| root.resolved.clone()).collect();
        for chosen in self.chosen().taking {
            if !paths.contains(&chosen) {
                paths.push(chosen);
            }
        }
        paths
    }

    /// Those that a person chose.
    pub(crate) fn chosen(&self) -> ChosenFolders {
        let chosen = self.chosen.read().unwrap_or_else(PoisonError::into_inner);
        let paths = |roots: &[Root]| roots.iter().map(|root| root.resolved.clone()).collect();
        ChosenFolders {
            taking: paths(&chosen.taking),
            left: paths(&chosen.left),
        }
    }

    /// Whether a person chose this one, and no configuration names it.
    pub(crate) fn is_chosen(&self, path: &Path) -> bool {
        self.configured.iter().all(|root| root.resolved != path)
            && self.chosen().taking.iter().any(|chosen| chosen == path)
    }

    /// From now on a person chose these.
    pub(crate) fn choose(&self, chosen: &ChosenFolders) {
        let chosen = Chosen::of(chosen);
        *self.chosen.write().unwrap_or_else(PoisonError::into_inner) = chosen;
    }

    /// Finds the root that a path lies beneath, for something new.
    ///
    /// # Errors
    /// [`FailureCode::OutsideRoots`] for everything else, and for whatever is no plain absolute path.
    pub(crate) fn find(&self, path: &str) -> Result<FolderPath, Failure> {
        let chosen = self.chosen.read().unwrap_or_else(PoisonError::into_inner);
        beneath(self.configured.iter().chain(&chosen.taking), path)
    }

    /// The same for the folder of a download that is in the list: it may lie beneath a root that was taken back since.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub(crate) fn find_listed(&self, path: &str) -> Result<FolderPath, Failure> {
        let chosen = self.chosen.read().unwrap_or_else(PoisonError::into_inner);
        beneath(
            self.configured.iter().chain(&chosen.taking).chain(&chosen.left),
            path,
        )
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
        .flat_map(|root| [(&root.resolved, &root.resolved), (&root.given, &root.resolved)])
        .filter_map(|(prefix, root)| Some((path.strip_prefix(prefix).ok()?, root)))
        .min_by_key(|(rest, _)| rest.as_os_str().len())
        .and_then(|(rest, root)| {
            let names = rest
                .components()
                .map(|component| Some(component.as_os_str().to_str()?.to_owned()))
                .collect::<Option<_>>()?;
            Some(FolderPath {
                root: root.clone(),
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

impl Chosen {
    fn of(ChosenFolders { taking, left }: &ChosenFolders) -> Self {
        let roots = |folders: &[PathBuf]| folders.iter().map(|given| Root::of(given)).collect();
        Self {
            taking: roots(taking),
            left: roots(left),
        }
    }
}

impl Root {
    fn of(given: &Path) -> Self {
        let absolute = std::path::absolute(given).unwrap_or_else(|_| given.to_owned());
        Self {
            resolved: std::fs::canonicalize(given).unwrap_or_else(|_| absolute.clone()),
            given: absolute,
        }
    }
}

impl FolderPath {
    pub(crate) fn path(&self) -> PathBuf {
        let mut path = self.root.clone();
        path.extend(&self.names);
        path
    }

    /// The root that it lies beneath.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn text(&self) -> String {
        self.path().to_string_lossy().into_owned()
    }

    /// Opens it without following a link. Blocks.
    ///
    /// # Errors
    /// `NotFound` where it, or its root, is gone; whatever else the system says.
    pub(crate) fn open(&self, missing: Missing) -> io::Result<OpenFolder> {
        OpenFolder::walk(&self.root, &self.names, missing)
    }

    /// Opens it as the disk of a transfer. Blocks.
    pub(crate) fn directory(&self) -> io::Result<Arc<dyn Directory>> {
        let folder = self.open(Missing::Make)?;
        Ok(Arc::new(folder.into_directory(self.path())?))
    }

    /// Bytes free on its disk; where the folder is still to be made, on that of the nearest one above. Blocks.
    pub(crate) fn free_bytes(&self) -> Option<u64> {
        (0..=self.names.len())
            .rev()
            .find_map(|depth| OpenFolder::walk(&self.root, &self.names[..depth], Missing::Refuse).ok())
            .and_then(|folder| folder.free_bytes())
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
