//! Text with addresses: prose, one a line, and the lists of aria2 (mirrors between tabs, options on lines that are set
//! in).

use std::ops::Range;

use gannet_engine::{Digest, SafeFileName};
use gannet_schema::{FailureCode, Secret};

use super::scan::addresses;
use super::{Findings, FoundFile};

/// Reads a text line by line.
pub(super) fn read(text: &str, findings: &mut Findings) {
    let mut latest = 0..0;
    for line in text.lines() {
        if findings.is_full {
            break;
        }
        if let Some((key, value)) = option_of(line) {
            apply_option(findings, latest.clone(), key, value);
            continue;
        }
        if line.trim().is_empty() || is_commented_out(line) {
            continue;
        }
        latest = read_line(line, findings);
    }
}

fn read_line(line: &str, findings: &mut Findings) -> Range<usize> {
    let begin = findings.found.len();
    if let Some((first, mirrors)) = tabbed_mirrors(line) {
        return findings.add_address(first, &mirrors);
    }
    let in_line = addresses(line);
    if in_line.is_empty() && is_bare_host(line.trim()) {
        let message = "an address begins with https:// or http://";
        findings.refuse(line, FailureCode::InvalidRequest, message);
    }
    for address in in_line {
        findings.add_address(&address, &[]);
    }
    begin..findings.found.len()
}

/// `# https://…`: left out on purpose. `# Where: https://…` is a heading.
fn is_commented_out(line: &str) -> bool {
    line.trim_start().strip_prefix('#').is_some_and(|rest| {
        let rest = rest.trim_start_matches('#').trim_start();
        ["http://", "https://"].iter().any(|scheme| {
            rest.get(..scheme.len())
                .is_some_and(|begin| begin.eq_ignore_ascii_case(scheme))
        })
    })
}

/// Addresses between tabs are mirrors of one file, where the line holds nothing else.
fn tabbed_mirrors(line: &str) -> Option<(&str, Vec<&str>)> {
    let mut fields = line.split('\t').map(str::trim).filter(|field| !field.is_empty());
    let (first, mirrors) = (fields.next()?, fields.collect::<Vec<_>>());
    let is_address = |field: &str| matches!(&addresses(field)[..], [address] if address == field);
    (!mirrors.is_empty() && is_address(first) && mirrors.iter().all(|mirror| is_address(mirror)))
        .then_some((first, mirrors))
}

/// `example.com/file.zip`, alone on its line.
fn is_bare_host(line: &str) -> bool {
    let Some((host, _)) = line.split_once('/') else {
        return false;
    };
    let Some((_, top_level)) = host.rsplit_once('.') else {
        return false;
    };
    !line.contains(char::is_whitespace)
        && top_level.len() >= 2
        && top_level.bytes().all(|byte| byte.is_ascii_alphabetic())
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
        && host.starts_with(|first: char| first.is_ascii_alphanumeric())
}

/// The options of aria2's lists that say something about a file.
#[derive(Clone, Copy)]
enum Key {
    Out,
    Checksum,
    Referer,
    UserAgent,
    Header,
}

/// ` out=name`: a line that is set in and holds nothing but an option.
fn option_of(line: &str) -> Option<(Key, &str)> {
    let (key, value) = line
        .starts_with([' ', '\t'])
        .then(|| line.trim().split_once('='))??;
    let key = match key {
        "out" => Key::Out,
        "checksum" => Key::Checksum,
        "referer" => Key::Referer,
        "user-agent" => Key::UserAgent,
        "header" => Key::Header,
        _ => return None,
    };
    Some((key, value))
}

fn apply_option(findings: &mut Findings, files: Range<usize>, key: Key, value: &str) {
    let is_one = files.len() == 1;
    let digest = match key {
        // aria2 writes sha-256=9f86…
        Key::Checksum => match value.replacen('=', ":", 1).parse::<Digest>() {
            Ok(digest) => Some(digest),
            Err(reason) => {
                findings.refuse(value, FailureCode::InvalidRequest, reason.to_string());
                return;
            }
        },
        _ => None,
    };
    for file in findings.files_mut(files) {
        match key {
            // One name is no name for several files.
            Key::Out if is_one => file.given_name = SafeFileName::from_untrusted(value),
            Key::Out => {}
            Key::Checksum => file.digests.extend(digest.clone()),
            Key::Referer => file.options.referer = Some(value.to_owned()),
            Key::UserAgent => file.options.user_agent = Some(value.to_owned()),
            Key::Header => add_header(file, value),
        }
    }
}

/// `Name: value`, put where it belongs. Headers that say which bytes are wanted are the engine's own and left out.
pub(super) fn add_header(file: &mut FoundFile, header: &str) {
    /// Enough for what browsers send, and for a person's own.
    const HEADERS_MAX: usize = 64;
    const OF_THE_ENGINE: [&str; 12] = [
        "accept-encoding",
        "connection",
        "content-length",
        "host",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "range",
        "te",
        "transfer-encoding",
    ];
    let Some((name, value)) = header.split_once(':') else {
        return;
    };
    let (name, value) = (name.trim(), value.trim());
    let options = &mut file.options;
    match name.to_ascii_lowercase().as_str() {
        "" => {}
        own if OF_THE_ENGINE.contains(&own) => {}
        "cookie" => options.cookies = Some(Secret::new(value)),
        "referer" => options.referer = Some(value.to_owned()),
        "user-agent" => options.user_agent = Some(value.to_owned()),
        _ if options.headers.len() < HEADERS_MAX => {
            options.headers.push((name.to_owned(), Secret::new(value)));
        }
        _ => {}
    }
}
