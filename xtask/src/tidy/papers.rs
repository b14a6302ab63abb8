//! The papers are there: licences, lock file, a way from ARCHITECTURE.md to every decision, and a word there on every crate
//! of others.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use super::dependencies::Package;
use super::{Violation, sources::Sources};
use crate::system;

const LICENCES: &[&str] = &["LICENSE-MIT", "LICENSE-APACHE"];
const LOCK_FILE: &str = "Cargo.lock";
const ARCHITECTURE: &str = "ARCHITECTURE.md";
const DECISIONS_FOLDER: &str = "docs/adr/";

pub(super) fn check(sources: &Sources) -> Vec<Violation> {
    let mut violations: Vec<Violation> = LICENCES
        .iter()
        .filter(|licence| sources.get(licence).is_none())
        .map(|licence| Violation::new(licence, 1, "the licence is missing"))
        .collect();

    let architecture = sources.get(ARCHITECTURE).map_or("", |file| &file.text);
    violations.extend(
        sources
            .iter()
            .filter(|file| file.path.starts_with(DECISIONS_FOLDER) && file.has_ending("md"))
            .filter_map(|file| {
                Some(Violation::new(
                    &file.path,
                    1,
                    decision_complaint(&file.path, architecture)?,
                ))
            }),
    );
    violations
}

/// Each crate of others is there for a reason, and ARCHITECTURE.md says for which.
pub(super) fn check_explained(sources: &Sources, packages: &[Package]) -> Vec<Violation> {
    let architecture = sources.get(ARCHITECTURE).map_or("", |file| &file.text);
    let is_of_a_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    let said: HashSet<&str> = architecture
        .split(|letter| !is_of_a_name(letter))
        .chain(packages.iter().map(|package| package.name.as_str()))
        .collect();
    let used: BTreeSet<&str> = packages
        .iter()
        .flat_map(|package| &package.dependencies)
        .map(|(name, _)| name.as_str())
        .collect();
    used.into_iter()
        .filter(|name| !said.contains(name))
        .map(|name| {
            let complaint = format!("it does not say why {name} is there (\"Foreign parts\")");
            Violation::new(ARCHITECTURE, 1, complaint)
        })
        .collect()
}

/// Cargo.lock belongs to the repository: everybody builds what was tested.
pub(super) fn check_committed(root: &Path) -> Option<Violation> {
    // A source archive without git still has to have the file.
    let is_checkout = root.join(".git").exists() && system::find_program("git").is_some();
    let is_there = if is_checkout {
        let list = system::capture(system::git().args(["ls-files", LOCK_FILE]));
        list.is_ok_and(|files| files == LOCK_FILE)
    } else {
        root.join(LOCK_FILE).is_file()
    };
    (!is_there).then(|| Violation::new(LOCK_FILE, 1, "it is not committed"))
}

fn decision_complaint(path: &str, architecture: &str) -> Option<&'static str> {
    let name = path.strip_prefix(DECISIONS_FOLDER).unwrap_or(path);
    let number = name.split('-').next().unwrap_or_default();
    if number.len() != 4 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some("a decision is named NNNN-title.md");
    }
    // As the target of a Markdown link, from wherever the root is written.
    let is_linked = architecture.contains(&format!("({path}")) || architecture.contains(&format!("./{path}"));
    (!is_linked).then_some("ARCHITECTURE.md does not link to this decision")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LICENSED: [(&str, &str); 2] = [("LICENSE-MIT", "…"), ("LICENSE-APACHE", "…")];

    fn complaints(files: &[(&str, &str)]) -> Vec<String> {
        let files = [&LICENSED, files].concat();
        check(&Sources::of(&files))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn both_licences_are_there() {
        let violations = check(&Sources::of(&LICENSED[..1]));
        assert_eq!(violations.len(), 1);
        assert_eq!(violations[0].path, "LICENSE-APACHE");
    }

    #[test]
    fn every_decision_is_reached_from_the_architecture_page() {
        let linked = ("ARCHITECTURE.md", "see [why](docs/adr/0001-one-part-file.md)");
        let decisions = [
            ("docs/adr/0001-one-part-file.md", "…"),
            ("docs/adr/0002-journal.md", "…"),
        ];
        assert_eq!(
            complaints(&[linked, decisions[0], decisions[1]]),
            ["docs/adr/0002-journal.md:1: ARCHITECTURE.md does not link to this decision"]
        );
    }

    #[test]
    fn every_crate_of_others_is_explained() {
        let package = |name: &str, dependencies: &[&str]| Package {
            name: name.to_owned(),
            manifest: String::new(),
            dependencies: dependencies
                .iter()
                .map(|name| ((*name).to_owned(), cargo_metadata::DependencyKind::Normal))
                .collect(),
        };
        let packages = [
            package("gannet-engine", &["tokio", "tokio-rustls"]),
            package("gannet-cli", &["gannet-engine", "tokio"]),
        ];
        let sources = Sources::of(&[("ARCHITECTURE.md", "| tokio, url | the reactor |")]);
        let violations = check_explained(&sources, &packages);
        assert_eq!(violations.len(), 1, "{violations:?}");
        assert!(violations[0].message.contains("why tokio-rustls is there"));
    }

    #[test]
    fn a_decision_has_a_number() {
        assert_eq!(
            complaints(&[("docs/adr/journal.md", "…")]),
            ["docs/adr/journal.md:1: a decision is named NNNN-title.md"]
        );
    }
}
