//! Cases 41–43: where redirects may lead, and what may come along: credentials, cookies, the user's headers.

use gannet_engine::{CookieFile, Credentials, Downgrade, ErrorCode, Request, Secret};
use gannet_testkit::{Hops, Origin, Redirect, Target};

use crate::support::{at_each_count, download, download_from, download_with, paced, trusting};

/// Everything that a user may want to be known by.
fn dressed(origin: &Origin, request: Request) -> Request {
    let port = origin.address().port();
    let cookies = format!("127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\tfrom-the-file-{port}\n");
    request
        .header("X-Api-Key", "secret-of-the-user")
        .unwrap()
        .header("Cookie", "own=cookie")
        .unwrap()
        .referer("http://page.example/")
        .unwrap()
        .credentials(Credentials::Basic {
            user: "gannet".to_owned(),
            password: Secret::new("dives"),
        })
        .cookies(CookieFile::parse(&cookies).unwrap())
}

const PRIVATE: [&str; 4] = ["x-api-key", "cookie", "referer", "authorization"];

/// Case 41.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_user_added_stays_with_the_origin_it_was_meant_for() {
    at_each_count(|connections| async move {
        // Another host, and another port of the same one.
        for host in ["localhost", "127.0.0.1"] {
            let stranger = paced().start().await.unwrap();
            let base = stranger.url("").trim_end_matches('/').replace("127.0.0.1", host);
            let origin = paced()
                .with(|profile| profile.redirect = Some(Redirect::once(Target::Base(base))))
                .start()
                .await
                .unwrap();
            download_with(&origin, connections, |request| dressed(&origin, request))
                .await
                .whole(&stranger.content());
            for name in PRIVATE {
                assert_eq!(stranger.log().headers_seen(name), [""; 0], "{name} at {host}");
                assert_eq!(origin.log().headers_seen(name).len(), 1, "{name}");
            }
            let agents = stranger.log().headers_seen("user-agent");
            assert!(agents.iter().all(|agent| agent.contains("Chrome")), "{agents:?}");
        }
    })
    .await;
}

/// Case 41: a way back home does not bring it back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stayed_behind_is_not_added_again_on_a_later_hop() {
    let home = paced().start().await.unwrap();
    let back = home.url("").trim_end_matches('/').to_owned();
    let stranger = paced()
        .with(|profile| profile.redirect = Some(Redirect::once(Target::Base(back))))
        .start()
        .await
        .unwrap();
    let away = stranger
        .url("")
        .trim_end_matches('/')
        .replace("127.0.0.1", "localhost");
    let away = format!("{away}/file.bin");
    // The hook sends the first request away; what comes back is answered.
    let original = paced()
        .on_request(move |request, _| {
            (request.path == "/start.bin")
                .then(|| gannet_testkit::Script::new(307).header("Location", away.clone()))
        })
        .start()
        .await
        .unwrap();
    let url = original.url("start.bin");
    download_from(&url, 4, |request| {
        request
            .header("X-Api-Key", "secret-of-the-user")
            .unwrap()
            .credentials(Credentials::Bearer(Secret::new("token-of-the-user")))
    })
    .await
    .whole(&home.content());
    for origin in [&stranger, &home] {
        assert_eq!(origin.log().headers_seen("x-api-key"), [""; 0]);
        assert_eq!(origin.log().headers_seen("authorization"), [""; 0]);
    }
    assert_eq!(
        original.log().headers_seen("authorization"),
        ["Bearer token-of-the-user"]
    );
}

