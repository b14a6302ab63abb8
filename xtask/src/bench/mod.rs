//! `cargo xtask bench`: Gannet and its peers, side by side and in turn.
//!
//! A scenario ([`scenarios`]) is an entry of a table with a function that starts its server ([`nginx`], or the
//! test origin), lets its contestants ([`peers`]) race ([`race`]), each measured as a process from the outside
//! ([`measure`]), and holds the medians against its goals ([`results`]); [`report`] writes them down.

mod house;
mod http;
mod machine;
mod measure;
mod nginx;
mod origin;
mod peers;
mod race;
mod report;
mod results;
mod scenarios;

use std::{fs, path::PathBuf};

use anyhow::{Result, bail};
use clap::Args;

use self::{
    machine::Machine,
    race::Bench,
    report::Report,
    results::{Findings, Outcome},
    scenarios::{SCENARIOS, Scenario},
};
use crate::system;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The desktop window, on a screen that nobody sees, instead of the engine and its peers
    #[arg(value_enum, value_name = "WHAT")]
    subject: Option<Subject>,
    /// Only these scenarios, e.g. P1,P4; the report keeps what it had of the others
    #[arg(long, value_delimiter = ',', value_name = "SCENARIOS")]
    only: Vec<String>,
    /// How often each contestant runs
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=100))]
    runs: u16,
    /// One short run of each, to see that everything works; the report is left alone
    #[arg(long)]
    quick: bool,
}

/// What is measured where no scenarios are named.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Subject {
    /// The window, its memory, and its packages
    Desktop,
}

/// How thorough a bench is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    Full,
    Quick,
}

/// Runs the scenarios asked for, prints the table, and writes the report.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let extent = if arguments.quick {
        Extent::Quick
    } else {
        Extent::Full
    };
    let chosen = choose(&arguments.only, arguments.subject)?;
    // The window is compared with nobody's.
    if !chosen.iter().all(|scenario| scenario.is_of_window()) {
        system::ensure_tools(peers::TOOLS)?;
    }
    system::run(system::cargo().args([
        "build",
        "--locked",
        "--release",
        "--package=gannet-cli",
        "--package=gannet-testkit",
    ]))?;
    if chosen.iter().any(|scenario| scenario.is_of_window()) {
        scenarios::prepare_window()?;
    }

    let folder = system::workspace_root().join("bench");
    let work = folder.join("work");
    fs::create_dir_all(&work)?;
    let runs = if extent == Extent::Quick {
        1
    } else {
        usize::from(arguments.runs)
    };
    let bench = Bench::new(work.clone(), runs, extent)?;

    // A quick run proves nothing, so it does not replace figures that do.
    let report_folder: PathBuf = if extent == Extent::Quick {
        work.clone()
    } else {
        folder
    };
    let mut report = Report::open(&report_folder, Machine::describe(&work), machine::versions())?;
    for scenario in chosen {
        println!("{}: {}", scenario.id, scenario.title);
        let outcome = measure_one(&bench, scenario, &report);
        println!("{}", report::terminal(&outcome));
        // After each, so that an interrupted bench keeps what it has.
        report.add(outcome);
        report.write(&report_folder)?;
    }
    println!("written: {}", report_folder.join(report::PAGE).display());
    Ok(())
}

/// A scenario that cannot be measured does not take the others with it.
fn measure_one(bench: &Bench, scenario: &Scenario, report: &Report) -> Outcome {
    let (findings, error) = match (scenario.measure)(bench, report) {
        Ok(findings) => (findings, None),
        Err(error) => (Findings::default(), Some(format!("{error:#}"))),
    };
    Outcome {
        id: scenario.id.to_owned(),
        title: scenario.title.to_owned(),
        date: machine::today(),
        commit: Some(machine::commit()),
        error,
        findings,
    }
}

fn choose(only: &[String], subject: Option<Subject>) -> Result<Vec<&'static Scenario>> {
    for id in only {
        if !SCENARIOS
            .iter()
            .any(|scenario| scenario.id.eq_ignore_ascii_case(id))
        {
            let known: Vec<&str> = SCENARIOS.iter().map(|scenario| scenario.id).collect();
            bail!("there is no scenario {id}; there are {}", known.join(", "));
        }
    }
    let is_chosen = |scenario: &&Scenario| {
        if only.is_empty() {
            scenario.is_of_window() == (subject == Some(Subject::Desktop))
        } else {
            only.iter().any(|id| scenario.id.eq_ignore_ascii_case(id))
        }
    };
    Ok(SCENARIOS.iter().filter(is_chosen).collect())
}
