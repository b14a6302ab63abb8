//! `gannet get`: downloads files, some at once, and says with one code how that ended.
//!
//! What to do is read from the arguments ([`job`]), what all files share is made once ([`session`]), and each
//! file's transfer tells its news to the printer. Only `-o -` needs more than a transfer: [`stream`].

mod arguments;
mod job;
mod list;
mod session;
mod stop;
mod stream;

use std::collections::HashMap;
use std::io::{self, BufWriter, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gannet_engine::{Error, Finished, Request};
use tokio::task::{Id, JoinSet};

use crate::exit::Exit;
use crate::printer::{
    Bars, Desk, FileId, FileReporter, Json, Lines, Messages, News, Palette, Printer, PrintingThread,
    ProgressLines, Quiet, Tally, Text,
};
pub(crate) use arguments::GetArguments;
use job::{Job, Sink, shown};
use session::Session;
use stop::{Stop, StopReason};

/// One worker waits for the network while the other is busy with what came; more only contend for the same few
/// instructions, since hashing and writing have threads of their own.
const RUNTIME_WORKERS: usize = 2;

/// After Ctrl-C transfers have this long to write down where they are. Their journals are right at any moment, so
/// what takes longer loses nothing but a second of downloading.
const GRACE: Duration = Duration::from_millis(800);

/// Runs the command.
pub(crate) fn run(arguments: &GetArguments) -> Exit {
    let palette = Palette::of_stderr();
    let text = Text::new(palette);
    let prepared = job::jobs(arguments).and_then(|jobs| Ok((Session::new(arguments, &jobs)?, jobs)));
    let (session, jobs) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => {
            // Nobody is left to tell where standard error is closed too.
            let _ = writeln!(io::stderr(), "{}", text.failed(None, &error));
            return error.code().into();
        }
    };
    if arguments.verbose {
        log_to_stderr(palette);
    }

    let stop = Stop::new();
    let desk = Desk::default();
    for host in session.insecure_hosts() {
        desk.tell(News::Warning(format!(
            "the certificate of {host} is not checked (--insecure); anybody can pose as it"
        )));
    }
    let printer = printer(arguments, &jobs, palette);
    let on_lost = {
        let stop = stop.clone();
        move || stop.request(StopReason::ReaderGone)
    };
    let started =
        PrintingThread::start(desk.clone(), printer, on_lost).and_then(|thread| Ok((thread, runtime()?)));
    let (printing, runtime) = match started {
        Ok(started) => started,
        Err(reason) => {
            let error = Error::Internal(format!("the system gives no threads: {reason}"));
            let _ = writeln!(io::stderr(), "{}", text.failed(None, &error));
            return Exit::Unexpected;
        }
    };
    let run = Run {
        session: Arc::new(session),
        desk,
        stop,
        at_once: arguments.jobs as usize,
    };
    let exit = runtime.block_on(run.fetch_all(jobs));
    printing.end();
    // A thread that hangs in a write to a full pipe must not hold up the end.
    runtime.shutdown_background();
    exit
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(RUNTIME_WORKERS)
        .enable_all()
        .build()
}

/// Files under way and what they share.
struct Run {
    session: Arc<Session>,
    desk: Desk,
    stop: Stop,
    at_once: usize,
}

impl Run {
    /// Downloads everything, `at_once` files at a time, in the order given.
    async fn fetch_all(&self, jobs: Vec<Job>) -> Exit {
        let interrupt = tokio::spawn(stop::on_signals(self.stop.clone()));
        let mut outcomes: Vec<Option<Exit>> = vec![None; jobs.len()];
        let mut waiting = jobs.into_iter().enumerate();
        let mut running = JoinSet::new();
        // A task that panics says only its number.
        let mut files: HashMap<Id, FileId> = HashMap::new();
        loop {
            while running.len() < self.at_once && self.stop.reason().is_none() {
                let Some((index, job)) = waiting.next() else { break };
                let file = FileId(index);
                let task = running.spawn(fetch_one(self.begin(file, &job), job, self.stop.clone()));
                files.insert(task.id(), file);
            }
            let ended = tokio::select! {
                ended = running.join_next_with_id() => ended,
                reason = self.stop.requested() => {
                    self.wind_down(reason, &mut running, &files, &mut outcomes).await;
                    break;
                }
            };
            let Some(ended) = ended else { break };
            self.settle(ended, &files, &mut outcomes);
        }
        interrupt.abort();
        exit_of(&outcomes, self.stop.reason())
    }

    fn begin(&self, file: FileId, job: &Job) -> Begun {
        self.desk.tell(News::Begun {
            file,
            url: shown(&job.url),
        });
        Begun {
            session: Arc::clone(&self.session),
            reporter: FileReporter {
                desk: self.desk.clone(),
                file,
            },
        }
    }

    /// Gives the files under way a moment to end, now that they were told to.
    async fn wind_down(
        &self,
        reason: StopReason,
        running: &mut JoinSet<Outcome>,
        files: &HashMap<Id, FileId>,
        outcomes: &mut [Option<Exit>],
    ) {
        let all_end = async {
            while let Some(ended) = running.join_next_with_id().await {
                self.settle(ended, files, outcomes);
            }
        };
        // Whoever does not make it is left as a crash would leave it: the journal knows what is there.
        let _ = tokio::time::timeout(GRACE, all_end).await;
        if reason == StopReason::Interrupted {
            self.desk.tell(News::Interrupted(self.session.how_to_go_on()));
        }
    }

