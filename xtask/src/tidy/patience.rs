//! Tests wait for conditions, not for time; and the engine goes by no clock that somebody may set.

use super::{
    Violation,
    sources::{SourceFile, Sources},
};

/// A comment with one of these words says why this sleep is no guess at how long something takes: it is the
/// interval of a loop that polls a condition, or the pace that a server or a writer is made to keep.
const REASONS: &[&str] = &["// polls:", "// paces:"];

/// How many lines above the sleep its reason may stand.
const REASON_DISTANCE_LINES: usize = 3;

/// Where the engine may name the wall clock: its default, and the mark on a file that tells people when it came.
const WALL_CLOCKS: &[&str] = &["http/client.rs", "disk/marks.rs"];
const ENGINE: &str = "crates/gannet-engine/src/";

pub(super) fn check(sources: &Sources) -> Vec<Violation> {
    let sleeping = sources
        .rust()
        .filter(|file| is_test(&file.path))
        .flat_map(check_file);
    let telling_time = sources.rust().flat_map(check_clock);
    sleeping.chain(telling_time).collect()
}

fn check_clock(file: &SourceFile) -> Vec<Violation> {
    match file.path.strip_prefix(ENGINE) {
        Some(place) if !WALL_CLOCKS.contains(&place) => file
            .lines()
            .filter(|(_, line)| line.contains("SystemTime::now"))
            .map(|(number, _)| {
                let message = "the engine reads the wall clock: it jumps when somebody sets it; ask the address for its time";
                Violation::new(&file.path, number, message)
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn check_file(file: &SourceFile) -> Vec<Violation> {
    let lines: Vec<&str> = file.text.lines().collect();
    file.lines()
        .filter(|(number, line)| {
            let nearby = &lines[number.saturating_sub(1 + REASON_DISTANCE_LINES)..*number];
            sleeps(line)
                && !nearby
                    .iter()
                    .any(|line| REASONS.iter().any(|reason| line.contains(reason)))
        })
        .map(|(number, _)| {
            let message =
                "a test sleeps: wait for a condition, or give the reason in `// polls:` or `// paces:`";
            Violation::new(&file.path, number, message)
        })
        .collect()
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/")
}

/// `thread::sleep(…)`, `tokio::time::sleep(…)` or an imported `sleep(…)`.
fn sleeps(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    code.match_indices("sleep(").any(|(at, _)| {
        let before = code[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '.')
    })
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
    fn a_sleep_in_a_test_is_refused_however_it_is_imported() {
        let text = "fn a() {\n    std::thread::sleep(ONE_SECOND);\n    tokio::time::sleep(x).await;\n    sleep(x);\n}\n";
        assert_eq!(lines_refused("crates/a/tests/it/main.rs", text), [2, 3, 4]);
        assert_eq!(lines_refused("crates/a/src/pace.rs", text), NO_LINES);
    }

    #[test]
    fn a_sleep_with_its_reason_nearby_is_accepted() {
        let text = "loop {\n    // polls: until the file is there\n    thread::sleep(INTERVAL);\n}\n";
        assert_eq!(lines_refused("crates/a/tests/it/main.rs", text), NO_LINES);
    }

    #[test]
    fn the_wall_clock_is_read_in_one_place_of_the_engine() {
        let text = "fn a() {\n    let now = SystemTime::now();\n}\n";
        assert_eq!(
            lines_refused("crates/gannet-engine/src/transfer/tries.rs", text),
            [2]
        );
        for allowed in [
            "crates/gannet-engine/src/http/client.rs",
            "crates/gannet-manager/src/a.rs",
        ] {
            assert_eq!(lines_refused(allowed, text), NO_LINES);
        }
    }

    #[test]
    fn other_words_that_end_in_sleep_are_no_sleep() {
        let text = "fn waits_without_sleep() {}\nfn no_sleep() {}\nscript.no_sleep(1); // sleep(1)\n";
        assert_eq!(lines_refused("crates/a/tests/it/main.rs", text), NO_LINES);
    }
}
