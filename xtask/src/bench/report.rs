//! `bench/RESULTS.md` for people and `bench/results.json` for programs.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::{
    machine::Machine,
    results::{Fault, Outcome, Row, Verdict},
};

pub(super) const PAGE: &str = "RESULTS.md";
const DATA: &str = "results.json";

/// All outcomes on this machine, those of earlier runs included.
#[derive(Serialize, Deserialize)]
pub(super) struct Report {
    machine: Machine,
    /// By program.
    versions: BTreeMap<String, String>,
    outcomes: Vec<Outcome>,
}

impl Report {
    /// Goes on with the report in that folder, unless it is of another machine.
    pub(super) fn open(folder: &Path, machine: Machine, versions: BTreeMap<String, String>) -> Result<Self> {
        let earlier = match fs::read_to_string(folder.join(DATA)) {
            Ok(text) => Some(serde_json::from_str::<Self>(&text).with_context(|| format!("bench/{DATA}"))?),
            Err(_) => None,
        };
        let outcomes = earlier
            .filter(|report| report.machine == machine)
            .map_or_else(Vec::new, |it| it.outcomes);
        Ok(Self {
            machine,
            versions,
            outcomes,
        })
    }

    /// Replaces what there was of the same scenario.
    pub(super) fn add(&mut self, outcome: Outcome) {
        self.outcomes.retain(|earlier| earlier.id != outcome.id);
        self.outcomes.push(outcome);
        self.outcomes.sort_by_key(|outcome| place(&outcome.id));
    }

    pub(super) fn outcome(&self, id: &str) -> Option<&Outcome> {
        self.outcomes.iter().find(|outcome| outcome.id == id)
    }

    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        fs::write(folder.join(PAGE), self.page())?;
        fs::write(folder.join(DATA), serde_json::to_string_pretty(self)? + "\n")?;
        Ok(())
    }

    fn page(&self) -> String {
        let mut page = String::from(
            "# Benchmark results\n\n\
             Written by `cargo xtask bench`; [README.md](README.md) says what the scenarios are and how they are \
             measured. Times are medians; MB are 10⁶ bytes.\n\n",
        );
        let Machine {
            cpu,
            cores,
            kernel,
            memory_mib,
            file_system,
        } = &self.machine;
        let _ = writeln!(
            page,
            "Machine: {cpu}, {cores} cores, {memory_mib} MiB memory, Linux {kernel}, {file_system}. Versions:\n"
        );
        for (program, version) in &self.versions {
            let _ = writeln!(page, "- {program}: {version}");
        }
        page += "\n## Goals\n\n| # | Measure | Goal | Figure | |\n|---|---|---|---|---|\n";
        for outcome in &self.outcomes {
            for verdict in &outcome.findings.verdicts {
                let _ = writeln!(page, "| {} |{}", outcome.id, cells(&verdict_cells(verdict)));
            }
            if let Some(error) = &outcome.error {
                let _ = writeln!(page, "| {} | could not be measured: {error} | | | |", outcome.id);
            }
        }
        for outcome in &self.outcomes {
            let _ = write!(
                page,
                "\n## {}: {}\n\n{}",
                outcome.id,
                outcome.title,
                details(outcome)
            );
        }
        page
    }
}

/// One outcome for the terminal: its rows, then its goals.
pub(super) fn terminal(outcome: &Outcome) -> String {
    let mut text = String::new();
    let rows: Vec<[String; 8]> = outcome.findings.rows.iter().map(row_cells).collect();
    let all = [&[HEADINGS.map(str::to_owned)], rows.as_slice()].concat();
    let widths: Vec<usize> = (0..HEADINGS.len())
        .map(|i| all.iter().map(|row| row[i].chars().count()).max().unwrap_or(0))
        .collect();
    for row in &all {
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(text, "  {cell:<width$}");
        }
        text.push('\n');
    }
    for verdict in &outcome.findings.verdicts {
        let [measure, goal, figure, mark] = verdict_cells(verdict);
        let _ = writeln!(text, "  {measure}: {figure} (goal {goal}) {mark}");
    }
    if let Some(error) = &outcome.error {
        let _ = writeln!(text, "  could not be measured: {error}");
    }
    text
}

const HEADINGS: [&str; 8] = [
    "",
    "wall s",
    "CPU s",
    "memory MB",
    "requests",
    "connections",
    "sent ÷ size",
    "more",
];

fn details(outcome: &Outcome) -> String {
    let findings = &outcome.findings;
    let runs = findings
        .rows
        .iter()
        .map(|row| row.samples.len())
        .max()
        .unwrap_or(0);
    let when = match &outcome.commit {
        Some(commit) => format!("{} ({commit})", outcome.date),
        None => outcome.date.clone(),
    };
    if findings.rows.is_empty() {
        // Nobody raced: the goals say it all.
        return format!("{when}\n");
    }
    let mut text = format!("{when}; runs of each: {runs}; server: `{}`\n\n", findings.server);
    let _ = writeln!(text, "|{}\n|{}", cells(&HEADINGS), "---|".repeat(HEADINGS.len()));
    for row in &findings.rows {
        let _ = writeln!(text, "|{}", cells(&row_cells(row)));
    }
    text += "\n```\n";
    for row in &findings.rows {
        let _ = writeln!(text, "{}", row.command);
    }
    text + "```\n"
}

