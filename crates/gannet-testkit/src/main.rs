//! `origin`: a web server that serves a file of any size without a disk, as fast, slow or badly as asked.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::{Parser, ValueEnum};
use gannet_testkit::{
    Beyond, Cap, DigestField, DigestKind, ETag, Fault, Flapping, Framing, Network, Origin, Pace, Profile,
    Protocols, Ranges, Refusal, RetryAfter, Truth, When, demo, parse_bytes,
};

/// A web server for trying download programs: a file of any size that takes no disk, served as fast, as slowly or
/// as badly as you like.
///
/// Every path is the same file (the last part is only its name), but /size/10MB/NAME and /10MB/NAME have the size they
/// say. GET / lists the hostile examples; GET /.log says in JSON what was asked for, and POST /.reset forgets it, and counts anew.
///
/// Sizes and rates: 10kB is 10,000, 64KiB is 65,536. Times: 100ms, 2s.
#[derive(Debug, Parser)]
#[command(name = "origin", version)]
struct Arguments {
    /// Where to listen; port 0 takes a free one, and the first line of output says which.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The size of the file.
    #[arg(long, default_value = "1GB", value_parser = bytes)]
    size: u64,
    /// What the content, and all chance, is made from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The name in Content-Disposition.
    #[arg(long)]
    name: Option<String>,
    /// The Content-Type.
    #[arg(long, default_value = "application/octet-stream")]
    content_type: String,
    /// The kind of entity tag.
    #[arg(long, value_enum, default_value = "strong")]
    etag: ETagKind,
    /// Digest headers to send (several: --digest repr-sha256,goog-crc32c). Hashing large files takes a while at start.
    #[arg(long, value_enum, value_delimiter = ',')]
    digest: Vec<DigestName>,
    /// The digests sent are wrong.
    #[arg(long)]
    wrong_digests: bool,
    /// Print the SHA-256 of the file at start.
    #[arg(long)]
    print_sha256: bool,

    /// Listen by TLS too; see --ca-out.
    #[arg(long, help_heading = "TLS")]
    tls: bool,
    /// Where to listen by TLS.
    #[arg(long, default_value = "127.0.0.1:0", help_heading = "TLS")]
    tls_listen: SocketAddr,
    /// Write the certificate to trust to this file.
    #[arg(long, value_name = "FILE", help_heading = "TLS")]
    ca_out: Option<PathBuf>,

    /// What each connection gets, per second.
    #[arg(long, value_name = "RATE", value_parser = bytes, help_heading = "Pace")]
    rate_per_connection: Option<u64>,
    /// What all connections get together, per second.
    #[arg(long, value_name = "RATE", value_parser = bytes, help_heading = "Pace")]
    rate_total: Option<u64>,
    /// The wait before the first answer on a connection.
    #[arg(long, value_name = "TIME", default_value = "0ms", value_parser = duration, help_heading = "Pace")]
    first_latency: Duration,
    /// The wait before every later answer on it.
    #[arg(long, value_name = "TIME", default_value = "0ms", value_parser = duration, help_heading = "Pace")]
    latency: Duration,
    /// Every n-th connection is slow for as long as it lives.
    #[arg(long, value_name = "N", help_heading = "Pace")]
    slow_every: Option<u64>,
    /// How slow.
    #[arg(long, value_name = "RATE", default_value = "8kB", value_parser = bytes, help_heading = "Pace")]
    slow_rate: u64,

    /// Serve so many connections at once.
    #[arg(long, value_name = "N", help_heading = "Limits")]
    max_connections: Option<usize>,
    /// What becomes of the rest: a status (503, 429, 403), reset, silence, queue.
    #[arg(long, value_name = "WHAT", default_value = "503", help_heading = "Limits")]
    beyond: String,
    /// Retry-After of refusals: seconds, or any text.
    #[arg(long, value_name = "TEXT", help_heading = "Limits")]
    retry_after: Option<String>,
    /// Ask for these credentials.
    #[arg(long, value_name = "USER:PASSWORD", help_heading = "Limits")]
    user: Option<String>,

