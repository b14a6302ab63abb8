//! The names of the files around a target.

/// What a name may have on every file system in use, in bytes.
const NAME_BYTES_MAX: usize = 255;
/// The longest that is hung on a target's name, in bytes: `.part.journal.new`.
const SUFFIX_BYTES_MAX: usize = 17;

/// The names of a target's part file and of what stands beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartNames {
    /// `NAME.part`: the bytes, at their final offsets.
    pub part: String,
    /// `NAME.part.journal`.
    pub journal: String,
    /// `NAME.rejected`: bytes that all came and proved to be the wrong ones.
    pub rejected: String,
}

impl PartNames {
    /// The names for a target. They depend on nothing else, so another day's transfer finds them again.
    pub fn of(target: &str) -> Self {
        let base = shortened(target);
        Self {
            part: format!("{base}.part"),
            journal: format!("{base}.part.journal"),
            rejected: format!("{base}.rejected"),
        }
    }
}

/// `name` for 0, else `stem (number).extension` as browsers count, at most 255 bytes long.
pub(crate) fn numbered(name: &str, number: u32) -> String {
    if number == 0 {
        return name.to_owned();
    }
    let (stem, extension) = split_extension(name);
    let number = format!(" ({number})");
    let room = NAME_BYTES_MAX.saturating_sub(extension.len() + number.len());
    format!("{}{number}{extension}", cut(stem, room))
}

/// Leaves room for the suffixes; what is cut off still makes a difference, as a hash.
fn shortened(target: &str) -> String {
    if target.len() + SUFFIX_BYTES_MAX <= NAME_BYTES_MAX {
        return target.to_owned();
    }
    let hash = blake3::hash(target.as_bytes()).to_hex();
    let hash = &hash[..16];
    format!(
        "{}~{hash}",
        cut(target, NAME_BYTES_MAX - SUFFIX_BYTES_MAX - 1 - hash.len())
    )
}

/// The extension with its dot, `.tar.gz` as one.
fn split_extension(name: &str) -> (&str, &str) {
    let Some(dot) = name.rfind('.').filter(|&dot| dot > 0) else {
        return (name, "");
    };
    let dot = match name[..dot].strip_suffix(".tar") {
        Some(stem) if !stem.is_empty() => stem.len(),
        _ => dot,
    };
    name.split_at(dot)
}

fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_before_the_extension() {
        for (name, number, expected) in [
            ("file.iso", 0, "file.iso"),
            ("file.iso", 1, "file (1).iso"),
            ("file", 12, "file (12)"),
            ("linux-6.1.tar.gz", 2, "linux-6.1 (2).tar.gz"),
            (".tar.gz", 1, ".tar (1).gz"),
            (".hidden", 1, ".hidden (1)"),
        ] {
            assert_eq!(numbered(name, number), expected);
        }
    }

    #[test]
    fn long_names_stay_within_the_limit_and_apart() {
        let one = format!("{}1.iso", "ü".repeat(125));
        let two = format!("{}2.iso", "ü".repeat(125));
        assert_eq!(one.len(), 255);
        let (first, second) = (PartNames::of(&one), PartNames::of(&two));
        assert!(first.journal.len() + ".new".len() <= 255);
        assert_ne!(first.part, second.part);
        assert_eq!(first, PartNames::of(&one));
        let again = numbered(&one, 3);
        assert!(again.len() <= 255 && again.ends_with(" (3).iso"), "{again}");
    }
}
