//! `cargo xtask e2e`: the page in a real browser against the real server, or the real window; and the test origin.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::{
    desktop, page,
    system::{self, Tool},
};

/// The browser, with letters for all the languages that the page speaks.
const TOOLS: &[Tool] = &[Tool {
    program: "chromium",
    packages: &[
        "chromium",
        "fonts-dejavu-core",
        "fonts-liberation",
        "fonts-noto-cjk",
    ],
    needed_for: "the page is tried in a real browser",
}];

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Drive the desktop window instead of the page in a browser
    #[arg(long)]
    desktop: bool,

    /// What to give to Playwright, e.g. part of a test's name after `-g`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
    arguments: Vec<String>,
}

/// Builds what the tests drive, and runs those that `arguments` choose.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    page::build()?;
    if arguments.desktop {
        return desktop::drive(&arguments.arguments);
    }
    let mut playwright = prepared()?;
    playwright.args(&arguments.arguments);
    system::run(&mut playwright)
}

/// Runs all of them; the page is built already.
pub(crate) fn run_all() -> Result<()> {
    system::run(&mut prepared()?)
}

/// `cargo xtask screenshots`: takes the README's pictures from the real page over the real server, and on Linux from the real
/// window.
pub(crate) fn take_screenshots() -> Result<()> {
    page::build()?;
    let mut playwright = prepared()?;
    playwright.args(["-c", "playwright.screenshots.config.ts"]);
    system::run(&mut playwright)?;
    #[cfg(target_os = "linux")]
    desktop::take_pictures()?;
    Ok(())
}

/// Playwright, with everything there that its tests drive.
fn prepared() -> Result<Command> {
    let browser = browser()?;
    // The profile of the other tests: nothing is compiled twice, and no long link is waited for.
    system::run(system::cargo().args([
        "build",
        "--locked",
        "--package=gannet-cli",
        "--package=gannet-testkit",
    ]))?;
    // For states that are hard to reach, and for ten thousand rows.
    system::run(page::npm().args(["run", "build:mock"]))?;
    let mut command = page::npx();
    command
        .args(["playwright", "test"])
        .env("GANNET", system::built_binary(system::Profile::Dev, "gannet")?)
        .env(
            "GANNET_ORIGIN",
            system::built_binary(system::Profile::Dev, "origin")?,
        )
        .env("GANNET_CHROMIUM", browser);
    Ok(command)
}

/// The browser that the page is tried in: the one that `GANNET_CHROMIUM` names, for systems that have none in their packages;
/// else the system's Chromium.
fn browser() -> Result<PathBuf> {
    if let Some(named) = env::var_os("GANNET_CHROMIUM") {
        return Ok(named.into());
    }
    system::ensure_tools(TOOLS)?;
    Ok(system::find_program("chromium").unwrap_or_else(|| PathBuf::from("chromium")))
}
