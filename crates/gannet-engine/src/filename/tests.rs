//! Names as servers send them, and names as nobody should.

use std::path::{Component, Path};

use proptest::prelude::*;
use unicode_normalization::is_nfc;

use super::*;

/// How many hostile names are tried.
const HOSTILE_NAMES: usize = 100_000;

fn safe(proposed: &str) -> Option<String> {
    SafeFileName::from_untrusted(proposed).map(|name| name.to_string())
}

fn proposed(header: &[u8]) -> Option<String> {
    disposition::file_name(header)
}

#[test]
fn each_rule_does_its_part() {
    #[rustfmt::skip] // one case a line
    let cases: &[(&str, &str)] = &[
        ("setup.zip", "setup.zip"),
        ("Straße 😀 名.pdf", "Straße 😀 名.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system32\\cmd.exe", "cmd.exe"),
        ("/etc/passwd", "passwd"),
        ("C:\\temp\\a.exe", "a.exe"),
        ("C:a.exe", "C_a.exe"),
        ("a.txt:evil.exe", "a.txt_evil.exe"),
        ("a.txt::$DATA", "a.txt__$DATA"),
        ("a<b>c\"d|e?f*g", "a_b_c_d_e_f_g"),
        ("a\0b\r\nc\x7f\u{85}d", "abcd"),
        ("photo\u{202e}gpj.exe", "photogpj.exe"),
        ("a\u{200b}\u{feff}\u{2066}b\u{ad}\u{e0041}", "ab"),
        ("e\u{301}.txt", "é.txt"),
        ("e\u{200d}\u{301}.txt", "é.txt"),
        (".bashrc", "bashrc"),
        (" . .hidden", "hidden"),
        ("a.zip. . ", "a.zip"),
        ("a.zip\u{3000}\u{a0}", "a.zip"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("Con .tar.gz", "_Con .tar.gz"),
        ("nul.", "_nul"),
        ("COM0", "_COM0"),
        ("lpt9.log", "_lpt9.log"),
        ("COM¹.txt", "_COM¹.txt"),
        ("CONIN$", "_CONIN$"),
        ("conout$.x", "_conout$.x"),
        ("CO\u{200b}N", "_CON"),
        ("COM10", "COM10"),
        ("CONSOLE", "CONSOLE"),
        ("COM", "COM"),
        ("movie.zip.part", "movie.zip.part_"),
        ("movie.zip.PART.Journal", "movie.zip.PART.Journal_"),
        ("movie.part1.rar", "movie.part1.rar"),
    ];
    for (proposed, expected) in cases {
        assert_eq!(safe(proposed).as_deref(), Some(*expected), "{proposed:?}");
    }
}

#[test]
fn nothing_may_be_left_of_a_name() {
    for proposed in [
        "",
        ".",
        "..",
        "...",
        " ",
        "a/",
        "a\\",
        "/",
        "\u{202e}",
        ". .\u{200b}.",
        "\0",
    ] {
        assert_eq!(safe(proposed), None, "{proposed:?}");
    }
}

#[test]
fn a_long_name_keeps_its_extension_and_leaves_room_for_the_journal() {
    for extension in [".zip", ".tar.gz", ".TAR.zst", ""] {
        for letter in ["a", "ü", "名", "😀"] {
            let name = safe(&format!("{}{extension}", letter.repeat(400))).unwrap();
            assert!(name.ends_with(extension) && name.starts_with(letter), "{name}");
            assert!(
                name.len() <= FILE_NAME_MAX_BYTES && name.len() > FILE_NAME_MAX_BYTES - 4,
                "{name}"
            );
            assert!(format!("{name}.part.journal").len() <= 255);
        }
    }
    let no_extension = format!("{}.{}", "a".repeat(300), "b".repeat(300));
    assert_eq!(safe(&no_extension).unwrap(), "a".repeat(FILE_NAME_MAX_BYTES));
}

#[test]
fn a_cut_uncovers_no_device() {
    let name = safe(&format!("CON{}x.txt", " ".repeat(300))).unwrap();
    assert_eq!(name, "_CON.txt");
}

#[test]
fn a_number_goes_before_the_extension() {
    for (name, number, expected) in [
        ("a.zip", 0, "a.zip"),
        ("a.zip", 1, "a (1).zip"),
        ("a.tar.gz", 2, "a (2).tar.gz"),
        ("a.TAR.gz", 2, "a (2).TAR.gz"),
        ("README", 12, "README (12)"),
        ("a (1).zip", 1, "a (1) (1).zip"),
        ("what is this. nothing", 1, "what is this. nothing (1)"),
    ] {
        assert_eq!(
            SafeFileName::from_untrusted(name)
                .unwrap()
                .with_number(number)
                .as_str(),
            expected
        );
    }
    // Names that the user chose.
    for (name, number, expected) in [(".tar.gz", 1, ".tar (1).gz"), (".hidden", 1, ".hidden (1)")] {
        assert_eq!(numbered(name, number), expected);
    }
    let long = SafeFileName::from_untrusted(&format!("{}.tar.gz", "ü".repeat(300))).unwrap();
    let numbered = long.with_number(u32::MAX);
    assert!(numbered.as_str().ends_with("ü (4294967295).tar.gz"), "{numbered}");
    assert!(numbered.as_str().len() <= FILE_NAME_MAX_BYTES);
}

#[test]
fn dispositions_are_read_as_browsers_read_them() {
    #[rustfmt::skip] // one case a line
    let cases: &[(&[u8], Option<&str>)] = &[
        (b"attachment; filename=a.zip", Some("a.zip")),
        (b"attachment; filename=\"a b.zip\"", Some("a b.zip")),
        (b"inline; FileName = \"a.zip\" ; size=3", Some("a.zip")),
        (b"attachment; filename=a b.zip; x=y", Some("a b.zip")),
        (b"filename=a.zip", Some("a.zip")),
        (b"attachment; filename=\"a;b.zip\"", Some("a;b.zip")),
        (b"attachment; filename=\"say \\\"hi\\\".zip\"", Some("say \"hi\".zip")),
        (b"attachment; filename=\"C:\\dir\\a.zip\"", Some("C:\\dir\\a.zip")),
        (b"attachment; filename=\"open.zip", Some("open.zip")),
        (b"attachment; filename=\"\"", None),
        (b"attachment; filename=", None),
        (b"attachment", None),
        (b"", None),
        (b";;;=;=\";", None),
        (b"attachment; xfilename=a.zip", None),
        (b"attachment; filename=a.zip; filename=b.zip", Some("a.zip")),
        // Case 44: the extended form wins, wherever it stands.
        (b"attachment; filename=a.zip; filename*=UTF-8''%e2%82%ac.zip", Some("€.zip")),
        (b"attachment; filename*=utf-8'en'%e2%82%ac.zip; filename=a.zip", Some("€.zip")),
        (b"attachment; filename*=iso-8859-1''%a3.zip", Some("£.zip")),
        (b"attachment; filename*=\"UTF-8''%e2%82%ac.zip\"", Some("€.zip")),
        // Broken, it does not.
        (b"attachment; filename=a.zip; filename*=UTF-8''%e2%82.zip", Some("a.zip")),
        (b"attachment; filename=a.zip; filename*=UTF-8''%zz", Some("a.zip")),
        (b"attachment; filename=a.zip; filename*=koi8-r''%c1", Some("a.zip")),
        (b"attachment; filename=a.zip; filename*=b.zip", Some("a.zip")),
        (b"attachment; filename*=UTF-8''", None),
        ("attachment; filename=\"zażółć.zip\"".as_bytes(), Some("zażółć.zip")),
        (b"attachment; filename=\"stra\xdfe.zip\"", Some("straße.zip")),
        (b"attachment; filename=\"a%20b%C3%BC.zip\"", Some("a bü.zip")),
        (b"attachment; filename=\"100%.zip\"", Some("100%.zip")),
        (b"attachment; filename=\"%ff.zip\"", Some("%ff.zip")),
        (b"attachment; filename=\"a%00b.zip\"", Some("a%00b.zip")),
        (b"attachment; filename=\"=?UTF-8?B?4oKsLnppcA==?=\"", Some("€.zip")),
        (b"attachment; filename=\"=?utf-8?Q?a_=E2=82=AC.zip?=\"", Some("a €.zip")),
        (b"attachment; filename=\"=?utf-8?Q?a?= =?utf-8?Q?b?=\"", Some("ab")),
        (b"attachment; filename=\"=?utf-8?X?a?=\"", Some("=?utf-8?X?a?=")),
    ];
    for (header, expected) in cases {
        assert_eq!(
            proposed(header).as_deref(),
            *expected,
            "{}",
            String::from_utf8_lossy(header)
        );
    }
}

#[test]
fn without_a_proposal_the_link_names_the_file() {
    let named = |header: Option<&str>, url: &str| {
        let header = header.map(|text| HeaderValue::from_bytes(text.as_bytes()).unwrap());
        SafeFileName::from_response(header.as_ref(), &Url::parse(url).unwrap()).to_string()
    };
    for (header, url, expected) in [
        (
            Some("attachment; filename=a.zip"),
            "https://example.com/b.zip",
            "a.zip",
        ),
        (
            Some("attachment; filename=\"..\""),
            "https://example.com/b.zip",
            "b.zip",
        ),
        (
            Some("attachment"),
            "https://example.com/b.zip?name=c.zip#d",
            "b.zip",
        ),
        (None, "https://example.com/a%20b%C3%BC.zip", "a bü.zip"),
        (None, "https://example.com/a%2F..%2Fpasswd", "passwd"),
        (None, "https://example.com/%ff.zip", "%ff.zip"),
        (None, "https://example.com/folder/", "folder"),
        (None, "https://example.com/", "example.com"),
        (None, "https://example.com/...", "example.com"),
        (None, "http://[::1]/", "[__1]"),
        (None, "data:text/plain,a", "download"),
    ] {
        assert_eq!(named(header, url), expected, "{header:?} {url}");
    }
}

/// Pieces from which the nastiest names are made.
const PIECES: &[&str] = &[
    "/",
    "\\",
    "..",
    ".",
    " ",
    ":",
    "\0",
    "\n",
    "\u{202e}",
    "\u{200b}",
    "\u{feff}",
    "CON",
    "nul",
    "COM1",
    "LPT¹",
    "$DATA",
    ".part",
    ".part.journal",
    ".tar.gz",
    ".zip",
    "%2e%2e%2f",
    "e\u{301}",
    "\u{338}",
    "<",
    "=",
    "\u{1100}\u{1161}",
    "ü",
    "😀",
    "a",
    "Z",
    "~",
    "-",
    "\u{a0}",
    "\u{3000}",
    "\u{fb1d}",
    "\u{212a}",
    "*",
    "?",
    "\"",
    "|",
    "COM",
    "²",
    "_",
];

fn hostile_name(random: &mut fastrand::Rng) -> String {
    let mut name = String::new();
    for _ in 0..random.usize(0..12) {
        let piece = if random.u8(..) < 230 {
            PIECES[random.usize(..PIECES.len())].to_owned()
        } else {
            random.char(..).to_string()
        };
        // Now and then one piece is long enough to be cut.
        let repeats = if random.u8(..) < 3 {
            random.usize(1..300)
        } else {
            1
        };
        name.push_str(&piece.repeat(repeats));
    }
    name
}

#[test]
fn no_hostile_name_leaves_the_folder() {
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    for _ in 0..HOSTILE_NAMES {
        let proposed = hostile_name(&mut random);
        if let Some(name) = SafeFileName::from_untrusted(&proposed) {
            let context = format!("seed {seed}: {proposed:?} became {name:?}");
            assert_is_safe(name.as_str(), &context);
            assert_eq!(
                safe(name.as_str()).as_deref(),
                Some(name.as_str()),
                "a second pass changed it: {context}"
            );
            assert_is_safe(name.with_number(random.u32(..)).as_str(), &context);
        }
    }
}

/// The rules once more, written the other way round.
fn assert_is_safe(name: &str, context: &str) {
    let folder = Path::new("folder");
    let joined = folder.join(name);
    assert_eq!(joined.parent(), Some(folder), "{context}");
    assert!(
        matches!(
            Path::new(name).components().collect::<Vec<_>>()[..],
            [Component::Normal(_)]
        ),
        "{context}"
    );
    assert!(
        !name.contains(['/', '\\', ':', '<', '>', '"', '|', '?', '*']),
        "{context}"
    );
    assert!(
        !name
            .chars()
            .any(|c| c.is_control() || "\u{200b}\u{200d}\u{202e}\u{2066}\u{feff}".contains(c)),
        "{context}"
    );
    assert!(
        !name.starts_with(['.', ' ']) && !name.ends_with(['.', ' ']) && !name.is_empty(),
        "{context}"
    );
    assert!(name.len() + ".part.journal".len() <= 255, "{context}");
    assert!(is_nfc(name), "{context}");
    let lower = name.to_lowercase();
    let own_suffixes = [".part", ".part.journal"];
    assert!(
        own_suffixes.iter().all(|suffix| !lower.ends_with(suffix)),
        "{context}"
    );
    let stem = lower.split('.').next().unwrap().trim_end();
    assert!(
        !["con", "prn", "aux", "nul", "com1", "lpt¹", "com²", "conin$"].contains(&stem),
        "{context}"
    );
}

proptest! {
    #[test]
    fn no_bytes_make_the_parser_panic(header in proptest::collection::vec(any::<u8>(), 0..80)) {
        let _ = proposed(&header);
    }

    #[test]
    fn nearly_right_headers_give_safe_names(header in "(attachment; ?)?filename\\*?=\"?(UTF-8''|=\\?utf-8\\?[BQ]\\?)?[a-z%./=?\"\\\\;]{0,20}") {
        if let Ok(value) = HeaderValue::from_str(&header) {
            let name = SafeFileName::from_response(Some(&value), &Url::parse("http://example.com/x").unwrap());
            assert_is_safe(name.as_str(), &header);
        }
    }
}
