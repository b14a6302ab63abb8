//! A second start: the first one has the list, so it gets the links, and shows its window.

use std::time::Duration;

use gannet_manager::OpenError;
use gannet_server::{Bell, Owner, Summons, find_owner, read_token};
use reqwest::StatusCode;
use reqwest::redirect::Policy;

use crate::brought::Brought;
use crate::front;
use crate::plan::Plan;
use crate::trouble::{Refusal, Trouble};
use crate::works::Works;

/// The first one is on this machine, and has nothing to look up.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// A first one that is just starting can be reached a moment after it has the list; one that is ending gives it back in
/// two seconds, as [`Works::end`] sees to.
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

/// What a window that is there already is told of this start. One that brings nothing and was to be hidden, as those are
/// that come with the session, shows nothing of what runs.
pub(crate) fn summons(brought: &Brought, hidden: bool) -> Summons {
    Summons {
        text: brought.text.clone(),
        unread: brought.unread.clone(),
        hidden: hidden && brought.is_nothing(),
        mark: front::mark(),
    }
}

/// Opens the list; where another window has it, that one gets the summons.
///
/// # Errors
/// [`Trouble::Busy`] where a program has the list that shows no window, [`Trouble::Refused`] where one that shows it does
/// not take the links.
pub(crate) async fn begin(plan: &Plan, bell: &Bell, summons: &Summons) -> Result<Start, Trouble> {
    let mut attempt = 1;
    loop {
        let busy = match Works::begin(plan, bell.clone()).await {
            Ok(works) => return Ok(Start::First(works)),
            Err(busy @ OpenError::Busy { .. }) => busy,
            Err(other) => return Err(other.into()),
        };
        match hand_over(plan, summons).await {
            Answer::Comes => return Ok(Start::HandedOver),
            Answer::NoWindow => return Err(busy.into()),
            Answer::Refused(refusal) => return Err(Trouble::Refused(refusal)),
            Answer::Later if attempt == TRIES => return Err(Trouble::Refused(Refusal::Busy)),
            Answer::None if attempt == TRIES => return Err(busy.into()),
            Answer::None | Answer::Later => tokio::time::sleep(BETWEEN).await,
        }
        attempt += 1;
    }
}

/// What whoever has the list says to our links.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// It has them, and its window comes.
    Comes,
    /// It shows no window.
    NoWindow,
    /// It has too much to do just now.
    Later,
    /// It does not take them.
    Refused(Refusal),
    /// Nothing.
    None,
}

impl Answer {
    fn of(status: StatusCode) -> Self {
        match status {
            StatusCode::NO_CONTENT => Self::Comes,
            StatusCode::NOT_FOUND => Self::NoWindow,
            StatusCode::TOO_MANY_REQUESTS => Self::Later,
            StatusCode::PAYLOAD_TOO_LARGE => Self::Refused(Refusal::TooMuch),
            other => Self::Refused(Refusal::Other(other.as_u16())),
        }
    }
}

async fn hand_over(plan: &Plan, summons: &Summons) -> Answer {
    let Ok(Some(owner)) = find_owner(plan.data()) else {
        return Answer::None;
    };
    match ring(&owner, summons).await {
        Ok(status) => {
            tracing::debug!(%status, "who has the list answers");
            Answer::of(status)
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

    fn links(text: &str) -> Summons {
        let brought = Brought {
            text: text.to_owned(),
            unread: None,
        };
        summons(&brought, false)
    }

    #[tokio::test]
    async fn a_second_start_hands_its_links_over() {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan::beneath(&folder);
        let (bell, mut rings) = Bell::new();
        let Start::First(works) = begin(&plan, &bell, &links("")).await.unwrap() else {
            panic!("nobody was there before");
        };
        let second = begin(&plan, &Bell::new().0, &links("https://example.org/a")).await;
        assert!(matches!(second, Ok(Start::HandedOver)), "{second:?}");
        let text = rings.recv().await.map(|summons| summons.text);
        assert_eq!(text.as_deref(), Some("https://example.org/a"));
        works.end().await;
    }

    #[tokio::test]
    async fn a_second_start_with_the_session_leaves_the_window_where_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan::beneath(&folder);
        let (bell, mut rings) = Bell::new();
        let Start::First(works) = begin(&plan, &bell, &links("")).await.unwrap() else {
            panic!("nobody was there before");
        };
        let link = ["https://example.org/a".to_owned()];
        let unread = ["no-such-file".to_owned()];
        for (words, hidden, stays) in [
            (&[][..], true, true),
            (&[], false, false),
            (&link, true, false),
            (&unread, true, false),
        ] {
            let summons = summons(&Brought::of(words), hidden);
            let second = begin(&plan, &Bell::new().0, &summons).await;
            assert!(matches!(second, Ok(Start::HandedOver)), "{second:?}");
            let heard = rings.recv().await.unwrap();
            assert_eq!(heard.hidden, stays, "{heard:?}");
        }
        works.end().await;
    }

    #[tokio::test]
    async fn a_start_waits_for_one_that_is_ending() {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan::beneath(&folder);
        let ending = gannet_manager::Manager::open(plan.manager.clone()).await.unwrap();
        let (bell, nothing) = (Bell::new().0, links(""));
        let (second, ()) = tokio::join!(begin(&plan, &bell, &nothing), ending.close());
        match second.unwrap() {
            Start::First(works) => works.end().await,
            Start::HandedOver => panic!("there is no window"),
        }
    }

    #[tokio::test]
    async fn links_wait_for_a_window_that_has_too_much_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan::beneath(&folder);
        let (bell, mut rings) = Bell::new();
        let Start::First(works) = begin(&plan, &bell, &links("")).await.unwrap() else {
            panic!("nobody was there before");
        };
        let other = Bell::new().0;
        let mut waiting = 0;
        let full = loop {
            match hand_over(&plan, &links("https://example.org/first")).await {
                Answer::Comes => waiting += 1,
                other => break other,
            }
        };
        assert_eq!(full, Answer::Later);
        let last = links("https://example.org/last");
        let another = begin(&plan, &other, &last);
        let taking = async {
            // paces: the window has too much to do for a while; by then the other start was told to come later
            tokio::time::sleep(BETWEEN * 3).await;
            let mut texts = Vec::new();
            while texts.len() <= waiting {
                texts.extend(rings.recv().await.map(|summons| summons.text));
            }
            texts
        };
        let (another, texts) = tokio::join!(another, taking);
        assert!(matches!(another, Ok(Start::HandedOver)), "{another:?}");
        assert_eq!(texts.last().map(String::as_str), Some("https://example.org/last"));
        works.end().await;
    }

    #[tokio::test]
    async fn a_list_that_is_too_long_is_said_to_be() {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan::beneath(&folder);
        let (bell, _rings) = Bell::new();
        let Start::First(works) = begin(&plan, &bell, &links("")).await.unwrap() else {
            panic!("nobody was there before");
        };
        let much = "https://example.org/a\n".repeat(1 << 20);
        let second = begin(&plan, &Bell::new().0, &links(&much)).await;
        assert!(
            matches!(second, Err(Trouble::Refused(Refusal::TooMuch))),
            "{second:?}"
        );
        works.end().await;
    }
}
