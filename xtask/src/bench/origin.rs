//! What the test origin saw.

use anyhow::{Context, Result};
use serde::Deserialize;

use super::{http::Question, results::Traffic};
use crate::origin::Origin;

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
    let question = Question {
        authority: origin.authority()?,
        method,
        path,
        header_lines: "",
        body: "",
    };
    question.ask()
}
