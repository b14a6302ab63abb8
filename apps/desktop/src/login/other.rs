//! A value in the registry of Windows, a launch agent of macOS.

use std::io;
use std::path::Path;

use auto_launch::{AutoLaunch, AutoLaunchBuilder, WindowsEnableMode};

pub(super) fn begin(program: &Path, words: &[String]) -> io::Result<()> {
    entry(program, words)?.enable().map_err(io::Error::other)
}

pub(super) fn end(program: &Path) -> io::Result<()> {
    entry(program, &[])?.disable().map_err(io::Error::other)
}

fn entry(program: &Path, words: &[String]) -> io::Result<AutoLaunch> {
    let program = program.to_string_lossy();
    // Windows reads it as a command line, in which a path may have spaces only within quotes.
    let program = if cfg!(windows) {
        quoted(&program)
    } else {
        program.into_owned()
    };
    let words: Vec<String> = words.iter().map(|word| written(word)).collect();
    AutoLaunchBuilder::new()
        .set_app_name("Gannet")
        .set_app_path(&program)
        .set_args(&words)
        // It is this person's wish, whoever else uses the machine.
        .set_windows_enable_mode(WindowsEnableMode::CurrentUser)
        .build()
        .map_err(io::Error::other)
}

/// A word as the system's entry wants it: part of a command line on Windows, a string of XML on macOS.
fn written(word: &str) -> String {
    if cfg!(windows) {
        return quoted(word);
    }
    word.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A word of a command line of Windows. No path has quotes in it; a backslash before the last one would take it away.
fn quoted(word: &str) -> String {
    let before_the_end = word.len() - word.trim_end_matches('\\').len();
    format!("\"{word}{}\"", "\\".repeat(before_the_end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_arrives_as_it_is() {
        assert_eq!(quoted(r"C:\a b\c"), r#""C:\a b\c""#);
        assert_eq!(quoted(r"D:\"), r#""D:\\""#);
    }
}