/// Within one origin everything comes along, over every hop and to every worker.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_and_headers_reach_every_request_at_home() {
    at_each_count(|connections| async move {
        for status in [301, 302, 303, 307, 308] {
            let origin = paced()
                .with(|profile| {
                    profile.basic_auth = Some(("gannet".to_owned(), "dives".to_owned()));
                    profile.redirect = Some(Redirect {
                        status,
                        hops: Hops::Count(2),
                        to: Target::Same,
                    });
                })
                .start()
                .await
                .unwrap();
            download_with(&origin, connections, |request| dressed(&origin, request))
                .await
                .whole(&origin.content());
            let requests = origin.log().request_count() as usize;
            for name in PRIVATE {
                assert_eq!(origin.log().headers_seen(name).len(), requests, "{name}");
            }
            let cookies = origin.log().headers_seen("cookie");
            let own =
                |cookie: &String| cookie.contains("own=cookie") && cookie.contains("session=from-the-file");
            assert!(cookies.iter().all(own), "{cookies:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_in_the_address_is_used_and_never_shown() {
    let origin = paced()
        .with(|profile| profile.basic_auth = Some(("gannet".to_owned(), "di:ves@sea".to_owned())))
        .start()
        .await
        .unwrap();
    let login = |login: &str| {
        origin
            .url("file.bin?key=signed")
            .replace("http://", &format!("http://{login}@"))
    };
    let download = download_from(&login("gannet:di%3Aves%40sea"), 4, |request| request).await;
    let told = format!("{:?}", download.witness.events());
    assert!(!told.contains("ves") && !told.contains("signed"), "{told}");
    download.whole(&origin.content());

    let error = download_from(&login("gannet:wrong-password"), 4, |request| request)
        .await
        .failed(ErrorCode::Refused);
    let told = format!("{error} {error:?}");
    assert!(
        !told.contains("wrong-password") && !told.contains("signed"),
        "{told}"
    );
}

/// Cookies that a hop sets are needed at the next one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cookie_set_on_the_way_is_carried_on() {
    let origin = paced()
        .on_request(|request, _| match request.header("cookie") {
            Some("gate=open") => None,
            _ if request.path == "/file.bin" => Some(
                gannet_testkit::Script::new(302)
                    .header("Set-Cookie", "gate=open; Path=/")
                    .header("Location", "/file.bin"),
            ),
            _ => Some(gannet_testkit::Script::text(403, "no")),
        })
        .start()
        .await
        .unwrap();
    download(&origin, 4).await.whole(&origin.content());
}

/// Case 42.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redirect_from_https_to_http_is_refused_unless_allowed() {
    at_each_count(|connections| async move {
        let origin = paced()
            .tls()
            .with(|profile| profile.redirect = Some(Redirect::once(Target::Plain)))
            .start()
            .await
            .unwrap();
        let (client, url) = (trusting(&origin), origin.https_url("file.bin"));
        let error = download_from(&url, connections, |request| request.client(client.clone()))
            .await
            .failed(ErrorCode::Redirect);
        assert!(error.to_string().contains("https://127.0.0.1"), "{error}");
        download_from(&url, connections, |request| {
            request.client(client.clone()).downgrade(Downgrade::Allow)
        })
        .await
        .whole(&origin.content());
    })
    .await;
}

/// The other direction is no question; it is another origin all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redirect_from_http_to_https_is_followed_without_the_users_headers() {
    let origin = paced()
        .tls()
        .with(|profile| profile.redirect = Some(Redirect::once(Target::Tls)))
        .start()
        .await
        .unwrap();
    let client = trusting(&origin);
    download_with(&origin, 4, |request| {
        request.client(client).header("X-Api-Key", "secret").unwrap()
    })
    .await
    .whole(&origin.content());
    assert_eq!(origin.log().headers_seen("x-api-key").len(), 1);
}

/// Case 43.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redirects_in_a_circle_or_without_end_are_an_error_that_names_the_hops() {
    for hops in [Hops::Loop, Hops::Count(21)] {
        let origin = paced()
            .with(|profile| {
                profile.redirect = Some(Redirect {
                    status: 302,
                    hops,
                    to: Target::Same,
                });
            })
            .start()
            .await
            .unwrap();
        let error = download(&origin, 4).await.failed(ErrorCode::Redirect).to_string();
        assert!(error.matches("/file.bin").count() > 1, "{error}");
        assert!(origin.log().request_count() <= 22, "{hops:?}");
    }
    let origin = paced()
        .with(|profile| {
            profile.redirect = Some(Redirect {
                status: 302,
                hops: Hops::Count(20),
                to: Target::Same,
            });
        })
        .start()
        .await
        .unwrap();
    download(&origin, 4).await.whole(&origin.content());
}
