//! `--json`: one object a line on standard output. `docs/json.md` describes them to users.

use std::collections::HashMap;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use gannet_engine::{Cause, DigestSource, Error, Event, Finished, Outcome, Phase, Verification, WaitReason};
use serde::Serialize;

use super::lines::{ProgressLines, line_of};
use super::tally::Tally;
use super::text::hint_to;
use super::{FileId, News, Printer, Progress, Text};
use crate::exit::Exit;

/// Progress of a file comes at most this often: programs need no smooth numbers.
const PROGRESS_EVERY: Duration = Duration::from_millis(500);

/// Prints objects to `results`, and to `messages` what no object says.
pub(crate) struct Json<R, M> {
    results: R,
    messages: Messages<M>,
    tally: Tally,
    progress: ProgressLines,
    files: HashMap<FileId, Sent>,
}

/// Where messages for people go beside the objects.
pub(crate) enum Messages<M> {
    /// Warnings and notices.
    To(M, Text),
    /// Nowhere (`--quiet`).
    Nowhere,
}

/// What was sent of a file.
struct Sent {
    url: String,
    progress_at: Option<Instant>,
}

impl<R: Write, M: Write> Json<R, M> {
    /// Prints results and messages.
    pub(crate) fn new(results: R, messages: Messages<M>, tally: Tally, progress: ProgressLines) -> Self {
        Self {
            results,
            messages,
            tally,
            progress,
            files: HashMap::new(),
        }
    }

    fn send(&mut self, object: &Object<'_>) -> io::Result<()> {
        serde_json::to_writer(&mut self.results, object)?;
        self.results.write_all(b"\n")
    }

    fn send_news(&mut self, news: &News, now: Instant) -> io::Result<()> {
        match news {
            News::Begun { file, url } => {
                self.files.insert(
                    *file,
                    Sent {
                        url: url.clone(),
                        progress_at: None,
                    },
                );
                Ok(())
            }
            News::Event {
                file,
                event:
                    Event::Probed {
                        name,
                        length,
                        ranges,
                        final_url,
                        ..
                    },
            } => {
                let url = self
                    .files
                    .get(file)
                    .map(|sent| sent.url.clone())
                    .unwrap_or_default();
                self.send(&Object::Started {
                    file: file.number(),
                    url: &url,
                    final_url,
                    name,
                    length: *length,
                    ranges: *ranges,
                })
            }
            News::Progress { file, progress } => self.send_progress(*file, progress, now),
            News::Finished { file, finished } => {
                self.files.remove(file);
                self.send(&finished_object(*file, finished))
            }
            News::Failed { file, error } => {
                let url = self.files.remove(file).map(|sent| sent.url).unwrap_or_default();
                let bytes_kept = self.tally.kept_bytes(*file);
                self.send(&failed_object(*file, &url, error, bytes_kept))
            }
            News::Event { .. } | News::Warning(_) | News::Interrupted => Ok(()),
        }
    }

    fn send_progress(&mut self, file: FileId, progress: &Progress, now: Instant) -> io::Result<()> {
        if self.progress == ProgressLines::Hidden {
            return Ok(());
        }
        let Some(sent) = self.files.get_mut(&file) else {
            return Ok(());
        };
        let due = sent
            .progress_at
            .is_none_or(|at| now.saturating_duration_since(at) >= PROGRESS_EVERY);
        // Before the first byte there is nothing to tell that `started` will not.
        if !due || progress.phase == Phase::Probing {
            return Ok(());
        }
        sent.progress_at = Some(now);
        self.send(&Object::Progress {
            file: file.number(),
            phase: phase_code(&progress.phase),
            bytes: progress.bytes,
            length: progress.length,
            bytes_per_second: progress.rate_bytes_per_s.max(0.0).round() as u64,
            seconds_left: progress.time_left.map(seconds),
            connections: progress.connections,
        })
    }
}

