//! Whether Gannet starts with the person's session.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod system;

use std::env;
use std::io;
use std::path::PathBuf;

use crate::arguments::Arguments;

/// Then it starts without its window.
const HIDDEN: &str = "--hidden";
/// What Linux adds to the path of a program whose file was replaced while it runs, as a package's upgrade does.
const REPLACED: &str = " (deleted)";

/// What a start with the session is told, beside that it is hidden: where this start was told to find things, that one does.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told(Vec<(&'static str, PathBuf)>);

impl Told {
    /// What of a start's arguments a later start needs too.
    pub(crate) fn of(arguments: &Arguments) -> Self {
        let places = [
            ("--data-dir", &arguments.data_dir),
            ("--download-dir", &arguments.download_dir),
            ("--config", &arguments.config),
        ];
        let told = places.into_iter().filter_map(|(option, place)| {
            let place = place.as_deref()?;
            // A session begins in another folder.
            let place = std::path::absolute(place).unwrap_or_else(|_| place.to_owned());
            Some((option, place))
        });
        Self(told.collect())
    }

    /// As words of a command line.
    fn words(&self) -> io::Result<Vec<String>> {
        let mut words = vec![HIDDEN.to_owned()];
        for (option, place) in &self.0 {
            let place = place
                .to_str()
                .ok_or_else(|| io::Error::other("a folder's name cannot be written down"))?;
            words.extend([(*option).to_owned(), place.to_owned()]);
        }
        Ok(words)
    }
}

/// Starts with the session from now on, or not any more. Blocks.
///
/// # Errors
/// What the system said: then everything is as it was.
pub(crate) fn set(on: bool, told: &Told) -> io::Result<()> {
    let program = program()?;
    if on {
        system::begin(&program, &told.words()?)
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
    fn a_start_with_the_session_finds_things_where_this_one_does() {
        let arguments = Arguments {
            data_dir: Some("data".into()),
            config: Some("/etc/gannet.toml".into()),
            verbose: true,
            links: vec!["https://example.org/a".to_owned()],
            ..Arguments::default()
        };
        let data = env::current_dir().unwrap().join("data");
        let config = std::path::absolute("/etc/gannet.toml").unwrap();
        assert_eq!(
            Told::of(&arguments).words().unwrap(),
            [
                "--hidden",
                "--data-dir",
                data.to_str().unwrap(),
                "--config",
                config.to_str().unwrap()
            ]
        );
        assert_eq!(Told::default().words().unwrap(), ["--hidden"]);
    }

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
