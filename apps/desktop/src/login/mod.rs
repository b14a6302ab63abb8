//! Whether Gannet starts with the person's session.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod system;

use std::env;
use std::io;
use std::path::PathBuf;

/// Then it starts without its window.
const ARGUMENT: &str = "--hidden";
/// What Linux adds to the path of a program whose file was replaced while it runs, as a package's upgrade does.
const REPLACED: &str = " (deleted)";

/// Starts with the session from now on, or not any more. Blocks.
///
/// # Errors
/// What the system said: then everything is as it was.
pub(crate) fn set(on: bool) -> io::Result<()> {
    let program = program()?;
    if on {
        system::begin(&program)
    } else {
        system::end(&program)
    }
}

/// The program that is to be started: an `AppImage` lies elsewhere than what runs of it.
fn program() -> io::Result<PathBuf> {
    env::var_os("APPIMAGE").map_or_else(|| env::current_exe().map(as_installed), |image| Ok(image.into()))
}

/// Where the next start finds it.
fn as_installed(program: PathBuf) -> PathBuf {
    let before = program.to_str().and_then(|path| path.strip_suffix(REPLACED));
    match before {
        Some(before) if !program.exists() => before.into(),
        _ => program,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_was_upgraded_while_it_runs_is_found_by_the_next_start() {
        let installed = |path: &str| as_installed(path.into());
        assert_eq!(
            installed("/usr/bin/gannet-desktop (deleted)"),
            PathBuf::from("/usr/bin/gannet-desktop")
        );
        assert_eq!(
            installed("/usr/bin/gannet-desktop"),
            PathBuf::from("/usr/bin/gannet-desktop")
        );
        // One that is really called so.
        let folder = tempfile::tempdir().unwrap();
        let named_so = folder.path().join("gannet-desktop (deleted)");
        std::fs::write(&named_so, "").unwrap();
        assert_eq!(as_installed(named_so.clone()), named_so);
    }
}
