//! Names that the user chose: nothing is changed on them, so that what was asked for is what is found.

use super::sanitise;

/// What file systems in use allow, in bytes.
const NAME_MAX_BYTES: usize = 255;

/// Why a name that the user chose cannot be a file's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing, or the folder itself or the one above it.
    #[error("it names no file")]
    NoName,
    /// A separator of folders.
    #[error("it has {0:?} in it, which parts folders")]
    Separator(char),
    /// Longer than any file system takes.
    #[error("it has {0} bytes; file systems take {NAME_MAX_BYTES}")]
    TooLong(usize),
    /// A character that never shows, and confuses whoever lists the folder.
    #[error("it has the control character {0:?} in it")]
    Control(char),
    /// The name of an unfinished download.
    #[error("names that end in .part or .part.journal are those of unfinished downloads")]
    OwnSuffix,
    /// A character that Windows refuses.
    #[error("Windows allows no {0:?} in it")]
    Windows(char),
    /// Windows opens a device under it.
    #[error("Windows takes it for a device")]
    Device,
    /// Windows would drop its end.
    #[error("Windows drops dots and spaces at its end")]
    End,
}

/// Whether this system takes the name as it is.
pub(super) fn check(name: &str) -> Result<(), NameError> {
    let has = |wanted: fn(char) -> bool| name.chars().find(|&character| wanted(character));
    if name.is_empty() || name == "." || name == ".." {
        return Err(NameError::NoName);
    }
    if let Some(separator) = has(|character| character == '/' || (cfg!(windows) && character == '\\')) {
        return Err(NameError::Separator(separator));
    }
    if let Some(control) = has(char::is_control) {
        return Err(NameError::Control(control));
    }
    if name.len() > NAME_MAX_BYTES {
        return Err(NameError::TooLong(name.len()));
    }
    if sanitise::is_own(name) {
        return Err(NameError::OwnSuffix);
    }
    if cfg!(windows) {
        check_for_windows(name)
    } else {
        Ok(())
    }
}

fn check_for_windows(name: &str) -> Result<(), NameError> {
    if let Some(refused) = name.chars().find(|&character| sanitise::is_replaced(character)) {
        return Err(NameError::Windows(refused));
    }
    if sanitise::is_device(name) {
        return Err(NameError::Device);
    }
    if name.ends_with(['.', ' ']) {
        return Err(NameError::End);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_cannot_be_is_refused_with_its_reason() {
        for (name, expected) in [
            ("", NameError::NoName),
            ("..", NameError::NoName),
            ("a/b", NameError::Separator('/')),
            ("a\nb", NameError::Control('\n')),
            ("a\0", NameError::Control('\0')),
            ("file.PART", NameError::OwnSuffix),
            ("x.part.journal", NameError::OwnSuffix),
        ] {
            assert_eq!(check(name), Err(expected), "{name:?}");
        }
        assert_eq!(check(&"x".repeat(256)), Err(NameError::TooLong(256)));
        assert_eq!(check(&"x".repeat(255)), Ok(()));
    }

    #[cfg(not(windows))]
    #[test]
    fn what_the_system_allows_is_allowed() {
        for name in [".hidden", "con", "a:b?.txt", "ends. ", "a\\b", "\u{202e}x"] {
            assert_eq!(check(name), Ok(()), "{name:?}");
        }
    }

    #[test]
    fn windows_has_rules_of_its_own() {
        assert_eq!(check_for_windows("a:b"), Err(NameError::Windows(':')));
        assert_eq!(check_for_windows("Con.txt"), Err(NameError::Device));
        assert_eq!(check_for_windows("a. "), Err(NameError::End));
        assert_eq!(check_for_windows(".hidden"), Ok(()));
    }
}
