//! `cargo xtask test`: all that continuous integration asks for, in one command, on a fresh machine too.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

#[cfg(target_os = "linux")]
use crate::package;
use crate::{
    codegen, desktop, e2e, page,
    system::{self, Tool},
    tidy,
};

/// What the tests need beside rustup. On Windows the C compiler is found through the registry, not the `PATH`.
const TOOLS: &[Tool] = &[
    #[cfg(unix)]
    Tool {
        program: "cc",
        packages: &["gcc", "libc6-dev"],
        needed_for: "ring compiles C, and Rust links with it",
    },
    Tool {
        program: "git",
        packages: &["git"],
        needed_for: "tidy asks it what is committed",
    },
];

const COMPONENTS: &[(&str, &str)] = &[("rustfmt", "fmt"), ("clippy", "clippy")];

struct Step {
    name: &'static str,
    work: Work,
}

enum Work {
    Cargo {
        arguments: &'static [&'static str],
        environment: &'static [(&'static str, &'static str)],
    },
    Ours {
        run: fn() -> Result<()>,
        repeat: &'static str,
    },
}

const STEPS: &[Step] = &[
    Step {
        name: "format",
        work: cargo(&["fmt", "--all", "--check"]),
    },
    // Before everything that is compiled: the server takes the page in.
    Step {
        name: "page",
        work: ours(page::check, "npm --prefix apps/ui run check, test, build"),
    },
    Step {
        name: "clippy",
        work: cargo(&[
            "clippy",
            "--locked",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]),
    },
    // As `cargo xtask dev --desktop` builds it; nothing else does.
    Step {
        name: "clippy of the window in development",
        work: cargo(&[
            "clippy",
            "--locked",
            "--package=gannet-desktop",
            "--no-default-features",
            "--",
            "-D",
            "warnings",
        ]),
    },
    Step {
        name: "tidy",
        work: ours(tidy::run, "cargo xtask tidy"),
    },
    Step {
        name: "codegen",
        work: ours(codegen::check, "cargo xtask codegen --check"),
    },
    Step {
        name: "tests",
        work: cargo(&["test", "--locked", "--workspace"]),
    },
    Step {
        name: "e2e",
        work: ours(e2e::run_all, "cargo xtask e2e"),
    },
    #[cfg(target_os = "linux")]
    Step {
        name: "window",
        work: ours(desktop::drive_all, "cargo xtask e2e --desktop"),
    },
    #[cfg(target_os = "linux")]
    Step {
        name: "packages",
        work: ours(package::try_packages, "cargo xtask package --try"),
    },
    Step {
        name: "docs",
        work: Work::Cargo {
            arguments: &["doc", "--locked", "--no-deps", "--workspace"],
            environment: &[("RUSTDOCFLAGS", "-D warnings")],
        },
    },
];

/// Runs every step, stops at the first red one, and says how to repeat it.
pub(crate) fn run() -> Result<()> {
    system::ensure_tools(TOOLS)?;
    system::ensure_components(COMPONENTS)?;
    desktop::ensure_libraries()?;

    let mut times: Vec<(&str, Duration)> = Vec::new();
    for step in STEPS {
        println!("\n== {}: {}", step.name, step.how_to_repeat());
        let start = Instant::now();
        step.run().with_context(|| {
            format!(
                "step \"{}\" is red; repeat it with: {}",
                step.name,
                step.how_to_repeat()
            )
        })?;
        let time = start.elapsed();
        println!("== {}: green in {:.1} s", step.name, time.as_secs_f64());
        times.push((step.name, time));
    }

    println!("\nall green:");
    for (name, time) in &times {
        println!("  {name:<8} {:>7.1} s", time.as_secs_f64());
    }
    let total: Duration = times.iter().map(|(_, time)| *time).sum();
    println!("  {:<8} {:>7.1} s", "total", total.as_secs_f64());
    Ok(())
}

const fn cargo(arguments: &'static [&'static str]) -> Work {
    Work::Cargo {
        arguments,
        environment: &[],
    }
}

const fn ours(run: fn() -> Result<()>, repeat: &'static str) -> Work {
    Work::Ours { run, repeat }
}

impl Step {
    fn run(&self) -> Result<()> {
        match self.work {
            Work::Cargo {
                arguments,
                environment,
            } => system::run(system::cargo().args(arguments).envs(environment.iter().copied())),
            Work::Ours { run, .. } => run(),
        }
    }

    fn how_to_repeat(&self) -> String {
        match self.work {
            Work::Ours { repeat, .. } => repeat.to_owned(),
            Work::Cargo {
                arguments,
                environment,
            } => environment
                .iter()
                .map(|(name, value)| format!("{name}=\"{value}\" "))
                .chain([system::show(system::cargo().args(arguments))])
                .collect(),
        }
    }
}
