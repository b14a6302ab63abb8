//! The text files of the checkout, in memory.

use std::{fs, path::Path};

use anyhow::{Context, Result};

/// Folders that hold what was built, fetched or measured, wherever they are.
const FOREIGN_FOLDERS: &[&str] = &["target", "node_modules", "dist", "work"];

/// Hidden folders that are ours; the others belong to tools.
const OUR_HIDDEN_FOLDERS: &[&str] = &[".cargo", ".ci", ".github"];

const TEXT_ENDINGS: &[&str] = &[
    "rs", "toml", "md", "yml", "yaml", "json", "ts", "tsx", "js", "css", "html", "sql", "sh", "conf", "",
];

/// Every text file of the checkout.
pub(super) struct Sources {
    files: Vec<SourceFile>,
}

/// One of them.
pub(super) struct SourceFile {
    /// Relative to the workspace's root, with forward slashes.
    pub(super) path: String,
    pub(super) text: String,
}

impl Sources {
    pub(super) fn read(root: &Path) -> Result<Self> {
        let mut files = Vec::new();
        read_folder(root, "", &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { files })
    }

    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| SourceFile {
            path: (*path).into(),
            text: (*text).into(),
        };
        Self {
            files: files.iter().map(file).collect(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter()
    }

    pub(super) fn rust(&self) -> impl Iterator<Item = &SourceFile> {
        self.iter().filter(|file| file.has_ending("rs"))
    }

    pub(super) fn get(&self, path: &str) -> Option<&SourceFile> {
        self.iter().find(|file| file.path == path)
    }
}

impl SourceFile {
    pub(super) fn has_ending(&self, ending: &str) -> bool {
        Path::new(&self.path)
            .extension()
            .is_some_and(|extension| extension == ending)
    }

    /// Lines with their numbers, counted from 1.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }
}

fn read_folder(folder: &Path, relative: &str, files: &mut Vec<SourceFile>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if relative.is_empty() {
            name.clone()
        } else {
            format!("{relative}/{name}")
        };
        let kind = entry.file_type()?;
        if kind.is_dir() && is_ours(&name) {
            read_folder(&entry.path(), &path, files)?;
        } else if kind.is_file() && is_text(&path) {
            // What does not read as UTF-8 is no source.
            if let Ok(text) = fs::read_to_string(entry.path()) {
                files.push(SourceFile { path, text });
            }
        }
    }
    Ok(())
}

fn is_ours(folder: &str) -> bool {
    if folder.starts_with('.') {
        OUR_HIDDEN_FOLDERS.contains(&folder)
    } else {
        !FOREIGN_FOLDERS.contains(&folder)
    }
}

fn is_text(path: &str) -> bool {
    let ending = Path::new(path).extension().unwrap_or_default();
    TEXT_ENDINGS.iter().any(|known| ending == *known)
}
