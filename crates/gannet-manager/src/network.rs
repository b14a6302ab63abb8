//! What all transfers share: budgets, the limit over everything, the client; and how a request is made of an entry.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gannet_engine::{
    Credentials, DesktopProxies, Downgrade, Error, HostBudget, HttpClient, HttpClientOptions, MemoryBudget,
    OnChange, OnExisting, Pacer, Proxy, Request, Resume, Secret, USER_AGENT_CHROME, USER_AGENT_GANNET,
};
use gannet_schema::{Identity, Network as NetworkSettings, ProxyChoice, RequestOptions, Settings};

use crate::entry::Entry;
use crate::pieces::StoredPieces;
use crate::secrets::Secrets;

/// What a download names as its proxy to go through none.
const DIRECT: &str = "direct";

/// What all transfers share.
pub(crate) struct Network {
    pub(crate) hosts: HostBudget,
    memory: MemoryBudget,
    /// Over all downloads.
    pacer: Pacer,
    client: Mutex<HttpClient>,
    /// What the desktop's settings say, where somebody tells.
    desktop: Mutex<DesktopProxies>,
}

impl Network {
    pub(crate) fn new(
        settings: &NetworkSettings,
        proxy_url: Option<&gannet_schema::Secret>,
    ) -> Result<Self, Error> {
        Ok(Self {
            hosts: HostBudget::new(settings.connections_per_host),
            memory: MemoryBudget::default(),
            pacer: Pacer::unlimited(),
            client: Mutex::new(client(
                settings,
                &DesktopProxies::default(),
                proxy_url,
                None,
                None,
            )?),
            desktop: Mutex::default(),
        })
    }

    /// New settings hold for what is asked from now on; limits hold at once.
    pub(crate) fn change(
        &self,
        settings: &NetworkSettings,
        proxy_url: Option<&gannet_schema::Secret>,
    ) -> Result<(), Error> {
        *self.client() = client(settings, &self.desktop(), proxy_url, None, None)?;
        self.hosts.set_limit(settings.connections_per_host);
        Ok(())
    }

    /// What the desktop's settings say of proxies, from now on.
    pub(crate) fn desktop_is(
        &self,
        proxies: DesktopProxies,
        settings: &NetworkSettings,
        proxy_url: Option<&gannet_schema::Secret>,
    ) -> Result<(), Error> {
        *self.client() = client(settings, &proxies, proxy_url, None, None)?;
        *self.desktop.lock().unwrap_or_else(PoisonError::into_inner) = proxies;
        Ok(())
    }

    /// Through which proxy requests go that name none of their own.
    pub(crate) fn proxy(
        &self,
        settings: &NetworkSettings,
        proxy_url: Option<&gannet_schema::Secret>,
    ) -> Proxy {
        proxy(settings, &self.desktop(), proxy_url)
    }

