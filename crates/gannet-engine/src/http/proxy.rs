//! Through which proxy requests go, and whether that can be done.
//!
//! The HTTP library passes over a proxy that it cannot use, and goes straight to the server. Who names a proxy does not
//! want that: it would tell the server, and the network on the way, who asks. So everything is checked beforehand.

use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use super::client::invalid;
use crate::error::Error;

/// Through which proxy.
#[derive(Clone, Default)]
pub enum Proxy {
    /// What the environment says (`https_proxy`, `all_proxy`, `no_proxy`, …), or the system.
    #[default]
    Environment,
    /// What the environment says, and where it names none, what the desktop's settings say.
    Desktop(DesktopProxies),
    /// None, whatever the environment says.
    Direct,
    /// This one for everything: `http://`, `https://`, `socks5://` or `socks5h://`, with userinfo where needed.
    Url(String),
}

/// The proxies that a desktop's settings name, for desktops whose settings the environment does not hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DesktopProxies {
    /// For `http://`, as `http://HOST:PORT` and the like.
    pub plain: Option<String>,
    /// For `https://`.
    pub secure: Option<String>,
    /// Hosts, domains and networks that are reached without one.
    pub exempt: Vec<String>,
}

/// The proxy that a request goes through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProxyInUse {
    /// `host:port`, without userinfo.
    pub(super) authority: String,
    pub(super) named_by: NamedBy,
}

/// Who said that there is a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NamedBy {
    /// Whoever made the client.
    Caller,
    /// The environment, or the system.
    Environment,
}

/// What a client is built with.
pub(super) enum ProxyChoice {
    Environment,
    Direct,
    Through(Vec<reqwest::Proxy>),
}

/// What the HTTP library can go through. Without a scheme it is taken for `http`.
const SCHEMES: [&str; 6] = ["http", "https", "socks5", "socks5h", "socks4", "socks4a"];

/// Where a SOCKS proxy listens of which nothing else is said.
const SOCKS_PORT: u16 = 1080;

/// In words, those that anybody should choose first.
const WHAT_A_PROXY_IS: &str =
    "a proxy is written as http://HOST:PORT, https://HOST:PORT, socks5://HOST:PORT or socks5h://HOST:PORT";

impl Proxy {
    /// # Errors
    /// [`Error::InvalidRequest`] where the proxy that was named, here or in the environment, cannot be used.
    pub(super) fn choose(&self) -> Result<ProxyChoice, Error> {
        self.choose_in(|variable| std::env::var(variable).ok())
    }

    /// Lets a client go through it.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] where the proxy that was named, here or in the environment, cannot be used.
    pub fn apply_to(&self, builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, Error> {
        Ok(match self.choose()? {
            ProxyChoice::Environment => builder,
            ProxyChoice::Direct => builder.no_proxy(),
            // Without this, an empty list would be the environment's.
            ProxyChoice::Through(proxies) => proxies
                .into_iter()
                .fold(builder.no_proxy(), reqwest::ClientBuilder::proxy),
        })
    }

    /// The one that requests for `url` go through.
    pub(super) fn in_use_for(&self, url: &Url) -> Option<ProxyInUse> {
        match self {
            Self::Direct => None,
            Self::Url(address) => ProxyInUse::at(&canonical(address)?, NamedBy::Caller),
            Self::Desktop(proxies) if !names_proxies(&|variable| std::env::var(variable).ok()) => {
                in_use_by(&proxies.matcher(), url)
            }
            Self::Environment | Self::Desktop(_)
                if exempts_everything(&|variable| std::env::var(variable).ok()) =>
            {
                None
            }
            // By the very rules that the HTTP library goes by.
            Self::Environment | Self::Desktop(_) => in_use_by(&Matcher::from_system(), url),
        }
    }

    fn choose_in(&self, environment: impl Fn(&str) -> Option<String>) -> Result<ProxyChoice, Error> {
        match self {
            Self::Direct => Ok(ProxyChoice::Direct),
            Self::Desktop(proxies) if !names_proxies(&environment) => proxies
                .choose()
                .map(ProxyChoice::Through)
                .ok_or_else(|| invalid(&format!("the desktop's proxy cannot be used: {WHAT_A_PROXY_IS}"))),
            Self::Environment | Self::Desktop(_) if exempts_everything(&environment) => {
                Ok(ProxyChoice::Direct)
            }
            Self::Environment | Self::Desktop(_) => match unusable_variable(&environment) {
                Some(variable) => Err(invalid(&format!(
                    "the proxy in the environment's {variable} cannot be used: {WHAT_A_PROXY_IS}"
                ))),
                None => Ok(ProxyChoice::Environment),
            },
            // The address may hold a password: it is not repeated.
            Self::Url(address) => canonical(address)
                .and_then(|address| reqwest::Proxy::all(address).ok())
                .map(|proxy| ProxyChoice::Through(vec![proxy]))
                .ok_or_else(|| invalid(&format!("the proxy cannot be used: {WHAT_A_PROXY_IS}"))),
        }
    }
}

impl DesktopProxies {
    /// None where one of them cannot be used.
    fn choose(&self) -> Option<Vec<reqwest::Proxy>> {
        let exempt = reqwest::NoProxy::from_string(&self.exempt.join(","));
        let through = |address: &String, make: fn(String) -> reqwest::Result<reqwest::Proxy>| {
            let proxy = make(canonical(address)?).ok()?;
            Some(proxy.no_proxy(exempt.clone()))
        };
        let plain = self
            .plain
            .iter()
            .map(|address| through(address, reqwest::Proxy::http));
        let secure = self
            .secure
            .iter()
            .map(|address| through(address, reqwest::Proxy::https));
        plain.chain(secure).collect()
    }

