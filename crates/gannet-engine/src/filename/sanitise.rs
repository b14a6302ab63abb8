//! The rules of a safe name, as tables, and the one function that applies them.

use unicode_normalization::UnicodeNormalization;

use super::FILE_NAME_MAX_BYTES;

/// Replaced by `_`: Windows refuses them, and `:` opens an alternate stream there.
const REPLACED: [char; 7] = ['<', '>', ':', '"', '|', '?', '*'];

/// Removed, as ranges of code points, first and last: what is invisible or reorders the text around it.
///
/// Unicode's `Default_Ignorable_Code_Point` with the separators of lines and paragraphs, the marks of interlinear
/// annotation and the noncharacters of the first plane. Control characters are removed as well.
const INVISIBLE: [(char, char); 19] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fdd0}', '\u{fdef}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{fffe}', '\u{ffff}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// Windows opens a device under these names, whatever extension follows.
const DEVICES: [&str; 7] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"];

/// These with a digit as well, superscripts included.
const NUMBERED_DEVICES: [&str; 2] = ["COM", "LPT"];
const DEVICE_DIGITS: &str = "0123456789¹²³";

/// What the engine calls its own files. A download of such a name could pass for the half-finished state of another
/// one, and be published under its name.
const OWN_SUFFIXES: [&str; 2] = [".part", ".part.journal"];

/// A longer extension is part of the name.
const EXTENSION_MAX_BYTES: usize = 24;

/// One pass can uncover what another rule forbids (a cut can leave a device's name); each pass shortens or guards the
/// name, so that few are needed.
const PASSES_MAX: usize = 8;

/// Applies all rules; `None` where nothing is left of the name.
pub(super) fn sanitise(proposed: &str) -> Option<String> {
    let base_name = proposed.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut name: String = base_name
        .chars()
        .filter(|&character| !is_removed(character))
        .map(|character| if is_replaced(character) { '_' } else { character })
        .nfc()
        .collect();
    for _ in 0..PASSES_MAX {
        let next = one_pass(&name);
        if next == name {
            break;
        }
        name = next;
    }
    (!name.is_empty()).then_some(name)
}

/// Name and extension, the dot with the extension; `.tar.gz` is one extension.
pub(super) fn split_extension(name: &str) -> (&str, &str) {
    let Some(dot) = name.rfind('.').filter(|&dot| is_extension(&name[dot..])) else {
        return (name, "");
    };
    let stem = &name[..dot];
    let dot = match stem.len().checked_sub(".tar".len()) {
        Some(tar) if tar > 0 && ends_with_ignoring_case(stem, ".tar") => tar,
        _ => dot,
    };
    if dot == 0 { (name, "") } else { name.split_at(dot) }
}

/// At most `room_bytes` of `stem`, at a boundary of characters, with no dot or space at its end.
pub(super) fn cut(stem: &str, room_bytes: usize) -> &str {
    stem[..stem.floor_char_boundary(room_bytes)].trim_end_matches(is_trimmed)
}

fn one_pass(name: &str) -> String {
    let name = name.trim_matches(is_trimmed);
    if name.len() > FILE_NAME_MAX_BYTES {
        let (stem, extension) = split_extension(name);
        return format!("{}{extension}", cut(stem, FILE_NAME_MAX_BYTES - extension.len()));
    }
    if is_device(name) {
        return format!("_{name}");
    }
    if is_own(name) {
        return format!("{name}_");
    }
    name.to_owned()
}

/// Whether it is named like an unfinished download.
pub(super) fn is_own(name: &str) -> bool {
    OWN_SUFFIXES
        .iter()
        .any(|suffix| ends_with_ignoring_case(name, suffix))
}

/// Whether Windows refuses the character.
pub(super) fn is_replaced(character: char) -> bool {
    REPLACED.contains(&character)
}

fn is_removed(character: char) -> bool {
    character.is_control()
        || INVISIBLE
            .iter()
            .any(|&(first, last)| (first..=last).contains(&character))
}

/// Leading dots hide a file; Windows drops dots and spaces at the end, and so would open another file.
fn is_trimmed(character: char) -> bool {
    character == '.' || character.is_whitespace()
}

/// Whether Windows opens a device under the name.
pub(super) fn is_device(name: &str) -> bool {
    // Windows ignores blanks before the extension too: `CON .txt` is the console.
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let numbered = || {
        let (at, digit) = stem.char_indices().next_back()?;
        let is_numbered = NUMBERED_DEVICES
            .iter()
            .any(|device| device.eq_ignore_ascii_case(&stem[..at]));
        (is_numbered && DEVICE_DIGITS.contains(digit)).then_some(())
    };
    DEVICES.iter().any(|device| device.eq_ignore_ascii_case(stem)) || numbered().is_some()
}

fn is_extension(extension: &str) -> bool {
    (2..=EXTENSION_MAX_BYTES).contains(&extension.len()) && !extension.contains(char::is_whitespace)
}

fn ends_with_ignoring_case(name: &str, suffix: &str) -> bool {
    let tail = name
        .len()
        .checked_sub(suffix.len())
        .and_then(|at| name.as_bytes().get(at..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(suffix.as_bytes()))
}
