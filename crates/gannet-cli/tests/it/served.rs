//! A server as a process of its own, for tests that talk to it.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command};
#[cfg(unix)]
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::scene::{Ended, Scene, end};

/// A server that runs; it is killed where a test forgets it.
pub(crate) struct Serving<'a> {
    scene: &'a Scene,
    child: Option<Child>,
    lines: BufReader<ChildStdout>,
    /// Without a slash at its end.
    pub(crate) url: String,
}

pub(crate) const SERVE: [&str; 7] = [
    "serve",
    "--listen",
    "127.0.0.1:0",
    "--data-dir",
    "data",
    "--download-dir",
    "downloads",
];

impl<'a> Serving<'a> {
    pub(crate) fn start(scene: &'a Scene) -> Self {
        Self::start_with(scene, &[])
    }

    pub(crate) fn start_with(scene: &'a Scene, more: &[&str]) -> Self {
        Self::of(scene, scene.gannet(&SERVE).args(more))
    }

    pub(crate) fn start_with_environment(scene: &'a Scene, environment: &[(&str, &str)]) -> Self {
        Self::of(scene, scene.gannet(&SERVE).envs(environment.iter().copied()))
    }

    pub(crate) fn of(scene: &'a Scene, command: &mut Command) -> Self {
        let mut child = command.spawn().expect("the binary runs");
        let mut lines = BufReader::new(child.stdout.take().expect("piped"));
        let mut first = String::new();
        lines.read_line(&mut first).expect("a line");
        let Some(url) = first.trim().strip_prefix("listening on ") else {
            panic!("it said {first:?} and {}", end(child).stderr);
        };
        Self {
            scene,
            url: url.trim_end_matches('/').to_owned(),
            child: Some(child),
            lines,
        }
    }

    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("a line");
        line.trim().to_owned()
    }

    /// Runs a command that talks to it.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Ended {
        ask(self.scene, arguments)
    }

    pub(crate) fn ask_well(&self, arguments: &[&str]) -> String {
        let ended = self.ask(arguments);
        assert_eq!(ended.status, Some(0), "{arguments:?}: {}", ended.stderr);
        String::from_utf8(ended.stdout).expect("UTF-8")
    }

    pub(crate) fn objects(&self, arguments: &[&str]) -> Vec<Value> {
        let text = self.ask_well(arguments);
        text.lines()
            .map(|line| serde_json::from_str(line).expect("an object"))
            .collect()
    }

    /// Waits for an end that it came to by itself.
    pub(crate) fn ended(mut self) -> Ended {
        end(self.child.take().expect("it runs"))
    }

    /// Sends a command as the page does; the reply.
    pub(crate) fn command(&self, command: &gannet_schema::Command) -> Value {
        self.send(&serde_json::to_string(command).expect("JSON")).1
    }

    /// Sends whatever it is; the status and the answer.
    pub(crate) fn send(&self, body: &str) -> (u16, Value) {
        let token = fs::read_to_string(self.scene.path("data/token")).expect("a token");
        let authority = self.url.strip_prefix("http://").expect("a link");
        let mut stream = TcpStream::connect(authority).expect("a connection");
        write!(
            stream,
            "POST /api/command HTTP/1.1\r\nHost: {authority}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            token.trim(),
            body.len()
        )
        .expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        // What is no JSON is a refusal in words.
        let value = serde_json::from_str(body).unwrap_or(Value::Null);
        (status.expect("a status"), value)
    }

    pub(crate) fn kill(mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("killed");
            child.wait().expect("gone");
        }
    }

    #[cfg(unix)]
    pub(crate) fn terminate(mut self) -> (Ended, Duration) {
        let child = self.child.take().expect("it runs");
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("a signal");
        let asked = Instant::now();
        let ended = end(child);
        (ended, asked.elapsed())
    }
}

impl Drop for Serving<'_> {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

pub(crate) fn ask(scene: &Scene, arguments: &[&str]) -> Ended {
    let mut command = scene.gannet(arguments);
    if !arguments.contains(&"--server") {
        command.args(["--data-dir", "data"]);
    }
    end(command.spawn().expect("the binary runs"))
}
