//! The server that owns the list, as commands beside it reach it: through the runtime file, or by name.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use gannet_schema::{Command, DownloadId, FinishedPage, Reply, Row, SCHEMA_VERSION, State};
use gannet_server::{Config, LoginLink, Summons, find_owner, read_token};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, Method, StatusCode, Url};
use serde::de::DeserializeOwned;
use tokio::runtime::Runtime;

use crate::exit::Exit;
use crate::folders;
use crate::trouble::Trouble;

/// Which server is meant.
#[derive(Args)]
pub(crate) struct OwnerArguments {
    /// Talk to the server at URL instead of the one on this machine
    #[arg(long, value_name = "URL", requires = "token_file", help_heading = SERVER)]
    server: Option<String>,

    /// Show that server the token in FILE
    #[arg(long, value_name = "FILE", help_heading = SERVER)]
    token_file: Option<PathBuf>,

    /// Look for the server in DIR, where `gannet serve --data-dir DIR` runs
    #[arg(long, value_name = "DIR", help_heading = SERVER, conflicts_with = "server")]
    data_dir: Option<PathBuf>,
}

const SERVER: &str = "Server";

/// A server that is there answers within this, unless it asks others first.
const ANSWER_WITHIN: Duration = Duration::from_mins(2);
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// A page of finished downloads.
const PAGE_ROWS: u32 = 1000;

/// The server that owns the list.
pub(crate) struct Owner {
    url: Url,
    client: Client,
    runtime: Runtime,
    locality: Locality,
}

/// Where the server's files are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Locality {
    /// On this machine.
    Here,
    /// Nobody knows.
    Elsewhere,
}

impl Owner {
    /// The server that the arguments mean.
    pub(crate) fn find(arguments: &OwnerArguments) -> Result<Self, Trouble> {
        if let (Some(server), Some(token_file)) = (&arguments.server, &arguments.token_file) {
            let url = Url::parse(server)
                .ok()
                .filter(|url| matches!(url.scheme(), "http" | "https"))
                .ok_or_else(|| Trouble::usage("--server takes an address, as http://127.0.0.1:6900"))?;
            return Self::new(url, token_file, Locality::Elsewhere);
        }
        let data_dir = match arguments.data_dir.clone() {
            Some(folder) => folder,
            // Where a server that is started without arguments would be.
            None => folders::data(Config::load(None).map_err(folders::not_configured)?.data_dir)?,
        };
        let found = find_owner(&data_dir).map_err(|error| {
            Trouble::unexpected(format_args!("cannot look into {}: {error}", data_dir.display()))
        })?;
        let mut found = found.ok_or_else(|| {
            Trouble::new(Exit::NoServer, "no Gannet runs here")
                .hint("start it: gannet serve\n  or download without it: gannet get URL")
        })?;
        if let Some(token_file) = &arguments.token_file {
            found.token_file.clone_from(token_file);
        }
        Self::of_file(&found)
    }

    /// The server that a runtime file names.
    pub(crate) fn of_file(found: &gannet_server::Owner) -> Result<Self, Trouble> {
        if found.schema_version != SCHEMA_VERSION {
            return Err(Trouble::unexpected(format_args!(
                "Gannet {} runs here, and this is {}; they do not understand each other",
                found.program_version,
                env!("CARGO_PKG_VERSION")
            ))
            .hint("use the same version, or start that one anew"));
        }
        let url = Url::parse(&found.url).map_err(Trouble::unexpected)?;
        Self::new(url, &found.token_file, Locality::Here)
    }

