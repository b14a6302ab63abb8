//! As much of HTTP as the benchmark's own questions need: one request a connection, to this machine.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};

const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// A question to `authority` (`127.0.0.1:PORT`).
pub(super) struct Question<'a> {
    pub(super) authority: &'a str,
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    /// Whole lines, each with its end.
    pub(super) header_lines: &'a str,
    pub(super) body: &'a str,
}

impl Question<'_> {
    /// The body of a successful answer.
    pub(super) fn ask(&self) -> Result<String> {
        let (method, path) = (self.method, self.path);
        let mut stream = self.send("Connection: close\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let Some((head, body)) = answer.split_once("\r\n\r\n") else {
            bail!("{method} {path}: an answer without an end of its headers");
        };
        let status = head.split(' ').nth(1).unwrap_or_default();
        ensure!(
            status.starts_with('2'),
            "{method} {path}: status {status}: {body}"
        );
        Ok(body.to_owned())
    }

    /// The connection, once the request is on its way.
    pub(super) fn send(&self, further_lines: &str) -> Result<TcpStream> {
        let Self {
            authority,
            method,
            path,
            header_lines,
            body,
        } = self;
        let mut stream =
            TcpStream::connect(authority).with_context(|| format!("nobody answers at {authority}"))?;
        stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {authority}\r\n{header_lines}{further_lines}Content-Length: {length}\r\n\r\n{body}"
        )?;
        Ok(stream)
    }
}