impl<R: Write + Send, M: Write + Send> Printer for Json<R, M> {
    fn print(&mut self, news: Vec<News>, now: Instant) -> io::Result<()> {
        if news.is_empty() {
            return Ok(());
        }
        for news in &news {
            self.send_news(news, now)?;
            if let Messages::To(messages, text) = &mut self.messages
                && matches!(news, News::Event { .. } | News::Warning(_) | News::Interrupted)
                && let Some(line) = line_of(news, *text, &self.tally)
            {
                // Without standard error there is nobody to tell; the objects go on.
                let _ = writeln!(messages, "{line}");
            }
            self.tally.note(news);
        }
        self.results.flush()
    }

    fn end(&mut self, _: Instant) -> io::Result<()> {
        self.results.flush()
    }
}

/// One line of output.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Object<'a> {
    Started {
        file: usize,
        url: &'a str,
        final_url: &'a str,
        name: &'a str,
        length: Option<u64>,
        ranges: bool,
    },
    Progress {
        file: usize,
        phase: &'static str,
        bytes: u64,
        length: Option<u64>,
        bytes_per_second: u64,
        seconds_left: Option<f64>,
        connections: u32,
    },
    Finished {
        file: usize,
        path: std::borrow::Cow<'a, str>,
        outcome: &'static str,
        bytes: u64,
        bytes_resumed: u64,
        seconds: f64,
        finish_seconds: f64,
        requests: u64,
        retries: u64,
        connections_peak: u32,
        bytes_discarded: u64,
        verified: bool,
        digest: Option<DigestObject<'a>>,
        slowed_by: Option<SlowedBy>,
    },
    Failed {
        file: usize,
        url: &'a str,
        code: &'static str,
        exit_status: u8,
        message: String,
        hint: Option<String>,
        bytes_kept: u64,
    },
}

#[derive(Serialize)]
struct DigestObject<'a> {
    algorithm: &'a str,
    source: &'static str,
}

#[derive(Serialize)]
struct SlowedBy {
    cause: &'static str,
    message: String,
}

fn finished_object(file: FileId, finished: &Finished) -> Object<'_> {
    let (verified, digest) = match &finished.verification {
        Verification::Verified { algorithm, source } => {
            let source = match source {
                DigestSource::Given => "given",
                DigestSource::Found => "server",
            };
            (true, Some(DigestObject { algorithm, source }))
        }
        Verification::Unverified {
            advisory: Some(algorithm),
        } => (
            false,
            Some(DigestObject {
                algorithm,
                source: "advisory",
            }),
        ),
        Verification::Unverified { advisory: None } => (false, None),
    };
    Object::Finished {
        file: file.number(),
        path: finished.path.to_string_lossy(),
        outcome: match finished.outcome {
            Outcome::Downloaded => "downloaded",
            Outcome::AlreadyThere => "already_there",
            Outcome::Skipped => "skipped",
        },
        bytes: finished.bytes,
        bytes_resumed: finished.bytes_resumed,
        seconds: seconds(finished.elapsed),
        finish_seconds: seconds(finished.finish_time),
        requests: finished.requests,
        retries: finished.retries,
        connections_peak: finished.connections_peak,
        bytes_discarded: finished.bytes_discarded,
        verified,
        digest,
        slowed_by: finished.cause.as_ref().map(|cause| SlowedBy {
            cause: cause_code(cause),
            message: cause.to_string(),
        }),
    }
}

fn failed_object<'a>(file: FileId, url: &'a str, error: &Error, bytes_kept: u64) -> Object<'a> {
    Object::Failed {
        file: file.number(),
        url,
        code: error.code().as_str(),
        exit_status: Exit::from(error.code()).status(),
        message: error.to_string(),
        hint: hint_to(error, bytes_kept),
        bytes_kept,
    }
}

const fn phase_code(phase: &Phase) -> &'static str {
    match phase {
        Phase::Probing => "probing",
        Phase::Sampling => "sampling",
        Phase::Downloading => "downloading",
        Phase::Verifying => "verifying",
        Phase::Publishing => "publishing",
        Phase::Paused => "paused",
        Phase::Waiting(WaitReason::Network) => "waiting_for_network",
        Phase::Waiting(WaitReason::Server { .. }) => "waiting_for_server",
        Phase::Waiting(WaitReason::Retry { .. }) => "waiting_to_retry",
    }
}

