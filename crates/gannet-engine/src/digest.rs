//! Digests: given by the user as `ALGO:HEX`, found in headers, and computed while bytes go by.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::Digest as _;

/// How a digest is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DigestAlgorithm {
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
    /// SHA-1.
    Sha1,
    /// MD5.
    Md5,
    /// BLAKE3 with 32 bytes of output.
    Blake3,
    /// CRC-32C (Castagnoli), most significant byte first.
    Crc32c,
}

/// What equality of two digests shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestStrength {
    /// That the bytes are those that were meant.
    Strong,
    /// That the bytes were not damaged by accident; somebody could have made others that fit.
    Advisory,
}

/// The digest of some bytes, always as long as its algorithm makes it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Digest {
    algorithm: DigestAlgorithm,
    bytes: Box<[u8]>,
}

/// Why a text is no digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseDigestError {
    /// There is no colon in it.
    #[error("a digest is written ALGORITHM:HEX, as in sha256:9f86…")]
    NoAlgorithm,
    /// The algorithm is none of ours.
    #[error("unknown digest \"{0}\"; known are sha256, sha512, sha1, md5, blake3 and crc32c")]
    UnknownAlgorithm(String),
    /// What follows the colon are not hexadecimal digits.
    #[error("the digest is not written in hexadecimal digits")]
    NotHex,
    /// It has too few or too many digits.
    #[error("a {algorithm} digest has {expected} hexadecimal digits, not {found}")]
    WrongLength {
        /// The algorithm.
        algorithm: DigestAlgorithm,
        /// How many digits it has.
        expected: usize,
        /// How many were found.
        found: usize,
    },
}

impl DigestAlgorithm {
    /// All of them, the strongest and fastest first.
    pub const ALL: [Self; 6] = [
        Self::Blake3,
        Self::Sha256,
        Self::Sha512,
        Self::Sha1,
        Self::Md5,
        Self::Crc32c,
    ];

    /// How long its digests are, in bytes.
    pub const fn length_bytes(self) -> usize {
        match self {
            Self::Sha256 | Self::Blake3 => 32,
            Self::Sha512 => 64,
            Self::Sha1 => 20,
            Self::Md5 => 16,
            Self::Crc32c => 4,
        }
    }

    /// What its digests can show. A digest that the user gave is checked whatever its strength.
    pub const fn strength(self) -> DigestStrength {
        match self {
            Self::Sha256 | Self::Sha512 | Self::Blake3 => DigestStrength::Strong,
            Self::Sha1 | Self::Md5 | Self::Crc32c => DigestStrength::Advisory,
        }
    }

    /// The name before the colon of `ALGO:HEX`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
            Self::Sha1 => "sha1",
            Self::Md5 => "md5",
            Self::Blake3 => "blake3",
            Self::Crc32c => "crc32c",
        }
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for DigestAlgorithm {
    type Err = ParseDigestError;

    /// Reads its name in any case, with or without a hyphen: `sha256`, `SHA-256`.
    fn from_str(name: &str) -> Result<Self, ParseDigestError> {
        let plain = name.replace('-', "").to_ascii_lowercase();
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.as_str() == plain)
            .ok_or_else(|| ParseDigestError::UnknownAlgorithm(name.to_owned()))
    }
}

impl Digest {
    /// The digest of these bytes, if it is as long as the algorithm makes it.
    pub fn new(algorithm: DigestAlgorithm, bytes: &[u8]) -> Option<Self> {
        (bytes.len() == algorithm.length_bytes()).then(|| Self {
            algorithm,
            bytes: bytes.into(),
        })
    }

    /// Reads base64, as headers have it.
    pub(crate) fn from_base64(algorithm: DigestAlgorithm, text: &str) -> Option<Self> {
        Self::new(algorithm, &STANDARD.decode(text).ok()?)
    }

    /// How it was computed.
    pub fn algorithm(&self) -> DigestAlgorithm {
        self.algorithm
    }

