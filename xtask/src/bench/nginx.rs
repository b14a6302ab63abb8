//! nginx with a configuration of our own, on ports of our own: the honest, fast server.

use std::{
    fs,
    io::Write,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use super::{peers, results::Traffic};
use crate::system;

const START_TIMEOUT: Duration = Duration::from_secs(10);
/// How long its last requests may take to reach the log once their client is gone.
const LOG_TIMEOUT: Duration = Duration::from_secs(5);
/// Its log knows milliseconds; a request that took none took part of one.
const LOG_RESOLUTION_S: f64 = 0.001;
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// Days for which the certificates are valid; they are made anew for every run.
const CERTIFICATE_DAYS: &str = "7";

/// A running nginx. It is stopped when this is dropped.
pub(super) struct Nginx {
    child: Child,
    http_port: u16,
    https_port: u16,
    /// Everything below is served; below `plain/` without ranges.
    pub(super) www: PathBuf,
    /// The authority that signed the certificate of the HTTPS port.
    pub(super) ca: PathBuf,
    access_log: PathBuf,
}

/// How a file is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Http,
    /// TLS 1.3 only.
    Https,
}

impl Nginx {
    /// Starts it with its prefix, certificates and logs in `work`.
    pub(super) fn start(work: &Path) -> Result<Self> {
        let prefix = work.join("nginx");
        let www = work.join("www");
        fs::create_dir_all(prefix.join("temp"))?;
        fs::create_dir_all(&www)?;
        let ca = make_certificates(&prefix)?;
        let [http_port, https_port] = free_ports()?;
        let config = prefix.join("nginx.conf");
        fs::write(&config, configuration(&prefix, &www, http_port, https_port)?)?;

        let child = Command::new(peers::path_of("nginx")?)
            .arg("-p")
            .arg(&prefix)
            .arg("-c")
            .arg(&config)
            .arg("-e")
            .arg(prefix.join("error.log"))
            .stdin(Stdio::null())
            .spawn()
            .context("nginx could not be started")?;
        let mut nginx = Self {
            child,
            http_port,
            https_port,
            www,
            ca,
            access_log: prefix.join("access.log"),
        };
        nginx.wait_until_ready()?;
        Ok(nginx)
    }

    pub(super) fn url(&self, scheme: Scheme, path: &str) -> String {
        match scheme {
            Scheme::Http => format!("http://127.0.0.1:{}/{path}", self.http_port),
            Scheme::Https => format!("https://127.0.0.1:{}/{path}", self.https_port),
        }
    }

    /// What was asked of it since the last [`Nginx::forget`].
    pub(super) fn traffic(&self) -> Result<Traffic> {
        self.wait_until_idle()?;
        let log = fs::read_to_string(&self.access_log)?;
        let requests: Vec<Request> = log.lines().filter_map(Request::parse).collect();
        Ok(Traffic {
            requests: requests.len() as u64,
            peak_connections: peak_at_once(&requests),
            bytes_sent: requests.iter().map(|request| request.bytes_sent).sum(),
            refusals: requests
                .iter()
                .filter(|request| matches!(request.status, 429 | 503))
                .count() as u64,
        })
    }

    /// Empties its log.
    pub(super) fn forget(&self) -> Result<()> {
        self.wait_until_idle()?;
        // nginx appends, so what follows starts at the beginning again.
        fs::OpenOptions::new()
            .write(true)
            .open(&self.access_log)?
            .set_len(0)?;
        Ok(())
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let start = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.http_port)).is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("nginx ended at once ({status}); see bench/work/nginx/error.log");
            }
            if start.elapsed() > START_TIMEOUT {
                bail!("nginx does not answer on port {}", self.http_port);
            }
            thread::sleep(POLL_INTERVAL);
        }
        Ok(())
    }

    /// A request is logged when it ends, which for a client that hung up is a moment later.
    fn wait_until_idle(&self) -> Result<()> {
        let start = Instant::now();
        let mut curl = peers::program("curl")?;
        curl.args(["--silent", "--fail"])
            .arg(self.url(Scheme::Http, ".status"));
        while start.elapsed() < LOG_TIMEOUT {
            let status = system::capture(&mut curl)?;
            // "Active connections: 1", which is our own question.
            if status
                .lines()
                .next()
                .is_some_and(|line| line.trim().ends_with(": 1"))
            {
                return Ok(());
            }
            thread::sleep(POLL_INTERVAL);
        }
        bail!("nginx still holds connections of a client that is gone")
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // The master must end its workers, so it is asked, not killed. An error means that it is gone.
        if let Some(pid) = rustix::process::Pid::from_raw(self.child.id().cast_signed()) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        let _ = self.child.wait();
    }
}

