//! Digests that servers send along: of the file, or of the one body at hand.
//!
//! An `ETag` is never taken for a digest, even where it looks like one: for an object uploaded in parts it is another
//! number of the same form.

use http::header::{CONTENT_ENCODING, HeaderMap};

use crate::digest::{Digest, DigestAlgorithm, DigestStrength};

/// What `Want-Repr-Digest` asks for (RFC 9530 §4).
pub(crate) const WANT_REPR_DIGEST: &str = "sha-256=10, sha-512=3";

/// Longer values are not looked at.
const VALUE_MAX_BYTES: usize = 4096;

/// A digest found in the head of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundDigest {
    /// The digest.
    pub(crate) digest: Digest,
    /// Of what.
    pub(crate) covers: Covers,
    /// The name of the field it was in.
    pub(crate) field: &'static str,
}

/// Of which bytes a digest is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Covers {
    /// Of the whole file.
    File,
    /// Of the part in this body alone (case 35).
    Part,
}

/// What the body of the answer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyHolds {
    /// 200: the whole file.
    File,
    /// 206: a part of it, be it all.
    Part,
}

/// All digests in the head of an answer, in no order of trust: see [`DigestAlgorithm::strength`]. Values that cannot be
/// read are passed over.
pub(crate) fn found_digests(headers: &HeaderMap, body: BodyHolds) -> Vec<FoundDigest> {
    let of_body = match body {
        BodyHolds::File => Covers::File,
        BodyHolds::Part => Covers::Part,
    };
    let mut found = Vec::new();
    let mut add = |field, covers, digests: Vec<Digest>| {
        found.extend(digests.into_iter().map(|digest| FoundDigest {
            digest,
            covers,
            field,
        }));
    };
    // Repr-Digest is of the file in its coding, which is what is stored; so was Digest (RFC 3230 §4.3).
    add("Repr-Digest", Covers::File, dictionary(headers, "repr-digest"));
    add("Content-Digest", of_body, dictionary(headers, "content-digest"));
    add("Digest", Covers::File, legacy_list(headers, "digest"));
    add(
        "Content-MD5",
        of_body,
        single(headers, "content-md5", DigestAlgorithm::Md5),
    );
    add("x-goog-hash", Covers::File, google_hashes(headers));
    add("x-amz-checksum", Covers::File, amazon_checksums(headers));
    found
}

/// The strong digest of this very body, be it the file or a part of it (case 35).
pub(crate) fn of_content(headers: &HeaderMap) -> Option<Digest> {
    dictionary(headers, "content-digest")
        .into_iter()
        .find(|digest| digest.algorithm().strength() == DigestStrength::Strong)
}

/// `sha-256=:BASE64:, sha-512=:BASE64:` (RFC 9530 §2, RFC 8941 §3.2). Of a repeated key the last counts.
fn dictionary(headers: &HeaderMap, field: &'static str) -> Vec<Digest> {
    let mut digests: Vec<Digest> = Vec::new();
    for (key, value) in members(headers, field) {
        let base64 = value.split(';').next().unwrap_or_default().trim_end();
        let base64 = base64.strip_prefix(':').and_then(|rest| rest.strip_suffix(':'));
        let digest = algorithm(key)
            .zip(base64)
            .and_then(|(algorithm, text)| Digest::from_base64(algorithm, text));
        if let Some(digest) = digest {
            digests.retain(|earlier| earlier.algorithm() != digest.algorithm());
            digests.push(digest);
        }
    }
    digests
}

/// `SHA-256=BASE64,MD5=BASE64` (RFC 3230 §4.3.2).
fn legacy_list(headers: &HeaderMap, field: &'static str) -> Vec<Digest> {
    members(headers, field)
        .filter_map(|(key, value)| Digest::from_base64(algorithm(key)?, value))
        .collect()
}

