//! Digest fields: RFC 9530 and what came before it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use crate::content::Content;
use crate::profile::{DigestField, DigestKind, Truth};
use crate::respond::File;
use crate::script::{Piece, Script};

/// Digests of a whole file, made in one pass.
#[derive(Clone, Debug)]
pub(crate) struct FileDigests {
    sha256: Vec<u8>,
    sha512: Vec<u8>,
    sha1: Vec<u8>,
    md5: Vec<u8>,
    crc32c: [u8; 4],
}

impl FileDigests {
    pub(crate) fn of(content: &Content) -> Self {
        let (mut sha256, mut sha512, mut sha1, mut md5) =
            (Sha256::new(), Sha512::new(), Sha1::new(), Md5::new());
        let mut crc = 0;
        content.stream(|bytes| {
            sha256.update(bytes);
            sha512.update(bytes);
            sha1.update(bytes);
            md5.update(bytes);
            crc = crc32c::crc32c_append(crc, bytes);
        });
        Self {
            sha256: sha256.finalize().to_vec(),
            sha512: sha512.finalize().to_vec(),
            sha1: sha1.finalize().to_vec(),
            md5: md5.finalize().to_vec(),
            crc32c: crc.to_be_bytes(),
        }
    }
}

/// Adds the digest fields that a profile asks for to a `200` or `206`.
pub(crate) fn add(script: &mut Script, fields: &[DigestField], file: &File<'_>) {
    for field in fields {
        let Some(mut digest) = digest(field.kind, script, file) else {
            continue;
        };
        if field.truth == Truth::Wrong {
            digest[0] ^= 0xff;
        }
        let text = BASE64.encode(&digest);
        let (name, value) = match field.kind {
            DigestKind::ReprSha256 => ("Repr-Digest", format!("sha-256=:{text}:")),
            DigestKind::ReprSha512 => ("Repr-Digest", format!("sha-512=:{text}:")),
            DigestKind::ContentSha256 => ("Content-Digest", format!("sha-256=:{text}:")),
            DigestKind::LegacySha256 => ("Digest", format!("sha-256={text}")),
            DigestKind::LegacyMd5 => ("Digest", format!("md5={text}")),
            DigestKind::ContentMd5 => ("Content-MD5", text),
            DigestKind::GoogCrc32c => ("x-goog-hash", format!("crc32c={text}")),
            DigestKind::GoogMd5 => ("x-goog-hash", format!("md5={text}")),
            DigestKind::AmzSha256 => ("x-amz-checksum-sha256", text),
            DigestKind::AmzSha1 => ("x-amz-checksum-sha1", text),
            DigestKind::AmzCrc32c => ("x-amz-checksum-crc32c", text),
            DigestKind::AmzCompositeSha256 => ("x-amz-checksum-sha256", format!("{text}-3")),
        };
        script.headers.push((name.to_owned(), value));
    }
}

fn digest(kind: DigestKind, script: &Script, file: &File<'_>) -> Option<Vec<u8>> {
    let whole = file.digests?;
    Some(match kind {
        DigestKind::ReprSha256 | DigestKind::LegacySha256 | DigestKind::AmzSha256 => whole.sha256.clone(),
        DigestKind::ReprSha512 => whole.sha512.clone(),
        DigestKind::LegacyMd5 | DigestKind::GoogMd5 => whole.md5.clone(),
        DigestKind::GoogCrc32c | DigestKind::AmzCrc32c => whole.crc32c.to_vec(),
        DigestKind::AmzSha1 => whole.sha1.clone(),
        DigestKind::AmzCompositeSha256 => Sha256::digest(&whole.sha256).to_vec(),
        DigestKind::ContentSha256 => body_digest::<Sha256>(script),
        DigestKind::ContentMd5 => body_digest::<Md5>(script),
    })
}

fn body_digest<D: Digest>(script: &Script) -> Vec<u8> {
    let mut hasher = D::new();
    for piece in &script.body {
        match piece {
            Piece::Bytes(bytes) => hasher.update(bytes),
            Piece::Content { content, range } => {
                content.stream_range(range.clone(), |bytes| hasher.update(bytes));
            }
        }
    }
    hasher.finalize().to_vec()
}
