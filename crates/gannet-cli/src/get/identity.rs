//! Who asks, and how: credentials, cookies, headers and the name one goes by.

use std::path::{Path, PathBuf};

use gannet_engine::{CookieFile, Credentials, Error, Netrc, Secret, USER_AGENT_GANNET};
use url::Url;

use super::arguments::RequestArguments;
use super::job::{host, invalid};

/// Who asks.
pub(crate) enum Identity {
    Nobody,
    /// `--user`: the same for all.
    Given(Credentials),
    /// `--netrc`: by host.
    Netrc(Netrc),
}

impl Identity {
    /// Reads what the arguments name.
    pub(crate) fn read(arguments: &RequestArguments) -> Result<Self, Error> {
        if let Some(user) = &arguments.user {
            let (user, password) = user
                .split_once(':')
                .ok_or_else(|| invalid("--user takes a name and a password, as name:password".to_owned()))?;
            return Ok(Self::Given(Credentials::Basic {
                user: user.to_owned(),
                password: Secret::new(password),
            }));
        }
        if arguments.netrc {
            let path = netrc_path().ok_or_else(|| {
                invalid("--netrc finds no file: neither NETRC nor the home folder is known".to_owned())
            })?;
            return read_netrc(&path).map(Self::Netrc);
        }
        Ok(Self::Nobody)
    }

    /// The address of a mirror, with the login that the file knows for its host where it bears none itself. One that is
    /// given for all is for the first address: a mirror is another's.
    pub(crate) fn at_mirror(&self, mirror: &str) -> String {
        let given = || mirror.to_owned();
        let (Self::Netrc(netrc), Ok(mut url)) = (self, Url::parse(mirror.trim())) else {
            return given();
        };
        if !url.username().is_empty() || url.password().is_some() {
            return given();
        }
        let Some(login) = url.host_str().and_then(|host| netrc.login_for(host)) else {
            return given();
        };
        match (
            url.set_username(&login.user),
            url.set_password(Some(login.password.expose())),
        ) {
            (Ok(()), Ok(())) => url.into(),
            // An address that can bear no login is none that could be asked.
            _ => given(),
        }
    }

    /// Who asks the host of an address.
    pub(crate) fn for_url(&self, url: &str) -> Option<Credentials> {
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

/// The User-Agent behind a name.
pub(crate) fn user_agent(name: &str) -> &str {
    match name {
        "gannet" => USER_AGENT_GANNET,
        other => other,
    }
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

/// Cookies from a file.
pub(crate) fn read_cookies(path: &Path) -> Result<CookieFile, Error> {
    CookieFile::load(path).map_err(|reason| invalid(reason.to_string()))
}

/// Its place among the file's headers goes into the message, and nothing else of it: it may be a token.
pub(crate) fn split_header(header: &str, number: usize) -> Result<(&str, &str), Error> {
    match header.split_once(':') {
        Some((name, value)) => Ok((name.trim(), value.trim())),
        None => Err(invalid(format!(
            "a header is written as `Name: value`; number {number} of those given has no colon"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_split_at_its_first_colon() {
        assert_eq!(split_header("X-A:  b: c ", 1).expect("a header"), ("X-A", "b: c"));
    }

    #[test]
    fn a_mirror_gets_the_login_of_its_own_host() {
        let text = "machine one login ann password p@ss:/\nmachine two login bob password x";
        let identity = Identity::Netrc(Netrc::parse(text).expect("a netrc"));
        for (mirror, with_login) in [
            ("https://one/f", "https://ann:p%40ss%3A%2F@one/f"),
            ("https://two:8443/f?q", "https://bob:x@two:8443/f?q"),
            ("https://eve@one/f", "https://eve@one/f"),
            ("https://three/f", "https://three/f"),
            ("no address", "no address"),
        ] {
            assert_eq!(identity.at_mirror(mirror), with_login);
        }
        let given = Identity::Given(Credentials::Bearer(Secret::new("t")));
        assert_eq!(given.at_mirror("https://one/f"), "https://one/f");
    }

    #[test]
    fn a_message_never_repeats_a_header() {
        let error = split_header("Authorization Bearer hunter2", 2).expect_err("no colon");
        assert!(!error.to_string().contains("hunter2"), "{error}");
        assert!(error.to_string().contains("number 2"), "{error}");
    }
}
