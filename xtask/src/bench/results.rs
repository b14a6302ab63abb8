//! What a scenario found: samples, their medians, and the goals held against them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::measure::{Exit, Measured};

/// One scenario's findings.
#[derive(Serialize, Deserialize)]
pub(super) struct Outcome {
    /// `P1`
    pub(super) id: String,
    pub(super) title: String,
    /// YYYY-MM-DD
    pub(super) date: String,
    /// The commit that was measured.
    #[serde(default)]
    pub(super) commit: Option<String>,
    /// Why it could not be measured, where it could not.
    pub(super) error: Option<String>,
    pub(super) findings: Findings,
}

/// What a scenario's function returns.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Findings {
    /// How the server was started or configured.
    pub(super) server: String,
    pub(super) rows: Vec<Row>,
    pub(super) verdicts: Vec<Verdict>,
}

/// One contestant's samples.
#[derive(Serialize, Deserialize)]
pub(super) struct Row {
    pub(super) contestant: String,
    /// The exact command of the last run.
    pub(super) command: String,
    /// How many bytes each run was to fetch.
    pub(super) size_bytes: u64,
    pub(super) samples: Vec<Sample>,
}

/// One run of one contestant.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Sample {
    /// `None` where the file arrived whole and right; otherwise what went wrong.
    pub(super) fault: Option<Fault>,
    pub(super) wall_s: f64,
    pub(super) cpu_s: f64,
    pub(super) peak_memory_bytes: u64,
    pub(super) traffic: Option<Traffic>,
    /// Figures that only this scenario has, each named with its unit.
    #[serde(default)]
    pub(super) extra: BTreeMap<String, f64>,
}

/// Why a run does not count.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "detail")]
pub(super) enum Fault {
    /// The client said so.
    Failed(String),
    /// It had not ended after this many seconds.
    OutOfPatience(u64),
    /// The client was content, and the file was not what the server has.
    Wrong(String),
}

/// What the server saw.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Traffic {
    pub(super) requests: u64,
    pub(super) peak_connections: u64,
    pub(super) bytes_sent: u64,
    pub(super) refusals: u64,
}

/// A goal, and whether it was reached.
#[derive(Serialize, Deserialize)]
pub(super) struct Verdict {
    /// `CPU ÷ curl's`
    pub(super) measure: String,
    pub(super) goal_at_most: f64,
    /// `None` where it could not be measured.
    pub(super) figure: Option<f64>,
    /// `×`, `s`, `MB`, …
    pub(super) unit: String,
}

impl Sample {
    /// The cost of a client; whether the file is right is for the caller to add.
    pub(super) fn of(measured: &Measured) -> Self {
        let fault = match &measured.exit {
            Exit::Success | Exit::Killed => None,
            Exit::Failure(words) => Some(Fault::Failed(words.clone())),
            Exit::OutOfPatience => Some(Fault::OutOfPatience(measured.wall.as_secs())),
        };
        Self {
            fault,
            wall_s: measured.wall.as_secs_f64(),
            cpu_s: measured.cpu.as_secs_f64(),
            peak_memory_bytes: measured.peak_memory_bytes,
            traffic: None,
            extra: BTreeMap::new(),
        }
    }
}

impl Row {
    /// The median over the runs that count, or `None` where none does.
    pub(super) fn median(&self, figure: impl Fn(&Sample) -> f64) -> Option<f64> {
        median(self.good().map(figure).collect())
    }

    pub(super) fn median_wall_s(&self) -> Option<f64> {
        self.median(|sample| sample.wall_s)
    }

    pub(super) fn median_cpu_s(&self) -> Option<f64> {
        self.median(|sample| sample.cpu_s)
    }

    /// The median of a figure that only this scenario has.
    pub(super) fn median_extra(&self, name: &str) -> Option<f64> {
        median(
            self.good()
                .filter_map(|sample| sample.extra.get(name).copied())
                .collect(),
        )
    }

    /// The median of what the server saw.
    pub(super) fn median_traffic(&self, figure: impl Fn(&Traffic) -> u64) -> Option<f64> {
        median(
            self.good()
                .filter_map(|sample| Some(figure(sample.traffic.as_ref()?) as f64))
                .collect(),
        )
    }

    /// The most that the server saw of it in one run: for goals that no run may miss.
    pub(super) fn worst_traffic(&self, figure: impl Fn(&Traffic) -> u64) -> Option<f64> {
        self.good()
            .filter_map(|sample| Some(figure(sample.traffic.as_ref()?) as f64))
            .reduce(f64::max)
    }

