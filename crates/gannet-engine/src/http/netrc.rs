//! `.netrc`: names and passwords by host, in the dialect of curl and wget.

use std::iter::Peekable;
use std::path::Path;
use std::str::CharIndices;

use super::credential_file::{self, CredentialFileError, MalformedLine};
use super::secret::Secret;

/// More entries than anybody keeps.
const ENTRIES_MAX: usize = 10_000;

/// A name and its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The user's name.
    pub user: String,
    /// The password; empty where none is given.
    pub password: Secret,
}

/// The entries of a `.netrc` file.
#[derive(Debug, Clone, Default)]
pub struct Netrc {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    host: Host,
    user: Option<String>,
    password: Option<Secret>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Host {
    Named(String),
    Default,
}

impl Netrc {
    /// Reads a `.netrc` file. Blocks.
    pub fn load(path: &Path) -> Result<Self, CredentialFileError> {
        credential_file::load(path, Self::parse)
    }

    /// Reads the text of a `.netrc` file.
    pub fn parse(text: &str) -> Result<Self, MalformedLine> {
        let mut tokens = Tokens::new(text);
        let mut entries: Vec<Entry> = Vec::new();
        while let Some(keyword) = tokens.keyword()? {
            match keyword.as_str() {
                "machine" => entries.push(Entry::of(Host::Named(tokens.value()?.to_ascii_lowercase()))),
                "default" => entries.push(Entry::of(Host::Default)),
                "macdef" => tokens.skip_macro(),
                "login" => entry(&mut entries, &tokens)?.user = Some(tokens.value()?),
                "password" => entry(&mut entries, &tokens)?.password = Some(Secret::new(tokens.value()?)),
                "account" => drop(tokens.value()?),
                _ => {
                    return Err(
                        tokens.malformed("expected machine, default, login, password, account or macdef")
                    );
                }
            }
            if entries.len() > ENTRIES_MAX {
                return Err(tokens.malformed("more than 10,000 entries"));
            }
        }
        Ok(Self { entries })
    }

    /// What to send to `host`: its first entry with a login, else that of `default`.
    pub fn login_for(&self, host: &str) -> Option<Login> {
        let host = Host::Named(host.to_ascii_lowercase());
        [host, Host::Default].iter().find_map(|wanted| {
            self.entries
                .iter()
                .filter(|entry| entry.host == *wanted)
                .find_map(Entry::login)
        })
    }
}

impl Entry {
    fn of(host: Host) -> Self {
        Self {
            host,
            user: None,
            password: None,
        }
    }

    fn login(&self) -> Option<Login> {
        let password = self.password.clone().unwrap_or_else(|| Secret::new(""));
        Some(Login {
            user: self.user.clone()?,
            password,
        })
    }
}

/// The entry that a login or password belongs to.
fn entry<'a>(entries: &'a mut [Entry], tokens: &Tokens<'_>) -> Result<&'a mut Entry, MalformedLine> {
    entries
        .last_mut()
        .ok_or_else(|| tokens.malformed("a login or password before any machine"))
}

struct Tokens<'a> {
    text: &'a str,
    characters: Peekable<CharIndices<'a>>,
    line: usize,
}

