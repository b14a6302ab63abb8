//! An address at which connections never come about.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

/// How long a connection is tried before the queue counts as full.
const TRIED_FOR: Duration = Duration::from_millis(200);
/// Connections that a queue of none takes at most.
const QUEUED_MAX: usize = 16;

/// A port where nobody accepts, and whose queue is full: the system answers no more than a black hole would.
#[derive(Debug)]
pub struct SilentAddress {
    /// Where it is.
    pub address: SocketAddr,
    _listener: TcpListener,
    _queued: Vec<TcpStream>,
}

impl SilentAddress {
    /// On a free port of `host`.
    ///
    /// # Errors
    /// Where that address is none of this machine's.
    pub fn on(host: IpAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((host, 0))?;
        rustix::net::listen(&listener, 0)?;
        let address = listener.local_addr()?;
        let queued = std::iter::from_fn(|| TcpStream::connect_timeout(&address, TRIED_FOR).ok())
            .take(QUEUED_MAX)
            .collect();
        Ok(Self {
            address,
            _listener: listener,
            _queued: queued,
        })
    }
}
