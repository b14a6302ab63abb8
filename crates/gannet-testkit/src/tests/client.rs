//! A client that reads answers as they come and judges nothing.

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::script::find_header;

/// A connection to the origin.
pub(super) struct Client {
    stream: TcpStream,
}

/// An answer as it came.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    /// What reading the body ended with, where it ended early.
    pub(super) broken: Option<io::ErrorKind>,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        find_header(&self.headers, name)
    }
}

impl Client {
    pub(super) async fn connect(address: SocketAddr) -> Self {
        Self {
            stream: TcpStream::connect(address).await.unwrap(),
        }
    }

    /// Sends a GET and reads the answer; without `Content-Length` up to the end of the connection.
    pub(super) async fn get(&mut self, path: &str, headers: &[(&str, &str)]) -> io::Result<Answer> {
        self.ask("GET", path, headers).await?;
        self.read_answer().await
    }

    pub(super) async fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)]) -> io::Result<()> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n");
        for (name, value) in headers {
            write!(request, "{name}: {value}\r\n").unwrap();
        }
        request.push_str("\r\n");
        self.stream.write_all(request.as_bytes()).await
    }

    pub(super) async fn read_answer(&mut self) -> io::Result<Answer> {
        let (status, headers) = self.read_head().await?;
        let length = find_header(&headers, "Content-Length").and_then(|length| length.parse().ok());
        let length = if matches!(status, 100..=199 | 204 | 304) {
            Some(0)
        } else {
            length
        };
        let mut answer = Answer {
            status,
            headers,
            body: Vec::new(),
            broken: None,
        };
        let wanted = length.unwrap_or(usize::MAX);
        while answer.body.len() < wanted {
            match (&mut self.stream)
                .take((wanted - answer.body.len()) as u64)
                .read_buf(&mut answer.body)
                .await
            {
                Ok(0) if length.is_none() => break,
                Ok(0) => {
                    answer.broken = Some(io::ErrorKind::UnexpectedEof);
                    break;
                }
                Ok(_) => {}
                Err(error) => {
                    answer.broken = Some(error.kind());
                    break;
                }
            }
        }
        Ok(answer)
    }

    pub(super) async fn read_head(&mut self) -> io::Result<(u16, Vec<(String, String)>)> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.stream.read_u8().await?);
        }
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Ok((status, headers))
    }

    /// Reads whatever still comes.
    pub(super) async fn rest(&mut self) -> io::Result<Vec<u8>> {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).await?;
        Ok(rest)
    }
}

/// One GET on a connection of its own.
pub(super) async fn get(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> io::Result<Answer> {
    Client::connect(address).await.get(path, headers).await
}
