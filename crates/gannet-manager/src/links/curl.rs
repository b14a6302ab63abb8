//! Commands that browsers copy ("Copy as cURL", for bash and for cmd): the address with the headers and cookies that it
//! needs. Nothing of them is run.

use gannet_engine::SafeFileName;
use gannet_schema::{Credentials, FailureCode, Secret};

use super::list::add_header;
use super::{Findings, FoundFile, read_address};

/// Options with a value that mean nothing for a download.
const WITH_VALUE: [&str; 16] = [
    "-C",
    "-E",
    "-K",
    "-T",
    "-c",
    "-m",
    "-r",
    "-w",
    "--cacert",
    "--cert",
    "--connect-timeout",
    "--cookie-jar",
    "--key",
    "--max-time",
    "--range",
    "--retry",
];

/// Whether a text is such a command.
pub(super) fn is_curl(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    first.eq_ignore_ascii_case("curl") || first.eq_ignore_ascii_case("curl.exe")
}

/// Reads one command or several.
pub(super) fn read(text: &str, findings: &mut Findings) {
    let words = if is_for_cmd(text) {
        cmd_words(text)
    } else {
        bash_words(text)
    };
    let commands = words.split(|word| matches!(word, Word::Separator));
    for command in commands {
        let words: Vec<&str> = command.iter().filter_map(Word::text).collect();
        // What is done with the file afterwards is nobody's business here.
        if !words.first().is_some_and(|first| is_curl(first)) {
            continue;
        }
        match read_command(&words) {
            Ok(file) => findings.add(file),
            Err((text, reason)) => findings.refuse(text, FailureCode::InvalidRequest, reason),
        }
    }
}

/// What cannot be taken over is refused with its reason; the texts hold no header and no cookie.
fn read_command<'a>(words: &[&'a str]) -> Result<FoundFile, (&'a str, String)> {
    let mut address = None;
    let mut settings = Vec::new();
    let mut words = words.iter().copied().skip(1);
    while let Some(word) = words.next() {
        let (option, joined) = split_option(word);
        let mut value = || joined.or_else(|| words.next()).unwrap_or_default();
        match option {
            "--url" => address = Some(value()),
            "-X" | "--request" if value().eq_ignore_ascii_case("get") => {}
            "-X" | "--request" | "-F" | "--form" | "-T" | "--upload-file" | "-I" | "--head" => {
                return Err((
                    "curl",
                    "the command does something else than to fetch a file".to_owned(),
                ));
            }
            "-d" => return Err(("curl", SENDS_DATA.to_owned())),
            data if data.starts_with("--data") || data == "--json" => {
                return Err(("curl", SENDS_DATA.to_owned()));
            }
            "-H" | "--header" | "-b" | "--cookie" | "-A" | "--user-agent" | "-e" | "--referer" | "-u"
            | "--user" | "-o" | "--output" | "-x" | "--proxy" => settings.push((option, value())),
            passed_over if WITH_VALUE.contains(&passed_over) => {
                value();
            }
            flag if flag.starts_with('-') => {}
            // Not what follows a pipe, nor the words of a sentence.
            _ if word.contains("://") => address = address.or(Some(word)),
            _ => {}
        }
    }
    let address = address.ok_or_else(|| ("curl", "the command names no address".to_owned()))?;
    let url = read_address(address).map_err(|reason| (address, reason))?;
    let mut file = FoundFile::new(url);
    for (option, value) in settings {
        apply(&mut file, option, value);
    }
    Ok(file)
}

const SENDS_DATA: &str = "the command sends data; only what is fetched without sending can be downloaded";

fn apply(file: &mut FoundFile, option: &str, value: &str) {
    let options = &mut file.options;
    match option {
        "-H" | "--header" => add_header(file, value),
        // Without "=" it would be a file of cookies.
        "-b" | "--cookie" if value.contains('=') => options.cookies = Some(Secret::new(value)),
        "-A" | "--user-agent" => options.user_agent = Some(value.to_owned()),
        "-e" | "--referer" => options.referer = Some(value.to_owned()),
        "-u" | "--user" => {
            let (user, password) = value.split_once(':').unwrap_or((value, ""));
            options.credentials = Some(Credentials::Basic {
                user: user.to_owned(),
                password: Secret::new(password),
            });
        }
        "-o" | "--output" => file.given_name = SafeFileName::from_untrusted(value),
        "-x" | "--proxy" => options.proxy = Some(Secret::new(value)),
        _ => {}
    }
}

