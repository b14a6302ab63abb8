//! Batch patterns: one address that stands for many.
//!
//! `[001-100]` counts and keeps the zeros, `[0-100:5]` counts in steps, `[a-f]` goes through letters, `{a,b,c}` through
//! words; several in one address multiply, the last one changing fastest. Brackets that hold nothing of the sort
//! (`http://[::1]/`, `?ids[]=1`) are text as they stand.

use std::fmt::Write as _;

/// An address with its patterns read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern<'a> {
    parts: Vec<Part<'a>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part<'a> {
    Text(&'a str),
    /// Numbers from `first` on, `step` apart, in at least `width` digits.
    Numbers {
        first: u64,
        step: u64,
        direction: Direction,
        count: u64,
        width: usize,
    },
    Letters {
        first: u8,
        step: u64,
        direction: Direction,
        count: u64,
    },
    Words(Vec<&'a str>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

impl<'a> Pattern<'a> {
    /// Reads the patterns in a text; a text without any is a pattern that stands for itself.
    pub(super) fn parse(text: &'a str) -> Self {
        let mut parts = Vec::new();
        let mut text_begin = 0;
        let mut position = 0;
        while let Some(offset) = text[position..].find(['[', '{']) {
            let begin = position + offset;
            match part_at(&text[begin..]) {
                Some((part, length)) => {
                    parts.push(Part::Text(&text[text_begin..begin]));
                    parts.push(part);
                    position = begin + length;
                    text_begin = position;
                }
                None => position = begin + 1,
            }
        }
        parts.push(Part::Text(&text[text_begin..]));
        Self { parts }
    }

    /// How many addresses it stands for; at least 1.
    pub(super) fn count(&self) -> u64 {
        self.parts.iter().map(Part::count).fold(1, u64::saturating_mul)
    }

    /// The address number `index`, which is below [`count`](Self::count).
    pub(super) fn nth(&self, mut index: u64) -> String {
        let mut choices = vec![0; self.parts.len()];
        for (choice, part) in choices.iter_mut().zip(&self.parts).rev() {
            *choice = index % part.count();
            index /= part.count();
        }
        let mut address = String::new();
        for (choice, part) in choices.into_iter().zip(&self.parts) {
            part.write(choice, &mut address);
        }
        address
    }
}

impl Part<'_> {
    fn count(&self) -> u64 {
        match self {
            Self::Text(_) => 1,
            Self::Numbers { count, .. } | Self::Letters { count, .. } => *count,
            Self::Words(words) => words.len() as u64,
        }
    }

    fn write(&self, choice: u64, into: &mut String) {
        match self {
            Self::Text(text) => into.push_str(text),
            Self::Numbers {
                first,
                step,
                direction,
                width,
                ..
            } => {
                let number = direction.go(*first, choice * step);
                write!(into, "{number:0width$}", width = *width).expect("a String takes all that is written");
            }
            Self::Letters {
                first,
                step,
                direction,
                ..
            } => into.push(direction.go(u64::from(*first), choice * step) as u8 as char),
            Self::Words(words) => into.push_str(words[choice as usize]),
        }
    }
}

impl Direction {
    fn between(first: u64, last: u64) -> Self {
        if first <= last { Self::Up } else { Self::Down }
    }

    fn go(self, from: u64, distance: u64) -> u64 {
        match self {
            Self::Up => from + distance,
            Self::Down => from - distance,
        }
    }
}

/// The pattern that a text begins with, and its length in bytes.
fn part_at(text: &str) -> Option<(Part<'_>, usize)> {
    let closing = if text.starts_with('[') { ']' } else { '}' };
    // Up to the next bracket of any sort, so that many unclosed ones cost no more than the text is long.
    let length = 1 + text[1..].find(['[', ']', '{', '}'])?;
    let inside = &text[1..length];
    if !text[length..].starts_with(closing) {
        return None;
    }
    let part = match closing {
        ']' => counting(inside)?,
        _ => words(inside)?,
    };
    Some((part, length + 1))
}

fn words(inside: &str) -> Option<Part<'_>> {
    inside
        .contains(',')
        .then(|| Part::Words(inside.split(',').collect()))
}

fn counting(inside: &str) -> Option<Part<'static>> {
    let (range, step) = match inside.split_once(':') {
        Some((range, step)) => (range, number(step).filter(|&step| step > 0)?),
        None => (inside, 1),
    };
    let (first, last) = range.split_once('-')?;
    if let (Some(from), Some(to)) = (number(first), number(last)) {
        let padded = [first, last]
            .into_iter()
            .filter(|digits| digits.len() > 1 && digits.starts_with('0'));
        return Some(Part::Numbers {
            first: from,
            step,
            direction: Direction::between(from, to),
            count: from.abs_diff(to) / step + 1,
            width: padded.map(str::len).max().unwrap_or(1),
        });
    }
    match (first.as_bytes(), last.as_bytes()) {
        (&[from], &[to])
            if (from.is_ascii_lowercase() && to.is_ascii_lowercase())
                || (from.is_ascii_uppercase() && to.is_ascii_uppercase()) =>
        {
            Some(Part::Letters {
                first: from,
                step,
                direction: Direction::between(from.into(), to.into()),
                count: u64::from(from.abs_diff(to)) / step + 1,
            })
        }
        _ => None,
    }
}

