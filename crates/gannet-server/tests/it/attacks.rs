//! Each test tries one attack over a real socket, and that the same without the malice works.

use gannet_schema::{Command, DuplicateChoice, NewDownload, Reply, RequestOptions, Standing, Start};
use gannet_testkit::Origin;
use serde_json::json;

use crate::house::{House, refusal};
use crate::life::{state, until};

fn question() -> serde_json::Value {
    json!({"action": "list_finished", "page": {"offset": 0, "count": 1}})
}

#[tokio::test]
async fn nobody_is_let_in_without_the_token() {
    let house = House::new().await;
    let wrong = format!("Bearer {}", "0".repeat(64));
    let almost = format!("Bearer {}", &house.token[..63]);
    let as_basic = format!("Basic {}", house.token);
    for shown in [
        None,
        Some(wrong.as_str()),
        Some(&almost),
        Some("Bearer "),
        Some(&as_basic),
    ] {
        let mut request = house.command(&question()).without("Authorization");
        if let Some(shown) = shown {
            request = request.header("Authorization", shown);
        }
        let answer = house.send(request).await;
        assert_eq!(answer.status, 401, "{shown:?}");
        assert_eq!(answer.json()["failure"]["code"], "unauthorized", "{shown:?}");
    }
    for path in ["/api/state", "/api/session", "/api/events"] {
        assert_eq!(house.send(house.request("GET", path)).await.status, 401, "{path}");
    }
    assert_eq!(refusal(house.listen_with(&[]).await), 401);
    assert_eq!(house.send(house.command(&question())).await.status, 200);
}

#[tokio::test]
async fn the_token_in_an_address_or_a_cookie_opens_nothing() {
    let house = House::new().await;
    let request = house
        .command(&question())
        .without("Authorization")
        .header("Origin", house.origin())
        .header(
            "Cookie",
            format!("gannet-{}={}", house.address.port(), house.token),
        );
    assert_eq!(house.send(request).await.status, 401);
    let in_query = house.request("GET", &format!("/api/state?token={}", house.token));
    assert_eq!(house.send(in_query).await.status, 401);
}

#[tokio::test]
async fn a_name_that_was_bound_to_this_address_opens_nothing() {
    let house = House::new().await;
    let port = house.address.port();
    for host in [
        format!("evil.example:{port}"),
        "evil.example".to_owned(),
        format!("localhost.evil.example:{port}"),
        format!("127.0.0.1:{}", port.wrapping_add(1)),
        "127.0.0.1".to_owned(),
        String::new(),
    ] {
        for (method, path) in [
            ("POST", "/api/command"),
            ("GET", "/"),
            ("GET", "/healthz"),
            ("GET", "/login?code=x"),
        ] {
            let request = house.command(&question()).without("Host").header("Host", &host);
            let request = if method == "POST" {
                request
            } else {
                house.request(method, path).without("Host").header("Host", &host)
            };
            assert_eq!(house.send(request).await.status, 421, "{host:?} {path}");
        }
    }
    let bearer = format!("Bearer {}", house.token);
    let rebound = house
        .listen_with(&[("Authorization", &bearer), ("Host", "evil.example")])
        .await;
    assert_eq!(refusal(rebound), 421);
    let local = house
        .command(&question())
        .without("Host")
        .header("Host", format!("LocalHost:{port}"));
    assert_eq!(house.send(local).await.status, 200);
}

#[tokio::test]
async fn two_hosts_or_another_one_in_the_target_open_nothing() {
    let house = House::new().await;
    let two = house.command(&question()).header("Host", "evil.example");
    assert!(matches!(house.send(two).await.status, 400 | 421));
    let absolute = house
        .request("GET", "http://evil.example/api/state")
        .header("Authorization", format!("Bearer {}", house.token));
    assert_eq!(house.send(absolute).await.status, 421);
}

#[tokio::test]
async fn a_page_of_another_site_gets_nowhere_even_with_the_session() {
    let house = House::new().await;
    let cookie = house.log_in().await;
    let from = |origin: &str| {
        house
            .command(&question())
            .without("Authorization")
            .header("Cookie", &cookie)
            .header("Origin", origin)
    };
    for origin in [
        "null",
        "http://evil.example",
        "http://localhost:3000",
        &format!("http://localhost:{}", house.address.port()),
        &format!("https://{}", house.address),
    ] {
        let answer = house.send(from(origin)).await;
        assert_eq!(answer.status, 403, "{origin}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
        let socket = house
            .listen_with(&[("Cookie", &cookie), ("Origin", origin)])
            .await;
        assert_eq!(refusal(socket), 403, "{origin}");
    }
    // A browser always names the origin of what changes something; who does not is none.
    assert_eq!(house.send(from("x").without("Origin")).await.status, 401);
    assert_eq!(refusal(house.listen_with(&[("Cookie", &cookie)]).await), 401);

    assert_eq!(house.send(from(&house.origin())).await.status, 200);
    let ours = house
        .listen_with(&[("Cookie", &cookie), ("Origin", &house.origin())])
        .await;
    assert!(ours.is_ok());
}

#[tokio::test]
async fn a_form_or_plain_text_is_no_command() {
    let house = House::new().await;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
    ] {
        let request = house
            .command(&question())
            .without("Content-Type")
            .header("Content-Type", kind);
        assert_eq!(house.send(request).await.status, 415, "{kind}");
    }
    assert_eq!(
        house
            .send(house.command(&question()).without("Content-Type"))
            .await
            .status,
        415
    );
}