/// `crc32c=BASE64,md5=BASE64`, of the object as it is stored: not of what a decompressing server sends instead.
fn google_hashes(headers: &HeaderMap) -> Vec<Digest> {
    let stored_as = headers
        .get("x-goog-stored-content-encoding")
        .map(|value| value.as_bytes().trim_ascii());
    let is_coded = |coding: &[u8]| !coding.eq_ignore_ascii_case(b"identity");
    if stored_as.is_some_and(is_coded) && !headers.contains_key(CONTENT_ENCODING) {
        return Vec::new();
    }
    legacy_list(headers, "x-goog-hash")
}

/// Checksums of whole objects. Those of objects uploaded in parts are checksums of checksums, marked by their type or by
/// the number of parts behind a hyphen.
fn amazon_checksums(headers: &HeaderMap) -> Vec<Digest> {
    let kind = headers.get("x-amz-checksum-type");
    if kind.is_some_and(|kind| !kind.as_bytes().eq_ignore_ascii_case(b"FULL_OBJECT")) {
        return Vec::new();
    }
    [
        ("x-amz-checksum-sha256", DigestAlgorithm::Sha256),
        ("x-amz-checksum-sha1", DigestAlgorithm::Sha1),
        ("x-amz-checksum-crc32c", DigestAlgorithm::Crc32c),
    ]
    .into_iter()
    // The hyphen of `BASE64-3` is no sign of base64, so that such values are unreadable here.
    .flat_map(|(field, algorithm)| single(headers, field, algorithm))
    .collect()
}

/// One bare base64 value. Several contradict each other, and none counts.
fn single(headers: &HeaderMap, field: &'static str, algorithm: DigestAlgorithm) -> Vec<Digest> {
    let mut values = values(headers, field);
    match (values.next(), values.next()) {
        (Some(value), None) => Digest::from_base64(algorithm, value.trim()).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The `key=value` members of a field, over all its lines. Neither base64 nor the names of algorithms hold commas.
fn members<'a>(headers: &'a HeaderMap, field: &'static str) -> impl Iterator<Item = (&'a str, &'a str)> {
    values(headers, field)
        .flat_map(|value| value.split(','))
        .filter_map(|member| member.split_once('='))
        .map(|(key, value)| (key.trim(), value.trim()))
}

fn values<'a>(headers: &'a HeaderMap, field: &'static str) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(field)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .filter(|value| value.len() <= VALUE_MAX_BYTES)
}

