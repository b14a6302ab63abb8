//! Settings: each value checked, and the proxy's password kept apart.

use gannet_schema::{Event, Failure, Identity, ProxyChoice, Reply, Secret, Settings, WeeklyLimits};
use url::Url;

use super::invalid;
use crate::desk::Desk;
use crate::folders::Roots;
use crate::inner::Inner;
use crate::runner::store_failure;
use crate::store;

/// Hours of a week.
const WEEK_HOURS: usize = 7 * 24;
/// A longer User-Agent is refused.
const USER_AGENT_BYTES_MAX: usize = 500;

/// Changes the settings as a whole.
pub(super) async fn change(inner: &Inner, settings: Settings) -> Result<Reply, Failure> {
    put_in(inner, &mut *inner.desk.lock().await, settings).await
}

/// Switches the limit over all downloads, or changes it.
pub(super) async fn change_limit(
    inner: &Inner,
    change: impl FnOnce(&mut gannet_schema::Network),
) -> Result<Reply, Failure> {
    // Read and written under one lock, so that what somebody else changes meanwhile is not taken back.
    let mut desk = inner.desk.lock().await;
    let mut settings = desk.settings.clone();
    change(&mut settings.network);
    put_in(inner, &mut desk, settings).await
}

async fn put_in(inner: &Inner, desk: &mut Desk, mut settings: Settings) -> Result<Reply, Failure> {
    check(&settings, &desk.settings, &inner.roots)?;
    let proxy_url = take_out_password(&mut settings, desk.proxy_url.as_ref())?;
    let before = (desk.settings.network.clone(), desk.proxy_url.clone());
    // What the client cannot use is refused before it is kept.
    inner
        .network
        .change(&settings.network, proxy_url.as_ref())
        .map_err(|error| crate::outcome::failure_of(&error))?;
    let (saved, saved_url) = (settings.clone(), proxy_url.clone());
    let written = inner
        .store
        .run(move |connection| {
            let transaction = connection.transaction()?;
            store::save_settings(&transaction, &saved, saved_url.as_ref())?;
            Ok(transaction.commit()?)
        })
        .await;
    if let Err(error) = written {
        // The ones before were good.
        let _ = inner.network.change(&before.0, before.1.as_ref());
        return Err(store_failure(&error));
    }
    let connections = settings.network.connections;
    let connections_changed = connections != before.0.connections;
    desk.settings = settings;
    desk.proxy_url = proxy_url;
    if connections_changed {
        for item in desk
            .items
            .values()
            .filter(|item| item.entry.connections.is_none())
        {
            if let Some(handle) = item.running().and_then(|running| running.handle.get()) {
                handle.set_connections(connections);
            }
        }
    }
    inner.feed.tell(Event::Settings {
        settings: Box::new(desk.settings.clone()),
    });
    inner.turn.notify_one();
    Ok(Reply::Done)
}

/// Refuses what is out of range. What is not changed was checked when it was.
fn check(settings: &Settings, before: &Settings, roots: &Roots) -> Result<(), Failure> {
    if let Some(folder) = &settings.general.folder
        && settings.general.folder != before.general.folder
    {
        roots.find(folder)?;
    }
    let network = &settings.network;
    for (what, value, least, most) in [
        ("connections for one download", network.connections, 1, 64),
        ("connections to one host", network.connections_per_host, 1, 256),
        ("downloads at once", network.downloads_at_once, 1, 64),
        (
            "downloads at once from one host",
            network.downloads_per_host,
            1,
            64,
        ),
        (
            "seconds to wait for a connection",
            network.connect_timeout_s,
            1,
            300,
        ),
        ("seconds to go on without a byte", network.retry_for_s, 5, 3600),
    ] {
        if !(least..=most).contains(&value) {
            return Err(invalid(format!("{what}: {least} to {most}, not {value}")));
        }
    }
    check_limit(network.limit_bytes_per_s)?;
    if let Some(WeeklyLimits {
        limit_bytes_per_s,
        hours,
    }) = &network.weekly_limits
    {
        check_limit(Some(*limit_bytes_per_s))?;
        if hours.len() != WEEK_HOURS {
            return Err(invalid(format!(
                "a week has {WEEK_HOURS} hours, not {}",
                hours.len()
            )));
        }
    }
    if let Identity::Custom { user_agent } = &network.identity {
        check_user_agent(user_agent)?;
    }
    Ok(())
}

