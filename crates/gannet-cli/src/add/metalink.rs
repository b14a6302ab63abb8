//! Metalink files on this machine: the server reads what they hold, and keeps the digests of pieces until they are added.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use gannet_schema::{Candidate, Command, Link, Reply};

use crate::owner::{Owner, unfitting};
use crate::trouble::Trouble;

/// As long as the server reads one, and no longer.
const BYTES_MAX: u64 = 16 << 20;

/// Whether an argument names a Metalink file rather than an address.
pub(super) fn is_file(given: &str) -> bool {
    let has_scheme = given.contains("://");
    let extension = Path::new(given).extension().unwrap_or_default();
    !has_scheme
        && ["meta4", "metalink"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
}

/// What a file holds.
pub(super) fn read(path: &Path) -> Result<String, Trouble> {
    let content = File::open(path).and_then(|file| {
        let mut text = String::new();
        file.take(BYTES_MAX + 1).read_to_string(&mut text)?;
        if text.len() as u64 > BYTES_MAX {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                "it is longer than 16 MiB",
            ));
        }
        Ok(text)
    });
    content.map_err(|error| Trouble::usage(format_args!("cannot read {}: {error}", path.display())))
}

/// The files that it describes; what of it is refused refuses all.
pub(super) fn links(text: &str, owner: &Owner) -> Result<Vec<Link>, Trouble> {
    let text = text.to_owned();
    let Reply::Links { candidates } = owner.execute(&Command::ReadLinks { text })? else {
        return Err(unfitting());
    };
    if candidates.is_empty() {
        return Err(Trouble::usage(
            "the Metalink file describes no file that can be downloaded",
        ));
    }
    let links = candidates.into_iter().map(|candidate| match candidate {
        Candidate::Link { link } => Ok(*link),
        Candidate::Refused { failure, .. } => Err(failure.into()),
    });
    links.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metalink_file_is_told_from_an_address() {
        assert!(is_file("film.meta4") && is_file("./a b/film.Metalink"));
        assert!(!is_file("http://h/film.meta4") && !is_file("film.iso") && !is_file("h/film"));
    }
}
