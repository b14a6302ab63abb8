//! A screen with a window manager, a tray and a bus, and nobody before it.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use super::Calm;
use crate::{desktop::Screen, system};

const LOOK_INTERVAL: Duration = Duration::from_millis(15);
/// A picture that stayed as it is for so long is done.
const STILL_FOR: Duration = Duration::from_millis(1500);
/// Where something moves for ever, the picture after so long is what was waited for.
const MOVES_FOR: Duration = Duration::from_secs(4);
/// How much of a picture may differ from the last one, where nothing moves and where something does.
const DIFFERENCE_STILL: f64 = 0.0005;
const DIFFERENCE_AT_WORK: f64 = 0.02;

/// All that a person has before her, and the programs of it.
pub(super) struct Desk {
    screen: Screen,
    bus_address: String,
    /// The bus and what came on it; ended with this.
    programs: Vec<Child>,
}

impl Desk {
    pub(super) fn lay(work: &Path) -> Result<Self> {
        let pictures = work.join("screen");
        fs::create_dir_all(&pictures)?;
        let mut desk = Self {
            screen: Screen::start_seen_in(&pictures)?,
            bus_address: String::new(),
            programs: Vec::new(),
        };
        let mut bus = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("dbus-daemon could not be started")?;
        let said = bus.stdout.take().context("standard output is piped")?;
        desk.programs.push(bus);
        let mut address = String::new();
        BufReader::new(said).read_line(&mut address)?;
        ensure!(!address.is_empty(), "dbus-daemon ended");
        address.trim().clone_into(&mut desk.bus_address);
        let home = work.join("screen/home");
        fs::create_dir_all(&home)?;
        for program in ["openbox", "xfce4-panel"] {
            let mut command = Command::new(program);
            desk.put_on(&mut command);
            let child = command
                .env("HOME", &home)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .with_context(|| format!("{program} could not be started"))?;
            desk.programs.push(child);
        }
        desk.wait_for_tray()?;
        Ok(desk)
    }

    /// Lets a program find the screen and the bus.
    pub(super) fn put_on(&self, command: &mut Command) {
        command
            .env("DISPLAY", &self.screen.display)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus_address)
            .env("LANG", "C.UTF-8")
            .env_remove("WAYLAND_DISPLAY");
    }

    /// Until the screen showed, for the first time, what it goes on to show.
    pub(super) fn painted(&self, since: Instant, calm: Calm) -> Result<Duration> {
        // Before the picture: what changes between the two is then seen as a change.
        let mut glanced_at = self.screen.glance()?;
        let before = self.screen.picture()?;
        let mut pictures: Vec<(Duration, Vec<u8>)> = Vec::new();
        let mut changed = Instant::now();
        let begun = Instant::now();
        let allowed = match calm {
            Calm::Still => DIFFERENCE_STILL,
            Calm::AtWork => DIFFERENCE_AT_WORK,
        };
        loop {
            let glance = self.screen.glance()?;
            // Mostly nothing changed, and that is seen at once: to count pixels takes time, which the window needs too.
            if glance != glanced_at {
                let picture = self.screen.picture()?;
                let last = pictures.last().map_or(&before, |(_, picture)| picture);
                let seen = since.elapsed();
                if difference(last, &picture) > allowed {
                    pictures.push((seen, picture));
                    changed = Instant::now();
                }
                glanced_at = glance;
            }
            let is_done = match calm {
                Calm::Still => !pictures.is_empty() && changed.elapsed() > STILL_FOR,
                Calm::AtWork => begun.elapsed() > MOVES_FOR,
            };
            if is_done {
                break;
            }
            ensure!(
                begun.elapsed() < super::PATIENCE,
                "the screen does not come to rest"
            );
            thread::sleep(LOOK_INTERVAL);
        }
        let last = self.screen.picture()?;
        ensure!(difference(&before, &last) > allowed, "nothing was painted");
        let done = pictures
            .iter()
            .rev()
            .take_while(|(_, picture)| difference(picture, &last) <= allowed)
            .last();
        done.map(|(at, _)| *at).context("the picture goes on changing")
    }

    /// As a person does, by the window manager's key.
    pub(super) fn close_window(&self) -> Result<()> {
        self.do_with_hand(&["key", "--clearmodifiers", "alt+F4"])
    }

    /// A double click on the first row, which opens what there is to know about it.
    pub(super) fn open_first_row(&self) -> Result<()> {
        let window = self.hand(&["search", "--onlyvisible", "--name", "^Gannet$"])?;
        let window = window.lines().last().context("the window is not there")?;
        self.do_with_hand(&["mousemove", "--window", window, "420", "150"])?;
        self.do_with_hand(&["click", "--repeat", "2", "--delay", "60", "1"])
    }

    /// For whoever wants to see it.
    pub(super) fn keep_picture(&self, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut import = Command::new("import");
        self.put_on(&mut import);
        system::run(import.args(["-window", "root"]).arg(path))
    }

    fn do_with_hand(&self, words: &[&str]) -> Result<()> {
        self.hand(words).map(|_| ())
    }

    fn hand(&self, words: &[&str]) -> Result<String> {
        let mut xdotool = Command::new("xdotool");
        self.put_on(&mut xdotool);
        system::capture(xdotool.args(words))
    }

    /// Until whoever closes a window finds it again there.
    fn wait_for_tray(&self) -> Result<()> {
        let begun = Instant::now();
        loop {
            let mut ask = Command::new("dbus-send");
            self.put_on(&mut ask);
            let answer = system::capture(ask.args([
                "--session",
                "--print-reply",
                "--dest=org.freedesktop.DBus",
                "/org/freedesktop/DBus",
                "org.freedesktop.DBus.NameHasOwner",
                "string:org.kde.StatusNotifierWatcher",
            ]));
            if answer.is_ok_and(|answer| answer.contains("boolean true")) {
                return Ok(());
            }
            ensure!(begun.elapsed() < super::PATIENCE, "no tray comes");
            thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        for mut program in self.programs.drain(..).rev() {
            // Already gone is as good as stopped.
            let _ = program.kill();
            let _ = program.wait();
        }
    }
}

/// The share of pixels that differ.
fn difference(one: &[u8], other: &[u8]) -> f64 {
    const BYTES_PER_PIXEL: usize = 4;
    if one.len() != other.len() || one.is_empty() {
        return 1.0;
    }
    let differing = one
        .chunks_exact(BYTES_PER_PIXEL)
        .zip(other.chunks_exact(BYTES_PER_PIXEL))
        .filter(|(one, other)| one != other)
        .count();
    differing as f64 / (one.len() / BYTES_PER_PIXEL) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_compared_pixel_by_pixel() {
        assert!(difference(&[1; 16], &[1; 16]) < f64::EPSILON);
        let mut other = [1; 16];
        other[5] = 2;
        assert!((difference(&[1; 16], &other) - 0.25).abs() < f64::EPSILON);
        assert!((difference(&[], &[]) - 1.0).abs() < f64::EPSILON);
    }
}
