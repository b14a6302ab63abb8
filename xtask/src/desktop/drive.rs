//! The real window, driven through `WebDriver` on a screen that nobody sees.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::page;
use crate::system::{self, Profile, Tool};

/// Beside what the window is built with.
const TOOLS: &[Tool] = &[
    Tool {
        program: "Xvfb",
        packages: &["xvfb"],
        needed_for: "a screen that nobody sees",
    },
    Tool {
        program: "WebKitWebDriver",
        packages: &["webkit2gtk-driver"],
        needed_for: "it drives the window's webview",
    },
    Tool {
        program: "dbus-run-session",
        packages: &["dbus-x11"],
        needed_for: "the window's programs talk over a bus of their own",
    },
    Tool {
        program: "xdotool",
        packages: &["xdotool"],
        needed_for: "it types into the system's own dialogs",
    },
    Tool {
        program: "dunst",
        packages: &["dunst"],
        needed_for: "notifications need somebody who shows them",
    },
    Tool {
        program: "fc-match",
        packages: &["fontconfig", "fonts-dejavu-core", "fonts-liberation"],
        needed_for: "letters",
    },
];

/// Builds the window as tests are built, and runs the tests that `arguments` choose; the page is built already.
pub(crate) fn drive(arguments: &[String]) -> Result<()> {
    super::ensure_libraries()?;
    system::ensure_tools(TOOLS)?;
    // With the features that the workspace's tests were compiled with: nothing is compiled twice.
    system::run(system::cargo().args(["build", "--locked", "--workspace", "--bins"]))?;
    let screen = Screen::start()?;
    let mut playwright = page::in_folder(Command::new("dbus-run-session"));
    playwright
        .args([
            "--",
            "npx",
            "playwright",
            "test",
            "--config=playwright.desktop.config.ts",
        ])
        .args(arguments)
        .env("DISPLAY", &screen.display)
        .env_remove("WAYLAND_DISPLAY")
        .env(
            "GANNET_DESKTOP",
            system::built_binary(Profile::Dev, "gannet-desktop")?,
        )
        .env("GANNET", system::built_binary(Profile::Dev, "gannet")?)
        .env("GANNET_ORIGIN", system::built_binary(Profile::Dev, "origin")?);
    system::run(&mut playwright)
}

/// Runs all of them.
pub(crate) fn drive_all() -> Result<()> {
    drive(&[])
}

/// A screen that nobody sees; it goes when this is dropped.
struct Screen {
    server: Child,
    /// `:99`
    display: String,
}

impl Screen {
    /// Takes a number that is free.
    fn start() -> Result<Self> {
        let server = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1280x800x24",
                "-nolisten",
                "tcp",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("Xvfb could not be started")?;
        let mut screen = Self {
            server,
            display: String::new(),
        };
        let output = screen.server.stdout.take().context("standard output is piped")?;
        let mut number = String::new();
        BufReader::new(output).read_line(&mut number)?;
        ensure!(!number.is_empty(), "Xvfb ended");
        screen.display = format!(":{}", number.trim());
        Ok(screen)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Already gone is as good as stopped.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
