//! A server that runs, `gannet serve` or the desktop window, and the right to give it commands.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use super::http::Question;

/// Who owns a list.
pub(super) struct House {
    pub(super) authority: String,
    header_lines: String,
}

/// What it says of itself in its data folder.
#[derive(Deserialize)]
struct Announced {
    url: String,
    token_file: PathBuf,
}

impl House {
    /// `None` while it is not there yet.
    pub(super) fn find(data: &Path) -> Result<Option<Self>> {
        let Ok(text) = fs::read_to_string(data.join("runtime.json")) else {
            return Ok(None);
        };
        let Announced { url, token_file } = serde_json::from_str(&text)?;
        let token = fs::read_to_string(token_file)?;
        let authority = url
            .strip_prefix("http://")
            .with_context(|| format!("{url} is no plain address"))?;
        Ok(Some(Self {
            authority: authority.trim_end_matches('/').to_owned(),
            header_lines: format!(
                "Authorization: Bearer {}\r\nContent-Type: application/json\r\n",
                token.trim()
            ),
        }))
    }

    /// Lets so many download at once, each through so many connections, all to one folder.
    pub(super) fn let_go(&self, downloads: u64, connections_each: u64) -> Result<()> {
        let state: Value = serde_json::from_str(&self.question("GET", "/api/state", "").ask()?)?;
        let mut settings = state["settings"].clone();
        settings["general"]["folders_by_category"] = json!(false);
        settings["network"]["connections"] = json!(connections_each);
        settings["network"]["connections_per_host"] = json!(downloads * connections_each);
        settings["network"]["downloads_at_once"] = json!(downloads);
        settings["network"]["downloads_per_host"] = json!(downloads);
        self.command(&json!({"action": "change_settings", "settings": settings}))?;
        let mut queue = state["queues"][0].clone();
        queue["at_once"] = json!(downloads);
        self.command(&json!({"action": "change_queue", "queue": queue}))
    }

    pub(super) fn command(&self, command: &Value) -> Result<()> {
        let reply = self
            .question("POST", "/api/command", &command.to_string())
            .ask()?;
        let reply: Value = serde_json::from_str(&reply)?;
        ensure!(reply["kind"] != "failed", "{}: {reply}", command["action"]);
        Ok(())
    }

    pub(super) fn question<'q>(&'q self, method: &'q str, path: &'q str, body: &'q str) -> Question<'q> {
        Question {
            authority: &self.authority,
            method,
            path,
            header_lines: &self.header_lines,
            body,
        }
    }
}
