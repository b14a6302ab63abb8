//! A second start: the first one has the list, so it gets the links, and shows its window.

use std::time::Duration;

use gannet_server::{Bell, Owner, Summons, find_owner, read_token};
use reqwest::StatusCode;
use reqwest::redirect::Policy;

use crate::front;
use crate::plan::Plan;
use crate::trouble::Trouble;
use crate::works::Works;

/// The first one is on this machine, and has nothing to look up.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// A first one that is just starting can be reached a moment after it has the list; one that is ending gives it back
/// within five seconds.
const TRIES: u32 = 60;
const BETWEEN: Duration = Duration::from_millis(100);

/// What a start led to.
#[derive(Debug)]
pub(crate) enum Start {
    /// The list is ours.
    First(Works),
    /// The window that was there first has the links.
    HandedOver,
}

/// Opens the list; where another window has it, that one gets the links, as text.
///
/// # Errors
/// [`Trouble::Busy`] where a program has the list that shows no window.
pub(crate) async fn begin(plan: &Plan, bell: &Bell, links: &str) -> Result<Start, Trouble> {
    let mut attempt = 1;
    loop {
        let busy = match Works::begin(plan, bell.clone()).await {
            Ok(works) => return Ok(Start::First(works)),
            Err(busy @ Trouble::Busy { .. }) => busy,
            Err(other) => return Err(other),
        };
        match hand_over(plan, links).await {
            Answer::Comes => return Ok(Start::HandedOver),
            Answer::NoWindow => return Err(busy),
            Answer::None if attempt == TRIES => return Err(busy),
            Answer::None => tokio::time::sleep(BETWEEN).await,
        }
        attempt += 1;
    }
}

/// What whoever has the list says to our links.
enum Answer {
    /// It has them, and its window comes.
    Comes,
    /// It shows no window.
    NoWindow,
    /// Nothing.
    None,
}

async fn hand_over(plan: &Plan, links: &str) -> Answer {
    let Ok(Some(owner)) = find_owner(plan.data()) else {
        return Answer::None;
    };
    let summons = Summons {
        text: links.to_owned(),
        mark: front::mark(),
    };
    match ring(&owner, &summons).await {
        Ok(StatusCode::NO_CONTENT) => Answer::Comes,
        Ok(status) => {
            tracing::debug!(%status, "who has the list shows no window");
            Answer::NoWindow
        }
        Err(error) => {
            tracing::debug!(%error, "who has the list does not answer");
            Answer::None
        }
    }
}

async fn ring(owner: &Owner, summons: &Summons) -> Result<StatusCode, Box<dyn std::error::Error>> {
    let token = read_token(&owner.token_file)?.ok_or("its token file holds no token")?;
    // Without a provider there is no TLS, and without that no client; the engine brings the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .timeout(ANSWER_WITHIN)
        // The token goes where it was meant to go, and nowhere else.
        .redirect(Policy::none())
        .no_proxy()
        .build()?;
    let response = client
        .post(format!("{}/api/window", owner.url))
        .bearer_auth(token)
        .header("content-type", "application/json")
        .body(serde_json::to_vec(summons)?)
        .send()
        .await?;
    Ok(response.status())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_second_start_hands_its_links_over() {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan::beneath(&folder);
        let (bell, mut rings) = Bell::new();
        let Start::First(works) = begin(&plan, &bell, "").await.unwrap() else {
            panic!("nobody was there before");
        };
        let second = begin(&plan, &Bell::new().0, "https://example.org/a").await;
        assert!(matches!(second, Ok(Start::HandedOver)), "{second:?}");
        let text = rings.recv().await.map(|summons| summons.text);
        assert_eq!(text.as_deref(), Some("https://example.org/a"));
        works.end().await;
    }

    #[tokio::test]
    async fn a_start_waits_for_one_that_is_ending() {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan::beneath(&folder);
        let ending = gannet_manager::Manager::open(plan.manager.clone()).await.unwrap();
        let bell = Bell::new().0;
        let (second, ()) = tokio::join!(begin(&plan, &bell, ""), ending.close());
        match second.unwrap() {
            Start::First(works) => works.end().await,
            Start::HandedOver => panic!("there is no window"),
        }
    }
}
