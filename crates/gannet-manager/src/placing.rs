//! Where a file goes: its category, its folder, and a name that nothing else bears.

use std::collections::HashSet;

use gannet_engine::SafeFileName;
use gannet_engine::disk::part_file::PartNames;
use gannet_schema::{CategoryId, Failure, FailureCode, OnExisting};

use crate::desk::Desk;
use crate::entry::{Entry, Folder};
use crate::folders::{FolderPath, OpenFolder};
use crate::inner::Inner;
use crate::kinds::category_of;

/// The highest number that a name gets before giving up.
const NUMBER_MAX: u32 = 9_999;

/// A place to be found for a file.
pub(crate) struct Placing {
    pub(crate) folder: FolderPath,
    pub(crate) name: String,
    /// Names that other downloads have there, in lower case.
    pub(crate) taken: HashSet<String>,
    pub(crate) on_existing: OnExisting,
}

impl Inner {
    /// Category and folder of a file of this name, where nobody chose them.
    pub(crate) fn place(&self, desk: &Desk, entry: &mut Entry, name: &str) {
        if !entry.category_chosen {
            entry.category = category_of(name, &desk.categories);
        }
        if matches!(entry.folder, Folder::Suggested(_)) {
            entry.folder = Folder::Suggested(self.folder_for(desk, entry.category));
        }
    }

    /// The folder that settings and category say.
    pub(crate) fn folder_for(&self, desk: &Desk, category: Option<CategoryId>) -> String {
        let general = &desk.settings.general;
        let base = || {
            general
                .folder
                .clone()
                .unwrap_or_else(|| self.roots.first().to_string_lossy().into_owned())
        };
        let category = category
            .filter(|_| general.folders_by_category)
            .and_then(|id| desk.categories.iter().find(|category| category.id == id));
        let Some(category) = category else {
            return base();
        };
        match (&category.folder, SafeFileName::from_untrusted(&category.name)) {
            (Some(folder), _) => folder.clone(),
            (None, Some(name)) => {
                let mut path = std::path::PathBuf::from(base());
                path.push(name.as_str());
                path.to_string_lossy().into_owned()
            }
            (None, None) => base(),
        }
    }
}

/// The first name that no other download has, and no file bears. Blocks.
pub(crate) fn free_name(placing: &Placing, folder: &OpenFolder) -> Result<String, Failure> {
    let wanted = SafeFileName::from_untrusted(&placing.name).ok_or_else(|| {
        Failure::new(
            FailureCode::InvalidRequest,
            format!("{:?} is no name for a file", placing.name),
        )
    })?;
    let looked_at = |error: std::io::Error| {
        let path = placing.folder.text();
        Failure::new(FailureCode::Disk, format!("cannot look into {path}: {error}"))
    };
    for number in 0..=NUMBER_MAX {
        let name = match number {
            0 => wanted.clone(),
            number => wanted.with_number(number),
        };
        let name = name.as_str();
        let parts = PartNames::of(name);
        if placing.taken.contains(&name.to_lowercase())
            || folder.exists(&parts.part).map_err(looked_at)?
            || folder.exists(&parts.journal).map_err(looked_at)?
        {
            continue;
        }
        if !folder.exists(name).map_err(looked_at)? {
            return Ok(name.to_owned());
        }
        match placing.on_existing {
            // A number that came to the name is nobody's wish: the file that bears it stays.
            OnExisting::Overwrite if number == 0 => return Ok(name.to_owned()),
            OnExisting::Fail => {
                return Err(Failure::new(
                    FailureCode::TargetExists,
                    format!("{name} exists already in {}", placing.folder.text()),
                ));
            }
            OnExisting::Rename | OnExisting::Overwrite => {}
        }
    }
    Err(Failure::new(
        FailureCode::TargetExists,
        format!("{wanted} and all numbers after it exist already"),
    ))
}
