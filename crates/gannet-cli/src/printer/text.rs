//! The sentences that people read. Plain and short; the cause first, then what to do.

use std::fmt::Write as _;

use console::Style;
use gannet_engine::{Error, Event, Finished, Outcome, Phase, WaitReason};

use super::Progress;
use super::tally::Totals;
use crate::format::{Bytes, Count, Rate, Span, TimeLeft, percent, plain};

/// Whether text bears colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Palette {
    /// For terminals.
    Colour,
    /// For files, pipes and `NO_COLOR`.
    Plain,
}

impl Palette {
    /// What standard error takes. Honours `NO_COLOR` and its kin.
    pub(crate) fn of_stderr() -> Self {
        if console::colors_enabled_stderr() {
            Self::Colour
        } else {
            Self::Plain
        }
    }
}

/// Writes sentences.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text {
    palette: Palette,
}

impl Text {
    /// Sentences in `palette`.
    pub(crate) const fn new(palette: Palette) -> Self {
        Self { palette }
    }

    /// A finished file, on one line.
    pub(crate) fn finished(self, finished: &Finished) -> String {
        // Nobody who is in a folder needs to be told so.
        let path = finished.path.strip_prefix(".").unwrap_or(&finished.path);
        let path = self.paint(&plain(&path.to_string_lossy()), Style::bold);
        match finished.outcome {
            Outcome::Downloaded => format!("{path}  {}", downloaded(finished)),
            Outcome::AlreadyThere => format!(
                "{path}  is here already, {}, {}; nothing was fetched",
                Bytes(finished.bytes),
                finished.verification
            ),
            Outcome::Skipped => format!("{path}  exists; nothing was fetched"),
        }
    }

    /// A file that did not come: what failed, why, and what to do, each on its own line. Without a name nothing
    /// was begun, and the cause stands alone.
    pub(crate) fn failed(self, name: Option<&str>, error: &Error, kept_bytes: u64) -> String {
        let label = self.paint("error:", Style::red);
        let cause = error.to_string();
        let cause = plain(&cause);
        let mut text = match name {
            Some(name) => format!("{label} {name} was not downloaded\n  {cause}"),
            None => format!("{label} {cause}"),
        };
        if let Some(hint) = hint_to(error, kept_bytes) {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n  {}", self.paint(&hint, Style::dim));
        }
        text
    }

    /// Something that the user should know.
    pub(crate) fn warning(self, text: &str) -> String {
        format!("{} {}", self.paint("warning:", Style::yellow), plain(text))
    }

    fn paint(self, text: &str, how: fn(Style) -> Style) -> String {
        match self.palette {
            Palette::Plain => text.to_owned(),
            Palette::Colour => how(Style::new().force_styling(true)).apply_to(text).to_string(),
        }
    }
}

/// What to do about a failure. That it goes on is said only where there is something to go on with.
pub(super) fn hint_to(error: &Error, kept_bytes: u64) -> Option<String> {
    let hint = error.hint()?;
    Some(if kept_bytes > 0 && error.may_go_on() {
        format!("{hint} It goes on where it stopped.")
    } else {
        hint.to_owned()
    })
}

/// What to say after Ctrl-C, by whether another run has something to go on with.
pub(super) const fn interrupted(keeps_anything: bool) -> &'static str {
    if keeps_anything {
        "Interrupted. What has arrived is kept; run the same command again to go on."
    } else {
        "Interrupted. Nothing is kept; the same command begins from the start."
    }
}

/// What a person wants to know of an event, if anything.
pub(super) fn event(name: &str, event: &Event) -> Option<String> {
    let said = match event {
        Event::Resumed { bytes } => format!("goes on; {} are here from before", Bytes(*bytes)),
        Event::Restarted { reason } => format!("starts again: {reason}"),
        Event::Refused { host, limit } => {
            format!("{host} takes no more than {}", Count::connections(*limit))
        }
        Event::MirrorDropped { url, reason } => format!("{url} is used no longer: {reason}"),
        Event::LinkRenewed => "the link had expired and was resolved again".to_owned(),
        Event::Notice(text) => text.clone(),
        // The first says what the bars show; retries are counted at the end, and --verbose logs each.
        _ => return None,
    };
    Some(format!("{name}: {}", plain(&said)))
}

/// Size, time, mean speed, connections, retries, verified or not, and why it was not faster.
fn downloaded(finished: &Finished) -> String {
    let seconds = finished.elapsed.as_secs_f64();
    let fetched = finished.bytes.saturating_sub(finished.bytes_resumed);
    let mut text = format!("{} in {}", Bytes(finished.bytes), Span(finished.elapsed));
    if finished.bytes_resumed > 0 {
        // Writing to a string cannot fail.
        let _ = write!(text, " ({} from before)", Bytes(finished.bytes_resumed));
    }
    if seconds > 0.0 && fetched > 0 {
        let _ = write!(text, ", {}", Rate(fetched as f64 / seconds));
    }
    let _ = write!(
        text,
        ", {}, {}, {}",
        Count::connections(finished.connections_peak),
        Count::retries(finished.retries),
        finished.verification
    );
    if let Some(cause) = &finished.cause {
        let _ = write!(text, ". {cause}");
    }
    text
}

/// The end of a run of several files.
pub(crate) fn run_ended(totals: &Totals) -> String {
    let seconds = totals.elapsed.as_secs_f64();
    let files = Count::files(totals.files);
    let mut text = if totals.finished == totals.files {
        format!("{files}")
    } else {
        format!("{} of {files}", crate::format::grouped(totals.finished as u64))
    };
    // Writing to a string cannot fail.
    let _ = write!(text, ", {} in {}", Bytes(totals.bytes), Span(totals.elapsed));
    if seconds > 0.0 && totals.arrived_bytes > 0 {
        let _ = write!(text, ", {}", Rate(totals.arrived_bytes as f64 / seconds));
    }
    if totals.failed > 0 {
        let _ = write!(text, "; {} failed", crate::format::grouped(totals.failed as u64));
    }
    text
}

