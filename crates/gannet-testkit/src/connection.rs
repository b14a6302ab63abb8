//! One connection: requests are read one after the other and their scripts played.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, watch};

use crate::decision::{Decision, decide, note};
use crate::log::{Outcome, Ticket};
use crate::pace::{Pacer, Timeline};
use crate::profile::Network;
use crate::request::{Request, RequestReader, Scheme};
use crate::script::{Chunked, End, Piece, Script};
use crate::server::Shared;
use crate::site::Site;

/// A stream whose socket can be reached, to reset it.
pub(crate) trait Transport: AsyncRead + AsyncWrite + Unpin + Send {
    fn socket(&self) -> &TcpStream;
}

impl Transport for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl Transport for tokio_rustls::server::TlsStream<TcpStream> {
    fn socket(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// FIN, after `close_notify` on TLS.
    Closed,
    /// RST.
    Reset,
    /// FIN without `close_notify`.
    Abrupt,
}

/// Serves a connection to its end.
pub(crate) async fn run(mut stream: impl Transport, shared: &Shared, connection: u64, scheme: Scheme) {
    let mut network = shared.network.subscribe();
    let ending = tokio::select! {
        ending = serve(&mut stream, shared, connection, scheme) => ending,
        _ = network.wait_for(|network| *network == Network::Reset) => Ending::Reset,
    };
    match ending {
        Ending::Closed => close(stream).await,
        Ending::Reset => reset(&stream),
        Ending::Abrupt => {}
    }
}

/// Makes the socket send RST when it is dropped.
pub(crate) fn reset(stream: &impl Transport) {
    if let Err(error) = stream.socket().set_zero_linger() {
        tracing::debug!(%error, "a connection could not be reset");
    }
}

/// Says goodbye, then reads what the client still sends: dropping unread bytes would turn FIN into RST.
async fn close(mut stream: impl Transport) {
    if stream.shutdown().await.is_ok() {
        let mut nowhere = tokio::io::sink();
        let drained = tokio::io::copy(&mut stream, &mut nowhere);
        // The client may keep its side open as long as it likes; we do not.
        let _ = tokio::time::timeout(LINGER, drained).await;
    }
}

async fn serve(stream: &mut impl Transport, shared: &Shared, connection: u64, scheme: Scheme) -> Ending {
    let reader = RequestReader::new(connection, scheme);
    let network = shared.network.subscribe();
    let mut served = Served {
        stream,
        shared,
        reader,
        network,
        timeline: None,
        buffer: Vec::new(),
        answers: 0,
        place: None,
    };
    loop {
        let request = match served.reader.next(served.stream).await {
            Ok(Some(request)) => request,
            Ok(None) => return Ending::Closed,
            Err(error) => {
                tracing::debug!(%error, connection, "a request could not be read");
                return Ending::Closed;
            }
        };
        match served.answer(&request).await {
            Ok(None) => {}
            Ok(Some(ending)) => return ending,
            Err(error) => {
                tracing::trace!(%error, connection, "the client went away");
                return Ending::Closed;
            }
        }
    }
}

/// A connection at work, and what it keeps between its answers.
struct Served<'a, S> {
    stream: &'a mut S,
    shared: &'a Shared,
    reader: RequestReader,
    network: watch::Receiver<Network>,
    /// When this connection may send next, where its answers are paced.
    timeline: Option<Timeline>,
    buffer: Vec<u8>,
    answers: u64,
    /// Held for the connection's life where a cap counts connections.
    place: Option<OwnedSemaphorePermit>,
}

