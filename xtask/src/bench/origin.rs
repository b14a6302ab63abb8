//! What the test origin saw.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::results::Traffic;
use crate::origin::Origin;

const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// The origin's own page `GET /.log`, as far as the benchmark needs it.
#[derive(Deserialize)]
struct Log {
    requests: u64,
    refusals: u64,
    bytes_sent: u64,
    #[serde(rename = "peak_open_connections")]
    peak_connections: u64,
}

/// The one file it serves, and what every single-file download is called.
pub(super) const NAME: &str = "file.bin";

/// Starts one with content of this size and seed, and these manners.
pub(super) fn serve(size_bytes: u64, seed: u64, manners: &[&str]) -> Result<Origin> {
    let (size, seed) = (size_bytes.to_string(), seed.to_string());
    let content = ["--size", &size, "--seed", &seed, "--name", NAME];
    Origin::start(&[&content[..], manners].concat())
}

/// What it saw since the last [`forget`].
pub(super) fn traffic(origin: &Origin) -> Result<Traffic> {
    let body = ask(origin, "GET", "/.log")?;
    let Log {
        requests,
        refusals,
        bytes_sent,
        peak_connections,
    } = serde_json::from_str(&body).with_context(|| format!("the origin's log: {body}"))?;
    Ok(Traffic {
        requests,
        peak_connections,
        bytes_sent,
        refusals,
    })
}

/// Starts its log, its caps and its random numbers anew.
pub(super) fn forget(origin: &Origin) -> Result<()> {
    ask(origin, "POST", "/.reset").map(|_| ())
}

fn ask(origin: &Origin, method: &str, path: &str) -> Result<String> {
    let authority = origin.authority()?;
    let mut stream = TcpStream::connect(authority)?;
    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    // Its own pages need nothing of HTTP but a body that ends with the connection.
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {authority}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let Some((head, body)) = answer.split_once("\r\n\r\n") else {
        bail!("{method} {path}: an answer without an end of its headers");
    };
    let status = head.split(' ').nth(1).unwrap_or_default();
    ensure!(status.starts_with('2'), "{method} {path}: status {status}");
    Ok(body.to_owned())
}