    /// Every n-th answer goes silent.
    #[arg(long, value_name = "N", help_heading = "Faults")]
    silent_every: Option<u64>,
    /// Before or after its headers.
    #[arg(long, value_enum, default_value = "after", help_heading = "Faults")]
    silent: Silent,
    /// Each answer is cut somewhere with this probability.
    #[arg(long, value_name = "P", help_heading = "Faults")]
    cut_probability: Option<f64>,
    /// Each answer is cut after so many bytes.
    #[arg(long, value_name = "SIZE", value_parser = bytes, help_heading = "Faults")]
    cut_every: Option<u64>,
    /// Cut by RST instead of FIN.
    #[arg(long, help_heading = "Faults")]
    cut_by_reset: bool,
    /// Every n-th connection is reset instead of answered.
    #[arg(long, value_name = "N", help_heading = "Faults")]
    reset_every: Option<u64>,
    /// The network works for so long …
    #[arg(long, value_name = "TIME", value_parser = duration, requires = "flap_down", help_heading = "Faults")]
    flap_up: Option<Duration>,
    /// … then nothing moves for so long, and so on.
    #[arg(long, value_name = "TIME", value_parser = duration, requires = "flap_up", help_heading = "Faults")]
    flap_down: Option<Duration>,

    /// What is spoken: http1, http2 (without TLS by prior knowledge), or both (HTTP/2 by TLS).
    #[arg(long, value_enum, default_value = "http1", help_heading = "Protocol")]
    speak: Speak,
    /// No ranges: every answer is the whole file.
    #[arg(long, help_heading = "Protocol")]
    no_ranges: bool,
    /// How the end of an answer is told.
    #[arg(long, value_enum, default_value = "length", help_heading = "Protocol")]
    framing: FramingKind,
    /// A further header of each answer, as 'Name: value'.
    #[arg(long, value_name = "HEADER", help_heading = "Protocol")]
    header: Vec<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ETagKind {
    Strong,
    Weak,
    None,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Speak {
    Http1,
    Http2,
    Both,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Silent {
    Before,
    After,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FramingKind {
    /// Content-Length.
    Length,
    /// Chunked.
    Chunked,
    /// The connection closes.
    Close,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum DigestName {
    ReprSha256,
    ReprSha512,
    ContentSha256,
    LegacySha256,
    LegacyMd5,
    ContentMd5,
    GoogCrc32c,
    GoogMd5,
    AmzSha256,
    AmzSha1,
    AmzCrc32c,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut builder = Origin::builder()
        .profile(arguments.profile()?)
        .listen(arguments.listen)
        .help(demo::help());
    builder = builder.protocols(match arguments.speak {
        Speak::Http1 => Protocols::Http1,
        Speak::Http2 => Protocols::Http2,
        Speak::Both => Protocols::Both,
    });
    for (prefix, profile) in demo::routes(arguments.seed) {
        builder = builder.route(prefix, profile);
    }
    if arguments.tls {
        builder = builder.tls_on(arguments.tls_listen);
    }
    if let (Some(up), Some(down)) = (arguments.flap_up, arguments.flap_down) {
        builder = builder.flapping(Flapping {
            up,
            down,
            meanwhile: Network::Stalled,
        });
    }
    let origin = builder.start().await.context("the port could not be opened")?;
    if let (true, Some(path)) = (arguments.tls, &arguments.ca_out) {
        std::fs::write(path, origin.ca_pem())
            .with_context(|| format!("{} could not be written", path.display()))?;
    }
    let mut output = std::io::stdout().lock();
    writeln!(output, "listening on {}", origin.url(""))?;
    if arguments.tls {
        writeln!(output, "listening on {}", origin.https_url(""))?;
    }
    if arguments.print_sha256 {
        writeln!(output, "sha256 {}", origin.content().sha256_hex())?;
    }
    output.flush()?;
    drop(output);
    tokio::signal::ctrl_c().await.context("waiting for Ctrl-C")
}

impl Arguments {
    fn profile(&self) -> anyhow::Result<Profile> {
        let mut profile = Profile {
            size_bytes: self.size,
            seed: self.seed,
            pace: Pace {
                per_connection_bytes_per_s: self.rate_per_connection,
                total_bytes_per_s: self.rate_total,
                first_latency: self.first_latency,
                latency: self.latency,
            },
            ranges: if self.no_ranges {
                Ranges::Refused
            } else {
                Ranges::Honoured
            },
            etag: match self.etag {
                ETagKind::Strong => ETag::Strong,
                ETagKind::Weak => ETag::Weak,
                ETagKind::None => ETag::None,
            },
            framing: match self.framing {
                FramingKind::Length => Framing::Length,
                FramingKind::Chunked => Framing::Chunked,
                FramingKind::Close => Framing::UntilClose,
            },
            digests: self.digests(),
            content_type: self.content_type.clone(),
            faults: self.faults(),
            ..Profile::default()
        };
        if let Some(at_most) = self.max_connections {
            profile.cap = Some(Cap {
                at_most,
                beyond: self.beyond()?,
            });
        }
        if let Some(user) = &self.user {
            let (user, password) = user.split_once(':').context("--user is USER:PASSWORD")?;
            profile.basic_auth = Some((user.to_owned(), password.to_owned()));
        }
        if let Some(name) = &self.name {
            profile.headers.push((
                "Content-Disposition".to_owned(),
                format!("attachment; filename=\"{name}\""),
            ));
        }
        for header in &self.header {
            let (name, value) = header.split_once(':').context("--header is 'Name: value'")?;
            profile
                .headers
                .push((name.trim().to_owned(), value.trim().to_owned()));
        }
        Ok(profile)
    }

    fn digests(&self) -> Vec<DigestField> {
        let truth = if self.wrong_digests {
            Truth::Wrong
        } else {
            Truth::Right
        };
        let kind = |name: &DigestName| match name {
            DigestName::ReprSha256 => DigestKind::ReprSha256,
            DigestName::ReprSha512 => DigestKind::ReprSha512,
            DigestName::ContentSha256 => DigestKind::ContentSha256,
            DigestName::LegacySha256 => DigestKind::LegacySha256,
            DigestName::LegacyMd5 => DigestKind::LegacyMd5,
            DigestName::ContentMd5 => DigestKind::ContentMd5,
            DigestName::GoogCrc32c => DigestKind::GoogCrc32c,
            DigestName::GoogMd5 => DigestKind::GoogMd5,
            DigestName::AmzSha256 => DigestKind::AmzSha256,
            DigestName::AmzSha1 => DigestKind::AmzSha1,
            DigestName::AmzCrc32c => DigestKind::AmzCrc32c,
        };
        self.digest
            .iter()
            .map(|name| DigestField {
                kind: kind(name),
                truth,
            })
            .collect()
    }

    fn beyond(&self) -> anyhow::Result<Beyond> {
        Ok(match self.beyond.as_str() {
            "reset" => Beyond::Reset,
            "silence" => Beyond::Silence,
            "queue" => Beyond::Queue,
            status => match status.parse() {
                Ok(status @ 400..=599) => Beyond::Refuse(Refusal {
                    status,
                    retry_after: self.retry_after(),
                }),
                _ => bail!("--beyond is a status from 400 to 599, reset, silence or queue, not {status}"),
            },
        })
    }

    fn retry_after(&self) -> RetryAfter {
        match &self.retry_after {
            None => RetryAfter::Absent,
            Some(text) => RetryAfter::Literal(text.clone()),
        }
    }

    fn faults(&self) -> Vec<(When, Fault)> {
        let mut faults = Vec::new();
        if let Some(n) = self.slow_every {
            faults.push((
                When::EveryConnection(n),
                Fault::Slow {
                    bytes_per_s: self.slow_rate,
                },
            ));
        }
        if let Some(n) = self.reset_every {
            faults.push((When::EveryConnection(n), Fault::ResetBeforeHeaders));
        }
        if let Some(bytes) = self.cut_every {
            let cut = if self.cut_by_reset {
                Fault::ResetAfter(bytes)
            } else {
                Fault::CutAfter(bytes)
            };
            faults.push((When::Always, cut));
        }
        if let Some(probability) = self.cut_probability {
            let cut = if self.cut_by_reset {
                Fault::ResetSomewhere
            } else {
                Fault::CutSomewhere
            };
            faults.push((When::Chance(probability), cut));
        }
        if let Some(n) = self.silent_every {
            let silence = match self.silent {
                Silent::Before => Fault::SilentBeforeHeaders,
                Silent::After => Fault::SilentAfterHeaders,
            };
            faults.push((When::Every(n), silence));
        }
        faults
    }
}

fn bytes(text: &str) -> Result<u64, String> {
    parse_bytes(text).ok_or_else(|| "write it as 10kB, 64KiB, 35GB".to_owned())
}

fn duration(text: &str) -> Result<Duration, String> {
    let refused = || "write it as 100ms or 2s".to_owned();
    let (number, unit_s) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (text.strip_suffix('s').ok_or_else(refused)?, 1.0),
    };
    let number: f64 = number.trim().parse().map_err(|_| refused())?;
    Duration::try_from_secs_f64(number * unit_s).map_err(|_| refused())
}
