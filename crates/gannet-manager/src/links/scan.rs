//! Addresses inside a line of any text: prose, HTML, Markdown, JSON.

use std::borrow::Cow;

/// A longer word before `://` is no scheme.
const SCHEME_MAX_BYTES: usize = 24;

/// Ends of an address that HTML writes as entities.
const ENTITIES_AFTER: [&str; 7] = ["&quot;", "&lt;", "&gt;", "&apos;", "&#34;", "&#39;", "&#x27;"];

/// Everything in a line that looks like an address, of whatever scheme, without what surrounds it.
pub(super) fn addresses(line: &str) -> Vec<Cow<'_, str>> {
    let lowercase = line.to_ascii_lowercase();
    let mut marks: Vec<usize> = lowercase.match_indices("://").map(|(at, _)| at).collect();
    marks.extend(
        lowercase
            .match_indices("magnet:?")
            .map(|(at, word)| at + word.len() - 2),
    );
    marks.sort_unstable();

    let mut found = Vec::new();
    let mut position = 0;
    for colon in marks {
        // Within the address before: an archive's copy of another page.
        if colon < position {
            continue;
        }
        let Some(begin) = scheme_begin(&line[position..colon]).map(|begin| position + begin) else {
            continue;
        };
        let before = line[..begin].chars().next_back();
        let end = begin + length(&line[begin..], before);
        let address = trimmed(&line[begin..end], before);
        position = end.max(colon);
        // "http://" alone is a word of prose.
        if address.len() > colon + "://".len() - begin || line[colon..].starts_with(":?") {
            found.push(unescaped(address));
        }
    }
    found
}

/// Where the scheme begins that a text ends with.
fn scheme_begin(text: &str) -> Option<usize> {
    let is_scheme = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    let length = text
        .bytes()
        .rev()
        .take(SCHEME_MAX_BYTES)
        .take_while(|byte| is_scheme(byte))
        .count();
    let word_begin = text.len() - length;
    let word = &text[word_begin..];
    // "…the end.https://": a missing space is no new scheme.
    let begin = match word.rfind(['.', '-']) {
        Some(at)
            if ["http", "https"]
                .iter()
                .any(|known| word[at + 1..].eq_ignore_ascii_case(known)) =>
        {
            at + 1
        }
        _ => word.find(|first: char| first.is_ascii_alphabetic())?,
    };
    // A single letter is a drive.
    (word.len() - begin >= 2).then_some(word_begin + begin)
}

/// How far an address goes that a text begins with.
fn length(text: &str, before: Option<char>) -> usize {
    let closing = match before {
        Some(quote @ ('\'' | '|' | '`')) => Some(quote),
        _ => None,
    };
    let (mut round, mut square, mut curly) = (0_u32, 0_u32, 0_u32);
    for (at, character) in text.char_indices() {
        let is_balanced = match character {
            '(' => open(&mut round),
            '[' => open(&mut square),
            '{' => open(&mut curly),
            ')' => close(&mut round),
            ']' => close(&mut square),
            '}' => close(&mut curly),
            '&' => !ENTITIES_AFTER.iter().any(|entity| text[at..].starts_with(entity)),
            '\\' => text[at..].starts_with(r"\u0026"),
            _ => true,
        };
        if !is_balanced || Some(character) == closing || is_outside(character) {
            return at;
        }
    }
    text.len()
}

fn open(depth: &mut u32) -> bool {
    *depth += 1;
    true
}

fn close(depth: &mut u32) -> bool {
    let is_open = *depth > 0;
    *depth = depth.saturating_sub(1);
    is_open
}

/// What no address holds: space, quotes, and the punctuation of scripts that write no spaces.
fn is_outside(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(
            character,
            '<' | '>' | '"' | '`' | '“' | '”' | '‘' | '’' | '«' | '»' | '…'
        )
        || matches!(character, '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301f}')
        || matches!(
            character,
            '！' | '（' | '）' | '，' | '。' | '：' | '；' | '？' | '［' | '］' | '｛' | '｝'
        )
}