/// Where a file stands, as a line of its own: for logs.
pub(crate) fn progress_line(progress: &Progress) -> String {
    let size = match progress.length {
        Some(length) => format!("{}% of {}", percent(progress.bytes, length), Bytes(length)),
        None => format!("{}", Bytes(progress.bytes)),
    };
    if let Some(phase) = phase_word(progress) {
        return format!("{size}, {phase}");
    }
    let mut text = format!("{size}, {}", Rate(progress.rate_bytes_per_s));
    if let Some(time) = progress.time_left {
        // Writing to a string cannot fail.
        let _ = write!(text, ", {} left", TimeLeft(time));
    }
    let _ = write!(text, ", {}", Count::connections(progress.connections));
    text
}

/// What a file is doing, where it is anything but downloading.
pub(crate) fn phase_word(progress: &Progress) -> Option<String> {
    Some(match &progress.phase {
        Phase::Downloading => return None,
        Phase::Probing => "asking the server".to_owned(),
        Phase::Sampling => "comparing what is here with the server's file".to_owned(),
        Phase::Verifying => match progress.length {
            Some(length) => format!("verifying, {}%", percent(progress.hashed_bytes, length)),
            None => "verifying".to_owned(),
        },
        Phase::Publishing => "finishing".to_owned(),
        Phase::Paused => "paused".to_owned(),
        Phase::Waiting(WaitReason::Network) => "waiting for the network".to_owned(),
        Phase::Waiting(WaitReason::Server { wait }) => {
            format!("the server asked to wait {}", TimeLeft(*wait))
        }
        Phase::Waiting(WaitReason::Retry { reason }) => format!("trying again: {}", plain(reason)),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use gannet_engine::{Cause, DigestSource, Verification};

    use super::super::News;
    use super::super::tally::tests as sample;
    use super::*;

    const TEXT: Text = Text::new(Palette::Plain);

    fn finished(change: impl FnOnce(&mut Finished)) -> Finished {
        let News::Finished { mut finished, .. } = sample::finished(0, 1 << 30, 0) else {
            unreachable!("finished gives it")
        };
        change(&mut finished);
        *finished
    }

    #[test]
    fn a_finished_file_is_one_line() {
        let line = TEXT.finished(&finished(|finished| {
            finished.verification = Verification::Verified {
                algorithm: "sha256".to_owned(),
                source: DigestSource::Given,
            };
            finished.cause = Some(Cause::LineFull {
                rate_bytes_per_s: 116.2e6,
            });
        }));
        insta::assert_snapshot!(line, @"file0.iso  1.07 GB in 9.2 s, 116 MB/s, 32 connections, 3 retries, verified by sha256. The line is full at 116 MB/s: more connections bring nothing.");
        let line = TEXT.finished(&finished(|finished| finished.bytes_resumed = 1 << 29));
        insta::assert_snapshot!(line, @"file0.iso  1.07 GB in 9.2 s (537 MB from before), 58.1 MB/s, 32 connections, 3 retries, unverified");
    }

    #[test]
    fn a_file_that_was_not_fetched_says_so() {
        let line = TEXT.finished(&finished(|finished| finished.outcome = Outcome::AlreadyThere));
        insta::assert_snapshot!(line, @"file0.iso  is here already, 1.07 GB, unverified; nothing was fetched");
        let line = TEXT.finished(&finished(|finished| finished.outcome = Outcome::Skipped));
        insta::assert_snapshot!(line, @"file0.iso  exists; nothing was fetched");
    }

    #[test]
    fn a_failure_says_what_why_and_what_to_do() {
        let error = Error::Refused {
            url: "https://h/a".to_owned(),
            status: 404,
        };
        insta::assert_snapshot!(TEXT.failed(Some("a"), &error, 0), @r"
        error: a was not downloaded
          https://h/a was refused: 404
          Check the link in a browser; it may need a login (--user, --cookies, --header).
        ");
    }

    #[test]
    fn that_it_goes_on_is_said_only_where_it_can() {
        let error = Error::GaveOut {
            url: "https://h/a".to_owned(),
            reason: "no answer".to_owned(),
        };
        assert!(!TEXT.failed(None, &error, 0).contains("goes on"));
        assert!(
            TEXT.failed(None, &error, 1)
                .ends_with("It goes on where it stopped.")
        );
    }

    #[test]
    fn what_a_server_sends_does_not_steer_the_terminal() {
        let notice = Event::Notice("\u{1b}]0;title\u{7}".to_owned());
        let said = event("a", &notice).expect("something");
        assert!(!said.contains(char::is_control), "{said:?}");
    }

    #[test]
    fn the_end_of_a_run_counts_what_failed() {
        let totals = Totals {
            files: 1_000,
            finished: 998,
            failed: 2,
            bytes: 65_400_000,
            arrived_bytes: 65_400_000,
            elapsed: Duration::from_millis(400),
            rate_bytes_per_s: 0.0,
            connections: 0,
        };
        insta::assert_snapshot!(run_ended(&totals), @"998 of 1,000 files, 65.4 MB in 400 ms, 164 MB/s; 2 failed");
    }

    #[test]
    fn colours_appear_only_where_they_are_wanted() {
        assert!(!TEXT.warning("x").contains('\u{1b}'));
        assert!(Text::new(Palette::Colour).warning("x").contains('\u{1b}'));
    }
}
