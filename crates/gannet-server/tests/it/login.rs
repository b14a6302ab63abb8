//! Letting browsers in and out.

use gannet_server::ServeOptions;

use crate::house::{House, close_code, next};

#[tokio::test]
async fn a_login_link_works_once_and_sets_a_cookie_that_is_not_the_token() {
    let house = House::new().await;
    let answer = house.send(house.request("GET", house.login_path())).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/")));
    let cookie = answer.header("set-cookie").expect("a cookie");
    for part in ["; HttpOnly", "; SameSite=Strict", "; Path=/", "; Max-Age=2592000"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "no https here: {cookie}");
    assert!(!cookie.contains(&house.token), "{cookie}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));

    let again = house.send(house.request("GET", house.login_path())).await;
    assert_eq!((again.status, again.header("set-cookie")), (403, None));
    assert!(
        again.text().contains("gannet serve --login-link"),
        "{}",
        again.text()
    );

    let pair = cookie.split(';').next().expect("a pair");
    let session = house.request("GET", "/api/session").header("Cookie", pair);
    assert_eq!(house.send(session).await.status, 200);
}

#[tokio::test]
async fn a_cookie_lasts_as_long_as_its_session_from_each_use_on() {
    let house = House::new().await;
    let pair = house.log_in().await;
    let again = house.cookie_for_listening(&pair).await.expect("given anew");
    assert!(again.starts_with(&pair), "{again}");
    for part in ["; HttpOnly", "; SameSite=Strict", "; Max-Age=2592000"] {
        assert!(again.contains(part), "{again}");
    }
}

#[tokio::test]
async fn a_guessed_code_lets_nobody_in() {
    let house = House::new().await;
    let length = house.login_path().len();
    for path in [
        "/login".to_owned(),
        "/login?code=".to_owned(),
        format!("/login?code={}", "0".repeat(64)),
        house.login_path()[..length - 1].to_owned(),
    ] {
        let answer = house.send(house.request("GET", &path)).await;
        assert_eq!(
            (answer.status, answer.header("set-cookie")),
            (403, None),
            "{path}"
        );
    }
    // None of them used up the right one.
    house.log_in().await;
}

#[tokio::test]
async fn behind_https_the_cookie_goes_no_other_way() {
    let house = House::with(|options: &mut ServeOptions| {
        options.sites = vec!["https://g.example.org".parse().expect("a site")];
    })
    .await;
    let request = house
        .request("GET", house.login_path())
        .without("Host")
        .header("Host", "g.example.org");
    let answer = house.send(request).await;
    assert!(
        answer
            .header("set-cookie")
            .expect("a cookie")
            .ends_with("; Secure")
    );
}

#[tokio::test]
async fn only_the_token_makes_new_links() {
    let house = House::new().await;
    let cookie = house.log_in().await;
    let by_session = house
        .request("POST", "/api/login-link")
        .header("Cookie", &cookie)
        .header("Origin", house.origin())
        .body("");
    assert_eq!(house.send(by_session).await.status, 401);
    let by_token = house
        .request("POST", "/api/login-link")
        .header("Authorization", format!("Bearer {}", house.token))
        .body("");
    let answer = house.send(by_token).await;
    assert_eq!(answer.status, 200);
    let path = answer.json()["path"].as_str().expect("a path").to_owned();
    assert_eq!(house.send(house.request("GET", &path)).await.status, 303);
}

#[tokio::test]
async fn whoever_logs_out_hears_and_does_nothing_any_more() {
    let house = House::new().await;
    let cookie = house.log_in().await;
    let origin = house.origin();
    let headers = [("Cookie", cookie.as_str()), ("Origin", origin.as_str())];
    let mut socket = house.listen_with(&headers).await.expect("let in");
    next(&mut socket).await;
    let log_out = |cookie: &str| {
        house
            .request("POST", "/api/logout")
            .header("Cookie", cookie)
            .header("Origin", house.origin())
            .body("")
    };
    let answer = house.send(log_out(&cookie)).await;
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .header("set-cookie")
            .expect("forgotten")
            .contains("Max-Age=0")
    );
    assert_eq!(close_code(&mut socket).await, Some(4401));
    assert_eq!(house.send(log_out(&cookie)).await.status, 401);
    let session = house.request("GET", "/api/session").header("Cookie", &cookie);
    assert_eq!(house.send(session).await.status, 401);
}

#[cfg(unix)]
#[tokio::test]
async fn what_lies_beside_the_store_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let house = House::new().await;
    let cookie = house.log_in().await;
    for name in ["token", "sessions.json", "runtime.json", "runtime.lock"] {
        let mode = house.data(name).metadata().expect(name).permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let (_, text) = cookie.split_once('=').expect("a pair");
    let kept = std::fs::read_to_string(house.data("sessions.json")).expect("sessions");
    assert!(!kept.contains(text));
}
