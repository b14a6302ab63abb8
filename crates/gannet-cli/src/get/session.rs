//! What all files of a run share: the client, the budgets, the limit, and who asks.

use std::path::{Path, PathBuf};

use gannet_engine::{
    CookieFile, Credentials, Downgrade, Error, HostBudget, HttpClient, HttpClientOptions, MemoryBudget,
    Netrc, OnChange, OnExisting, Order, Pacer, Proxy, Request, Resume, Secret, USER_AGENT_GANNET,
};

use super::arguments::GetArguments;
use super::job::{Job, Sink, host, invalid};

/// Bytes between network and disk for a lone transfer; several share the engine's default.
const LONE_MEMORY_BYTES: usize = 16 << 20;

/// What all files share.
pub(crate) struct Session {
    client: HttpClient,
    hosts: HostBudget,
    memory: MemoryBudget,
    pacer: Option<Pacer>,
    cookies: Option<CookieFile>,
    identity: Identity,
    insecure_hosts: Vec<String>,
    connections: u32,
    retry_for: std::time::Duration,
    on_existing: OnExisting,
    on_change: OnChange,
    downgrade: Downgrade,
    resume: Resume,
    order: Order,
}

/// Who asks.
enum Identity {
    Nobody,
    /// `--user`: the same for all.
    Given(Credentials),
    /// `--netrc`: by host.
    Netrc(Netrc),
}

impl Session {
    /// Reads the files that the arguments name, and makes what the jobs share.
    pub(crate) fn new(arguments: &GetArguments, jobs: &[Job]) -> Result<Self, Error> {
        let streams = jobs
            .iter()
            .any(|job| matches!(job.sink, Sink::StandardOutput { .. }));
        if streams && arguments.json {
            return Err(invalid(
                "--json and -o - both want standard output; give only one of them".to_owned(),
            ));
        }
        let insecure_hosts = if arguments.insecure {
            hosts_of(jobs)
        } else {
            Vec::new()
        };
        Ok(Self {
            client: HttpClient::new(client_options(arguments, insecure_hosts.clone())?)?,
            hosts: HostBudget::default(),
            memory: if jobs.len() == 1 {
                MemoryBudget::new(LONE_MEMORY_BYTES)
            } else {
                MemoryBudget::default()
            },
            pacer: arguments
                .limit
                .and_then(|limit| limit.bytes_per_s)
                .map(|rate| Pacer::new(Some(rate))),
            cookies: arguments.cookies.as_deref().map(read_cookies).transpose()?,
            identity: identity(arguments)?,
            insecure_hosts,
            connections: arguments.connections,
            retry_for: arguments.retry_for,
            on_existing: arguments.existing.choice(),
            on_change: arguments.on_change.into(),
            downgrade: if arguments.allow_downgrade {
                Downgrade::Allow
            } else {
                Downgrade::Refuse
            },
            resume: arguments.resume(),
            order: arguments.order(),
        })
    }

    /// The request for a job. What goes to standard output still needs a place to lie meanwhile.
    pub(crate) fn request(&self, job: &Job) -> Result<Request, Error> {
        let mut request = Request::new(&job.url)?
            .connections(self.connections)
            .retry_for(self.retry_for)
            .on_existing(self.on_existing)
            .on_change(self.on_change)
            .downgrade(self.downgrade)
            .resume(self.resume)
            .order(self.order)
            .host_budget(self.hosts.clone())
            .memory_budget(self.memory.clone())
            .client(self.client.clone());
        if let Sink::File { directory, name } = &job.sink {
            request = request.directory(directory);
            if let Some(name) = name {
                request = request.file_name(name)?;
            }
        }
        for mirror in &job.mirrors {
            request = request.mirror(mirror)?;
        }
        for checksum in &job.checksums {
            request = request.checksum(checksum)?;
        }
        for (index, header) in job.headers.iter().enumerate() {
            let (name, value) = split_header(header, index + 1)?;
            request = request.header(name, value)?;
        }
        if let Some(referer) = &job.referer {
            request = request.referer(referer)?;
        }
        if let Some(pacer) = &self.pacer {
            request = request.pacer(pacer.clone());
        }
        if let Some(cookies) = &self.cookies {
            request = request.cookies(cookies.clone());
        }
        if let Some(credentials) = self.identity.for_url(&job.url) {
            request = request.credentials(credentials);
        }
        Ok(request)
    }