    fn new(url: Url, token_file: &Path, locality: Locality) -> Result<Self, Trouble> {
        let token = read_token(token_file)
            .map_err(|error| Trouble::usage(format_args!("cannot read {}: {error}", token_file.display())))?
            .ok_or_else(|| Trouble::usage(format_args!("{} holds no token", token_file.display())))?;
        let mut bearer = HeaderValue::from_str(&format!("Bearer {token}")).map_err(Trouble::unexpected)?;
        bearer.set_sensitive(true);
        // Without a provider there is no TLS; the engine brings the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut client = Client::builder()
            .default_headers(HeaderMap::from_iter([(AUTHORIZATION, bearer)]))
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            // The token goes where it was meant to go, and nowhere else.
            .redirect(reqwest::redirect::Policy::none());
        // A proxy has no way to this machine.
        if locality == Locality::Here || is_loopback(&url) {
            client = client.no_proxy();
        }
        Ok(Self {
            url,
            client: client.build().map_err(Trouble::unexpected)?,
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(Trouble::unexpected)?,
            locality,
        })
    }

    /// Where its files are.
    pub(crate) fn locality(&self) -> Locality {
        self.locality
    }

    /// A folder of the command line, as the server knows it. Where it is another machine's, a relative one begins at its
    /// first download folder: this machine's folders say nothing there.
    pub(crate) fn folder(&self, folder: &Path) -> Result<String, Trouble> {
        let given = folder.to_string_lossy();
        if self.locality == Locality::Here {
            return Ok(std::path::absolute(folder)?.to_string_lossy().into_owned());
        }
        if is_absolute_anywhere(&given) {
            return Ok(given.into_owned());
        }
        let roots = self.state()?.roots;
        let root = roots.first().ok_or_else(unfitting)?;
        Ok(beneath(&root.path, &given))
    }

    /// Has a command carried out; what was not is an error.
    pub(crate) fn execute(&self, command: &Command) -> Result<Reply, Trouble> {
        let body = serde_json::to_vec(command).map_err(Trouble::unexpected)?;
        match self.ask(Method::POST, "api/command", body)? {
            Reply::Failed { failure } => Err(failure.into()),
            reply => Ok(reply),
        }
    }

    /// Everything but the finished downloads.
    pub(crate) fn state(&self) -> Result<State, Trouble> {
        self.ask(Method::GET, "api/state", Vec::new())
    }

    /// Finished downloads, the latest first; `each` says when it has seen enough.
    pub(crate) fn finished(&self, mut each: impl FnMut(Row) -> Enough) -> Result<(), Trouble> {
        let mut offset = 0;
        loop {
            let page = FinishedPage {
                offset,
                count: PAGE_ROWS,
                search: None,
                category: None,
            };
            let Reply::Finished { rows, total } = self.execute(&Command::ListFinished { page })? else {
                return Err(unfitting());
            };
            let is_last = rows.is_empty();
            offset = offset.saturating_add(u32::try_from(rows.len()).unwrap_or(u32::MAX));
            for row in rows {
                if each(row) == Enough::Yes {
                    return Ok(());
                }
            }
            if is_last || offset >= total {
                return Ok(());
            }
        }
    }

    /// The download of this number, finished or not.
    pub(crate) fn row(&self, id: DownloadId) -> Result<Row, Trouble> {
        if let Some(row) = self.state()?.rows.into_iter().find(|row| row.id == id) {
            return Ok(row);
        }
        let mut found = None;
        self.finished(|row| {
            if row.id != id {
                return Enough::No;
            }
            found = Some(row);
            Enough::Yes
        })?;
        found.ok_or_else(|| Trouble::usage(format_args!("there is no download {}", id.0)))
    }

    /// How a person sees its list.
    pub(crate) fn face(&self) -> Result<Face, Trouble> {
        let (status, body) = self.send(Method::POST, "api/login-link", Vec::new())?;
        if status == StatusCode::NOT_FOUND {
            return Ok(Face::Window);
        }
        let link: LoginLink = read(status, &body)?;
        Ok(Face::Page {
            link: link.beneath(self.url.as_str()),
        })
    }

    /// Has the window come forward.
    pub(crate) fn summon(&self) -> Result<(), Trouble> {
        let body = serde_json::to_vec(&Summons::default()).map_err(Trouble::unexpected)?;
        match self.send(Method::POST, "api/window", body)? {
            (StatusCode::NO_CONTENT, _) => Ok(()),
            (status, body) => read(status, &body),
        }
    }

