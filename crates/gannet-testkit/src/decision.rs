//! From a request to what becomes of it, the same for HTTP/1.1 and HTTP/2: hook, detours, cap, answer.

use tokio::sync::OwnedSemaphorePermit;

use crate::log::{Outcome, Ticket};
use crate::request::Request;
use crate::script::Script;
use crate::server::Shared;
use crate::site::{Admission, Site};

/// What becomes of a request.
#[derive(Debug)]
pub(crate) enum Decision {
    /// This is played; the place under a cap is held meanwhile.
    Play(Script, Option<OwnedSemaphorePermit>),
    /// The connection is reset.
    Reset,
    /// Nothing ever comes.
    Silence,
}

/// Notes a request in the log.
pub(crate) fn note(shared: &Shared, site: &Site, request: &Request) -> Ticket {
    let ticket = shared.log.arrived(request);
    let length = site.length_at(&request.path).unwrap_or(0);
    ticket.asked(request.range().and_then(|range| range.resolve(length)));
    ticket
}

/// Decides, and notes the decision. `held` is the place of the connection, where a cap counts connections.
pub(crate) async fn decide(
    shared: &Shared,
    site: &Site,
    request: &Request,
    held: &mut Option<OwnedSemaphorePermit>,
    ticket: &mut Ticket,
) -> Decision {
    let detour = shared
        .scripted(request)
        .or_else(|| site.detour(request, &shared.addresses));
    let (script, place) = match detour {
        Some(script) => (script, None),
        None => match site.admit(held).await {
            Admission::Served(place) => {
                ticket.admitted();
                (site.answer(request), place)
            }
            Admission::Refused(script) => {
                ticket.decided(script.status, None);
                ticket.refused();
                return Decision::Play(script, None);
            }
            Admission::Reset => {
                ticket.refused();
                ticket.ended(Outcome::BrokenOff);
                return Decision::Reset;
            }
            Admission::Silence => {
                ticket.refused();
                ticket.ended(Outcome::BrokenOff);
                return Decision::Silence;
            }
        },
    };
    if matches!(script.status, 429 | 503) {
        ticket.refused();
    }
    ticket.decided(script.status, script.content_range());
    Decision::Play(script, place)
}
