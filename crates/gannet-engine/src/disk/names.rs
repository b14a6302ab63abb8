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

fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_stay_within_the_limit_and_apart() {
        let one = format!("{}1.iso", "ü".repeat(125));
        let two = format!("{}2.iso", "ü".repeat(125));
        assert_eq!(one.len(), 255);
        let (first, second) = (PartNames::of(&one), PartNames::of(&two));
        assert!(first.journal.len() + ".new".len() <= 255);
        assert_ne!(first.part, second.part);
        assert_eq!(first, PartNames::of(&one));
    }
}