    fn ask<T: DeserializeOwned>(&self, method: Method, path: &str, body: Vec<u8>) -> Result<T, Trouble> {
        let (status, body) = self.send(method, path, body)?;
        read(status, &body)
    }

    fn send(&self, method: Method, path: &str, body: Vec<u8>) -> Result<(StatusCode, Bytes), Trouble> {
        let url = format!("{}/{path}", self.url.as_str().trim_end_matches('/'));
        let request = self
            .client
            .request(method, url)
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        self.runtime.block_on(async {
            let response = request.send().await.map_err(|error| self.silent(&error))?;
            let status = response.status();
            let body = response.bytes().await.map_err(|error| self.silent(&error))?;
            Ok((status, body))
        })
    }

    fn silent(&self, error: &reqwest::Error) -> Trouble {
        let what = if error.is_timeout() {
            "does not answer in time"
        } else if error.is_connect() {
            "cannot be reached"
        } else {
            "broke off"
        };
        Trouble::new(Exit::NoServer, format!("the server at {} {what}", self.url))
            .hint("is it running? gannet serve starts one")
    }
}

/// Whether a path is absolute on some system.
fn is_absolute_anywhere(path: &str) -> bool {
    path.starts_with(['/', '\\']) || path.as_bytes().get(1) == Some(&b':')
}

/// Joined as the root's own system writes paths.
fn beneath(root: &str, relative: &str) -> String {
    let is_windows = !root.starts_with('/');
    let (separator, relative) = if is_windows {
        ('\\', relative.replace('/', "\\"))
    } else {
        ('/', relative.to_owned())
    };
    let relative = relative
        .strip_prefix(&format!(".{separator}"))
        .unwrap_or(&relative);
    if relative == "." {
        return root.to_owned();
    }
    format!("{}{separator}{relative}", root.trim_end_matches(separator))
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// How a person sees the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Face {
    /// On a page, by a link that lets one browser in, once, within a minute.
    Page { link: String },
    /// In a window of its own.
    Window,
}

/// Whether to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Enough {
    Yes,
    No,
}

/// An answer that does not fit the question.
pub(crate) fn unfitting() -> Trouble {
    Trouble::unexpected("the server's answer is not understood").hint("is it of the same version?")
}

fn read<T: DeserializeOwned>(status: StatusCode, body: &[u8]) -> Result<T, Trouble> {
    if let Ok(answer) = serde_json::from_slice(body) {
        return Ok(answer);
    }
    if let Ok(Reply::Failed { failure }) = serde_json::from_slice(body) {
        return Err(failure.into());
    }
    match status {
        StatusCode::MISDIRECTED_REQUEST => Err(Trouble::new(
            Exit::Refused,
            "the server is not known by this name",
        )
        .hint("start it with --allow-host NAME")),
        status if status.is_success() => Err(unfitting()),
        status => Err(
            Trouble::new(Exit::Refused, format!("the server answers {status}"))
                .hint("is it a Gannet, of this version?"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_folder_lies_beneath_the_servers_own() {
        for (root, relative, expected) in [
            ("/srv/downloads", "films", "/srv/downloads/films"),
            ("/srv/downloads/", "./films/new", "/srv/downloads/films/new"),
            ("/srv/downloads", ".", "/srv/downloads"),
            (r"D:\Downloads", "films/new", r"D:\Downloads\films\new"),
        ] {
            assert_eq!(beneath(root, relative), expected);
        }
        assert!(is_absolute_anywhere("/a") && is_absolute_anywhere(r"C:\a") && !is_absolute_anywhere("a/b"));
    }

    #[test]
    fn this_machine_is_known_by_its_names() {
        let is = |url: &str| is_loopback(&Url::parse(url).expect("an address"));
        assert!(is("http://localhost:1") && is("http://127.0.0.2:1") && is("http://[::1]:1"));
        assert!(!is("http://192.168.1.2:1") && !is("http://localhost.example"));
    }
}