/// An option, and its value where that is written in the same word: `-HName: value`, `--header=…`.
fn split_option(word: &str) -> (&str, Option<&str>) {
    const JOINED: [&str; 8] = ["-H", "-b", "-A", "-e", "-u", "-o", "-X", "-d"];
    match word.split_at_checked(2) {
        Some(("--", _)) => word
            .split_once('=')
            .map_or((word, None), |(option, value)| (option, Some(value))),
        Some((option, value)) if !value.is_empty() && JOINED.contains(&option) => (option, Some(value)),
        _ => (word, None),
    }
}

/// A part of a command line.
#[derive(Debug, PartialEq, Eq)]
enum Word {
    Text(String),
    /// Between two commands.
    Separator,
}

impl Word {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Separator => None,
        }
    }
}

/// Browsers quote for cmd with `"` alone, and end lines with `^`.
fn is_for_cmd(text: &str) -> bool {
    text.contains("^\"") || text.lines().any(|line| line.trim_end().ends_with('^'))
}

/// Words as bash reads them: quotes of both sorts, `$'…'` with its escapes, `\` at the end of a line.
fn bash_words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\'' => {
                let word = word.get_or_insert_default();
                word.extend(characters.by_ref().take_while(|&next| next != '\''));
            }
            '$' if characters.next_if_eq(&'\'').is_some() => {
                ansi_quoted(&mut characters, word.get_or_insert_default());
            }
            '"' => double_quoted(&mut characters, word.get_or_insert_default()),
            '\\' => match characters.next() {
                Some('\r') => {
                    characters.next_if_eq(&'\n');
                }
                Some('\n') | None => {}
                Some(escaped) => word.get_or_insert_default().push(escaped),
            },
            ';' | '&' | '\n' => {
                words.extend(word.take().map(Word::Text));
                words.push(Word::Separator);
            }
            space if space.is_whitespace() => words.extend(word.take().map(Word::Text)),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word.map(Word::Text));
    words
}

fn double_quoted(characters: &mut impl Iterator<Item = char>, word: &mut String) {
    while let Some(character) = characters.next() {
        match character {
            '"' => return,
            '\\' => match characters.next() {
                Some(escaped @ ('"' | '\\' | '$' | '`')) => word.push(escaped),
                Some('\n') | None => {}
                Some(other) => word.extend(['\\', other]),
            },
            other => word.push(other),
        }
    }
}

fn ansi_quoted(characters: &mut std::iter::Peekable<impl Iterator<Item = char>>, word: &mut String) {
    while let Some(character) = characters.next() {
        match character {
            '\'' => return,
            '\\' => match characters.next() {
                Some('n') => word.push('\n'),
                Some('r') => word.push('\r'),
                Some('t') => word.push('\t'),
                Some('u') => word.extend(code_point(characters, 4)),
                Some('x') => word.extend(code_point(characters, 2)),
                Some(escaped) => word.push(escaped),
                None => {}
            },
            other => word.push(other),
        }
    }
}

/// A character by its number in hexadecimal digits.
fn code_point(
    characters: &mut std::iter::Peekable<impl Iterator<Item = char>>,
    digits_max: u32,
) -> Option<char> {
    let mut number = 0;
    for _ in 0..digits_max {
        let Some(digit) = characters.peek().and_then(|next| next.to_digit(16)) else {
            break;
        };
        characters.next();
        number = number * 16 + digit;
    }
    char::from_u32(number)
}

/// Words as cmd and then curl's own reader see them: `^` takes the meaning from the next character, within quotes `\`
/// does.
fn cmd_words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut plain = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '^' => match characters.next() {
                Some('\r') => {
                    characters.next_if_eq(&'\n');
                    plain.push(' ');
                }
                Some('\n') | None => plain.push(' '),
                Some(escaped) => plain.push(escaped),
            },
            // What ends a line without ^ ends the command; a & that is meant has its ^ or stands within quotes.
            '\n' => {
                words.extend(windows_words(&plain));
                words.push(Word::Separator);
                plain.clear();
            }
            other => plain.push(other),
        }
    }
    words.extend(windows_words(&plain));
    words
}

