//! A second start: the first one has the list, so it gets the links, and shows its window.

use std::time::Duration;

use gannet_server::{Owner, Summons, find_owner, read_token};
use reqwest::StatusCode;
use reqwest::redirect::Policy;

use crate::folders::Folders;

/// The first one is on this machine, and has nothing to look up.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// A first one that is just starting is announced a moment after it has the list.
const TRIES: u32 = 20;
const BETWEEN: Duration = Duration::from_millis(100);

/// What became of the links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HandOver {
    /// The window that was there first has them.
    Done,
    /// Whoever has the list shows no window.
    NoWindow,
}

/// Gives the links to the window that was there first.
pub(crate) async fn hand_over(folders: &Folders, text: String) -> HandOver {
    let summons = Summons { text };
    for attempt in 1..=TRIES {
        if let Ok(Some(owner)) = find_owner(&folders.data) {
            match ring(&owner, &summons).await {
                Ok(StatusCode::NO_CONTENT) => return HandOver::Done,
                Ok(status) => {
                    tracing::debug!(%status, "who has the list shows no window");
                    return HandOver::NoWindow;
                }
                Err(error) => tracing::debug!(%error, "who has the list does not answer"),
            }
        }
        if attempt < TRIES {
            tokio::time::sleep(BETWEEN).await;
        }
    }
    HandOver::NoWindow
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
