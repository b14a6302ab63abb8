//! What a crash leaves of a journal that was just being written. The next run of the same name clears it away; who moves or
//! removes the download before that run has to.

use std::io;

use gannet_engine::disk::journal;
use gannet_engine::disk::part_file::PartNames;

use crate::folders::OpenFolder;

/// How much of a file is looked at to know whether it is such a journal.
const LOOK_BYTES: u64 = 4096;

/// Removes a journal that never got its name, and the part file that has no other: none of its bytes is recorded. Returns
/// whether anything was removed. Blocks.
///
/// # Errors
/// Whatever the system says.
pub(crate) fn clear(folder: &OpenFolder, names: &PartNames) -> io::Result<bool> {
    let has_journal = folder.exists(&names.journal)?;
    let mut cleared = false;
    for aside in journal::aside_names(&names.journal) {
        // What is not there, or cannot be read, is no journal of ours.
        let is_torn = folder
            .read(&aside, LOOK_BYTES)
            .is_ok_and(|beginning| journal::may_be_torn(&beginning));
        if !is_torn {
            continue;
        }
        if !has_journal {
            folder.remove(&names.part)?;
        }
        folder.remove(&aside)?;
        cleared = true;
    }
    Ok(cleared)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folders::{ChosenFolders, Missing, Roots};

    fn left_of(files: &[(&str, &str)]) -> Vec<String> {
        let scene = tempfile::tempdir().unwrap();
        let path = scene.path().canonicalize().unwrap();
        for (name, content) in files {
            std::fs::write(path.join(name), content).unwrap();
        }
        let roots = Roots::new(std::slice::from_ref(&path), &ChosenFolders::default(), &[]);
        let folder = roots.find(path.to_str().unwrap()).unwrap();
        clear(&folder.open(Missing::Refuse).unwrap(), &PartNames::of("a")).unwrap();
        let entries = std::fs::read_dir(&path).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn a_torn_journal_goes_and_with_it_what_no_other_speaks_for() {
        let torn = ("a.part.journal.new", "\0\0\0");
        let part = ("a.part", "bytes");
        assert_eq!(left_of(&[torn, part]), [""; 0]);
        let journal = ("a.part.journal", "records");
        assert_eq!(left_of(&[torn, part, journal]), ["a.part", "a.part.journal"]);
    }

    #[test]
    fn somebody_elses_file_stays_and_so_does_the_part_beside_it() {
        let theirs = ("a.part.journal.new", "my notes");
        assert_eq!(
            left_of(&[theirs, ("a.part", "bytes")]),
            ["a.part", "a.part.journal.new"]
        );
    }
}
