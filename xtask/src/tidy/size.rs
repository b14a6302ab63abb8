//! Files stay short enough to be read in one sitting.

use super::{Violation, sources::Sources};

/// Lines of one source file, its tests included.
const MAX_LINES: usize = 600;

/// Longer on purpose: path, and why splitting it would make it worse.
const EXEMPTIONS: &[(&str, &str)] = &[];

pub(super) fn check(sources: &Sources) -> Vec<Violation> {
    check_with(sources, EXEMPTIONS)
}

fn check_with(sources: &Sources, exemptions: &[(&str, &str)]) -> Vec<Violation> {
    let too_long = |path: &str| {
        sources
            .get(path)
            .is_some_and(|file| file.text.lines().count() > MAX_LINES)
    };
    let is_exempt = |path: &str| exemptions.iter().any(|(exempt, _)| *exempt == path);

    let mut violations: Vec<Violation> = sources
        .rust()
        .filter(|file| is_ours_to_limit(&file.path) && !is_exempt(&file.path) && too_long(&file.path))
        .map(|file| {
            let lines = file.text.lines().count();
            Violation::new(
                &file.path,
                MAX_LINES + 1,
                format!("{lines} lines, the limit is {MAX_LINES}: split it along its concepts"),
            )
        })
        .collect();
    // An exemption that nobody needs would let the file grow again.
    violations.extend(
        exemptions
            .iter()
            .filter(|(path, _)| !too_long(path))
            .map(|(path, _)| {
                Violation::new(
                    "xtask/src/tidy/size.rs",
                    1,
                    format!("{path} no longer needs its exemption"),
                )
            }),
    );
    violations
}

fn is_ours_to_limit(path: &str) -> bool {
    path.starts_with("xtask/src/")
        || (path.contains("/src/") && (path.starts_with("crates/") || path.starts_with("apps/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_over_the_limit_is_refused_and_one_at_the_limit_is_not() {
        let at_limit = "//\n".repeat(MAX_LINES);
        let over_limit = "//\n".repeat(MAX_LINES + 1);
        let sources = Sources::of(&[
            ("crates/a/src/short.rs", &at_limit),
            ("crates/a/src/long.rs", &over_limit),
            ("crates/a/tests/it/long.rs", &over_limit),
        ]);
        let violations = check_with(&sources, &[]);
        assert_eq!(violations.len(), 1);
        assert_eq!(violations[0].path, "crates/a/src/long.rs");
    }

    #[test]
    fn an_exemption_holds_only_as_long_as_it_is_needed() {
        let over_limit = "//\n".repeat(MAX_LINES + 1);
        let long = Sources::of(&[("crates/a/src/table.rs", &over_limit)]);
        let short = Sources::of(&[("crates/a/src/table.rs", "//\n")]);
        let exemptions = [("crates/a/src/table.rs", "one table")];
        assert_eq!(check_with(&long, &exemptions), []);
        assert_eq!(check_with(&short, &exemptions).len(), 1);
    }
}
