//! A manager, a server, and those who may talk to it.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

use futures_util::StreamExt as _;
use gannet_manager::{Manager, ManagerOptions};
use gannet_schema::{Command, Message, Reply};
use gannet_server::{Limits, ServeOptions, Server, read_token};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{self, Message as Frame};

use crate::wire::{Answer, PATIENCE, Request};

pub(crate) struct House {
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
    pub(crate) manager: Manager,
    link: String,
    folder: TempDir,
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

pub(crate) type Socket = WebSocketStream<TcpStream>;

impl House {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// With some options changed.
    pub(crate) async fn with(change: impl FnOnce(&mut ServeOptions)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let downloads = folder.path().join("downloads");
        fs::create_dir(&downloads).expect("made");
        let manager = Manager::open(ManagerOptions::new(&data, &downloads))
            .await
            .expect("a manager");
        let mut options = ServeOptions::new(data);
        options.listen.set_port(0);
        change(&mut options);
        let server = Server::bind(manager.clone(), options).await.expect("a server");
        let (stop, stopped) = oneshot::channel();
        Self {
            address: server.address(),
            token: read_token(server.token_file())
                .expect("readable")
                .expect("a token"),
            link: server.login_link().expect("a link"),
            manager,
            folder,
            stop,
            running: tokio::spawn(server.run(async {
                let _ = stopped.await;
            })),
        }
    }

    /// With some limits changed.
    pub(crate) async fn bounded(change: impl FnOnce(&mut Limits)) -> Self {
        Self::with(|options| change(&mut options.limits)).await
    }

    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    #[cfg(unix)]
    pub(crate) fn data(&self, name: &str) -> PathBuf {
        self.folder.path().join("data").join(name)
    }

    pub(crate) fn downloads(&self) -> PathBuf {
        self.folder.path().join("downloads")
    }

    pub(crate) fn outside(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// A request with the right `Host` and nothing else.
    pub(crate) fn request(&self, method: &str, target: &str) -> Request {
        Request::new(method, target).header("Host", self.host())
    }

    /// A command as a program sends it.
    pub(crate) fn command(&self, command: &Value) -> Request {
        self.request("POST", "/api/command")
            .header("Authorization", format!("Bearer {}", self.token))
            .header("Content-Type", "application/json")
            .body(command.to_string())
    }

    pub(crate) async fn send(&self, request: Request) -> Answer {
        request.send(self.address).await
    }

    /// Has a command carried out.
    pub(crate) async fn execute(&self, command: &Command) -> Reply {
        let answer = self
            .send(self.command(&serde_json::to_value(command).expect("JSON")))
            .await;
        serde_json::from_value(answer.json()).expect("a reply")
    }

    /// Follows the login link; the cookie that the browser has then.
    pub(crate) async fn log_in(&self) -> String {
        let answer = self.send(self.request("GET", self.login_path())).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let cookie = answer.header("set-cookie").expect("a cookie");
        cookie.split(';').next().expect("a pair").to_owned()
    }

    /// The path of the link that was made at the start.
    pub(crate) fn login_path(&self) -> &str {
        self.link.strip_prefix(&self.origin()).expect("a link of ours")
    }

    /// Listens as a program does.
    pub(crate) async fn listen(&self) -> Socket {
        let bearer = format!("Bearer {}", self.token);
        self.listen_with(&[("Authorization", &bearer)])
            .await
            .expect("let in")
    }

    /// Listens with these headers.
    pub(crate) async fn listen_with(
        &self,
        headers: &[(&'static str, &str)],
    ) -> Result<Socket, tungstenite::Error> {
        let mut request = format!("ws://{}/api/events", self.address).into_client_request()?;
        for (name, value) in headers {
            request
                .headers_mut()
                .insert(*name, value.parse().expect("a header"));
        }
        let stream = TcpStream::connect(self.address).await?;
        let (socket, _) = tokio_tungstenite::client_async(request, stream).await?;
        Ok(socket)
    }

    /// The cookie that a browser is given as it begins to listen with its own.
    pub(crate) async fn cookie_for_listening(&self, cookie: &str) -> Option<String> {
        let mut request = format!("ws://{}/api/events", self.address)
            .into_client_request()
            .expect("a request");
        for (name, value) in [("Cookie", cookie), ("Origin", &self.origin())] {
            request
                .headers_mut()
                .insert(name, value.parse().expect("a header"));
        }
        let stream = TcpStream::connect(self.address).await.expect("a connection");
        let (_, answer) = tokio_tungstenite::client_async(request, stream)
            .await
            .expect("let in");
        let given = answer.headers().get("set-cookie")?;
        Some(given.to_str().expect("text").to_owned())
    }

    /// Ends the server.
    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        self.running.await.expect("it ends well");
        self.manager.close().await;
    }
}

/// The status by which a WebSocket was refused.
pub(crate) fn refusal(outcome: Result<Socket, tungstenite::Error>) -> u16 {
    match outcome {
        Err(tungstenite::Error::Http(response)) => response.status().as_u16(),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("let in"),
    }
}

/// The next message.
pub(crate) async fn next(socket: &mut Socket) -> Message {
    loop {
        let frame = tokio::time::timeout(PATIENCE, socket.next())
            .await
            .expect("in time");
        match frame.expect("open").expect("a frame") {
            Frame::Text(text) => return serde_json::from_str(&text).expect("a message"),
            Frame::Ping(_) | Frame::Pong(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// The code with which the server closes.
pub(crate) async fn close_code(socket: &mut Socket) -> Option<u16> {
    loop {
        match tokio::time::timeout(PATIENCE, socket.next())
            .await
            .expect("in time")
        {
            Some(Ok(Frame::Close(frame))) => return frame.map(|frame| frame.code.into()),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return None,
        }
    }
}