    /// What computes the digest to hold against this one.
    pub(crate) fn hasher(&self) -> Hasher {
        Hasher::new(self.algorithm)
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl FromStr for Digest {
    type Err = ParseDigestError;

    /// Reads `ALGO:HEX` in any case.
    fn from_str(text: &str) -> Result<Self, ParseDigestError> {
        let (algorithm, digits) = text.trim().split_once(':').ok_or(ParseDigestError::NoAlgorithm)?;
        let algorithm: DigestAlgorithm = algorithm.parse()?;
        let digits = digits.as_bytes();
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(ParseDigestError::NotHex);
        }
        let expected = algorithm.length_bytes() * 2;
        if digits.len() != expected {
            return Err(ParseDigestError::WrongLength {
                algorithm,
                expected,
                found: digits.len(),
            });
        }
        let (pairs, _) = digits.as_chunks::<2>();
        let bytes = pairs
            .iter()
            .map(|&[high, low]| hex_value(high) << 4 | hex_value(low))
            .collect();
        Ok(Self { algorithm, bytes })
    }
}

impl Digest {
    /// Its hexadecimal digits, without the algorithm.
    pub(crate) fn to_hex(&self) -> String {
        self.bytes.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

impl fmt::Display for Digest {
    /// `ALGO:hex`, as it is read.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.algorithm, self.to_hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// Computes a digest from bytes in their order.
#[derive(Clone)]
pub(crate) struct Hasher(State);

#[derive(Clone)]
enum State {
    Sha256(sha2::Sha256),
    Sha512(sha2::Sha512),
    Sha1(sha1::Sha1),
    Md5(md5::Md5),
    /// Boxed: its state is ten times that of the others.
    Blake3(Box<blake3::Hasher>),
    Crc32c(u32),
}

impl Hasher {
    /// One that has seen no byte.
    pub(crate) fn new(algorithm: DigestAlgorithm) -> Self {
        Self(match algorithm {
            DigestAlgorithm::Sha256 => State::Sha256(sha2::Sha256::new()),
            DigestAlgorithm::Sha512 => State::Sha512(sha2::Sha512::new()),
            DigestAlgorithm::Sha1 => State::Sha1(sha1::Sha1::new()),
            DigestAlgorithm::Md5 => State::Md5(md5::Md5::new()),
            DigestAlgorithm::Blake3 => State::Blake3(Box::default()),
            DigestAlgorithm::Crc32c => State::Crc32c(0),
        })
    }

    /// Takes the next bytes.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Sha256(state) => state.update(bytes),
            State::Sha512(state) => state.update(bytes),
            State::Sha1(state) => state.update(bytes),
            State::Md5(state) => state.update(bytes),
            State::Blake3(state) => {
                state.update(bytes);
            }
            State::Crc32c(state) => *state = crc32c::crc32c_append(*state, bytes),
        }
    }

    /// The digest of all bytes taken.
    pub(crate) fn finish(self) -> Digest {
        let (algorithm, bytes): (_, Box<[u8]>) = match self.0 {
            State::Sha256(state) => (DigestAlgorithm::Sha256, state.finalize().as_slice().into()),
            State::Sha512(state) => (DigestAlgorithm::Sha512, state.finalize().as_slice().into()),
            State::Sha1(state) => (DigestAlgorithm::Sha1, state.finalize().as_slice().into()),
            State::Md5(state) => (DigestAlgorithm::Md5, state.finalize().as_slice().into()),
            State::Blake3(state) => (DigestAlgorithm::Blake3, state.finalize().as_bytes()[..].into()),
            State::Crc32c(state) => (DigestAlgorithm::Crc32c, state.to_be_bytes()[..].into()),
        };
        Digest { algorithm, bytes }
    }
}

/// The value of a digit that was checked to be one.
fn hex_value(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => digit.to_ascii_lowercase() - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The digests of `123456789`, and of nothing.
    const KNOWN: [(&str, &str); 6] = [
        (
            "sha256:15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
        (
            "sha512:d9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274ad27fcd5811b313d681f7e55ec02d73d499c95455b6b5bb503acf574fba8ffe85",
            "sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
        ),
        (
            "sha1:f7c3bc1d808e04732adf679965ccc34ca7ae3441",
            "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709",
        ),
        (
            "md5:25f9e794323b453885f5181f1b624d0b",
            "md5:d41d8cd98f00b204e9800998ecf8427e",
        ),
        (
            "blake3:b7d65b48420d1033cb2595293263b6f72eabee20d55e699d0df1973b3c9deed1",
            "blake3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
        ),
        ("crc32c:e3069283", "crc32c:00000000"),
    ];

    #[test]
    fn known_digests_are_computed_whatever_the_pieces() {
        for (of_digits, of_nothing) in KNOWN {
            let expected: Digest = of_digits.parse().unwrap();
            assert_eq!(Hasher::new(expected.algorithm()).finish().to_string(), of_nothing);
            for pieces in [&["123456789"][..], &["1", "2345", "", "6789"]] {
                let mut hasher = expected.hasher();
                for piece in pieces {
                    hasher.update(piece.as_bytes());
                }
                assert_eq!(hasher.finish(), expected);
            }
        }
    }

    #[test]
    fn a_digest_is_read_in_any_case() {
        let expected: Digest = "crc32c:e3069283".parse().unwrap();
        for text in ["CRC32C:E3069283", " crc32c:e3069283\n", "crc-32c:E3069283"] {
            assert_eq!(text.parse(), Ok(expected.clone()), "{text}");
        }
        assert_eq!(
            Digest::from_base64(DigestAlgorithm::Crc32c, "4waSgw=="),
            Some(expected)
        );
        assert_eq!(Digest::from_base64(DigestAlgorithm::Md5, "4waSgw=="), None);
        assert_eq!(Digest::from_base64(DigestAlgorithm::Crc32c, "!"), None);
    }

    #[test]
    fn what_is_no_digest_is_refused_with_its_reason() {
        use DigestAlgorithm::Md5;
        for (text, expected) in [
            ("e3069283", ParseDigestError::NoAlgorithm),
            ("", ParseDigestError::NoAlgorithm),
            (
                "crc32:e3069283",
                ParseDigestError::UnknownAlgorithm("crc32".to_owned()),
            ),
            ("crc32c:e306928g", ParseDigestError::NotHex),
            ("crc32c:+3069283", ParseDigestError::NotHex),
            (
                "md5:e3069283",
                ParseDigestError::WrongLength {
                    algorithm: Md5,
                    expected: 32,
                    found: 8,
                },
            ),
            (
                "md5:",
                ParseDigestError::WrongLength {
                    algorithm: Md5,
                    expected: 32,
                    found: 0,
                },
            ),
        ] {
            assert_eq!(text.parse::<Digest>(), Err(expected), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_again(bytes in any::<[u8; 64]>()) {
            for algorithm in DigestAlgorithm::ALL {
                let digest = Digest::new(algorithm, &bytes[..algorithm.length_bytes()]).unwrap();
                prop_assert_eq!(digest.to_string().parse(), Ok(digest));
            }
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "(sha256|md5|crc32c|.{0,4}):?.{0,40}") {
            let _ = text.parse::<Digest>();
        }
    }
}