    fn desktop(&self) -> DesktopProxies {
        self.desktop
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The limit over all downloads.
    pub(crate) fn pacer_is(&self, limit_bytes_per_s: Option<u64>) {
        // Setting it frees the lane, so that is done only where it is another one.
        if self.pacer.rate_bytes_per_s() != limit_bytes_per_s {
            self.pacer.set_rate(limit_bytes_per_s);
        }
    }

    /// A request for an address, without name and folder.
    pub(crate) fn request(
        &self,
        url: &str,
        options: &RequestOptions,
        settings: &Settings,
        proxy_url: Option<&gannet_schema::Secret>,
    ) -> Result<Request, Error> {
        let network = &settings.network;
        let own = options.proxy.is_some() || options.user_agent.is_some();
        let client = if own {
            let user_agent = options.user_agent.as_deref();
            client(
                network,
                &self.desktop(),
                proxy_url,
                options.proxy.as_ref(),
                user_agent,
            )?
        } else {
            self.client().clone()
        };
        let mut request = Request::new(url)?
            .connections(network.connections)
            .retry_for(Duration::from_secs(u64::from(network.retry_for_s)))
            .network_wait(None)
            .downgrade(if network.allow_downgrade {
                Downgrade::Allow
            } else {
                Downgrade::Refuse
            })
            .host_budget(self.hosts.clone())
            .memory_budget(self.memory.clone())
            .pacer(self.pacer.clone())
            .client(client);
        for (name, value) in &options.headers {
            request = request.header(name, value.reveal())?;
        }
        if let Some(cookies) = &options.cookies {
            request = request.header("cookie", cookies.reveal())?;
        }
        if let Some(referer) = &options.referer {
            request = request.referer(referer)?;
        }
        if let Some(credentials) = &options.credentials {
            request = request.credentials(credentials_of(credentials));
        }
        Ok(request)
    }

    /// The request of a download, without its folder.
    pub(crate) fn request_for(
        &self,
        entry: &Entry,
        secrets: &Secrets,
        settings: &Settings,
        proxy_url: Option<&gannet_schema::Secret>,
    ) -> Result<Request, Error> {
        let mut request = self.request(&secrets.url, &secrets.options, settings, proxy_url)?;
        for mirror in &secrets.mirrors {
            request = request.mirror(mirror)?;
        }
        for checksum in &entry.checksums {
            request = request.checksum(checksum)?;
        }
        if let Some(pieces) = secrets.pieces.as_ref().and_then(StoredPieces::for_engine) {
            request = request.piece_digests(pieces);
        }
        if let Some(connections) = entry.connections {
            request = request.connections(connections);
        }
        let on_change = entry.on_change.unwrap_or(settings.integrity.on_change);
        let keeps_what_is_there = entry.new_address || on_change == gannet_schema::OnChange::Ask;
        Ok(request
            .on_existing(match entry.on_existing(&settings.general) {
                gannet_schema::OnExisting::Rename => OnExisting::Rename,
                gannet_schema::OnExisting::Overwrite => OnExisting::Overwrite,
                gannet_schema::OnExisting::Fail => OnExisting::Fail,
            })
            .on_change(if keeps_what_is_there {
                OnChange::Fail
            } else {
                OnChange::Restart
            })
            .resume(if entry.start_over {
                Resume::StartOver
            } else {
                Resume::Continue
            }))
    }

    fn client(&self) -> MutexGuard<'_, HttpClient> {
        self.client.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn client(
    settings: &NetworkSettings,
    desktop: &DesktopProxies,
    proxy_url: Option<&gannet_schema::Secret>,
    own_proxy: Option<&gannet_schema::Secret>,
    own_user_agent: Option<&str>,
) -> Result<HttpClient, Error> {
    let proxy = match own_proxy {
        Some(own) if own.reveal() == DIRECT => Proxy::Direct,
        Some(own) => Proxy::Url(own.reveal().to_owned()),
        None => proxy(settings, desktop, proxy_url),
    };
    let user_agent = match (own_user_agent, &settings.identity) {
        (Some(own), _) => own.to_owned(),
        (None, Identity::Browser) => USER_AGENT_CHROME.to_owned(),
        (None, Identity::Gannet) => USER_AGENT_GANNET.to_owned(),
        (None, Identity::Custom { user_agent }) => user_agent.clone(),
    };
    HttpClient::new(HttpClientOptions {
        proxy,
        user_agent,
        connect_timeout: Duration::from_secs(u64::from(settings.connect_timeout_s)),
        ..HttpClientOptions::default()
    })
}

fn proxy(
    settings: &NetworkSettings,
    desktop: &DesktopProxies,
    proxy_url: Option<&gannet_schema::Secret>,
) -> Proxy {
    match &settings.proxy {
        ProxyChoice::System => Proxy::Desktop(desktop.clone()),
        ProxyChoice::Direct => Proxy::Direct,
        ProxyChoice::Url { url, .. } => Proxy::Url(
            proxy_url
                .map_or(url.as_str(), gannet_schema::Secret::reveal)
                .to_owned(),
        ),
    }
}

fn credentials_of(credentials: &gannet_schema::Credentials) -> Credentials {
    match credentials {
        gannet_schema::Credentials::Basic { user, password } => Credentials::Basic {
            user: user.clone(),
            password: Secret::new(password.reveal()),
        },
        gannet_schema::Credentials::Bearer { token } => Credentials::Bearer(Secret::new(token.reveal())),
    }
}