/// One line of the access log.
#[derive(Debug, PartialEq)]
struct Request {
    /// Seconds since the epoch.
    end_s: f64,
    seconds: f64,
    status: u16,
    bytes_sent: u64,
}

impl Request {
    /// `$msec $request_time $status $body_bytes_sent`
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split(' ');
        let mut next = || fields.next();
        Some(Self {
            end_s: next()?.parse().ok()?,
            seconds: next()?.parse().ok()?,
            status: next()?.parse().ok()?,
            bytes_sent: next()?.parse().ok()?,
        })
    }
}

/// The largest number of requests that were under way together: over HTTP/1.1, connections.
fn peak_at_once(requests: &[Request]) -> u64 {
    let mut changes: Vec<(f64, i64)> = requests
        .iter()
        .flat_map(|request| {
            [
                (request.end_s - request.seconds.max(LOG_RESOLUTION_S), 1),
                (request.end_s, -1),
            ]
        })
        .collect();
    // Ends first: a connection that is used again is one connection.
    changes.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let at_once = changes.iter().scan(0_i64, |now, (_, change)| {
        *now += change;
        Some(*now)
    });
    at_once.max().unwrap_or(0).unsigned_abs()
}

fn configuration(prefix: &Path, www: &Path, http_port: u16, https_port: u16) -> Result<String> {
    // Started by root it would serve as `nobody`, who may not be able to read a checkout.
    let is_root = system::capture(Command::new("id").arg("-u"))? == "0";
    let user = if is_root { "user root;\n" } else { "" };
    let (prefix, www) = (prefix.display(), www.display());
    Ok(format!(
        "{user}daemon off;
worker_processes auto;
pid {prefix}/nginx.pid;
error_log {prefix}/error.log warn;
events {{ worker_connections 1024; }}
http {{
    log_format bench '$msec $request_time $status $body_bytes_sent';
    access_log {prefix}/access.log bench;
    client_body_temp_path {prefix}/temp;
    proxy_temp_path {prefix}/temp;
    fastcgi_temp_path {prefix}/temp;
    uwsgi_temp_path {prefix}/temp;
    scgi_temp_path {prefix}/temp;
    sendfile on;
    tcp_nopush on;
    server {{
        listen 127.0.0.1:{http_port};
        listen 127.0.0.1:{https_port} ssl;
        ssl_protocols TLSv1.3;
        ssl_certificate {prefix}/server.pem;
        ssl_certificate_key {prefix}/server.key;
        root {www};
        location /plain/ {{ max_ranges 0; }}
        location = /.status {{ stub_status; access_log off; }}
    }}
}}
"
    ))
}

/// An authority and a certificate for the loopback address signed by it; returns the authority's.
///
/// Two, because a client may refuse an authority that poses as a server.
fn make_certificates(folder: &Path) -> Result<PathBuf> {
    const KEY: [&str; 5] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let openssl = |arguments: &[&str]| {
        let mut command = Command::new("openssl");
        command.current_dir(folder).args(arguments);
        system::capture(&mut command)
    };

    let authority = [
        "req",
        "-x509",
        "-subj",
        "/CN=bench authority",
        "-days",
        CERTIFICATE_DAYS,
    ];
    openssl(&[&authority[..], &KEY, &["-keyout", "ca.key", "-out", "ca.pem"]].concat())?;
    let request = ["req", "-new", "-subj", "/CN=127.0.0.1"];
    openssl(
        &[
            &request[..],
            &KEY,
            &["-keyout", "server.key", "-out", "server.csr"],
        ]
        .concat(),
    )?;
    fs::File::create(folder.join("server.ext"))?
        .write_all(b"subjectAltName=IP:127.0.0.1,DNS:localhost\nbasicConstraints=CA:FALSE\n")?;
    let sign = [
        "x509",
        "-req",
        "-in",
        "server.csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
    ];
    let days = [
        "-days",
        CERTIFICATE_DAYS,
        "-extfile",
        "server.ext",
        "-out",
        "server.pem",
    ];
    openssl(&[&sign[..], &days].concat())?;
    Ok(folder.join("ca.pem"))
}

fn free_ports() -> Result<[u16; 2]> {
    // Both are held until both are known, so that they differ.
    let free = || TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let (first, second) = (free()?, free()?);
    Ok([first.local_addr()?.port(), second.local_addr()?.port()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_at_once_are_counted_and_reuse_is_not() {
        let log = "10.0 2.0 206 100\n10.5 1.5 206 100\n11.0 1.0 206 100\nnonsense\n20.0 0.000 200 1\n";
        let requests: Vec<Request> = log.lines().filter_map(Request::parse).collect();
        // 8.0–10.0, 9.0–10.5, 10.0–11.0
        assert_eq!(requests.len(), 4);
        assert_eq!(peak_at_once(&requests), 2);
        assert_eq!(peak_at_once(&requests[3..]), 1);
    }
}
