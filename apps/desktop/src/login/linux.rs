//! The freedesktop autostart specification: a desktop file in the person's own folder for that.

use std::path::{Path, PathBuf};
use std::{fs, io};

use directories::BaseDirs;

const FILE_NAME: &str = "gannet-desktop.desktop";

pub(super) fn begin(program: &Path, words: &[String]) -> io::Result<()> {
    let file = file()?;
    let Some(folder) = file.parent() else {
        return Err(io::Error::other("no folder for it"));
    };
    fs::create_dir_all(folder)?;
    fs::write(file, entry(&program.to_string_lossy(), words))
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
fn entry(program: &str, words: &[String]) -> String {
    let words = words.iter().map(String::as_str);
    let line: Vec<String> = [program].into_iter().chain(words).map(quoted).collect();
    format!(
        "[Desktop Entry]\nType=Application\nName=Gannet\nIcon=gannet-desktop\nTryExec={}\nExec={}\nTerminal=false\n",
        escaped(program),
        line.join(" ")
    )
}

/// A word of a command line as the desktop entry specification wants it: quoted by its rules, within a value that has rules
/// of its own.
fn quoted(word: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in word.chars() {
        if matches!(letter, '"' | '`' | '$' | '\\') {
            quoted.push('\\');
        }
        // A single one would stand for what is opened.
        if letter == '%' {
            quoted.push('%');
        }
        quoted.push(letter);
    }
    quoted.push('"');
    escaped(&quoted)
}

/// A text as the value of a key.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_arrives_as_it_is() {
        let words = ["--hidden", "--data-dir", "/a b"].map(str::to_owned);
        let entry = entry("/usr/bin/gannet-desktop", &words);
        assert!(
            entry.contains("\nExec=\"/usr/bin/gannet-desktop\" \"--hidden\" \"--data-dir\" \"/a b\"\n"),
            "{entry}"
        );
        assert!(entry.contains("\nTryExec=/usr/bin/gannet-desktop\n"));
        assert_eq!(quoted("/a b/100%"), "\"/a b/100%%\"");
        assert_eq!(quoted("/$x/\"y\""), r#""/\\$x/\\"y\\"""#);
        assert_eq!(quoted("a\\b"), r#""a\\\\b""#);
        assert_eq!(quoted("a\nName=b"), r#""a\nName=b""#);
    }
}