/// At most 18 digits, which cannot overflow.
fn number(digits: &str) -> Option<u64> {
    let is_number = (1..=18).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn expand(text: &str) -> Vec<String> {
        let pattern = Pattern::parse(text);
        (0..pattern.count()).map(|index| pattern.nth(index)).collect()
    }

    #[test]
    fn patterns_count_and_keep_their_zeros() {
        for (text, expected) in [
            ("f[8-11]", &["f8", "f9", "f10", "f11"][..]),
            (
                "f[008-011].zip",
                &["f008.zip", "f009.zip", "f010.zip", "f011.zip"],
            ),
            ("f[08-11]", &["f08", "f09", "f10", "f11"]),
            ("f[99-101]", &["f99", "f100", "f101"]),
            ("f[098-100]", &["f098", "f099", "f100"]),
            ("f[0-10:5]", &["f0", "f5", "f10"]),
            ("f[0-9:5]", &["f0", "f5"]),
            ("f[3-1]", &["f3", "f2", "f1"]),
            ("f[7-7]", &["f7"]),
            ("f[a-c]", &["fa", "fb", "fc"]),
            ("f[E-A:2]", &["fE", "fC", "fA"]),
            ("f{one,two}.zip", &["fone.zip", "ftwo.zip"]),
            ("f{,x}", &["f", "fx"]),
            ("[1-2]{a,b}", &["1a", "1b", "2a", "2b"]),
        ] {
            assert_eq!(expand(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_pattern_stands_as_it_is() {
        for text in [
            "",
            "http://[::1]/file",
            "http://[fe80::1-2]/",
            "http://[2001:db8::1]:80/",
            "?ids[]=1",
            "f[1-]",
            "f[-1]",
            "f[1-2",
            "f[1-5:0]",
            "f[1-5:]",
            "f[a-F]",
            "f[a-5]",
            "f[ab-cd]",
            "f{a}",
            "f{}",
            "f{a,b",
            "f[1234567890123456789-1234567890123456799]",
            "]}][",
        ] {
            assert_eq!(expand(text), [text], "{text}");
        }
    }

    #[test]
    fn a_huge_pattern_is_counted_without_being_written_out() {
        let pattern = Pattern::parse("[0-999999999999999999][0-999999999999999999]x");
        assert_eq!(pattern.count(), u64::MAX);
        assert_eq!(pattern.nth(0), "00x");
        assert_eq!(pattern.nth(1), "01x");
    }

    proptest! {
        #[test]
        fn numbers_are_those_between_the_ends(first in 0..3_000_u64, last in 0..3_000_u64, step in 1..50_u64) {
            let expanded = expand(&format!("a[{first}-{last}:{step}]b"));
            let (low, high) = (first.min(last), first.max(last));
            let mut expected: Vec<u64> = (0..=(high - low) / step).map(|index| index * step).collect();
            for number in &mut expected {
                *number = if first <= last { first + *number } else { first - *number };
            }
            let expected: Vec<String> = expected.into_iter().map(|number| format!("a{number}b")).collect();
            prop_assert_eq!(expanded, expected);
        }

        #[test]
        fn padding_keeps_the_width(first in 0..50_u32, more in 0..50_u32, width in 3..8_usize) {
            for name in expand(&format!("[{first:0width$}-{:0width$}]", first + more)) {
                prop_assert_eq!(name.len(), width);
            }
        }

        #[test]
        fn several_multiply_and_differ(numbers in 1..20_u64, words in proptest::collection::hash_set("[a-z]{1,4}", 2..5)) {
            let list = words.iter().cloned().collect::<Vec<_>>().join(",");
            let expanded = expand(&format!("x[1-{numbers}]-{{{list}}}.zip"));
            prop_assert_eq!(expanded.len() as u64, numbers * words.len() as u64);
            let distinct: std::collections::HashSet<_> = expanded.iter().collect();
            prop_assert_eq!(distinct.len(), expanded.len());
        }

        #[test]
        fn no_text_makes_it_panic(text in r"([\[\]{},:0-9a-cA-C-]{0,40}|.{0,40})") {
            let pattern = Pattern::parse(&text);
            let count = pattern.count();
            prop_assert!(count >= 1);
            for index in [0, count / 2, count - 1] {
                pattern.nth(index);
            }
        }
    }
}
