//! The program itself, as far as it can be tried without a screen; `apps/ui/e2e-desktop` has the rest.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use std::{fs, thread};

/// Longer than any start takes that ends.
const ENDS_WITHIN: Duration = Duration::from_mins(1);

/// Starts it with folders of its own, and returns when it ended. `screens` is what the environment says of them.
fn start_without_screen(folder: &Path, config: &str, screens: &[(&str, &str)]) -> Output {
    let file = folder.join("config.toml");
    fs::write(&file, config).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_gannet-desktop"));
    program
        .arg("--data-dir")
        .arg(folder.join("data"))
        .arg("--download-dir")
        .arg(folder.join("downloads"))
        .arg("--config")
        .arg(file)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        // Where one of another session would be found unasked.
        .env("XDG_RUNTIME_DIR", folder)
        .env("XDG_CONFIG_HOME", folder)
        .envs(screens.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let running = program.spawn().unwrap();
    let id = running.id().to_string();
    let (told, ended) = mpsc::channel();
    thread::spawn(move || told.send(running.wait_with_output().unwrap()));
    ended.recv_timeout(ENDS_WITHIN).unwrap_or_else(|_| {
        let _ = Command::new("kill").args(["-KILL", &id]).status();
        panic!("it does not end by itself")
    })
}

#[test]
fn without_a_screen_it_says_so_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    for (screens, sought) in [
        (&[][..], "neither DISPLAY nor WAYLAND_DISPLAY is set"),
        (&[("DISPLAY", ":32123")][..], "nobody answers at DISPLAY=:32123"),
    ] {
        let ended = start_without_screen(folder.path(), "", screens);
        assert_eq!(ended.status.code(), Some(1), "{:?}", ended.status);
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(said.contains(sought) && said.contains("gannet serve"), "{said}");
        assert!(!said.contains("panicked"), "{said}");
    }
    // The list was given back: the next start finds nothing of this one.
    assert!(!folder.path().join("data/runtime.json").exists());
}

#[test]
fn without_a_screen_it_says_what_else_is_wrong_and_ends() {
    let folder = tempfile::tempdir().unwrap();
    for screens in [&[][..], &[("DISPLAY", ":32123")][..]] {
        let ended = start_without_screen(folder.path(), "no_such_setting = 1", screens);
        assert_eq!(ended.status.code(), Some(1), "{:?}", ended.status);
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(
            said.contains("cannot use its settings file") && said.contains("no_such_setting"),
            "{said}"
        );
    }
}
