//! What a person pastes or drops, read: addresses in any text, lists, batch patterns, Metalink files, and the commands
//! that browsers copy. Pure: nothing is asked, nothing is opened.
//!
//! Limits on everything, since the text may come from anybody: [`TEXT_MAX_BYTES`], [`LINKS_MAX`], [`ADDRESS_MAX_BYTES`].
//! What is left out is said, never dropped in silence.

mod curl;
mod list;
mod metalink;
mod pattern;
mod scan;

use std::collections::HashSet;
use std::ops::Range;

use gannet_engine::{Digest, PieceDigests, SafeFileName};
use gannet_schema::{Duplicate, Failure, FailureCode, Link, PieceSet, RequestOptions};
use percent_encoding::percent_decode_str;
use url::Url;

use crate::kinds::file_kind;
use pattern::Pattern;

/// The longest text that is read: a Metalink file with 100,000 piece digests fits.
pub const TEXT_MAX_BYTES: usize = 16 << 20;

/// As many files and refusals as one text gives, beside the last refusal, which says that there is more.
pub const LINKS_MAX: usize = 10_000;

/// The longest address: twice what servers take.
pub const ADDRESS_MAX_BYTES: usize = 16 << 10;

/// As many addresses as patterns are written out to in one text, duplicates included.
const EXPANSIONS_MAX: u64 = 2 * LINKS_MAX as u64;

/// All addresses of one text together: a long one with a pattern multiplies.
const RESULT_MAX_BYTES: usize = 32 << 20;

/// As much of a text as a refusal repeats.
const REFUSED_TEXT_MAX_CHARS: usize = 200;

/// Something that was found in a text.
#[derive(Debug, Clone)]
pub enum Found {
    /// A file to download.
    File(Box<FoundFile>),
    /// Something that looks like an address and cannot be downloaded.
    Refused(Refusal),
}

/// A file that was found in a text, and all that the text says about it.
#[derive(Debug, Clone)]
pub struct FoundFile {
    /// Its address, http or https, without fragment.
    pub url: Url,
    /// Other addresses of the same file, the best one first.
    pub mirrors: Vec<Url>,
    /// Its name, where the text gives one beside the address.
    pub given_name: Option<SafeFileName>,
    /// Its length in bytes, where the text gives it.
    pub length: Option<u64>,
    /// Digests of the whole file.
    pub digests: Vec<Digest>,
    /// Digests of its pieces.
    pub pieces: Option<PieceDigests>,
    /// How to ask, where the text says so.
    pub options: RequestOptions,
}

/// Something that looks like an address and cannot be downloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What was read, cut to 200 characters.
    pub text: String,
    /// Why it is refused.
    pub failure: Failure,
}

/// Finds everything that can be downloaded in a pasted text or a file's content, in the text's order, each once.
pub fn read_links(text: &str) -> Vec<Found> {
    let mut findings = Findings::default();
    let text = text.trim_start_matches('\u{feff}');
    if text.len() > TEXT_MAX_BYTES {
        let message = format!("the text is longer than {} MiB", TEXT_MAX_BYTES >> 20);
        findings.refuse(text, FailureCode::TooMany, message);
    } else if metalink::is_metalink(text) {
        metalink::read(text, &mut findings);
    } else if curl::is_curl(text) {
        curl::read(text, &mut findings);
    } else {
        list::read(text, &mut findings);
    }
    findings.finish()
}

impl FoundFile {
    fn new(url: Url) -> Self {
        Self {
            url,
            mirrors: Vec::new(),
            given_name: None,
            length: None,
            digests: Vec::new(),
            pieces: None,
            options: RequestOptions::default(),
        }
    }

    /// Its name as a list shows it: the one given, or else what the address suggests. The server may know better.
    pub fn name(&self) -> String {
        match &self.given_name {
            Some(name) => name.as_str().to_owned(),
            None => name_of(&self.url),
        }
    }

    /// The link as faces see it, with what the list knows of it.
    pub(crate) fn into_link(self, pieces: Option<PieceSet>, duplicate: Option<Duplicate>) -> Link {
        let name = self.name();
        Link {
            file_kind: file_kind(&name),
            name,
            given_name: self.given_name.map(|name| name.as_str().to_owned()),
            url: self.url.into(),
            mirrors: self.mirrors.into_iter().map(String::from).collect(),
            length: self.length,
            checksums: self.digests.iter().map(ToString::to_string).collect(),
            pieces,
            options: self.options,
            duplicate,
        }
    }
}