const fn cause_code(cause: &Cause) -> &'static str {
    match cause {
        Cause::PerConnectionLimit { .. } => "per_connection_limit",
        Cause::LineFull { .. } => "line_full",
        Cause::Disk => "disk",
        Cause::UserLimit { .. } => "user_limit",
        Cause::HostLimit { .. } => "host_limit",
        Cause::NoRanges => "no_ranges",
        Cause::Proxy => "proxy",
        // What a later engine may find.
        _ => "other",
    }
}

/// Seconds to the millisecond: more digits are noise.
fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e3).round() / 1e3
}

#[cfg(test)]
mod tests {
    use gannet_engine::ValidatorStrength;

    use super::super::Palette;
    use super::super::tally::tests as sample;
    use super::*;

    fn script() -> Vec<News> {
        let mut news = vec![
            sample::begun(0),
            News::Event {
                file: FileId(0),
                event: Event::Probed {
                    name: "file0.iso".to_owned(),
                    length: Some(1 << 30),
                    ranges: true,
                    validator: ValidatorStrength::StrongTag,
                    final_url: "https://mirror.example.net/file0.iso".to_owned(),
                },
            },
            sample::progress(0, 1 << 29, Some(1 << 30)),
            sample::finished(0, 1 << 30, 0),
            sample::begun(1),
            News::Failed {
                file: FileId(1),
                error: Error::Refused {
                    url: "https://example.com/file1.iso".to_owned(),
                    status: 404,
                },
            },
        ];
        if let News::Finished { finished, .. } = &mut news[3] {
            finished.verification = Verification::Verified {
                algorithm: "sha256".to_owned(),
                source: DigestSource::Given,
            };
            finished.cause = Some(Cause::Disk);
        }
        news
    }

    fn printed(news: Vec<News>, progress: ProgressLines) -> (String, String) {
        let now = Instant::now();
        let (mut results, mut said) = (Vec::new(), Vec::new());
        let mut json = Json::new(
            &mut results,
            Messages::To(&mut said, Text::new(Palette::Plain)),
            Tally::new(2, 2, now),
            progress,
        );
        json.print(news, now).expect("printed");
        json.end(now).expect("ended");
        drop(json);
        (
            String::from_utf8(results).expect("UTF-8"),
            String::from_utf8(said).expect("UTF-8"),
        )
    }

    #[test]
    fn objects_are_as_documented() {
        let (results, said) = printed(script(), ProgressLines::Shown);
        insta::assert_snapshot!("objects", results);
        assert_eq!(said, "", "what objects say is not said twice");
    }

    #[test]
    fn the_documentation_names_every_field() {
        let manual = include_str!("../../../../docs/json.md");
        let (results, _) = printed(script(), ProgressLines::Shown);
        for line in results.lines() {
            let object: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(line).expect("an object");
            for field in object.keys() {
                assert!(
                    manual.contains(&format!("| `{field}` |")),
                    "{field} is not documented"
                );
            }
        }
    }

    #[test]
    fn progress_comes_twice_a_second_at_most() {
        let start = Instant::now();
        let mut results = Vec::new();
        let mut json = Json::new(
            &mut results,
            Messages::<Vec<u8>>::Nowhere,
            Tally::new(1, 1, start),
            ProgressLines::Shown,
        );
        json.print(vec![sample::begun(0)], start).expect("printed");
        for tick in 0..100_u32 {
            let now = start + tick * Duration::from_millis(50);
            let news = vec![
                sample::progress(0, u64::from(tick), Some(100)),
                sample::progress(0, u64::from(tick), Some(100)),
            ];
            json.print(news, now).expect("printed");
        }
        drop(json);
        let lines = String::from_utf8(results).expect("UTF-8");
        assert_eq!(lines.lines().count(), 10, "{lines}");
    }

    #[test]
    fn without_progress_the_results_remain() {
        let (results, _) = printed(script(), ProgressLines::Hidden);
        assert!(!results.contains("\"progress\""), "{results}");
        assert_eq!(results.lines().count(), 3);
    }

    #[test]
    fn warnings_go_to_the_messages() {
        let (results, said) = printed(vec![News::Warning("careful".to_owned())], ProgressLines::Shown);
        assert_eq!(results, "");
        assert_eq!(said, "warning: careful\n");
    }
}