#[tokio::test]
async fn a_browser_that_asks_for_leave_for_another_site_gets_none() {
    let house = House::new().await;
    let preflight = house
        .request("OPTIONS", "/api/command")
        .header("Origin", "http://evil.example")
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "authorization,content-type");
    let answer = house.send(preflight).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.header("access-control-allow-origin"), None);
    let same = house
        .request("OPTIONS", "/api/command")
        .header("Origin", house.origin());
    assert_eq!(house.send(same).await.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn what_another_site_embeds_stays_empty() {
    let house = House::new().await;
    for (mode, dest) in [
        ("no-cors", "script"),
        ("no-cors", "image"),
        ("navigate", "iframe"),
    ] {
        let request = house
            .request("GET", "/")
            .header("Sec-Fetch-Site", "cross-site")
            .header("Sec-Fetch-Mode", mode)
            .header("Sec-Fetch-Dest", dest);
        assert_eq!(house.send(request).await.status, 403, "{mode} {dest}");
    }
}

#[tokio::test]
async fn every_answer_tells_the_browser_what_it_may_not_do() {
    let house = House::new().await;
    for path in ["/", "/healthz", "/api/state", "/login?code=x", "/no/such.thing"] {
        let answer = house.send(house.request("GET", path)).await;
        let policy = answer.header("content-security-policy").expect(path);
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
    }
}

/// Folders among the downloads that lead elsewhere.
#[cfg(unix)]
fn folders_that_link_to(victim: &std::path::Path, house: &House) -> Vec<String> {
    std::os::unix::fs::symlink(victim, house.downloads().join("link")).expect("a link");
    ["link", "link/deeper"]
        .map(|folder| format!("{}/{folder}", house.downloads().display()))
        .to_vec()
}

/// On Windows not everybody may make links.
#[cfg(not(unix))]
fn folders_that_link_to(_: &std::path::Path, _: &House) -> Vec<String> {
    Vec::new()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_outside_the_roots() {
    let origin = Origin::builder().size(1 << 20).start().await.expect("an origin");
    let house = House::new().await;
    let victim = house.outside().join("victim");
    std::fs::create_dir(&victim).expect("made");
    let named = [
        victim.to_string_lossy().into_owned(),
        format!("{}/../victim", house.downloads().display()),
        "/etc".to_owned(),
        "../victim".to_owned(),
    ];
    for folder in named.iter().chain(&folders_that_link_to(&victim, &house)) {
        for command in [
            Command::MakeFolder {
                folder: format!("{folder}/new"),
            },
            Command::ListFolders {
                folder: folder.clone(),
            },
        ] {
            let reply = house.execute(&command).await;
            assert!(matches!(reply, Reply::Failed { .. }), "{command:?}: {reply:?}");
        }
        // What looks right when it is added is looked at again when it is opened: a link may come in between.
        house
            .execute(&add(download(&origin.url("a.bin"), Some(folder))))
            .await;
    }
    for name in ["../victim/a", "/etc/a", "a/b", "..", "link/a"] {
        let mut download = download(&origin.url("b.bin"), None);
        download.name = Some(name.to_owned());
        house.execute(&add(download)).await;
    }
    until("all came to an end", async || {
        let rows = state(&house).await.rows;
        rows.iter()
            .all(|row| matches!(row.standing, Standing::Failed { .. } | Standing::Waiting { .. }))
            .then_some(())
    })
    .await;
    assert_eq!(std::fs::read_dir(&victim).expect("a folder").count(), 0);
    house.stop().await;
}

fn add(download: NewDownload) -> Command {
    Command::Add {
        downloads: vec![download],
        duplicates: DuplicateChoice::Add,
    }
}

pub(crate) fn download(url: &str, folder: Option<&str>) -> NewDownload {
    NewDownload {
        url: url.to_owned(),
        mirrors: Vec::new(),
        name: None,
        folder: folder.map(str::to_owned),
        category: None,
        queue: None,
        start: Start::InTurn,
        checksums: Vec::new(),
        connections: None,
        limit_bytes_per_s: None,
        options: RequestOptions::default(),
        ticket: None,
        pieces: None,
        replace: false,
        on_existing: None,
        on_change: None,
    }
}
