//! The same origin over HTTP/2 (RFC 9113), for what only HTTP/2 can do wrong.
//!
//! Profiles, faults and scripts mean what they mean over HTTP/1.1, with these translations: a reset of the connection
//! is `RST_STREAM`, a cut is `GOAWAY` and the end of the connection, silence keeps the stream open. Framing does not
//! apply, and latency counts per stream.

use std::future::poll_fn;

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, SendStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::connection::{Ending, Stop, Transport, stop};
use crate::decision::{Decision, decide, note};
use crate::log::{Outcome, Ticket};
use crate::pace::Pacer;
use crate::profile::Network;
use crate::request::{Request, Scheme};
use crate::script::{End, Piece, Script, find_header};
use crate::server::Shared;
use crate::site::Site;

/// Serves a connection to its end.
pub(crate) async fn run(
    stream: impl Transport,
    shared: &std::sync::Arc<Shared>,
    connection: u64,
    scheme: Scheme,
) -> Result<(), h2::Error> {
    let mut http2 = h2::server::handshake(stream).await?;
    let (go_away, mut asked_to_go) = mpsc::channel(1);
    // Dropped with the connection.
    let mut streams = JoinSet::new();
    let mut answers = 0;
    loop {
        tokio::select! {
            accepted = http2.accept() => {
                let Some(accepted) = accepted else { return Ok(()) };
                let (request, respond) = accepted?;
                answers += 1;
                let request = translate(&request, connection, scheme);
                let stream = Stream { respond, go_away: go_away.clone(), number: answers };
                let shared = std::sync::Arc::clone(shared);
                streams.spawn(async move {
                    if let Err(error) = stream.answer(&shared, &request).await {
                        tracing::trace!(%error, connection, "a stream ended early");
                    }
                });
            }
            Some(()) = asked_to_go.recv() => {
                http2.abrupt_shutdown(Reason::INTERNAL_ERROR);
                return poll_fn(|context| http2.poll_closed(context)).await;
            }
            Some(_) = streams.join_next() => {}
        }
    }
}

