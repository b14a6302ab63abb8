//! The freedesktop autostart specification: a desktop file in the person's own folder for that.

use std::path::{Path, PathBuf};
use std::{fs, io};

use directories::BaseDirs;

use super::ARGUMENT;

const FILE_NAME: &str = "gannet-desktop.desktop";

pub(super) fn begin(program: &Path) -> io::Result<()> {
    let file = file()?;
    let Some(folder) = file.parent() else {
        return Err(io::Error::other("no folder for it"));
    };
    fs::create_dir_all(folder)?;
    fs::write(file, entry(&program.to_string_lossy()))
}

pub(super) fn end(_: &Path) -> io::Result<()> {
    match fs::remove_file(file()?) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn file() -> io::Result<PathBuf> {
    let folders = BaseDirs::new().ok_or_else(|| io::Error::other("the home folder is not known"))?;
    Ok(folders.config_dir().join("autostart").join(FILE_NAME))
}

/// What is not there any more is not started: nobody is told of an error at each login.
fn entry(program: &str) -> String {
    format!(
        "[Desktop Entry]\nType=Application\nName=Gannet\nIcon=gannet-desktop\nTryExec={}\nExec={} {ARGUMENT}\nTerminal=false\n",
        program.replace('\\', "\\\\"),
        quoted(program)
    )
}

/// An argument as the desktop entry specification wants it: quoted by its rules, within a value that has rules of its own.
fn quoted(argument: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in argument.chars() {
        match letter {
            '"' | '`' | '$' => {
                quoted.push_str("\\\\");
                quoted.push(letter);
            }
            '\\' => quoted.push_str("\\\\\\\\"),
            '%' => quoted.push_str("%%"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_arrives_as_it_is() {
        let entry = entry("/usr/bin/gannet-desktop");
        assert!(entry.contains("\nExec=\"/usr/bin/gannet-desktop\" --hidden\n"));
        assert!(entry.contains("\nTryExec=/usr/bin/gannet-desktop\n"));
        assert_eq!(quoted("/a b/100%"), "\"/a b/100%%\"");
        assert_eq!(quoted("/$x/\"y\""), r#""/\\$x/\\"y\\"""#);
        assert_eq!(quoted("a\\b"), r#""a\\\\b""#);
    }
}