/// A limit of nothing would be a pause that nobody sees.
pub(super) fn check_limit(limit_bytes_per_s: Option<u64>) -> Result<(), Failure> {
    match limit_bytes_per_s {
        Some(0) => Err(invalid("a limit is at least 1 byte per second")),
        _ => Ok(()),
    }
}

pub(super) fn check_user_agent(user_agent: &str) -> Result<(), Failure> {
    let printable = user_agent.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if user_agent.is_empty() || user_agent.len() > USER_AGENT_BYTES_MAX || !printable {
        return Err(invalid(format!(
            "a user agent has 1 to {USER_AGENT_BYTES_MAX} printable ASCII characters"
        )));
    }
    Ok(())
}

/// Takes name and password out of the proxy's address; what comes out again says only that there is one. An address that
/// is given back as it came out keeps its password.
fn take_out_password(settings: &mut Settings, kept: Option<&Secret>) -> Result<Option<Secret>, Failure> {
    let ProxyChoice::Url { url, has_password } = &mut settings.network.proxy else {
        return Ok(None);
    };
    let refused = || invalid("a proxy is written http://host:port, https:// or socks5://");
    let full = Url::parse(url.trim()).map_err(|_| refused())?;
    if !matches!(full.scheme(), "http" | "https" | "socks5" | "socks5h") || full.host_str().is_none() {
        return Err(refused());
    }
    let bare = without_userinfo(&full);
    let has_userinfo = !full.username().is_empty() || full.password().is_some();
    let full = if has_userinfo {
        Some(full)
    } else {
        kept.filter(|_| *has_password)
            .and_then(|kept| Url::parse(kept.reveal()).ok())
            .filter(|kept| without_userinfo(kept) == bare)
    };
    bare.as_str().clone_into(url);
    *has_password = full.is_some();
    Ok(full.map(|full| Secret::new(full.as_str())))
}

fn without_userinfo(url: &Url) -> Url {
    let mut bare = url.clone();
    // These fail only for addresses that can have neither.
    let _ = bare.set_username("");
    let _ = bare.set_password(None);
    bare
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_proxy(url: &str, has_password: bool) -> Settings {
        let mut settings = Settings::default();
        settings.network.proxy = ProxyChoice::Url {
            url: url.to_owned(),
            has_password,
        };
        settings
    }

    #[test]
    fn a_proxys_password_goes_in_and_does_not_come_out() {
        let mut settings = with_proxy("http://user:hunter2@proxy:3128", false);
        let kept = take_out_password(&mut settings, None).unwrap().unwrap();
        assert!(kept.reveal().contains("hunter2"));
        assert_eq!(
            settings.network.proxy,
            ProxyChoice::Url {
                url: "http://proxy:3128/".to_owned(),
                has_password: true
            }
        );
        let again = take_out_password(&mut settings, Some(&kept)).unwrap();
        assert_eq!(
            again.as_ref(),
            Some(&kept),
            "given back as it came out, it keeps its password"
        );
        let mut elsewhere = with_proxy("http://other:3128", true);
        assert_eq!(take_out_password(&mut elsewhere, Some(&kept)).unwrap(), None);
    }

    #[test]
    fn values_out_of_range_are_refused() {
        let roots = Roots::new(
            &[std::env::temp_dir()],
            &crate::folders::ChosenFolders::default(),
            &[],
        );
        let refused = |change: fn(&mut Settings)| {
            let mut settings = Settings::default();
            change(&mut settings);
            check(&settings, &Settings::default(), &roots).is_err()
        };
        assert!(!refused(|_| {}));
        assert!(refused(|settings| settings.network.connections = 65));
        assert!(refused(|settings| settings.network.downloads_at_once = 0));
        assert!(refused(|settings| settings.network.limit_bytes_per_s = Some(0)));
        assert!(refused(
            |settings| settings.general.folder = Some("/etc".to_owned())
        ));
        assert!(refused(|settings| settings.network.identity = Identity::Custom {
            user_agent: "a\r\nb".to_owned()
        }));
        assert!(refused(|settings| settings.network.weekly_limits =
            Some(WeeklyLimits {
                limit_bytes_per_s: 1,
                hours: Vec::new()
            })));
    }
}