    fn settle(
        &self,
        ended: Result<(Id, Outcome), tokio::task::JoinError>,
        files: &HashMap<Id, FileId>,
        outcomes: &mut [Option<Exit>],
    ) {
        let (task, outcome) = match ended {
            Ok((task, outcome)) => (task, outcome),
            Err(panic) => (panic.id(), Err(Error::Internal(panic.to_string()))),
        };
        let Some(&file) = files.get(&task) else { return };
        outcomes[file.0] = Some(match &outcome {
            Ok(_) => Exit::Done,
            Err(error) => error.code().into(),
        });
        self.desk.tell(match outcome {
            Ok(finished) => News::Finished {
                file,
                finished: Box::new(finished),
            },
            Err(error) => News::Failed { file, error },
        });
    }
}

type Outcome = Result<Finished, Error>;

/// What a file needs beside its job.
struct Begun {
    session: Arc<Session>,
    reporter: FileReporter,
}

async fn fetch_one(begun: Begun, job: Job, stop: Stop) -> Outcome {
    let request = begun.session.request(&job)?;
    match job.sink {
        Sink::File { directory, name } => {
            let request = request.directory(directory);
            let request = match name {
                Some(name) => request.file_name(&name),
                None => request,
            };
            fetch(request, begun.reporter, &stop).await
        }
        Sink::StandardOutput { directory } => stream::fetch(request, directory, begun.reporter, &stop).await,
    }
}

async fn fetch(request: Request, reporter: FileReporter, stop: &Stop) -> Outcome {
    let transfer = request.start(Arc::new(reporter));
    let handle = transfer.handle();
    let mut finished = std::pin::pin!(transfer.finished());
    tokio::select! {
        outcome = &mut finished => outcome,
        _ = stop.requested() => {
            handle.cancel();
            finished.await
        }
    }
}

/// One code for all files: 130 where the run was stopped before its end, else that of the first file, in the order
/// given, which did not come.
fn exit_of(outcomes: &[Option<Exit>], stopped: Option<StopReason>) -> Exit {
    let unsettled = outcomes
        .iter()
        .any(|outcome| matches!(outcome, None | Some(Exit::Interrupted)));
    if stopped.is_some() && unsettled {
        return Exit::Interrupted;
    }
    outcomes
        .iter()
        .map(|outcome| outcome.unwrap_or(Exit::Unexpected))
        .find(|exit| *exit != Exit::Done)
        .unwrap_or(Exit::Done)
}

/// The printer that the arguments and the terminal ask for.
fn printer(arguments: &GetArguments, jobs: &[Job], palette: Palette) -> Box<dyn Printer> {
    let now = Instant::now();
    let text = Text::new(palette);
    let tally = Tally::new(jobs.len(), arguments.jobs as usize, now);
    let progress = if arguments.no_progress {
        ProgressLines::Hidden
    } else {
        ProgressLines::Shown
    };
    if arguments.json {
        let messages = if arguments.quiet {
            Messages::Nowhere
        } else {
            Messages::To(io::stderr(), text)
        };
        return Box::new(Json::new(BufWriter::new(io::stdout()), messages, tally, progress));
    }
    if arguments.quiet {
        return Box::new(Quiet::new(io::stderr(), text, tally));
    }
    let streams_to_terminal = io::stdout().is_terminal()
        && jobs
            .iter()
            .any(|job| matches!(job.sink, Sink::StandardOutput { .. }));
    if streams_to_terminal {
        // Progress would stand in the midst of the file's text.
        return Box::new(Lines::new(io::stderr(), text, tally, ProgressLines::Hidden, now));
    }
    // Log lines tear bars apart.
    let bars =
        io::stderr().is_terminal() && !arguments.verbose && !arguments.no_progress && !is_dumb_terminal();
    if bars {
        Box::new(Bars::new(text, palette, tally))
    } else {
        Box::new(Lines::new(io::stderr(), text, tally, progress, now))
    }
}

/// Whether the terminal cannot move its cursor.
fn is_dumb_terminal() -> bool {
    std::env::var_os("TERM").is_some_and(|name| name == "dumb")
}

/// What `--verbose` logs, unless `GANNET_LOG` says otherwise. The libraries below the engine stay silent: what they
/// log may hold headers.
const LOG_DEFAULT: &str = "gannet_engine=debug";

fn log_to_stderr(palette: Palette) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("GANNET_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(LOG_DEFAULT));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(palette == Palette::Colour)
        .with_writer(io::stderr)
        .init();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_in_the_order_given_decides() {
        let done = Some(Exit::Done);
        assert_eq!(exit_of(&[done, done], None), Exit::Done);
        assert_eq!(
            exit_of(&[done, Some(Exit::Refused), Some(Exit::Disk)], None),
            Exit::Refused
        );
    }

    #[test]
    fn a_stopped_run_is_interrupted_unless_all_was_done() {
        let stopped = Some(StopReason::Interrupted);
        assert_eq!(exit_of(&[Some(Exit::Done), None], stopped), Exit::Interrupted);
        assert_eq!(
            exit_of(&[Some(Exit::Refused), Some(Exit::Interrupted)], stopped),
            Exit::Interrupted
        );
        assert_eq!(exit_of(&[Some(Exit::Done)], stopped), Exit::Done);
    }
}
