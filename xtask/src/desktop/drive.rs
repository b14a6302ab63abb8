//! The real window, driven through `WebDriver` on a screen that nobody sees.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::page;
use crate::system::{self, Profile, PythonModule, Tool};

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
        program: "dunst",
        packages: &["dunst"],
        needed_for: "notifications need somebody who shows them",
    },
    Tool {
        program: "openbox",
        packages: &["openbox"],
        needed_for: "it moves windows, and gives them frames",
    },
    Tool {
        program: "xfce4-panel",
        packages: &["xfce4-panel"],
        needed_for: "it shows the tray",
    },
    Tool {
        program: "xdotool",
        packages: &["xdotool"],
        needed_for: "the mouse and the keys of whoever sits before the screen",
    },
    Tool {
        program: "xwininfo",
        packages: &["x11-utils"],
        needed_for: "it says which windows are on the screen",
    },
    Tool {
        program: "gsettings",
        packages: &["libglib2.0-bin", "gsettings-desktop-schemas"],
        needed_for: "it changes the desktop's settings",
    },
    Tool {
        program: "import",
        packages: &["imagemagick"],
        needed_for: "pictures of the screen",
    },
    Tool {
        program: "fc-match",
        packages: &["fontconfig", "fonts-dejavu-core", "fonts-liberation"],
        needed_for: "letters",
    },
];

const MODULES: &[PythonModule] = &[
    PythonModule {
        name: "dbusmock",
        packages: &["python3-dbusmock"],
        needed_for: "it plays the machine's battery, line and sleep",
    },
    PythonModule {
        name: "dbus",
        packages: &["python3-dbus"],
        needed_for: "it reads the tray's menu, and chooses in it",
    },
    PythonModule {
        name: "gi",
        packages: &["python3-gi", "gir1.2-gtk-3.0"],
        needed_for: "it is another program, out of which something is dragged",
    },
];

/// Builds the window as tests are built, and runs the tests that `arguments` choose; the page is built already.
pub(crate) fn drive(arguments: &[String]) -> Result<()> {
    drive_with("playwright.desktop.config.ts", arguments)
}

/// Takes the README's pictures of the window.
pub(crate) fn take_pictures() -> Result<()> {
    drive_with("playwright.window.config.ts", &[])
}

fn drive_with(config: &str, arguments: &[String]) -> Result<()> {
    ensure_tools()?;
    system::ensure_python_modules(MODULES)?;
    build_for_tests()?;
    let screen = Screen::start()?;
    let mut playwright = page::in_folder(Command::new("dbus-run-session"));
    playwright
        .args(["--", "npx", "playwright", "test", "--config", config])
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

/// Sees to it that a window can be shown on a screen that nobody sees, and driven there.
pub(crate) fn ensure_tools() -> Result<()> {
    system::ensure_tools(TOOLS)
}

/// Builds the programs with the features that the workspace's tests were compiled with: nothing is compiled twice.
pub(crate) fn build_for_tests() -> Result<()> {
    super::ensure_libraries()?;
    system::run(system::cargo().args(["build", "--locked", "--workspace", "--bins"]))
}

/// Runs all of them.
pub(crate) fn drive_all() -> Result<()> {
    drive(&[])
}

/// A screen that nobody sees; it goes when this is dropped.
pub(crate) struct Screen {
    server: Child,
    /// `:99`
    pub(crate) display: String,
    /// What is on it, where that is looked at.
    picture: Option<PathBuf>,
}

impl Screen {
    /// Takes a number that is free.
    pub(crate) fn start() -> Result<Self> {
        Self::start_with(&[], None)
    }

    /// One whose picture is a file in this folder, so that it can be looked at as often as one likes.
    pub(crate) fn start_seen_in(folder: &Path) -> Result<Self> {
        let folder_name = folder.to_str().context("the folder has a plain name")?;
        // So Xvfb calls its first screen.
        Self::start_with(&["-fbdir", folder_name], Some(folder.join("Xvfb_screen0")))
    }

    /// The pixels as they are now, row by row.
    pub(crate) fn picture(&self) -> Result<Vec<u8>> {
        let (mut dump, start) = self.dump()?;
        let length = dump.metadata()?.len().saturating_sub(start);
        let mut pixels = Vec::with_capacity(length as usize);
        dump.read_to_end(&mut pixels)?;
        ensure!(!pixels.is_empty(), "the screen's picture is none");
        Ok(pixels)
    }

    /// Some rows of it. Who looks often is not to keep a processor busy with it: it is what is looked at that is measured.
    pub(crate) fn glance(&self) -> Result<Vec<u8>> {
        let (mut dump, start) = self.dump()?;
        let mut rows = Vec::with_capacity(ROWS / GLANCE_ROWS * ROW_BYTES);
        for row in (0..ROWS).step_by(GLANCE_ROWS) {
            dump.seek(SeekFrom::Start(start + (row * ROW_BYTES) as u64))?;
            (&mut dump).take(ROW_BYTES as u64).read_to_end(&mut rows)?;
        }
        Ok(rows)
    }

    /// The picture's file, at the first pixel, and where in it that is.
    fn dump(&self) -> Result<(fs::File, u64)> {
        let path = self.picture.as_ref().context("nobody looks at this screen")?;
        let mut dump = fs::File::open(path).context("the screen shows nothing")?;
        let mut header = [0; HEADER_READ_BYTES];
        dump.read_exact(&mut header).context("the screen shows nothing")?;
        let start = beginning_of_pixels(&header).context("the screen's picture is none")?;
        dump.seek(SeekFrom::Start(start))?;
        Ok((dump, start))
    }

    fn start_with(arguments: &[&str], picture: Option<PathBuf>) -> Result<Self> {
        let server = Command::new("Xvfb")
            .args(arguments)
            .args([
                // Else it begins anew whenever its last client leaves, and turns away who comes just then.
                "-noreset",
                "-displayfd",
                "1",
                "-screen",
                "0",
                &format!("{COLUMNS}x{ROWS}x24"),
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
            picture,
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

/// The words of a window dump's header that tell where its pixels are.
const HEADER_READ_BYTES: usize = 20 * 4;

/// The screen, in pixels.
const COLUMNS: usize = 1600;
const ROWS: usize = 1000;
const ROW_BYTES: usize = COLUMNS * 4;
/// A glance sees one row of so many: no line of a text is less high.
const GLANCE_ROWS: usize = 8;

/// In a window dump (`XWDFile.h`): the header says how long it is and, as its twentieth word, how many colours of twelve
/// bytes follow it.
fn beginning_of_pixels(header: &[u8]) -> Option<u64> {
    let word = |number: usize| -> Option<u64> {
        let bytes = header.get(number * 4..number * 4 + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?).into())
    };
    let start = word(0)? + word(19)? * 12;
    (start >= HEADER_READ_BYTES as u64).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pixels_come_after_the_colours() {
        let mut header = [0; HEADER_READ_BYTES];
        header[3] = 100;
        header[19 * 4 + 3] = 2;
        assert_eq!(beginning_of_pixels(&header), Some(124));
        assert_eq!(beginning_of_pixels(&header[..40]), None);
        assert_eq!(beginning_of_pixels(&[0; HEADER_READ_BYTES]), None);
    }
}