impl<'a> Tokens<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            characters: text.char_indices().peekable(),
            line: 1,
        }
    }

    fn malformed(&self, reason: &'static str) -> MalformedLine {
        MalformedLine {
            line: self.line,
            reason,
        }
    }

    /// The next token where a keyword is expected. Only there `#` begins a comment: a password may begin with it.
    fn keyword(&mut self) -> Result<Option<String>, MalformedLine> {
        loop {
            self.skip_blanks();
            match self.characters.peek() {
                None => return Ok(None),
                Some((_, '#')) => self.skip_line(),
                Some(_) => return self.token().map(Some),
            }
        }
    }

    /// The token after a keyword.
    fn value(&mut self) -> Result<String, MalformedLine> {
        self.skip_blanks();
        if self.characters.peek().is_none() {
            return Err(self.malformed("a keyword without its value"));
        }
        self.token()
    }

    fn token(&mut self) -> Result<String, MalformedLine> {
        let Some(&(start, first)) = self.characters.peek() else {
            return Ok(String::new());
        };
        if first == '"' {
            self.next_character();
            return self.quoted();
        }
        while self
            .characters
            .peek()
            .is_some_and(|(_, character)| !character.is_ascii_whitespace())
        {
            self.next_character();
        }
        let end = self.characters.peek().map_or(self.text.len(), |&(at, _)| at);
        Ok(self.text[start..end].to_owned())
    }

    /// The rest of a quoted token; `\"`, `\\`, `\n`, `\r` and `\t` as in curl.
    fn quoted(&mut self) -> Result<String, MalformedLine> {
        let mut token = String::new();
        loop {
            match self.next_character() {
                Some('"') => return Ok(token),
                Some('\\') => match self.next_character() {
                    Some('n') => token.push('\n'),
                    Some('r') => token.push('\r'),
                    Some('t') => token.push('\t'),
                    Some(escaped) => token.push(escaped),
                    None => return Err(self.malformed("a quote that is never closed")),
                },
                Some('\n') | None => return Err(self.malformed("a quote that is never closed")),
                Some(character) => token.push(character),
            }
        }
    }

    /// A macro ends with an empty line.
    fn skip_macro(&mut self) {
        self.skip_line();
        while let Some(&(start, _)) = self.characters.peek() {
            self.skip_line();
            let end = self.characters.peek().map_or(self.text.len(), |&(at, _)| at);
            if self.text[start..end].trim().is_empty() {
                return;
            }
        }
    }

    fn skip_line(&mut self) {
        while let Some(character) = self.next_character() {
            if character == '\n' {
                return;
            }
        }
    }

    fn skip_blanks(&mut self) {
        while self
            .characters
            .peek()
            .is_some_and(|(_, character)| character.is_ascii_whitespace())
        {
            self.next_character();
        }
    }

    fn next_character(&mut self) -> Option<char> {
        let (_, character) = self.characters.next()?;
        if character == '\n' {
            self.line += 1;
        }
        Some(character)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(text: &str, host: &str) -> Option<(String, String)> {
        let login = Netrc::parse(text).unwrap().login_for(host)?;
        Some((login.user, login.password.expose().to_owned()))
    }

    #[test]
    fn credentials_are_found_by_host() {
        let text = "# mine\nmachine A.example login ann password #1 account x\n\
                    machine b.example\n\tlogin \"bob \\\"b\\\"\"\n\tpassword \"with blank\"\n\
                    macdef init\nmachine evil login x password y\n\n\
                    machine c.example login carl # no password\n\
                    machine d.example password only\n\
                    default login anonymous password me@home";
        for (host, expected) in [
            ("a.example", ("ann", "#1")),
            ("B.EXAMPLE", ("bob \"b\"", "with blank")),
            ("c.example", ("carl", "")),
            ("d.example", ("anonymous", "me@home")),
            ("evil", ("anonymous", "me@home")),
            ("sub.a.example", ("anonymous", "me@home")),
        ] {
            assert_eq!(
                found(text, host),
                Some((expected.0.to_owned(), expected.1.to_owned())),
                "{host}"
            );
        }
        assert_eq!(found("machine a login b", "c"), None);
        assert_eq!(found("", "c"), None);
    }

    #[test]
    fn errors_name_the_line_and_not_its_content() {
        for (text, line) in [
            ("machine", 1),
            ("machine a\nlogin", 2),
            ("login a", 1),
            ("machine a\n\nsecret b", 3),
            ("machine a login \"open\nb", 2),
            ("machine a password \"open", 1),
        ] {
            assert_eq!(Netrc::parse(text).unwrap_err().line, line, "{text}");
        }
    }

    #[test]
    fn passwords_do_not_show_in_debug_output() {
        let netrc = Netrc::parse("machine a login b password hunter2").unwrap();
        assert!(!format!("{netrc:?} {:?}", netrc.login_for("a")).contains("hunter2"));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "(machine|default|login|password|macdef|[ \n\t\"\\\\#a-zü]){0,20}") {
            let _ = Netrc::parse(&text).map(|netrc| netrc.login_for("a"));
        }
    }
}