/// The name that an address suggests: its last segment, or else the host.
pub fn name_of(url: &Url) -> String {
    let segment = url
        .path_segments()
        .and_then(|mut segments| segments.rfind(|segment| !segment.is_empty()));
    segment
        .and_then(|segment| SafeFileName::from_untrusted(&percent_decode_str(segment).decode_utf8_lossy()))
        .or_else(|| SafeFileName::from_untrusted(url.host_str()?))
        .map_or_else(|| "download".to_owned(), |name| name.as_str().to_owned())
}

/// What was found so far, within the limits.
#[derive(Default)]
struct Findings {
    found: Vec<Found>,
    seen: HashSet<String>,
    refused: HashSet<String>,
    bytes: usize,
    expansions: u64,
    is_full: bool,
}

impl Findings {
    /// Adds the file that a text is the address of, or the files that its patterns stand for, with mirrors that hold the
    /// same patterns. Returns where they stand.
    fn add_address(&mut self, address: &str, mirrors: &[&str]) -> Range<usize> {
        let begin = self.found.len();
        let pattern = Pattern::parse(address);
        let count = pattern.count();
        let mut mirror_patterns = Vec::new();
        for mirror in mirrors.iter().take(metalink::MIRRORS_MAX) {
            let pattern = Pattern::parse(mirror);
            if pattern.count() == count {
                mirror_patterns.push(pattern);
            } else {
                let message = "its pattern stands for another number of files than the first address";
                self.refuse(mirror, FailureCode::InvalidRequest, message);
            }
        }
        for index in 0..count {
            if self.is_full {
                break;
            }
            if count > 1 {
                self.expansions += 1;
                self.is_full |= self.expansions > EXPANSIONS_MAX;
            }
            let mirrors: Vec<Url> = mirror_patterns
                .iter()
                .filter_map(|pattern| self.parse(&pattern.nth(index)))
                .collect();
            if let Some(url) = self.parse(&pattern.nth(index)) {
                let mut file = FoundFile::new(url);
                file.mirrors = mirrors;
                self.add(file);
            }
        }
        begin..self.found.len()
    }

    /// Adds a file, unless its address was found before.
    fn add(&mut self, mut file: FoundFile) {
        let mut known = HashSet::from([file.url.clone()]);
        file.mirrors.retain(|mirror| known.insert(mirror.clone()));
        if self.seen.contains(file.url.as_str()) {
            return;
        }
        self.bytes += known.iter().map(|url| url.as_str().len()).sum::<usize>();
        if self.has_room() {
            self.seen.insert(file.url.to_string());
            self.found.push(Found::File(Box::new(file)));
        }
    }

    /// Reads an address; one that cannot be downloaded is refused with its reason.
    fn parse(&mut self, address: &str) -> Option<Url> {
        match read_address(address) {
            Ok(url) => Some(url),
            Err(reason) => {
                self.refuse(address, FailureCode::InvalidRequest, reason);
                None
            }
        }
    }

    fn refuse(&mut self, text: &str, code: FailureCode, reason: impl Into<String>) {
        let text: String = text.trim().chars().take(REFUSED_TEXT_MAX_CHARS).collect();
        if !self.refused.contains(&text) && self.has_room() {
            self.refused.insert(text.clone());
            let failure = Failure::new(code, reason);
            self.found.push(Found::Refused(Refusal { text, failure }));
        }
    }

    /// Whether one more fits; where not, nothing does any more.
    fn has_room(&mut self) -> bool {
        self.is_full |= self.found.len() >= LINKS_MAX || self.bytes > RESULT_MAX_BYTES;
        !self.is_full
    }

    fn files_mut(&mut self, range: Range<usize>) -> impl Iterator<Item = &mut FoundFile> {
        self.found[range].iter_mut().filter_map(|found| match found {
            Found::File(file) => Some(&mut **file),
            Found::Refused(_) => None,
        })
    }

    fn finish(mut self) -> Vec<Found> {
        if self.is_full {
            let message = format!(
                "there are more than the {} links that were taken",
                self.found.len()
            );
            self.found.push(Found::Refused(Refusal {
                text: String::new(),
                failure: Failure::new(FailureCode::TooMany, message),
            }));
        }
        self.found
    }
}

/// Reads an address of http or https, or says why it is none.
fn read_address(address: &str) -> Result<Url, String> {
    if address.len() > ADDRESS_MAX_BYTES {
        return Err(format!(
            "the address is longer than {} KiB",
            ADDRESS_MAX_BYTES >> 10
        ));
    }
    let mut url = Url::parse(address).map_err(|error| format!("this is no address: {error}"))?;
    match url.scheme() {
        "http" | "https" => {
            url.set_fragment(None);
            Ok(url)
        }
        "magnet" => Err("magnet links cannot be downloaded; only http and https can".to_owned()),
        scheme => Err(format!(
            "{scheme} addresses cannot be downloaded; only http and https can"
        )),
    }
}

#[cfg(test)]
mod tests;