fn translate(request: &http::Request<h2::RecvStream>, connection: u64, scheme: Scheme) -> Request {
    let headers = request.headers().iter().map(|(name, value)| {
        (
            name.as_str().to_owned(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    });
    let host = request
        .uri()
        .authority()
        .map(|authority| ("host".to_owned(), authority.to_string()));
    Request {
        connection,
        scheme,
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().map(str::to_owned),
        headers: host.into_iter().chain(headers).collect(),
    }
}

/// One request and its answer.
struct Stream {
    respond: SendResponse<Bytes>,
    go_away: mpsc::Sender<()>,
    /// Which one of its connection, from 1.
    number: u64,
}

impl Stream {
    async fn answer(mut self, shared: &Shared, request: &Request) -> Result<(), h2::Error> {
        if let Some(script) = shared.question(request) {
            let mut body = self.send_head(&script)?;
            for piece in script.body {
                if let Piece::Bytes(bytes) = piece {
                    send(&mut body, bytes.into()).await?;
                }
            }
            return body.send_data(Bytes::new(), true);
        }
        let site = shared.site(&request.path);
        let mut ticket = note(shared, site, request);
        let pace = &site.profile.pace;
        tokio::time::sleep(if self.number == 1 {
            pace.first_latency
        } else {
            pace.latency
        })
        .await;
        // A cap that counts connections would count streams here, which is as strict.
        let mut place = None;
        match decide(shared, site, request, &mut place, &mut ticket).await {
            Decision::Play(script, _place) => self.play(shared, site, &script, request, &mut ticket).await,
            Decision::Reset => {
                self.respond.send_reset(Reason::REFUSED_STREAM);
                Ok(())
            }
            Decision::Silence => self.silence().await,
        }
    }

    async fn play(
        mut self,
        shared: &Shared,
        site: &Site,
        script: &Script,
        request: &Request,
        ticket: &mut Ticket,
    ) -> Result<(), h2::Error> {
        tokio::time::sleep(script.delay).await;
        if script.end == End::SilentBeforeHeaders {
            ticket.ended(Outcome::BrokenOff);
            return self.silence().await;
        }
        if script.end == End::ResetBeforeHeaders {
            ticket.ended(Outcome::BrokenOff);
            self.respond.send_reset(Reason::REFUSED_STREAM);
            return Ok(());
        }
        let mut body = self.send_head(script)?;
        let body_bytes = if request.method == "HEAD" {
            0
        } else {
            script.body_bytes()
        };
        let (limit, stop) = stop(script.end, body_bytes);
        send_body(&mut body, shared, site, script, limit, ticket).await?;
        ticket.ended(if matches!(stop, Stop::Complete) {
            Outcome::Complete
        } else {
            Outcome::BrokenOff
        });
        match stop {
            Stop::Complete => body.send_data(Bytes::new(), true)?,
            Stop::BreakOff(Ending::Reset) => body.send_reset(Reason::INTERNAL_ERROR),
            Stop::BreakOff(Ending::Closed | Ending::Abrupt) => {
                // One is enough for the connection: a full channel means it is going already.
                let _ = self.go_away.try_send(());
                // Dropping the stream would send RST_STREAM first; this task ends with its connection.
                std::future::pending::<()>().await;
            }
            Stop::Silence => {
                poll_fn(|context| body.poll_reset(context)).await?;
            }
        }
        Ok(())
    }

    fn send_head(&mut self, script: &Script) -> Result<SendStream<Bytes>, h2::Error> {
        let mut response = http::Response::builder().status(script.status);
        for (name, value) in &script.headers {
            // RFC 9113 §8.2.2 forbids them.
            if !name.eq_ignore_ascii_case("Connection") && !name.eq_ignore_ascii_case("Transfer-Encoding") {
                response = response.header(name.as_str(), value.as_str());
            }
        }
        if find_header(&script.headers, "Content-Length").is_none() && !matches!(script.status, 204 | 304) {
            response = response.header("content-length", script.body_bytes());
        }
        match response.body(()) {
            Ok(response) => self.respond.send_response(response, false),
            // A script that no HTTP/2 frame can carry.
            Err(_) => self.respond.send_response(http::Response::new(()), false),
        }
    }

    /// Sends nothing until the client gives up.
    async fn silence(mut self) -> Result<(), h2::Error> {
        poll_fn(|context| self.respond.poll_reset(context)).await?;
        Ok(())
    }
}

async fn send_body(
    body: &mut SendStream<Bytes>,
    shared: &Shared,
    site: &Site,
    script: &Script,
    limit: u64,
    ticket: &Ticket,
) -> Result<(), h2::Error> {
    let mut network = shared.network.subscribe();
    let mut pacer = Pacer::new(site, script, None);
    let mut left = limit;
    for piece in &script.body {
        let mut position = 0;
        let end = piece.length().min(left);
        while position < end {
            let length = (end - position).min(pacer.slice_bytes()) as usize;
            pacer.wait_for(length as u64).await;
            // The sender lives in `Shared`, which this borrows: waiting cannot fail.
            let _ = network.wait_for(|network| *network != Network::Stalled).await;
            let bytes = match piece {
                Piece::Bytes(bytes) => {
                    Bytes::copy_from_slice(&bytes[position as usize..position as usize + length])
                }
                Piece::Content { content, range } => content.bytes(range.start + position, length).into(),
            };
            send(body, bytes).await?;
            ticket.sent(length as u64);
            position += length as u64;
        }
        left -= end;
    }
    Ok(())
}

/// Sends within the client's window.
async fn send(body: &mut SendStream<Bytes>, mut bytes: Bytes) -> Result<(), h2::Error> {
    while !bytes.is_empty() {
        body.reserve_capacity(bytes.len());
        let capacity = match poll_fn(|context| body.poll_capacity(context)).await {
            Some(capacity) => capacity?,
            None => return Err(Reason::CANCEL.into()),
        };
        body.send_data(bytes.split_to(capacity.min(bytes.len())), false)?;
    }
    Ok(())
}
