//! Metalink 4 (RFC 5854, `.meta4`) and Metalink 3 (`.metalink`): names, lengths, digests, and mirrors in their order.
//!
//! One reader for both: they differ in a few names. Nothing is fetched for it, and no entity but XML's own five and
//! characters by number is replaced.

use gannet_engine::{Digest, DigestAlgorithm, DigestStrength, PieceDigests, SafeFileName};
use gannet_schema::FailureCode;
use quick_xml::Reader;
use quick_xml::escape::{resolve_xml_entity, unescape_with};
use quick_xml::events::{BytesStart, Event};
use url::Url;

use super::{ADDRESS_MAX_BYTES, Findings, FoundFile, read_address};

/// Mirrors of one file; more say nothing new.
pub(super) const MIRRORS_MAX: usize = 64;

/// Elements within elements; Metalink needs 6.
const DEPTH_MAX: usize = 32;

/// Digests of one file's pieces: 256 GiB in pieces of 1 MiB.
const PIECES_MAX: usize = 1 << 18;

/// Digests of one file as a whole, one for each algorithm that anybody writes.
const DIGESTS_MAX: usize = 16;

/// The root element has to begin this early, behind the declaration and comments.
const ROOT_WITHIN_BYTES: usize = 4096;

/// The place in the order of a mirror that names none (RFC 5854 §4.2.16.2).
const PRIORITY_LAST: u32 = 999_999;

/// Whether a text is a Metalink file.
pub(super) fn is_metalink(text: &str) -> bool {
    let text = text.trim_start();
    let mut end = text.len().min(ROOT_WITHIN_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.starts_with('<') && text[..end].contains("<metalink")
}

/// Reads a Metalink file. Where it breaks off, the files before it are kept and the fault is said.
pub(super) fn read(text: &str, findings: &mut Findings) {
    let mut document = Document::default();
    let mut reader = Reader::from_str(text);
    loop {
        let step = match reader.read_event() {
            Ok(Event::Start(element)) => document.open(&element),
            Ok(Event::Empty(element)) => document.open(&element).and_then(|()| document.close(findings)),
            Ok(Event::End(_)) => document.close(findings),
            Ok(Event::Text(text)) => document.write(&text),
            Ok(Event::CData(text)) => document.write(&text),
            Ok(Event::GeneralRef(reference)) => match reference.resolve_char_ref() {
                Ok(Some(character)) => document.write(character.encode_utf8(&mut [0; 4])),
                _ => match resolve_xml_entity(&reference) {
                    Some(text) => document.write(text),
                    None => Err(ENTITY),
                },
            },
            Ok(Event::Eof) if document.path.is_empty() => break,
            Ok(Event::Eof) | Err(_) => Err(MALFORMED),
            Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_)) => Ok(()),
        };
        if let Err(fault) = step {
            findings.refuse("Metalink", FailureCode::InvalidRequest, fault);
            return;
        }
        if findings.is_full {
            return;
        }
    }
    if findings.found.is_empty() {
        findings.refuse(
            "Metalink",
            FailureCode::InvalidRequest,
            "the Metalink file names no file",
        );
    }
}

const MALFORMED: &str = "the Metalink file is damaged: its XML does not hold together";
const ENTITY: &str = "the Metalink file uses an XML entity of its own, which is not replaced";
const TOO_DEEP: &str = "the Metalink file is nested too deeply";
const NAMELESS_MIRRORS: &str = "none of its addresses can be downloaded; only http and https can";

type Fault = &'static str;

/// An element that means something here.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Element {
    File,
    Size,
    /// Of the whole file or of a piece, by where it stands; none where the algorithm is unknown.
    Hash(Option<DigestAlgorithm>),
    Pieces,
    /// Its rank, the smaller the better; none where it leads to something else than the file (a torrent).
    Url(Option<u32>),
    Other,
}

/// Where the reader stands, and the file that it is in.
#[derive(Default)]
struct Document {
    path: Vec<Element>,
    /// The text of the innermost element.
    text: String,
    file: Option<FileSoFar>,
}

#[derive(Default)]
struct FileSoFar {
    name: String,
    length: Option<u64>,
    digests: Vec<Digest>,
    /// The pieces by one algorithm, of which there may be several.
    piece_lists: Vec<PieceList>,
    mirrors: Vec<(u32, Url)>,
}

struct PieceList {
    algorithm: Option<DigestAlgorithm>,
    piece_bytes: u64,
    digests: Vec<Digest>,
    /// Whether each piece so far had a digest.
    is_whole: bool,
}