    /// The largest value over the runs that count: for goals that no run may miss.
    pub(super) fn worst_extra(&self, name: &str) -> Option<f64> {
        self.good()
            .filter_map(|sample| sample.extra.get(name).copied())
            .reduce(f64::max)
    }

    pub(super) fn good(&self) -> impl Iterator<Item = &Sample> {
        self.samples.iter().filter(|sample| sample.fault.is_none())
    }

    pub(super) fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.samples.iter().filter_map(|sample| sample.fault.as_ref())
    }
}

impl Findings {
    pub(super) fn row(&self, contestant: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.contestant == contestant)
    }

    /// Our own rows, of which every scenario has at least one.
    pub(super) fn ours(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.contestant.starts_with(GANNET))
    }

    /// The first of them.
    pub(super) fn gannet(&self) -> Option<&Row> {
        self.ours().next()
    }

    /// The peers' rows.
    pub(super) fn peers(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| !row.contestant.starts_with(GANNET))
    }

    /// The best wall time of all peers.
    pub(super) fn fastest_peer_wall_s(&self) -> Option<f64> {
        self.peers().filter_map(Row::median_wall_s).reduce(f64::min)
    }

    /// Adds a goal of the form "at most".
    ///
    /// A figure from some good runs among bad ones would flatter: any bad run of ours voids it.
    pub(super) fn at_most(&mut self, goal: f64, unit: &str, measure: &str, figure: Option<f64>) {
        let all_good = self.ours().all(|row| row.faults().next().is_none());
        self.verdicts.push(Verdict {
            measure: measure.to_owned(),
            goal_at_most: goal,
            figure: figure.filter(|_| all_good),
            unit: unit.to_owned(),
        });
    }
}

/// What the contestants of ours are called: this, or this and what sets them apart.
pub(super) const GANNET: &str = "gannet";

impl Verdict {
    pub(super) fn is_reached(&self) -> bool {
        self.figure.is_some_and(|figure| figure <= self.goal_at_most)
    }
}

/// `ours ÷ theirs`, where both were measured.
pub(super) fn ratio(ours: Option<f64>, theirs: Option<f64>) -> Option<f64> {
    Some(ours? / theirs.filter(|theirs| *theirs > 0.0)?)
}

/// The middle value, or the mean of the two middle ones.
pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.is_empty() {
        None
    } else if values.len().is_multiple_of(2) {
        Some(f64::midpoint(values[middle - 1], values[middle]))
    } else {
        Some(values[middle])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(wall_s: f64, fault: Option<Fault>) -> Sample {
        Sample {
            fault,
            wall_s,
            cpu_s: 0.0,
            peak_memory_bytes: 0,
            traffic: None,
            extra: BTreeMap::new(),
        }
    }

    fn row(contestant: &str, samples: Vec<Sample>) -> Row {
        Row {
            contestant: contestant.to_owned(),
            command: String::new(),
            size_bytes: 1,
            samples,
        }
    }

    #[test]
    fn medians_of_even_and_odd_counts() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(vec![]), None);
    }

    #[test]
    fn a_run_that_failed_is_in_no_median() {
        let wrong = Some(Fault::Wrong("digest".to_owned()));
        let row = row(
            "axel",
            vec![sample(1.0, None), sample(0.1, wrong), sample(3.0, None)],
        );
        assert_eq!(row.median_wall_s(), Some(2.0));
    }

    #[test]
    fn one_bad_run_of_ours_voids_our_goals() {
        let failed = Some(Fault::Failed("reset".to_owned()));
        let rows = vec![row(GANNET, vec![sample(1.0, None), sample(1.0, failed)])];
        let mut findings = Findings {
            rows,
            ..Findings::default()
        };
        findings.at_most(2.0, "s", "wall", Some(1.0));
        assert!(!findings.verdicts[0].is_reached());
    }

    #[test]
    fn a_goal_that_no_run_may_miss_is_held_against_the_worst() {
        let refused = |refusals| Sample {
            traffic: Some(Traffic {
                refusals,
                ..Traffic::default()
            }),
            ..sample(1.0, None)
        };
        let row = row(GANNET, vec![refused(2), refused(9), refused(3)]);
        assert_eq!(row.worst_traffic(|traffic| traffic.refusals), Some(9.0));
        assert_eq!(row.median_traffic(|traffic| traffic.refusals), Some(3.0));
    }

    #[test]
    fn the_fastest_peer_is_not_ourselves() {
        let rows = vec![
            row(GANNET, vec![sample(0.5, None)]),
            row("curl", vec![sample(1.5, None)]),
        ];
        let findings = Findings {
            rows,
            ..Findings::default()
        };
        assert_eq!(findings.fastest_peer_wall_s(), Some(1.5));
    }
}
