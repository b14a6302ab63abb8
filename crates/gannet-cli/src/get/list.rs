//! Lists of addresses (`-i`), in the form that aria2 reads.
//!
//! One file a line; addresses apart by tabs are mirrors of one file. Blank lines and lines that begin with `#` are
//! skipped. Indented `key=value` lines set options of the file above them.

use std::fmt;

/// One file of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Entry {
    /// The line of its address in the list, from 1; none where it comes from elsewhere.
    pub(crate) line: Option<usize>,
    /// Its address.
    pub(crate) url: String,
    /// Other addresses of the same file.
    pub(crate) mirrors: Vec<String>,
    /// `out=`: the name to save it as.
    pub(crate) output: Option<String>,
    /// `dir=`: the folder to save it in.
    pub(crate) directory: Option<String>,
    /// `checksum=`: digests as `ALGORITHM:HEX`.
    pub(crate) checksums: Vec<String>,
    /// `header=`: `Name: value`.
    pub(crate) headers: Vec<String>,
    /// `referer=`.
    pub(crate) referer: Option<String>,
}

/// A line that cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ListError {
    /// Counts from 1.
    pub(crate) line: usize,
    /// What is wrong with it.
    pub(crate) what: String,
}

impl fmt::Display for ListError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// Reads a list.
pub(crate) fn parse(text: &str) -> Result<Vec<Entry>, ListError> {
    let mut entries: Vec<Entry> = Vec::new();
    // Editors on Windows put a byte order mark before the first address.
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let wrong = |what| ListError {
            line: index + 1,
            what,
        };
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        if line.starts_with([' ', '\t']) {
            let entry = entries
                .last_mut()
                .ok_or_else(|| wrong("an indented option stands before the first address".to_owned()))?;
            entry.set(content).map_err(wrong)?;
        } else {
            entries.push(Entry {
                line: Some(index + 1),
                ..Entry::from_addresses(content)
            });
        }
    }
    Ok(entries)
}

impl Entry {
    /// `line` is not blank.
    fn from_addresses(line: &str) -> Self {
        let mut addresses = line
            .split('\t')
            .map(str::trim)
            .filter(|address| !address.is_empty())
            .map(str::to_owned);
        Self {
            url: addresses.next().unwrap_or_default(),
            mirrors: addresses.collect(),
            ..Self::default()
        }
    }

    fn set(&mut self, option: &str) -> Result<(), String> {
        // Only the key goes into messages: a value may be a secret (`header=Authorization: …`).
        let (key, value) = option
            .split_once('=')
            .ok_or_else(|| "an indented line is an option, written as key=value".to_owned())?;
        let value = value.trim().to_owned();
        match key.trim() {
            "out" => self.output = Some(value),
            "dir" => self.directory = Some(value),
            "checksum" => self.checksums.push(canonical_checksum(&value)),
            "header" => self.headers.push(value),
            "referer" => self.referer = Some(value),
            key => {
                return Err(format!(
                    "unknown option {key:?}; out, dir, checksum, header and referer are known"
                ));
            }
        }
        Ok(())
    }
}

/// aria2 writes `sha-256=HEX`; everything else here `sha256:HEX`.
fn canonical_checksum(text: &str) -> String {
    match text.split_once('=') {
        Some((algorithm, digest)) => format!("{}:{digest}", algorithm.replace('-', "")),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_and_comments_are_skipped() {
        let entries =
            parse("\u{feff}# mine\n\nhttp://h/a\r\n  # indented comment\nhttp://h/b\n").expect("a list");
        let urls: Vec<_> = entries.iter().map(|entry| entry.url.as_str()).collect();
        assert_eq!(urls, ["http://h/a", "http://h/b"]);
    }

    #[test]
    fn addresses_apart_by_tabs_are_mirrors() {
        let entries = parse("http://h/a\thttp://m/a\t\thttp://n/a").expect("a list");
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].url, "http://h/a");
        assert_eq!(entries[0].mirrors, ["http://m/a", "http://n/a"]);
    }

    #[test]
    fn indented_options_belong_to_the_address_above() {
        let list =
            "http://h/a\n  out=one.iso\n\tdir=sub\n  checksum=sha-256=abcd\n  checksum=md5:ef\nhttp://h/b\n";
        let entries = parse(list).expect("a list");
        assert_eq!(entries[0].output.as_deref(), Some("one.iso"));
        assert_eq!(entries[0].directory.as_deref(), Some("sub"));
        assert_eq!(entries[0].checksums, ["sha256:abcd", "md5:ef"]);
        assert_eq!(
            entries[1],
            Entry {
                line: Some(6),
                url: "http://h/b".to_owned(),
                ..Entry::default()
            }
        );
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        let error = parse("http://h/a\n split=5\n").expect_err("unknown option");
        assert_eq!(error.line, 2);
        assert!(
            error.to_string().starts_with("line 2: unknown option \"split\""),
            "{error}"
        );
        assert_eq!(parse("  out=x\n").expect_err("no address").line, 1);
        assert_eq!(parse("http://h/a\n  out\n").expect_err("no value").line, 2);
    }

    #[test]
    fn a_message_never_repeats_a_value() {
        let error = parse("http://h/a\n  password=hunter2\n").expect_err("unknown option");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