impl<S: Transport> Served<'_, S> {
    /// Answers one request. None where the connection lives on.
    async fn answer(&mut self, request: &Request) -> io::Result<Option<Ending>> {
        if let Some(script) = self.shared.question(request) {
            self.send(&script.head()).await?;
            for piece in &script.body {
                if let Piece::Bytes(bytes) = piece {
                    self.send(bytes).await?;
                }
            }
            return Ok(wants_close(request).then_some(Ending::Closed));
        }
        let site = self.shared.site(&request.path);
        let mut ticket = note(self.shared, site, request);
        self.answers += 1;
        let pace = &site.profile.pace;
        let latency = if self.answers == 1 {
            pace.first_latency
        } else {
            pace.latency
        };
        self.wait(latency).await?;
        match decide(self.shared, site, request, &mut self.place, &mut ticket).await {
            // The place is free again when the answer is sent.
            Decision::Play(script, _place) => self.play(site, &script, request, &mut ticket).await,
            Decision::Reset => Ok(Some(Ending::Reset)),
            Decision::Silence => self.silence().await,
        }
    }

    async fn play(
        &mut self,
        site: &Site,
        script: &Script,
        request: &Request,
        ticket: &mut Ticket,
    ) -> io::Result<Option<Ending>> {
        self.wait(script.delay).await?;
        if script.end == End::SilentBeforeHeaders {
            ticket.ended(Outcome::BrokenOff);
            return self.silence().await;
        }
        if script.end == End::ResetBeforeHeaders {
            ticket.ended(Outcome::BrokenOff);
            return Ok(Some(Ending::Reset));
        }
        self.network_up().await;
        self.send(&script.head()).await?;
        let body_bytes = if request.method == "HEAD" {
            0
        } else {
            script.body_bytes()
        };
        let (limit, stop) = stop(script.end, body_bytes);
        self.send_body(site, script, limit, ticket).await?;
        match stop {
            Stop::BreakOff(ending) => {
                ticket.ended(Outcome::BrokenOff);
                return Ok(Some(ending));
            }
            Stop::Silence => {
                ticket.ended(Outcome::BrokenOff);
                return self.silence().await;
            }
            Stop::Complete => {}
        }
        if script.framing.has_last_chunk() && request.method != "HEAD" {
            self.send(b"0\r\n\r\n").await?;
        }
        ticket.ended(Outcome::Complete);
        Ok(match script.end {
            End::CompleteWithoutCloseNotify => Some(Ending::Abrupt),
            End::CompleteThenCloseUnannounced => Some(Ending::Closed),
            _ => (script.closes() || wants_close(request)).then_some(Ending::Closed),
        })
    }

    /// Sends the first `limit` bytes of the body, at the pace of the profile and the script.
    async fn send_body(
        &mut self,
        site: &Site,
        script: &Script,
        limit: u64,
        ticket: &Ticket,
    ) -> io::Result<()> {
        let mut pacer = Pacer::new(site, script, self.timeline.take());
        let mut left = limit;
        for piece in &script.body {
            let mut position = 0;
            let end = piece.length().min(left);
            while position < end {
                let length = (end - position).min(pacer.slice_bytes()) as usize;
                pacer.wait_for(length as u64).await;
                self.network_up().await;
                self.send_slice(piece, position, length, script.framing.is_chunked())
                    .await?;
                ticket.sent(length as u64);
                position += length as u64;
            }
            left -= end;
        }
        self.timeline = pacer.into_own();
        self.stream.flush().await
    }

    async fn send_slice(
        &mut self,
        piece: &Piece,
        position: u64,
        length: usize,
        chunked: Chunked,
    ) -> io::Result<()> {
        let needed = CHUNK_HEAD_BYTES + length + CHUNK_TAIL.len();
        if self.buffer.len() < needed {
            self.buffer.resize(needed, 0);
        }
        let (mut start, mut end) = (CHUNK_HEAD_BYTES, CHUNK_HEAD_BYTES + length);
        let data = &mut self.buffer[start..end];
        match piece {
            Piece::Bytes(bytes) => {
                data.copy_from_slice(&bytes[position as usize..position as usize + length]);
            }
            Piece::Content { content, range } => content.fill(range.start + position, data),
        }
        if chunked == Chunked::Yes {
            let head = format!("{length:x}\r\n");
            start -= head.len();
            self.buffer[start..CHUNK_HEAD_BYTES].copy_from_slice(head.as_bytes());
            self.buffer[end..end + CHUNK_TAIL.len()].copy_from_slice(CHUNK_TAIL);
            end += CHUNK_TAIL.len();
        }
        self.stream.write_all(&self.buffer[start..end]).await
    }

    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// Sends nothing until the client gives up.
    async fn silence(&mut self) -> io::Result<Option<Ending>> {
        self.reader.closed(self.stream).await?;
        Ok(Some(Ending::Closed))
    }

    /// Waits, unless the client gives up first.
    async fn wait(&mut self, time: Duration) -> io::Result<()> {
        if time.is_zero() {
            return Ok(());
        }
        tokio::select! {
            () = tokio::time::sleep(time) => Ok(()),
            closed = self.reader.closed(self.stream) => {
                closed?;
                Err(io::ErrorKind::ConnectionAborted.into())
            }
        }
    }

    async fn network_up(&mut self) {
        // The sender lives in `Shared`, which this borrows: waiting cannot fail.
        let _ = self
            .network
            .wait_for(|network| *network != Network::Stalled)
            .await;
    }
}

/// What happens after the last byte that is sent.
pub(crate) enum Stop {
    Complete,
    BreakOff(Ending),
    Silence,
}

/// How many bytes of a body are sent, and what then. An answer that is shorter than its cut is complete.
pub(crate) fn stop(end: End, body_bytes: u64) -> (u64, Stop) {
    match end {
        End::CutAfter(bytes) if bytes < body_bytes => (bytes, Stop::BreakOff(Ending::Closed)),
        End::ResetAfter(bytes) if bytes < body_bytes => (bytes, Stop::BreakOff(Ending::Reset)),
        End::CutWithoutCloseNotify(bytes) if bytes < body_bytes => (bytes, Stop::BreakOff(Ending::Abrupt)),
        End::SilentAfter(bytes) if bytes < body_bytes => (bytes, Stop::Silence),
        _ => (body_bytes, Stop::Complete),
    }
}

fn wants_close(request: &Request) -> bool {
    request
        .header("Connection")
        .is_some_and(|value| value.eq_ignore_ascii_case("close"))
}

/// Room for a chunk's length in hex and its line end.
const CHUNK_HEAD_BYTES: usize = 16;
const CHUNK_TAIL: &[u8] = b"\r\n";
const LINGER: Duration = Duration::from_secs(2);