    fn matcher(&self) -> Matcher {
        let usable = |address: &Option<String>| address.as_deref().and_then(canonical).unwrap_or_default();
        Matcher::builder()
            .http(usable(&self.plain))
            .https(usable(&self.secure))
            .no(self.exempt.join(","))
            .build()
    }
}

fn in_use_by(matcher: &Matcher, url: &Url) -> Option<ProxyInUse> {
    let proxy = matcher.intercept(&url.as_str().parse().ok()?)?;
    ProxyInUse::at(&proxy.uri().to_string(), NamedBy::Environment)
}

impl ProxyInUse {
    fn at(address: &str, named_by: NamedBy) -> Option<Self> {
        let url = Url::parse(address).ok()?;
        let port = url.port_or_known_default().unwrap_or(SOCKS_PORT);
        Some(Self {
            authority: format!("{}:{port}", url.host_str()?),
            named_by,
        })
    }
}

/// The address with its scheme, where it is one of a proxy.
fn canonical(address: &str) -> Option<String> {
    let address = address.trim();
    let with_scheme = if address.contains("://") {
        address.to_owned()
    } else {
        format!("http://{address}")
    };
    let url = Url::parse(&with_scheme).ok()?;
    let usable = SCHEMES.contains(&url.scheme()) && url.host_str().is_some_and(|host| !host.is_empty());
    usable.then_some(with_scheme)
}

/// The variable that counts for some scheme and names no usable proxy. Which ones count is the HTTP library's rule: the
/// first that is set, in capitals first; `ALL_PROXY` where the scheme's own is empty.
fn unusable_variable(environment: &impl Fn(&str) -> Option<String>) -> Option<&'static str> {
    let first_set = |names: [&'static str; 2]| {
        let set = names
            .into_iter()
            .find_map(|name| Some((name, environment(name)?)));
        set.filter(|(_, value)| !value.is_empty())
    };
    let all = || first_set(["ALL_PROXY", "all_proxy"]);
    // A server hands `HTTP_PROXY` to its scripts out of a request's `Proxy` header: nothing to go by.
    let is_script = environment("REQUEST_METHOD").is_some();
    let plain = (!is_script).then(|| first_set(["HTTP_PROXY", "http_proxy"]).or_else(all));
    let secure = first_set(["HTTPS_PROXY", "https_proxy"]).or_else(all);
    [plain.flatten(), secure]
        .into_iter()
        .flatten()
        .find(|(_, value)| canonical(value).is_none())
        .map(|(name, _)| name)
}

/// Whether the environment has a say at all.
fn names_proxies(environment: &impl Fn(&str) -> Option<String>) -> bool {
    ["http_proxy", "https_proxy", "all_proxy"].iter().any(|name| {
        let set = environment(name).or_else(|| environment(&name.to_uppercase()));
        set.is_some_and(|value| !value.is_empty())
    })
}

