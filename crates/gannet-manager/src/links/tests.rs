use proptest::prelude::*;

use super::*;

fn urls(text: &str) -> Vec<String> {
    read_links(text)
        .iter()
        .filter_map(|found| match found {
            Found::File(file) => Some(file.url.to_string()),
            Found::Refused(_) => None,
        })
        .collect()
}

fn refusals(text: &str) -> Vec<Refusal> {
    read_links(text)
        .into_iter()
        .filter_map(|found| match found {
            Found::File(_) => None,
            Found::Refused(refusal) => Some(refusal),
        })
        .collect()
}

fn one(text: &str) -> FoundFile {
    match read_links(text).pop() {
        Some(Found::File(file)) => *file,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_address_is_found_once_in_the_order_of_the_text() {
    let text = "\u{feff}https://a.example/1\r\n\r\nhttps://b.example/2, https://a.example/1#top\nHTTPS://A.EXAMPLE/1\n";
    assert_eq!(urls(text), ["https://a.example/1", "https://b.example/2"]);
}

#[test]
fn commented_addresses_are_left_out_and_headings_are_not() {
    let text = "# https://a.example/1\n#https://a.example/2\n## Get https://a.example/3";
    assert_eq!(urls(text), ["https://a.example/3"]);
}

#[test]
fn a_pattern_becomes_many_addresses() {
    assert_eq!(
        urls("https://a.example/{x,y}[01-02].zip"),
        [
            "https://a.example/x01.zip",
            "https://a.example/x02.zip",
            "https://a.example/y01.zip",
            "https://a.example/y02.zip"
        ]
    );
    assert_eq!(urls("http://[::1]:8080/x"), ["http://[::1]:8080/x"]);
    assert_eq!(
        urls("http://[::1]/x[1-2]"),
        ["http://[::1]/x1", "http://[::1]/x2"]
    );
}

#[test]
fn tabs_part_mirrors_and_options_follow_set_in() {
    let digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let file = one(&format!(
        "https://a.example/x\thttps://b.example/x\thttps://a.example/x\n  out=../y.zip\n  \
         checksum=sha-256={digest}\n  header=X-Token: secret\n  header=Range: bytes=0-1\n  referer=https://r.example/\n  dir=/etc\n"
    ));
    assert_eq!(file.url.as_str(), "https://a.example/x");
    let mirrors: Vec<_> = file.mirrors.iter().map(Url::as_str).collect();
    assert_eq!(mirrors, ["https://b.example/x"]);
    assert_eq!(file.name(), "y.zip");
    assert_eq!(file.digests, [format!("sha256:{digest}").parse().unwrap()]);
    assert_eq!(file.options.headers.len(), 1);
    assert_eq!(file.options.referer.as_deref(), Some("https://r.example/"));
}

#[test]
fn mirrors_count_as_the_address_does() {
    let found = read_links("https://a.example/[1-2]\thttps://b.example/[5-6]\thttps://c.example/[1-3]");
    let files: Vec<_> = found
        .iter()
        .filter_map(|found| match found {
            Found::File(file) => Some((file.url.path(), file.mirrors.len(), file.mirrors[0].path())),
            Found::Refused(_) => None,
        })
        .collect();
    assert_eq!(files, [("/1", 1, "/5"), ("/2", 1, "/6")]);
    assert_eq!(found.len(), 3);
}

#[test]
fn an_option_follows_its_own_line_only() {
    let found =
        read_links("https://a.example/1\nhttps://a.example/1\n out=other.zip\nhttps://a.example/2\n out=z\n");
    let names: Vec<_> = found
        .into_iter()
        .map(|found| match found {
            Found::File(file) => file.into_link(None, None).name,
            Found::Refused(refusal) => refusal.text,
        })
        .collect();
    assert_eq!(names, ["1", "z"]);
}

#[test]
fn a_name_that_the_text_gives_is_told_from_one_that_the_address_suggests() {
    let given = |text: &str| one(text).into_link(None, None).given_name;
    assert_eq!(given("https://a.example/x.zip"), None);
    assert_eq!(given("https://a.example/x.zip\thttps://b.example/x.zip"), None);
    let named = Some("y.zip".to_owned());
    assert_eq!(given("https://a.example/x.zip\n out=y.zip"), named);
    assert_eq!(given("curl 'https://a.example/x.zip' -o y.zip"), named);
    let metalink = "<metalink><file name=\"y.zip\"><url>https://a.example/x.zip</url></file></metalink>";
    assert_eq!(given(metalink), named);
}

#[test]
fn what_only_looks_like_an_address_is_refused_with_its_reason() {
    for (text, expected) in [
        ("ftp://a.example/x", "ftp addresses cannot"),
        ("magnet:?xt=urn:btih:00", "magnet links cannot"),
        ("git+ssh://a.example/x", "git+ssh addresses cannot"),
        ("https://:80/x", "this is no address"),
        ("https://a.example:99999/", "this is no address"),
        ("example.com/file.zip", "begins with https://"),
        ("www.example.com/", "begins with https://"),
    ] {
        let refused = refusals(text);
        assert_eq!(refused.len(), 1, "{text}: {refused:?}");
        assert!(refused[0].failure.message.contains(expected), "{:?}", refused[0]);
        assert_eq!(refused[0].text, text);
        assert_eq!(urls(text), [""; 0]);
    }
    assert_eq!(read_links("nothing here: a/b.c, and/or 1/2.").len(), 0);
    let long = format!("ftp://{}", "é".repeat(1_000));
    assert_eq!(refusals(&long)[0].text.chars().count(), REFUSED_TEXT_MAX_CHARS);
    let long = format!("https://a.example/{}", "x".repeat(ADDRESS_MAX_BYTES));
    assert!(refusals(&long)[0].failure.message.contains("longer"));
}

/// One line more than is taken.
fn many_lines(scheme: &str) -> String {
    let lines: Vec<_> = (0..=LINKS_MAX)
        .map(|number| format!("{scheme}://a.example/{number}"))
        .collect();
    lines.join("\n")
}

#[test]
fn more_than_the_limit_is_said() {
    for text in [
        "https://a.example/[1-10001]".to_owned(),
        "https://a.example/[1-999999999999][1-999999999999]".to_owned(),
        many_lines("https"),
        many_lines("ftp"),
    ] {
        let found = read_links(&text);
        assert_eq!(found.len(), LINKS_MAX + 1);
        let Some(Found::Refused(last)) = found.last() else {
            panic!("the limit is not said");
        };
        assert_eq!(last.failure.code, FailureCode::TooMany);
        assert!(last.failure.message.contains("10000"), "{last:?}");
    }
    assert_eq!(read_links("https://a.example/[1-10000]").len(), LINKS_MAX);
}

#[test]
fn a_pattern_of_equal_words_ends() {
    let text = format!("https://a.example/{}", "{a,a}".repeat(60));
    assert_eq!(urls(&text).len(), 1);
    assert_eq!(refusals(&text).len(), 1);
}

#[test]
fn long_addresses_with_patterns_are_bounded_by_their_bytes() {
    let text = format!("https://a.example/{}[1-9999]", "x".repeat(ADDRESS_MAX_BYTES - 50));
    let bytes: usize = urls(&text).iter().map(String::len).sum();
    assert!(bytes <= RESULT_MAX_BYTES && bytes > RESULT_MAX_BYTES / 2);
    assert_eq!(refusals(&text)[0].failure.code, FailureCode::TooMany);
}

#[test]
fn a_text_that_is_too_long_is_not_read() {
    let text = "https://a.example/x ".repeat(TEXT_MAX_BYTES / 20 + 1);
    assert_eq!(urls(&text), [""; 0]);
    assert_eq!(refusals(&text)[0].failure.code, FailureCode::TooMany);
}

#[test]
fn names_come_from_the_address() {
    for (address, expected) in [
        ("https://a.example/path/file%20name.zip?token=1", "file name.zip"),
        ("https://a.example/path/", "path"),
        ("https://a.example/", "a.example"),
        ("https://a.example/%2e%2e%2fetc", "etc"),
        ("https://a.example/..%5c..%5c", "a.example"),
    ] {
        assert_eq!(one(address).name(), expected, "{address}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in r#"(https?://|magnet:\?|\t|\n| out=|\[1-3\]|\{a,b\}|<metalink>|curl |[\[\]()'"|*é，.a-z/]|.){0,60}"#) {
        for found in read_links(&text) {
            if let Found::File(file) = found {
                let _ = file.into_link(None, None);
            }
        }
    }

    #[test]
    fn every_line_of_a_list_is_found(paths in proptest::collection::btree_set("[a-z0-9]{1,8}(/[a-z0-9_-]{1,8}[a-z0-9])?", 1..50)) {
        let expected: Vec<String> = paths.iter().map(|path| format!("https://a.example/{path}")).collect();
        prop_assert_eq!(urls(&expected.join("\n")), expected.clone());
        prop_assert_eq!(urls(&expected.join(" ")), expected);
    }
}
