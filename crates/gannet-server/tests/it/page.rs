//! What is at `/`.

use crate::house::House;
use gannet_server::page_is_built;

#[tokio::test]
async fn without_a_built_page_the_command_is_named() {
    let house = House::new().await;
    let answer = house.send(house.request("GET", "/")).await;
    if page_is_built() {
        assert_eq!(answer.status, 200);
        assert!(answer.text().contains("<div id=\"root\">"), "{}", answer.text());
    } else {
        assert_eq!(answer.status, 503);
        assert!(answer.text().contains("cargo xtask app"), "{}", answer.text());
    }
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
}

#[tokio::test]
async fn no_path_leads_out_of_the_page() {
    let house = House::new().await;
    for path in [
        "/../Cargo.toml",
        "/..%2f..%2fCargo.toml",
        "//etc/passwd",
        "/%2e%2e/token",
        "/assets/../../token",
    ] {
        let answer = house.send(house.request("GET", path)).await;
        assert!(
            matches!(answer.status, 400 | 404 | 503),
            "{path}: {}",
            answer.status
        );
        assert!(!answer.text().contains(&house.token));
    }
}

#[tokio::test]
async fn what_the_browser_holds_is_not_sent_again() {
    if !page_is_built() {
        return;
    }
    let house = House::new().await;
    let plain = house.send(house.request("GET", "/")).await;
    let packed = house
        .send(house.request("GET", "/").header("Accept-Encoding", "gzip, br"))
        .await;
    assert_eq!(plain.header("content-encoding"), None);
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(packed.body.len() < plain.body.len());
    assert!(
        plain.text().starts_with("<!doctype html>"),
        "unpacked for whoever takes no gzip"
    );
    let (one, other) = (
        plain.header("etag").expect("a tag"),
        packed.header("etag").expect("a tag"),
    );
    assert_ne!(one, other, "a strong tag names one encoding");
    let again = house
        .send(house.request("GET", "/").header("If-None-Match", one))
        .await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(plain.header("cache-control"), Some("no-cache"));

    let script = plain
        .text()
        .split('"')
        .find(|part| part.starts_with("/assets/index") && part.contains(".js"))
        .expect("a script")
        .to_owned();
    let asset = house.send(house.request("GET", &script)).await;
    assert_eq!(asset.status, 200);
    assert_eq!(
        asset.header("cache-control"),
        Some("public, max-age=31536000, immutable")
    );
}

#[tokio::test]
async fn a_server_without_a_page_shows_none() {
    let house = House::with(|options| options.page = gannet_server::Page::Hidden).await;
    assert_eq!(house.send(house.request("GET", "/")).await.status, 404);
    assert_eq!(house.send(house.request("GET", "/healthz")).await.text(), "ok\n");
}

#[tokio::test]
async fn a_server_beside_a_window_lets_no_browser_in() {
    let house = House::with(|options| options.page = gannet_server::Page::Hidden).await;
    let link = house.request("GET", house.login_path());
    assert_eq!(house.send(link).await.status, 404);
}

#[tokio::test]
async fn a_window_is_asked_for_by_programs_that_show_the_token() {
    let (bell, mut rings) = gannet_server::Bell::new();
    let house = House::with(|options| options.window = Some(bell)).await;
    let ring = |token: &str| {
        house
            .request("POST", "/api/window")
            .header("Authorization", format!("Bearer {token}"))
            .header("Content-Type", "application/json")
            .body(r#"{"text": "https://example.org/a"}"#.to_owned())
    };
    assert_eq!(house.send(ring("wrong")).await.status, 401);
    assert_eq!(house.send(ring(&house.token)).await.status, 204);
    let summons = rings.recv().await.expect("it rings");
    assert_eq!(summons.text, "https://example.org/a");
    assert!(rings.try_recv().is_err());
}

#[tokio::test]
async fn where_there_is_no_window_none_is_promised() {
    let house = House::new().await;
    let ring = house
        .request("POST", "/api/window")
        .header("Authorization", format!("Bearer {}", house.token))
        .header("Content-Type", "application/json")
        .body("{}".to_owned());
    assert_eq!(house.send(ring).await.status, 404);
}
