//! What must not be written in a source file.

use super::{
    Violation,
    sources::{SourceFile, Sources},
};

/// The rules below name what they forbid.
const RULES_FOLDER: &str = "xtask/src/tidy/";

const ENGINE_SOURCES: &str = "crates/gannet-engine/src/";

/// Names that stand for anybody in examples: `/home/you/Downloads`.
const PLACEHOLDER_USERS: &[&str] = &["user", "you", "me", "name", "alice", "bob", "u"];

pub(super) fn check(sources: &Sources) -> Vec<Violation> {
    sources
        .iter()
        .filter(|file| !file.path.starts_with(RULES_FOLDER))
        .flat_map(|file| {
            let mut violations = check_developer_paths(file);
            if file.has_ending("rs") {
                violations.extend(check_allow_reasons(file));
                violations.extend(check_unfinished(file));
                if file.path.starts_with(ENGINE_SOURCES) {
                    violations.extend(check_prints(file));
                }
            }
            violations
        })
        .collect()
}

/// `#[allow(…)]` and `#![allow(…)]` say why, as `#[expect(…)]` does by our lints.
fn check_allow_reasons(file: &SourceFile) -> Vec<Violation> {
    ["#[allow(", "#![allow("]
        .iter()
        .flat_map(|start| file.text.match_indices(start))
        .filter(|(at, _)| {
            let line_so_far = file.text[..*at].rsplit('\n').next().unwrap_or_default();
            let attribute = file.text[*at..].split(")]").next().unwrap_or_default();
            is_code(line_so_far) && !attribute.contains("reason")
        })
        .map(|(at, _)| {
            let line = file.text[..at].matches('\n').count() + 1;
            Violation::new(&file.path, line, "a lint is allowed without a reason")
        })
        .collect()
}

/// What is not done is an issue, not a comment; a test runs or goes.
fn check_unfinished(file: &SourceFile) -> Vec<Violation> {
    let complaint = |line: &str| {
        if is_code(line) && line.contains("#[ignore") {
            Some("an ignored test: let it run, or remove it")
        } else if is_code(line) && (has_call(line, "todo!") || has_call(line, "unimplemented!")) {
            Some("unfinished code")
        } else if ["TODO", "FIXME", "XXX"].iter().any(|mark| has_word(line, mark)) {
            Some("a note to oneself: do it, or open an issue")
        } else {
            None
        }
    };
    complaints(file, complaint)
}

/// The engine is a library: it reports and traces, only faces print.
fn check_prints(file: &SourceFile) -> Vec<Violation> {
    const PRINTS: &[&str] = &["println!", "print!", "eprintln!", "eprint!", "dbg!"];
    complaints(file, |line| {
        (is_code(line) && PRINTS.iter().any(|print| has_call(line, print)))
            .then_some("the engine prints: use `tracing`, or report it")
    })
}

/// A path of one developer's machine works on no other.
fn check_developer_paths(file: &SourceFile) -> Vec<Violation> {
    const HOMES: &[&str] = &["/home/", "/Users/", r"C:\Users\", r"C:\\Users\\"];
    const FIXED: &[&str] = &["/root/", "/tmp/"];
    let names_a_home = |line: &str| {
        HOMES
            .iter()
            .flat_map(|home| absolute_uses(line, home))
            .any(|rest| {
                let user: String = rest
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                    .collect();
                !user.is_empty() && !PLACEHOLDER_USERS.contains(&user.as_str())
            })
    };
    complaints(file, |line| {
        let is_fixed = FIXED
            .iter()
            .any(|folder| absolute_uses(line, folder).next().is_some());
        (is_fixed || names_a_home(line))
            .then_some("a path of somebody's machine: ask the system for the folder, or use a placeholder")
    })
}

fn complaints(file: &SourceFile, complaint: impl Fn(&str) -> Option<&'static str>) -> Vec<Violation> {
    file.lines()
        .filter_map(|(number, line)| Some(Violation::new(&file.path, number, complaint(line)?)))
        .collect()
}

/// Not a comment. (Strings are taken for code: the rules are for people, who can rephrase.)
fn is_code(line: &str) -> bool {
    !line.trim_start().starts_with("//")
}

/// `print!` is called in `print!("…")`, not in `println!("…")` nor in `eprint!("…")`.
fn has_call(line: &str, name: &str) -> bool {
    line.match_indices(name)
        .any(|(at, _)| !ends_in_word(&line[..at]) && line[at + name.len()..].starts_with('('))
}

fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let after = line[at + word.len()..].chars().next();
        !ends_in_word(&line[..at]) && !after.is_some_and(is_word)
    })
}

/// What follows `folder`, wherever the line uses it as the start of an absolute path.
fn absolute_uses<'a>(line: &'a str, folder: &'a str) -> impl Iterator<Item = &'a str> {
    line.match_indices(folder).filter_map(move |(at, _)| {
        let before = line[..at].chars().next_back();
        let starts_here = before.is_none_or(|c| c.is_whitespace() || "\"'`(=:<[,".contains(c));
        starts_here.then(|| &line[at + folder.len()..])
    })
}

fn ends_in_word(text: &str) -> bool {
    text.chars().next_back().is_some_and(is_word)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_LINES: [usize; 0] = [];

    fn lines_refused(path: &str, text: &str) -> Vec<usize> {
        check(&Sources::of(&[(path, text)]))
            .into_iter()
            .map(|violation| violation.line)
            .collect()
    }

    #[test]
    fn an_allowed_lint_gives_its_reason() {
        let bare = "fn a() {}\n#[allow(dead_code)]\nfn b() {}\n";
        let reasoned = "#[allow(\n    dead_code,\n    reason = \"only on Windows\"\n)]\nfn b() {}\n";
        assert_eq!(lines_refused("crates/a/src/lib.rs", bare), [2]);
        assert_eq!(lines_refused("crates/a/src/lib.rs", reasoned), NO_LINES);
    }

    #[test]
    fn nothing_unfinished_stays() {
        let path = "crates/a/src/lib.rs";
        assert_eq!(lines_refused(path, "fn a() {\n    todo!()\n}\n"), [2]);
        assert_eq!(lines_refused(path, "// TODO: later\n"), [1]);
        assert_eq!(lines_refused(path, "#[ignore = \"slow\"]\n"), [1]);
        assert_eq!(lines_refused(path, "let autoTODOs = mastodon!(1);\n"), NO_LINES);
    }

    #[test]
    fn only_the_engine_may_not_print() {
        let text = "/// println!(\"in an example\")\nfn a() { println!(\"a\"); }\n";
        assert_eq!(lines_refused("crates/gannet-engine/src/lib.rs", text), [2]);
        assert_eq!(lines_refused("crates/gannet-cli/src/main.rs", text), NO_LINES);
    }

    #[test]
    fn paths_of_a_developers_machine_are_refused_and_placeholders_are_not() {
        let path = "README.md";
        assert_eq!(lines_refused(path, "cd /home/jane/gannet\n"), [1]);
        assert_eq!(lines_refused(path, "see `/tmp/out`\n"), [1]);
        assert_eq!(lines_refused(path, r"C:\Users\Jane\file"), [1]);
        assert_eq!(lines_refused(path, "saved in /home/you/Downloads\n"), NO_LINES);
        assert_eq!(
            lines_refused(path, "https://example.org/home/jane and x/tmp/y\n"),
            NO_LINES
        );
    }
}
