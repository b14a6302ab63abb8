//! What a person at a terminal sees.

use std::fs::File;
use std::io::Read as _;
use std::process::{Command, Stdio};
use std::thread;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::scene::Scene;

/// Runs `command` with a terminal of 110 columns as its standard error, and returns what was drawn.
fn at_a_terminal(mut command: Command) -> String {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&ours).expect("granted");
    unlockpt(&ours).expect("unlocked");
    let size = Winsize {
        ws_row: 24,
        ws_col: 110,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&ours, size).expect("a size");
    let name = ptsname(&ours, Vec::new()).expect("a name");
    let theirs = File::options()
        .read(true)
        .write(true)
        .open(name.to_str().expect("UTF-8"))
        .expect("the other side");
    command.stderr(Stdio::from(theirs)).stdout(Stdio::null());
    let mut child = command.spawn().expect("the binary runs");
    // Our copy of the other side goes, so that the end of the child is the end of the file.
    drop(command);
    let drawing = thread::spawn(move || {
        let mut drawn = Vec::new();
        // Ends with EIO when nobody holds the other side any longer.
        let _ = File::from(ours).read_to_end(&mut drawn);
        String::from_utf8_lossy(&drawn).into_owned()
    });
    let status = child.wait().expect("ended");
    assert!(status.success(), "{status}");
    drawing.join().expect("read")
}

fn slow() -> Scene {
    Scene::new(|origin| origin.size(2 << 20).rate_total(2 << 20))
}

#[test]
fn a_bar_is_drawn_and_becomes_a_line() {
    let scene = slow();
    let mut command = scene.get(&[&scene.url("a.bin")]);
    let drawn = at_a_terminal({
        command.env("TERM", "xterm-256color");
        command
    });
    assert!(drawn.contains('━'), "{drawn:?}");
    assert!(drawn.contains(" conn"), "{drawn:?}");
    assert!(drawn.contains("\u{1b}[1ma.bin"), "the name is bold: {drawn:?}");
    assert!(drawn.contains(", unverified"), "{drawn:?}");
}

#[test]
fn no_color_is_honoured() {
    let scene = slow();
    let mut command = scene.get(&[&scene.url("a.bin")]);
    let drawn = at_a_terminal({
        command.env("TERM", "xterm-256color").env("NO_COLOR", "1");
        command
    });
    assert!(drawn.contains('━'), "{drawn:?}");
    let painted = drawn.split("\u{1b}[").skip(1).any(|sequence| {
        sequence
            .trim_start_matches(|c: char| c.is_ascii_digit() || c == ';')
            .starts_with('m')
    });
    assert!(!painted, "{drawn:?}");
}

#[test]
fn a_quick_download_draws_no_bar() {
    let scene = Scene::new(|origin| origin.size(10_000));
    let mut command = scene.get(&[&scene.url("a.bin")]);
    let drawn = at_a_terminal({
        command.env("TERM", "xterm-256color");
        command
    });
    assert!(!drawn.contains('━'), "{drawn:?}");
    assert!(drawn.contains("10.0 kB in "), "{drawn:?}");
}
