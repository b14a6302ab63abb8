//! The developer's menu, run as `cargo xtask COMMAND` from anywhere in the checkout.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a developer's tool talks on the terminal"
)]

mod app;
#[cfg(target_os = "linux")]
mod bench;
mod changes;
mod codegen;
mod demo;
mod desktop;
mod dev;
mod e2e;
mod icons;
mod origin;
mod package;
mod page;
mod system;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Gannet's developer menu.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Menu {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check everything that continuous integration checks: format, lints, tidy, tests, documentation
    Test,
    /// Check the repository's own rules
    Tidy,
    /// Write the schema's types in TypeScript
    Codegen(codegen::Arguments),
    /// Drive the page in a real browser against the real server, or with --desktop the real window
    E2e(e2e::Arguments),
    /// Make this system's packages of the command line and the desktop window
    Package(package::Arguments),
    /// Make the window's icons in all sizes, from the drawing in apps/ui/public/icon.svg
    Icons,
    /// Take the README's pictures into docs/images
    Screenshots,
    /// Use Gannet: builds it and opens its window, or runs the command line with the arguments given
    App(app::Arguments),
    /// The page with hot reload against the real server, or with --desktop in the real window, for working on it
    Dev(dev::Arguments),
    /// See a download without any network
    Demo,
    /// Measure Gannet and its peers side by side and write bench/RESULTS.md
    #[cfg(target_os = "linux")]
    Bench(bench::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Menu::parse().command {
        Command::Test => test::run(),
        Command::Tidy => tidy::run(),
        Command::Codegen(arguments) => codegen::run(&arguments),
        Command::Package(arguments) => package::run(&arguments),
        Command::Icons => icons::run(),
        Command::Screenshots => e2e::take_screenshots(),
        Command::E2e(arguments) => e2e::run(&arguments),
        Command::App(arguments) => app::run(&arguments),
        Command::Dev(arguments) => dev::run(&arguments),
        Command::Demo => demo::run(),
        #[cfg(target_os = "linux")]
        Command::Bench(arguments) => bench::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