fn windows_words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => double_quoted(&mut characters, word.get_or_insert_default()),
            space if space.is_whitespace() => words.extend(word.take().map(Word::Text)),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word.map(Word::Text));
    // Between commands, browsers put a & of its own.
    words.retain(|word| word.text() != Some("&"));
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Found, read_links};
    use super::*;

    fn one(text: &str) -> FoundFile {
        match &read_links(text)[..] {
            [Found::File(file)] => (**file).clone(),
            other => panic!("{other:?}"),
        }
    }

    fn header<'a>(file: &'a FoundFile, name: &str) -> Option<&'a str> {
        let mut headers = file.options.headers.iter();
        headers
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.reveal())
    }

    #[test]
    fn a_command_for_bash_gives_address_headers_and_cookies() {
        let file = one(concat!(
            "curl 'https://a.example/x[1-2].zip?a=1&b=2' \\\n",
            "  -H 'accept: */*' \\\n  -H 'Accept-Encoding: gzip, br' \\\n",
            "  -b $'id=it\\'s\\u0021' \\\n  -H 'referer: https://r.example/' \\\n",
            "  -H 'user-agent: Browser/1.0' -u me:pass:word --range 0-1 --compressed\n"
        ));
        assert_eq!(file.url.as_str(), "https://a.example/x[1-2].zip?a=1&b=2");
        assert_eq!(header(&file, "accept"), Some("*/*"));
        assert_eq!(file.options.headers.len(), 1, "the engine's own are left out");
        assert_eq!(
            file.options.cookies.as_ref().map(Secret::reveal),
            Some("id=it's!")
        );
        assert_eq!(file.options.referer.as_deref(), Some("https://r.example/"));
        assert_eq!(file.options.user_agent.as_deref(), Some("Browser/1.0"));
        let expected = Credentials::Basic {
            user: "me".to_owned(),
            password: Secret::new("pass:word"),
        };
        assert_eq!(file.options.credentials, Some(expected));
    }

    #[test]
    fn a_command_for_cmd_gives_the_same() {
        for text in [
            "curl ^\"https://a.example/x?a=1^&b=%^20c^\" ^\r\n  -H ^\"x-a: \\^\"q\\^\"^\" ^\r\n  --compressed",
            "curl \"https://a.example/x?a=1&b=%20c\" ^\n  -H \"x-a: \\\"q\\\"\" ^\n  --compressed",
        ] {
            let file = one(text);
            assert_eq!(file.url.as_str(), "https://a.example/x?a=1&b=%20c", "{text}");
            assert_eq!(header(&file, "x-a"), Some("\"q\""), "{text}");
        }
    }

    #[test]
    fn several_commands_are_several_files() {
        for text in [
            "curl 'https://a.example/1' \\\n -H 'x: 1' ;\ncurl 'https://a.example/2'",
            "curl ^\"https://a.example/1^\" ^\n -H ^\"x: 1^\" &\ncurl ^\"https://a.example/2^\"",
        ] {
            let found = read_links(text);
            assert!(
                matches!(&found[..], [Found::File(_), Found::File(_)]),
                "{found:?}"
            );
        }
    }

    #[test]
    fn what_stands_around_a_typed_command_is_passed_over() {
        let file = one("curl -sSLo x.zip https://a.example/y.zip && unzip x.zip | head -n 1; rm x.zip");
        assert_eq!(file.url.as_str(), "https://a.example/y.zip");
    }

    #[test]
    fn what_is_no_download_is_refused() {
        for (text, expected) in [
            ("curl https://a.example/ -X POST", "something else"),
            ("curl https://a.example/ --data-raw 'a=b'", "sends data"),
            ("curl -H 'a: b'", "no address"),
            ("curl 'ftp://a.example/x'", "ftp addresses"),
        ] {
            match &read_links(text)[..] {
                [Found::Refused(refusal)] => {
                    assert!(refusal.failure.message.contains(expected), "{refusal:?}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    proptest! {
        #[test]
        fn no_command_makes_it_panic(rest in r#"(['"$\\^&; \n]|\$'|\\u|\\x|-H|-b|--url|https://a\.example/|[a-f0-9:=]|é){0,40}"#) {
            read_links(&format!("curl {rest}"));
        }
    }
}
