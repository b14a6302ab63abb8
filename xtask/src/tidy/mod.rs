//! `cargo xtask tidy`: the repository's own rules, which no general tool knows.
//!
//! Each file beside this one holds one group of rules as a pure check over the sources in memory; each rule's
//! tests show a text that it refuses and one that it accepts.

mod dependencies;
mod papers;
mod patience;
mod size;
mod sources;
mod wording;

use std::fmt;

use anyhow::{Result, bail};

use self::sources::Sources;
use crate::system;

/// One place that breaks a rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    /// Relative to the workspace's root, with forward slashes.
    path: String,
    /// Counted from 1.
    line: usize,
    message: String,
}

/// Prints every violation as `file:line: message`; any at all is an error.
pub(crate) fn run() -> Result<()> {
    let root = system::workspace_root();
    let sources = Sources::read(&root)?;

    let packages = dependencies::edges(&root)?;
    let mut violations = dependencies::check(&packages);
    violations.extend(size::check(&sources));
    violations.extend(wording::check(&sources));
    violations.extend(patience::check(&sources));
    violations.extend(papers::check(&sources));
    violations.extend(papers::check_explained(&sources, &packages));
    violations.extend(papers::check_committed(&root));
    violations.sort();

    for violation in &violations {
        eprintln!("{violation}");
    }
    if !violations.is_empty() {
        bail!(
            "{} violations of the repository's rules (the rules are in xtask/src/tidy)",
            violations.len()
        );
    }
    println!("tidy: {} files, no violations", sources.len());
    Ok(())
}

impl Violation {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            message: message.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}