/// Without the punctuation of the sentence around it, and the signs of emphasis that it stands between.
fn trimmed(address: &str, before: Option<char>) -> &str {
    let emphasis = before.filter(|sign| matches!(sign, '*' | '_' | '~'));
    address.trim_end_matches(|last: char| {
        matches!(last, '.' | ',' | ';' | ':' | '!' | '?' | '\'') || Some(last) == emphasis
    })
}

/// `&` as HTML and JSON write it.
fn unescaped(address: &str) -> Cow<'_, str> {
    if address.contains("&amp;") || address.contains(r"\u0026") || address.contains("&#38;") {
        let plain = address.replace("&amp;", "&").replace("&#38;", "&");
        return Cow::Owned(plain.replace(r"\u0026", "&"));
    }
    Cow::Borrowed(address)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_are_found_in_any_surroundings() {
        for (line, expected) in [
            ("https://a.example/x.zip", &["https://a.example/x.zip"][..]),
            ("HTTPS://A.example/x", &["HTTPS://A.example/x"]),
            (
                "See https://a.example/x.zip, or http://b.example/y.",
                &["https://a.example/x.zip", "http://b.example/y"],
            ),
            ("(https://a.example/x_(1).zip)", &["https://a.example/x_(1).zip"]),
            ("<https://a.example/x>", &["https://a.example/x"]),
            ("'https://a.example/x?b=c'd", &["https://a.example/x?b=c"]),
            (
                r#"<a href="https://a.example/x?a=1&amp;b=2">here</a>"#,
                &["https://a.example/x?a=1&b=2"],
            ),
            (
                "<a href='https://a.example/x'>https://a.example/y</a>",
                &["https://a.example/x", "https://a.example/y"],
            ),
            ("&lt;https://a.example/x&gt;", &["https://a.example/x"]),
            (
                r#"{"url":"https://a.example/x?a=1\u0026b=2"}"#,
                &["https://a.example/x?a=1&b=2"],
            ),
            ("[name](https://a.example/x \"title\")", &["https://a.example/x"]),
            (
                "[https://a.example](https://a.example/x)",
                &["https://a.example", "https://a.example/x"],
            ),
            ("**https://a.example/x**", &["https://a.example/x"]),
            (
                "|https://a.example/x|https://a.example/y|",
                &["https://a.example/x", "https://a.example/y"],
            ),
            ("下载https://a.example/x.zip，谢谢", &["https://a.example/x.zip"]),
            ("the end.https://a.example/x", &["https://a.example/x"]),
            (
                "https://web.example/2020/https://a.example/x",
                &["https://web.example/2020/https://a.example/x"],
            ),
            ("http://[::1]:80/x[1-3].zip", &["http://[::1]:80/x[1-3].zip"]),
            ("https://a.example/{a,b}.zip;", &["https://a.example/{a,b}.zip"]),
            (
                "ftp://a.example/x magnet:?xt=urn:btih:00",
                &["ftp://a.example/x", "magnet:?xt=urn:btih:00"],
            ),
            ("use http:// or c://x, not https://.", &[]),
            ("://x", &[]),
            ("no address: a/b", &[]),
        ] {
            assert_eq!(addresses(line), expected, "{line}");
        }
    }

    proptest! {
        #[test]
        fn an_address_is_found_whatever_stands_around_it(
            before in r#"([^[:alnum:]|'`+.\-:/&_*~]{0,10} )?[("<]?"#,
            path in "[a-z0-9/_-]{0,20}[a-z0-9]",
            after in r#"[)">]?[.,!]?( .{0,10})?"#,
        ) {
            let address = format!("https://a.example/{path}");
            let line = format!("{before}{address}{after}");
            let found = addresses(&line);
            prop_assert_eq!(found.first().map(AsRef::as_ref), Some(address.as_str()), "{}", line);
        }

        #[test]
        fn no_text_makes_it_panic(line in r#"(https?://|magnet:\?|ftp://|&amp;|\\u0026|[\[\](){}'"|*é，.]|.){0,40}"#) {
            addresses(&line);
        }
    }
}