/// The algorithm behind its name in headers; `sha` is SHA-1 there.
fn algorithm(key: &str) -> Option<DigestAlgorithm> {
    if key.eq_ignore_ascii_case("sha") {
        Some(DigestAlgorithm::Sha1)
    } else {
        key.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::*;

    /// Digests of `123456789`.
    const SHA256: &str = "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=";
    const MD5: &str = "JfnnlDI7RTiF9RgfG2JNCw==";
    const SHA1: &str = "98O8HYCOBHMq32eZZczDTKeuNEE=";
    const CRC32C: &str = "4waSgw==";

    type Fields<'a> = &'a [(&'static str, &'a str)];
    type Seen = (DigestAlgorithm, Covers);

    fn found(body: BodyHolds, fields: Fields<'_>) -> Vec<Seen> {
        let headers = fields
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        let found = found_digests(&headers, body);
        for FoundDigest { digest, .. } in &found {
            let mut hasher = crate::digest::Hasher::new(digest.algorithm());
            hasher.update(b"123456789");
            assert_eq!(hasher.finish(), *digest);
        }
        found
            .into_iter()
            .map(|found| (found.digest.algorithm(), found.covers))
            .collect()
    }

    #[test]
    fn each_field_covers_what_its_definition_says() {
        use DigestAlgorithm::{Crc32c, Md5, Sha1, Sha256};
        let dictionary = format!("md5=:{MD5}:, sha-256=:{SHA256}:;q=1, unknown=:AAAA:");
        let legacy = format!("SHA-256={SHA256},md5={MD5},sha={SHA1},unixsum=30637");
        let google = format!("crc32c={CRC32C},md5={MD5}");
        let composite = format!("{SHA256}-3");
        let (file, part) = (Covers::File, Covers::Part);
        #[rustfmt::skip] // one case a line
        let cases: &[(Fields<'_>, Vec<Seen>)] = &[
            (&[("repr-digest", &dictionary)], vec![(Md5, file), (Sha256, file)]),
            (&[("content-digest", &dictionary)], vec![(Md5, part), (Sha256, part)]),
            (&[("digest", &legacy)], vec![(Sha256, file), (Md5, file), (Sha1, file)]),
            (&[("content-md5", MD5)], vec![(Md5, part)]),
            (&[("content-md5", MD5), ("content-md5", "AAAA")], vec![]),
            (&[("x-goog-hash", &google)], vec![(Crc32c, file), (Md5, file)]),
            (&[("x-goog-hash", "crc32c=4waSgw=="), ("x-goog-hash", "md5=JfnnlDI7RTiF9RgfG2JNCw==")], vec![(Crc32c, file), (Md5, file)]),
            (&[("x-goog-hash", &google), ("x-goog-stored-content-encoding", "gzip")], vec![]),
            (&[("x-goog-hash", &google), ("x-goog-stored-content-encoding", "gzip"), ("content-encoding", "gzip")], vec![(Crc32c, file), (Md5, file)]),
            (&[("x-goog-hash", &google), ("x-goog-stored-content-encoding", "identity")], vec![(Crc32c, file), (Md5, file)]),
            (&[("x-amz-checksum-sha256", SHA256), ("x-amz-checksum-crc32c", CRC32C)], vec![(Sha256, file), (Crc32c, file)]),
            (&[("x-amz-checksum-sha1", SHA1), ("x-amz-checksum-type", "FULL_OBJECT")], vec![(Sha1, file)]),
            (&[("x-amz-checksum-sha256", &composite)], vec![]),
            (&[("x-amz-checksum-sha256", SHA256), ("x-amz-checksum-type", "COMPOSITE")], vec![]),
            (&[("etag", "\"25f9e794323b453885f5181f1b624d0b\"")], vec![]),
            (&[("repr-digest", "sha-256=rubbish, sha-256, =, :")], vec![]),
            (&[("repr-digest", "sha-256=:AAAA:")], vec![]),
        ];
        for (fields, expected) in cases {
            assert_eq!(found(BodyHolds::Part, fields), *expected, "{fields:?}");
            let of_file: Vec<_> = expected.iter().map(|&(algorithm, _)| (algorithm, file)).collect();
            assert_eq!(found(BodyHolds::File, fields), of_file, "{fields:?} with a 200");
        }
    }

    #[test]
    fn a_body_is_held_against_its_strong_digest_alone() {
        let strong = |value: String| {
            let name = HeaderName::from_static("content-digest");
            let value: HeaderValue = value.parse().unwrap();
            of_content(&HeaderMap::from_iter([(name, value)]))
        };
        let found = strong(format!("md5=:{MD5}:, sha-256=:{SHA256}:")).unwrap();
        assert_eq!(found.algorithm(), DigestAlgorithm::Sha256);
        assert_eq!(strong(format!("md5=:{MD5}:")), None);
    }

    #[test]
    fn of_a_repeated_key_the_last_counts() {
        let twice = format!("sha-256=:{}:, sha-256=:{SHA256}:", SHA256.replace('F', "G"));
        assert_eq!(found(BodyHolds::File, &[("repr-digest", &twice)]).len(), 1);
    }

    proptest! {
        #[test]
        fn no_value_makes_the_reader_panic(value in "[a-z0-9=:,;\\- \"A-Z+/]{0,60}") {
            if let Ok(value) = HeaderValue::from_str(&value) {
                for name in ["repr-digest", "digest", "x-goog-hash", "content-md5", "x-amz-checksum-sha256"] {
                    let headers = HeaderMap::from_iter([(HeaderName::from_static(name), value.clone())]);
                    let _ = found_digests(&headers, BodyHolds::Part);
                }
            }
        }
    }
}