impl Document {
    fn open(&mut self, element: &BytesStart<'_>) -> Result<(), Fault> {
        if self.path.len() >= DEPTH_MAX {
            return Err(TOO_DEEP);
        }
        self.text.clear();
        let opened = match element.local_name().as_ref() {
            "file" if self.file.is_none() => {
                self.file = Some(FileSoFar {
                    name: attribute(element, "name")?.unwrap_or_default(),
                    ..FileSoFar::default()
                });
                Element::File
            }
            "size" if self.is_in(&Element::File) => Element::Size,
            "hash" => Element::Hash(algorithm_of(element)?),
            "pieces" => {
                if let Some(file) = &mut self.file {
                    file.piece_lists.push(PieceList {
                        algorithm: algorithm_of(element)?,
                        piece_bytes: number(element, "length")?.unwrap_or(0),
                        digests: Vec::new(),
                        is_whole: true,
                    });
                }
                Element::Pieces
            }
            "url" => Element::Url(rank(element)?),
            _ => Element::Other,
        };
        self.path.push(opened);
        Ok(())
    }

    fn is_in(&self, element: &Element) -> bool {
        self.path.last() == Some(element)
    }

    fn write(&mut self, text: &str) -> Result<(), Fault> {
        let is_leaf = matches!(
            self.path.last(),
            Some(Element::Size | Element::Hash(_) | Element::Url(_))
        );
        if is_leaf {
            self.text.push_str(text);
        }
        // An address cut short is another address.
        if self.text.len() > 2 * ADDRESS_MAX_BYTES {
            return Err("an element of the Metalink file is too long");
        }
        Ok(())
    }

    fn close(&mut self, findings: &mut Findings) -> Result<(), Fault> {
        let closed = self.path.pop().ok_or(MALFORMED)?;
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        if closed == Element::File {
            if let Some(file) = self.file.take() {
                file.finish(findings);
            }
            return Ok(());
        }
        let is_in_pieces = self.is_in(&Element::Pieces);
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        match closed {
            Element::Size => file.length = text.parse().ok(),
            Element::Hash(_) if is_in_pieces => file.add_piece(text),
            Element::Hash(Some(algorithm)) if file.digests.len() < DIGESTS_MAX => {
                file.digests
                    .extend(format!("{algorithm}:{text}").parse::<Digest>());
            }
            Element::Url(Some(rank)) => file.add_mirror(rank, text),
            Element::Url(None) | Element::Hash(_) | Element::File | Element::Pieces | Element::Other => {}
        }
        Ok(())
    }
}

impl FileSoFar {
    fn add_piece(&mut self, hex: &str) {
        let Some(list) = self.piece_lists.last_mut() else {
            return;
        };
        let digest = list
            .algorithm
            .and_then(|algorithm| format!("{algorithm}:{hex}").parse().ok());
        match digest {
            Some(digest) if list.is_whole && list.digests.len() < PIECES_MAX => list.digests.push(digest),
            // Without one of them, the others are those of other places.
            _ => list.is_whole = false,
        }
    }

    /// What cannot be downloaded (ftp) is passed over: the other mirrors bring the file.
    fn add_mirror(&mut self, rank: u32, address: &str) {
        if let Ok(url) = read_address(address) {
            self.mirrors.push((rank, url));
        }
    }

    fn finish(mut self, findings: &mut Findings) {
        self.mirrors.sort_by_key(|(rank, _)| *rank);
        self.mirrors.truncate(MIRRORS_MAX + 1);
        let pieces = self.pieces();
        let mut mirrors = self.mirrors.into_iter().map(|(_, url)| url);
        let Some(first) = mirrors.next() else {
            findings.refuse(&self.name, FailureCode::InvalidRequest, NAMELESS_MIRRORS);
            return;
        };
        findings.add(FoundFile {
            mirrors: mirrors.collect(),
            given_name: SafeFileName::from_untrusted(&self.name),
            length: self.length,
            digests: self.digests,
            pieces,
            ..FoundFile::new(first)
        });
    }

    /// The pieces by the strongest algorithm that fit the length.
    fn pieces(&mut self) -> Option<PieceDigests> {
        let length = self.length;
        let fits = |list: &PieceList| {
            list.is_whole
                && list.piece_bytes > 0
                && length.is_none_or(|length| length.div_ceil(list.piece_bytes) == list.digests.len() as u64)
        };
        let mut lists: Vec<PieceList> = self.piece_lists.drain(..).filter(fits).collect();
        lists.sort_by_key(|list| {
            list.algorithm
                .is_none_or(|algorithm| algorithm.strength() == DigestStrength::Advisory)
        });
        let best = lists.into_iter().next()?;
        PieceDigests::new(best.piece_bytes, best.digests)
    }
}

