//! When files were changed last, by their own times.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

/// When the newest of all files in these places was changed; `None` where one of them cannot be looked at. A place is a
/// file, or a folder with all that is in it; what is `left_out` by its name does not count.
pub(crate) fn newest(places: &[PathBuf], left_out: &[&str]) -> Option<SystemTime> {
    let is_left_out = |name: &OsStr| left_out.iter().any(|one| name == *one);
    let mut newest = SystemTime::UNIX_EPOCH;
    let mut waiting = places.to_vec();
    while let Some(next) = waiting.pop() {
        let metadata = next.metadata().ok()?;
        if metadata.is_dir() {
            let inside = fs::read_dir(next).ok()?.flatten();
            let counted = inside.filter(|entry| !is_left_out(&entry.file_name()));
            waiting.extend(counted.map(|entry| entry.path()));
        } else {
            newest = newest.max(metadata.modified().ok()?);
        }
    }
    Some(newest)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_newest_of_all_that_counts_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let write = |name: &str, seconds| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("it is in a folder")).expect("folders are made");
            let file = fs::File::create(path).expect("files are made");
            file.set_modified(at(seconds)).expect("times are set");
        };
        write("Cargo.toml", 10);
        write("src/deep/lib.rs", 30);
        write("src/main.rs", 20);
        write("target/built.rs", 90);
        let place = |name: &str| folder.path().join(name);
        assert_eq!(newest(&[place("")], &["target"]), Some(at(30)));
        assert_eq!(newest(&[place("Cargo.toml")], &[]), Some(at(10)));
        assert_eq!(newest(&[place("src"), place("gone")], &[]), None);
    }
}