/// Whether `no_proxy` holds a `*`, which the HTTP library takes for all names but for no address.
fn exempts_everything(environment: &impl Fn(&str) -> Option<String>) -> bool {
    let exempt = environment("no_proxy").or_else(|| environment("NO_PROXY"));
    exempt.is_some_and(|exempt| exempt.split(',').any(|host| host.trim() == "*"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_that_cannot_be_used_is_refused_and_its_password_not_repeated() {
        for address in [
            "foo://u:hunter2@x",
            "sock5://u:hunter2@x:1",
            "socks5://",
            "ftp://u:hunter2@x",
            "http://",
            "",
        ] {
            let Err(error) = Proxy::Url(address.to_owned()).choose() else {
                panic!("{address} was taken");
            };
            let error = error.to_string();
            assert!(
                error.contains("socks5://HOST:PORT") && !error.contains("hunter2"),
                "{error}"
            );
        }
    }

    fn desktop(plain: &str, exempt: &[&str]) -> DesktopProxies {
        DesktopProxies {
            plain: Some(plain.to_owned()),
            secure: None,
            exempt: exempt.iter().map(|&host| host.to_owned()).collect(),
        }
    }

    #[test]
    fn a_desktops_proxy_counts_for_its_scheme_but_not_for_hosts_that_are_exempt() {
        let proxies = desktop("http://proxy:3128", &["localhost", "10.0.0.0/8", "example.org"]);
        let through = |url: &str| {
            let used = in_use_by(&proxies.matcher(), &Url::parse(url).unwrap());
            used.map(|proxy| proxy.authority)
        };
        assert_eq!(through("http://example.net/a").as_deref(), Some("proxy:3128"));
        for url in [
            "https://example.net/a",
            "http://localhost:1/",
            "http://10.1.2.3/",
            "http://a.example.org/",
        ] {
            assert_eq!(through(url), None, "{url}");
        }
        assert_eq!(proxies.choose().map(|proxies| proxies.len()), Some(1));
    }

    #[test]
    fn the_environment_goes_before_the_desktop() {
        let broken = Proxy::Desktop(desktop("ftp://proxy", &[]));
        assert!(broken.choose_in(|_| None).is_err());
        let environment = |name: &str| (name == "HTTPS_PROXY").then(|| "http://other:1".to_owned());
        assert!(matches!(
            broken.choose_in(environment),
            Ok(ProxyChoice::Environment)
        ));
        let none = Proxy::Desktop(DesktopProxies::default());
        assert!(matches!(none.choose_in(|_| None), Ok(ProxyChoice::Through(proxies)) if proxies.is_empty()));
    }

    #[test]
    fn a_proxy_that_can_be_used_is_taken() {
        for address in [
            "http://x:1",
            "https://x",
            "socks5://u:p@x:1",
            "socks5h://x:1",
            "x:1",
            "localhost:8080",
        ] {
            let choice = Proxy::Url(address.to_owned()).choose();
            assert!(matches!(choice, Ok(ProxyChoice::Through(_))), "{address}");
        }
    }

    #[test]
    fn the_proxy_in_use_is_told_without_its_login() {
        let url = Url::parse("https://files.example/a").unwrap();
        let environment = Matcher::builder()
            .http("http://plain.example:1")
            .https("http://ann:hunter2@secure.example:3128")
            .no("exempt.example")
            .build();
        let in_use = |authority: &str, named_by| {
            Some(ProxyInUse {
                authority: authority.to_owned(),
                named_by,
            })
        };
        assert_eq!(
            in_use_by(&environment, &url),
            in_use("secure.example:3128", NamedBy::Environment)
        );
        let exempt = Url::parse("https://exempt.example/a").unwrap();
        assert_eq!(in_use_by(&environment, &exempt), None);
        for (address, authority) in [
            ("ann:hunter2@x:1", "x:1"),
            ("http://x", "x:80"),
            ("socks5h://ann:hunter2@x", "x:1080"),
            ("socks5://[::1]:9", "[::1]:9"),
        ] {
            let named = Proxy::Url(address.to_owned()).in_use_for(&url);
            assert_eq!(named, in_use(authority, NamedBy::Caller), "{address}");
        }
        assert_eq!(Proxy::Direct.in_use_for(&url), None);
    }

    #[test]
    fn the_environments_variables_that_count_must_name_usable_ones() {
        for (variables, expected) in [
            (&[("http_proxy", "sock5://x:1")][..], Some("http_proxy")),
            (&[("HTTPS_PROXY", "foo://x")], Some("HTTPS_PROXY")),
            (&[("all_proxy", "socks://x:1")], Some("all_proxy")),
            // Another one stands before it.
            (
                &[
                    ("all_proxy", "socks://x:1"),
                    ("http_proxy", "x:1"),
                    ("https_proxy", "http://x:1"),
                ],
                None,
            ),
            (&[("HTTP_PROXY", "x:1"), ("http_proxy", "foo://x")], None),
            (&[("http_proxy", "")], None),
            (&[("http_proxy", "foo://x"), ("no_proxy", "a, *")], None),
            (&[("http_proxy", "foo://x"), ("REQUEST_METHOD", "GET")], None),
            (&[], None),
        ] {
            let environment = |name: &str| {
                let found = variables.iter().find(|(variable, _)| *variable == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            let error = Proxy::Environment.choose_in(environment).err();
            let named = error.map(|error| error.to_string());
            match expected {
                Some(variable) => assert!(
                    named.as_deref().is_some_and(|text| text.contains(variable)),
                    "{variables:?}: {named:?}"
                ),
                None => assert_eq!(named, None, "{variables:?}"),
            }
        }
    }
}