/// `type="sha-256"`; none where it is unknown.
fn algorithm_of(element: &BytesStart<'_>) -> Result<Option<DigestAlgorithm>, Fault> {
    Ok(attribute(element, "type")?.and_then(|name| name.trim().parse().ok()))
}

/// The place in the order: `priority` counts from 1, the best (version 4); `preference` up to 100, the best (version 3).
fn rank(element: &BytesStart<'_>) -> Result<Option<u32>, Fault> {
    let leads_elsewhere = attribute(element, "type")?
        .is_some_and(|kind| !["http", "https"].contains(&kind.trim().to_ascii_lowercase().as_str()));
    if leads_elsewhere {
        return Ok(None);
    }
    let by_priority = number(element, "priority")?;
    let by_preference = number(element, "preference")?.map(|preference| 101_u64.saturating_sub(preference));
    let rank = by_priority
        .or(by_preference)
        .and_then(|rank| u32::try_from(rank).ok());
    Ok(Some(rank.map_or(PRIORITY_LAST, |rank| rank.min(PRIORITY_LAST))))
}

fn number(element: &BytesStart<'_>, name: &str) -> Result<Option<u64>, Fault> {
    Ok(attribute(element, name)?.and_then(|text| text.trim().parse().ok()))
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, Fault> {
    let Some(attribute) = element.try_get_attribute(name).map_err(|_| MALFORMED)? else {
        return Ok(None);
    };
    let text = unescape_with(&attribute.value, resolve_xml_entity).map_err(|_| ENTITY)?;
    Ok(Some(text.into_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Found, read_links};
    use super::*;

    const SHA256: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    const SHA1: &str = "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3";

    fn files(text: &str) -> Vec<FoundFile> {
        read_links(text)
            .into_iter()
            .map(|found| match found {
                Found::File(file) => *file,
                Found::Refused(refusal) => panic!("{refusal:?}"),
            })
            .collect()
    }

    fn only_refusal(text: &str) -> String {
        match &read_links(text)[..] {
            [Found::Refused(refusal)] => refusal.failure.message.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn version_4_gives_all_that_it_says() {
        let text = format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
            <!-- made by hand -->
            <m:metalink xmlns:m="urn:ietf:params:xml:ns:metalink" xmlns="urn:ietf:params:xml:ns:metalink">
              <published>2026-11-22T12:00:00Z</published>
              <file name="../../etc/a&amp;b.iso">
                <size>2500</size>
                <hash type="sha-256">{SHA256}</hash>
                <hash type="whirlpool">00</hash>
                <pieces length="1000" type="sha-1">
                  <hash>{SHA1}</hash><hash>{SHA1}</hash><hash>{SHA1}</hash>
                </pieces>
                <url location="de">https://c.example/x.iso?a=1&amp;b=&#50;</url>
                <url priority="2">https://b.example/x.iso</url>
                <url priority="1"><![CDATA[ https://a.example/x.iso#top ]]></url>
                <url priority="3">ftp://f.example/x.iso</url>
                <url priority="4">https://a.example/x.iso</url>
                <metaurl mediatype="torrent">https://t.example/x.torrent</metaurl>
              </file>
              <file name="second.bin"><url>https://a.example/second</url><size>-1</size></file>
            </m:metalink>"#
        );
        let [first, second] = &files(&text.replace("m:", ""))[..] else {
            panic!("two files");
        };
        assert_eq!(first.name(), "a&b.iso");
        assert_eq!(first.url.as_str(), "https://a.example/x.iso");
        let mirrors: Vec<_> = first.mirrors.iter().map(Url::as_str).collect();
        assert_eq!(
            mirrors,
            ["https://b.example/x.iso", "https://c.example/x.iso?a=1&b=2"]
        );
        assert_eq!(first.length, Some(2500));
        assert_eq!(first.digests, [format!("sha256:{SHA256}").parse().unwrap()]);
        let pieces = PieceDigests::new(1000, vec![format!("sha1:{SHA1}").parse().unwrap(); 3]);
        assert_eq!(format!("{:?}", first.pieces), format!("{pieces:?}"));
        assert_eq!((second.name(), second.length), ("second.bin".to_owned(), None));
        assert!(second.pieces.is_none());
    }

    #[test]
    fn version_3_gives_all_that_it_says() {
        let text = format!(
            r#"<metalink version="3.0" xmlns="http://www.metalinker.org/">
              <files><file name="x.iso">
                <size>1500</size>
                <verification>
                  <hash type="sha1">{SHA1}</hash>
                  <pieces length="1000" type="sha256"><hash piece="0">{SHA256}</hash><hash piece="1">{SHA256}</hash></pieces>
                </verification>
                <resources maxconnections="4">
                  <url type="bittorrent" preference="100">https://t.example/x.torrent.file</url>
                  <url type="http" preference="10">http://b.example/x.iso</url>
                  <url type="http" preference="90">http://a.example/x.iso</url>
                  <url type="ftp" preference="95">ftp://f.example/x.iso</url>
                </resources>
              </file></files>
            </metalink>"#
        );
        let [file] = &files(&text)[..] else {
            panic!("one file");
        };
        assert_eq!(file.url.as_str(), "http://a.example/x.iso");
        assert_eq!(
            file.mirrors.len(),
            1,
            "a torrent is no mirror: {:?}",
            file.mirrors
        );
        assert_eq!(file.digests.len(), 1);
        assert!(file.pieces.is_some());
    }

    #[test]
    fn pieces_that_do_not_fit_the_length_are_left_out() {
        for (size, pieces) in [
            ("3000", format!("<hash>{SHA1}</hash><hash>{SHA1}</hash>")),
            ("2000", format!("<hash>{SHA1}</hash><hash>odd</hash>")),
            (
                "2000",
                format!("<hash>odd</hash><hash>{SHA1}</hash><hash>{SHA1}</hash>"),
            ),
        ] {
            let text = format!(
                r#"<metalink><file name="x"><size>{size}</size><pieces length="1000" type="sha-1">{pieces}</pieces>
                <url>https://a.example/x</url></file></metalink>"#
            );
            assert!(files(&text)[0].pieces.is_none(), "{pieces}");
        }
    }

    #[test]
    fn entities_of_its_own_are_not_replaced() {
        let text = r#"<!DOCTYPE metalink [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
            <metalink><file name="x"><url>https://a.example/&b;</url></file></metalink>"#;
        assert_eq!(only_refusal(text), ENTITY);
        let text = r#"<!DOCTYPE metalink [<!ENTITY a SYSTEM "file:///etc/passwd">]>
            <metalink><file name="&a;"><url>https://a.example/</url></file></metalink>"#;
        assert_eq!(only_refusal(text), ENTITY);
    }

    #[test]
    fn what_is_nested_without_end_or_damaged_is_refused() {
        let deep = "<metalink>".repeat(100_000);
        assert_eq!(only_refusal(&deep), TOO_DEEP);
        for text in ["<metalink><file name=\"x\">", "<metalink></file>", "<metalink"] {
            assert_eq!(only_refusal(text), MALFORMED, "{text}");
        }
        assert!(only_refusal("<metalink/>").contains("names no file"));
        let text = r#"<metalink><file name="x"><url>ftp://a.example/x</url></file></metalink>"#;
        assert_eq!(only_refusal(text), NAMELESS_MIRRORS);
    }

    #[test]
    fn files_before_the_damage_are_kept() {
        let text = r#"<metalink><file name="x"><url>https://a.example/x</url></file><file"#;
        let found = read_links(text);
        assert!(
            matches!(&found[..], [Found::File(_), Found::Refused(_)]),
            "{found:?}"
        );
    }

    proptest! {
        #[test]
        fn no_document_makes_it_panic(pieces in proptest::collection::vec(
            prop_oneof![
                Just("<file name=\"x\">"), Just("</file>"), Just("<pieces length=\"1\" type=\"md5\">"),
                Just("</pieces>"), Just("<hash type='sha-1'>"), Just("<hash>"), Just("</hash>"),
                Just("a94a8fe5ccb19ba61c4c0873d391e987982fbbd3"), Just("<url priority=\"99999999999\">"),
                Just("<url preference='1000'>"), Just("</url>"), Just("https://a.example/x"), Just("&amp;"),
                Just("&x;"), Just("&#0;"), Just("&#xffffffff;"), Just("<size>"), Just("</size>"),
                Just("18446744073709551616"), Just("<!--"), Just("-->"), Just("<![CDATA["), Just("]]>"),
                Just("<"), Just("é"), Just("</metalink>"), Just("<x a='b' a='c'/>"), Just("<pieces/>"),
            ],
            0..40,
        )) {
            let text = format!("<metalink>{}", pieces.concat());
            read_links(&text);
        }

        #[test]
        fn no_damage_makes_it_panic(at in 0..400_usize, by in any::<char>(), cut in 0..3_usize) {
            let text = format!(
                r#"<metalink><file name="x.iso"><size>10</size><hash type="sha-1">{SHA1}</hash><pieces length="5" type="sha-1"><hash>{SHA1}</hash><hash>{SHA1}</hash></pieces><url priority="1">https://a.example/x</url></file></metalink>"#
            );
            let mut characters: Vec<char> = text.chars().collect();
            let at = at.min(characters.len() - 3);
            characters.splice(at..at + cut, [by]);
            read_links(&characters.into_iter().collect::<String>());
        }
    }
}
