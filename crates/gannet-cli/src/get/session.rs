//! What all files of a run share: the client, the budgets, the limit, and who asks.

use std::path::Path;

use gannet_engine::{
    CookieFile, Downgrade, Error, HostBudget, HttpClient, HttpClientOptions, MemoryBudget, OnChange,
    OnExisting, Order, Pacer, Proxy, Request, Resume,
};

use super::arguments::GetArguments;
use super::identity::{self, Identity, read_cookies, split_header};
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
            cookies: arguments
                .request
                .cookies
                .as_deref()
                .map(read_cookies)
                .transpose()?,
            identity: Identity::read(&arguments.request)?,
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
            request = request.directory(directory.as_deref().unwrap_or(Path::new(".")));
            if let Some(name) = name {
                request = request.file_name(name)?;
            }
        }
        for mirror in &job.mirrors {
            request = request.mirror(&self.identity.at_mirror(mirror))?;
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

fn client_options(arguments: &GetArguments, insecure_hosts: Vec<String>) -> Result<HttpClientOptions, Error> {
    let mut options = HttpClientOptions {
        proxy: proxy(arguments.request.proxy.as_deref()),
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
    if let Some(user_agent) = &arguments.request.user_agent {
        identity::user_agent(user_agent).clone_into(&mut options.user_agent);
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

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|reason| invalid(format!("cannot read {}: {reason}", path.display())))
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