    /// Hosts whose certificates are not checked.
    pub(crate) fn insecure_hosts(&self) -> &[String] {
        &self.insecure_hosts
    }
}

impl Identity {
    fn for_url(&self, url: &str) -> Option<Credentials> {
        match self {
            Self::Nobody => None,
            Self::Given(credentials) => Some(credentials.clone()),
            Self::Netrc(netrc) => {
                let login = netrc.login_for(&host(url)?)?;
                Some(Credentials::Basic {
                    user: login.user,
                    password: login.password,
                })
            }
        }
    }
}

fn client_options(arguments: &GetArguments, insecure_hosts: Vec<String>) -> Result<HttpClientOptions, Error> {
    let mut options = HttpClientOptions {
        proxy: proxy(arguments.proxy.as_deref()),
        authorities_pem: arguments
            .cacert
            .iter()
            .map(|path| read(path))
            .collect::<Result<_, _>>()?,
        client_certificate_pem: arguments.cert.as_deref().map(read).transpose()?,
        insecure_hosts,
        ..HttpClientOptions::default()
    };
    if let Some(timeout) = arguments.connect_timeout {
        options.connect_timeout = timeout;
    }
    if let Some(user_agent) = &arguments.user_agent {
        options.user_agent = match user_agent.as_str() {
            "gannet" => USER_AGENT_GANNET.to_owned(),
            other => other.to_owned(),
        };
    }
    Ok(options)
}

fn proxy(given: Option<&str>) -> Proxy {
    match given {
        None => Proxy::Environment,
        Some("direct") => Proxy::Direct,
        Some(url) => Proxy::Url(url.to_owned()),
    }
}

fn identity(arguments: &GetArguments) -> Result<Identity, Error> {
    if let Some(user) = &arguments.user {
        let (user, password) = user
            .split_once(':')
            .ok_or_else(|| invalid("--user takes a name and a password, as name:password".to_owned()))?;
        return Ok(Identity::Given(Credentials::Basic {
            user: user.to_owned(),
            password: Secret::new(password),
        }));
    }
    if arguments.netrc {
        let path = netrc_path().ok_or_else(|| {
            invalid("--netrc finds no file: neither NETRC nor the home folder is known".to_owned())
        })?;
        return read_netrc(&path).map(Identity::Netrc);
    }
    Ok(Identity::Nobody)
}

fn netrc_path() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("NETRC").filter(|path| !path.is_empty()) {
        return Some(named.into());
    }
    Some(std::env::home_dir()?.join(if cfg!(windows) { "_netrc" } else { ".netrc" }))
}

fn read_netrc(path: &Path) -> Result<Netrc, Error> {
    Netrc::load(path).map_err(|reason| invalid(reason.to_string()))
}

fn read_cookies(path: &Path) -> Result<CookieFile, Error> {
    CookieFile::load(path).map_err(|reason| invalid(reason.to_string()))
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|reason| invalid(format!("cannot read {}: {reason}", path.display())))
}

/// Its place among the file's headers goes into the message, and nothing else of it: it may be a token.
fn split_header(header: &str, number: usize) -> Result<(&str, &str), Error> {
    match header.split_once(':') {
        Some((name, value)) => Ok((name.trim(), value.trim())),
        None => Err(invalid(format!(
            "a header is written as `Name: value`; number {number} of those given has no colon"
        ))),
    }
}

fn hosts_of(jobs: &[Job]) -> Vec<String> {
    let mut hosts: Vec<String> = jobs
        .iter()
        .flat_map(|job| std::iter::once(&job.url).chain(&job.mirrors))
        .filter_map(|url| host(url))
        .collect();
    hosts.sort_unstable();
    hosts.dedup();
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_split_at_its_first_colon() {
        assert_eq!(split_header("X-A:  b: c ", 1).expect("a header"), ("X-A", "b: c"));
    }

    #[test]
    fn a_message_never_repeats_a_header() {
        let error = split_header("Authorization Bearer hunter2", 2).expect_err("no colon");
        assert!(!error.to_string().contains("hunter2"), "{error}");
        assert!(error.to_string().contains("number 2"), "{error}");
    }
}