fn row_cells(row: &Row) -> [String; 8] {
    let number = |figure: Option<f64>, digits: usize| {
        figure.map_or_else(|| "–".to_owned(), |figure| format!("{figure:.digits$}"))
    };
    let size_bytes = row.size_bytes.max(1) as f64;
    let sent = row
        .median_traffic(|traffic| traffic.bytes_sent)
        .map(|bytes| bytes / size_bytes);
    [
        row.contestant.clone(),
        number(row.median_wall_s(), 3),
        number(row.median_cpu_s(), 3),
        number(row.median(|sample| sample.peak_memory_bytes as f64 / 1e6), 1),
        number(row.median_traffic(|traffic| traffic.requests), 0),
        number(row.median_traffic(|traffic| traffic.peak_connections), 0),
        number(sent, 3),
        more(row),
    ]
}

/// Figures of this scenario alone, and what went wrong.
fn more(row: &Row) -> String {
    let names: Vec<&String> = row
        .samples
        .first()
        .map_or_else(Vec::new, |sample| sample.extra.keys().collect());
    let extras = names
        .into_iter()
        .filter_map(|name| Some(format!("{name}: {:.3}", row.median_extra(name)?)));
    let faults = row.faults().map(|fault| match fault {
        Fault::Failed(words) => format!("failed: {}", words.replace('|', "/")),
        Fault::OutOfPatience(seconds) => format!("not done after {seconds} s"),
        Fault::Wrong(what) => format!("wrong: {what}"),
    });
    // Ten runs that failed in the same way are one thing to say.
    let mut counted: Vec<(String, usize)> = Vec::new();
    for fault in faults {
        match counted.iter_mut().find(|(known, _)| *known == fault) {
            Some((_, count)) => *count += 1,
            None => counted.push((fault, 1)),
        }
    }
    extras
        .chain(
            counted
                .into_iter()
                .map(|(fault, count)| format!("{count} × {fault}")),
        )
        .collect::<Vec<_>>()
        .join("; ")
}

fn verdict_cells(verdict: &Verdict) -> [String; 4] {
    let unit = &verdict.unit;
    [
        verdict.measure.clone(),
        format!("≤ {} {unit}", verdict.goal_at_most).trim_end().to_owned(),
        verdict.figure.map_or_else(
            || "not measured".to_owned(),
            |figure| format!("{figure:.3} {unit}").trim_end().to_owned(),
        ),
        if verdict.is_reached() {
            "reached"
        } else {
            "**missed**"
        }
        .to_owned(),
    ]
}

fn cells(cells: &[impl AsRef<str>]) -> String {
    cells
        .iter()
        .fold(String::new(), |text, cell| text + " " + cell.as_ref() + " |")
}

/// Transfers (`P1`), the manager (`M1`), the desktop (`D1`), each by their numbers.
fn place(id: &str) -> (usize, u32) {
    let number = id.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
    let subject = "PMD".find(&id[..id.len() - number.len()]);
    (subject.unwrap_or(usize::MAX), number.parse().unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::results::{Findings, GANNET, Sample};

    fn machine() -> Machine {
        let unknown = || "unknown".to_owned();
        Machine {
            cpu: unknown(),
            cores: 1,
            kernel: unknown(),
            memory_mib: 1,
            file_system: unknown(),
        }
    }

    #[test]
    fn what_nobody_raced_for_has_no_table_of_racers() {
        let mut outcome = outcome("P16", 0.5);
        outcome.findings.rows.clear();
        assert_eq!(details(&outcome), "2026-01-01 (0123abc)\n");
    }

    fn outcome(id: &str, wall_s: f64) -> Outcome {
        let sample = Sample {
            fault: None,
            wall_s,
            cpu_s: 0.25,
            peak_memory_bytes: 9_000_000,
            traffic: None,
            extra: BTreeMap::new(),
        };
        let row = Row {
            contestant: GANNET.to_owned(),
            command: "gannet get".to_owned(),
            size_bytes: 1,
            samples: vec![sample],
        };
        let mut findings = Findings {
            server: "nginx".to_owned(),
            rows: vec![row],
            verdicts: Vec::new(),
        };
        findings.at_most(1.0, "s", "wall", Some(wall_s));
        Outcome {
            id: id.to_owned(),
            title: "a file".to_owned(),
            date: "2026-01-01".to_owned(),
            commit: Some("0123abc".to_owned()),
            error: None,
            findings,
        }
    }

    #[test]
    fn a_later_run_replaces_its_own_scenario_only() {
        let folder = tempfile::tempdir().unwrap();
        let mut report = Report::open(folder.path(), machine(), BTreeMap::new()).unwrap();
        for id in ["D1", "P10", "M2", "P2"] {
            report.add(outcome(id, 0.5));
        }
        report.write(folder.path()).unwrap();

        let mut report = Report::open(folder.path(), machine(), BTreeMap::new()).unwrap();
        report.add(outcome("P10", 1.5));
        let ids: Vec<&str> = report
            .outcomes
            .iter()
            .map(|outcome| outcome.id.as_str())
            .collect();
        assert_eq!(ids, ["P2", "P10", "M2", "D1"]);
        assert_eq!(
            report.outcome("P10").unwrap().findings.verdicts[0].figure,
            Some(1.5)
        );
    }

    #[test]
    fn the_page_holds_goals_beside_figures() {
        let folder = tempfile::tempdir().unwrap();
        let mut report = Report::open(folder.path(), machine(), BTreeMap::new()).unwrap();
        report.add(outcome("P1", 0.5));
        report.add(outcome("P2", 1.5));
        let page = report.page();
        assert!(
            page.contains("| P1 | wall | ≤ 1 s | 0.500 s | reached |"),
            "{page}"
        );
        assert!(
            page.contains("| P2 | wall | ≤ 1 s | 1.500 s | **missed** |"),
            "{page}"
        );
        assert!(
            page.contains("| gannet | 0.500 | 0.250 | 9.0 | – | – | – |  |"),
            "{page}"
        );
    }
}
