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
