//! `gannet get`: downloads files, some at once, and says with one code how that ended.
//!
//! What to do is read from the arguments ([`job`]), what all files share is made once ([`session`]), and each
//! file's transfer tells its news to the printer ([`output`]). Only `-o -` needs more than a transfer: [`stream`].

mod arguments;
mod arrivals;
pub(crate) mod identity;
pub(crate) mod job;
mod list;
mod output;
mod session;
mod slots;
mod stream;

use std::collections::HashMap;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use gannet_engine::{Error, Finished, Request};
use tokio::task::{Id, JoinSet};

use crate::exit::Exit;
use crate::log;
use crate::printer::{Desk, FileId, FileReporter, News, Palette, PrintingThread, Text};
use crate::stop::{self, Stop, StopReason};
pub(crate) use arguments::{ExistingArguments, GetArguments, OnChangeChoice, RequestArguments};
use job::{Job, Sink, shown};
use session::Session;
use slots::{Slot, SlotReporter, Slots};

/// One worker waits for the network while the other is busy with what came; more only contend for the same few
/// instructions, since hashing and writing have threads of their own.
const RUNTIME_WORKERS: usize = 2;

/// After Ctrl-C transfers have this long to write down where they are. Their journals are right at any moment, so
/// what takes longer loses nothing but a second of downloading.
const GRACE: Duration = Duration::from_millis(800);

/// Runs the command.
pub(crate) fn run(arguments: &GetArguments) -> Exit {
    let palette = Palette::of_stderr();
    prepare(arguments)
        .and_then(|(session, jobs)| {
            if arguments.verbose {
                log::to_stderr("gannet_engine=debug", palette);
            }
            download(arguments, session, jobs, palette)
        })
        .unwrap_or_else(|error| {
            // Nobody is left to tell where standard error is closed too.
            let _ = writeln!(io::stderr(), "{}", Text::new(palette).failed(None, &error, 0));
            error.code().into()
        })
}

/// Reads everything that the arguments name, and finds what cannot be asked before anything is asked.
fn prepare(arguments: &GetArguments) -> Result<(Session, Vec<Job>), Error> {
    let jobs = job::jobs(arguments)?;
    let session = Session::new(arguments, &jobs)?;
    for (index, job) in jobs.iter().enumerate() {
        session
            .request(job)
            .map_err(|error| match (job.line, jobs.len()) {
                (Some(line), _) => job::invalid(format!("the list's line {line}: {error}")),
                (None, 1) => error,
                (None, _) => job::invalid(format!("file {}: {error}", FileId(index).number())),
            })?;
    }
    Ok((session, jobs))
}

fn download(
    arguments: &GetArguments,
    session: Session,
    jobs: Vec<Job>,
    palette: Palette,
) -> Result<Exit, Error> {
    let no_threads = |reason| Error::Internal(format!("the system gives no threads: {reason}"));
    let stop = Stop::new();
    let desk = Desk::default();
    for host in session.insecure_hosts() {
        desk.tell(News::Warning(format!(
            "the certificate of {host} is not checked (--insecure); anybody can pose as it"
        )));
    }
    let runtime = runtime().map_err(no_threads)?;
    let printing = PrintingThread::start(desk.clone(), output::printer(arguments, &jobs, palette), {
        let stop = stop.clone();
        move || stop.request(StopReason::ReaderGone)
    })
    .map_err(no_threads)?;
    let run = Run {
        session: Arc::new(session),
        desk,
        stop,
        slots: Slots::new(arguments.jobs as usize),
    };
    let exit = runtime.block_on(run.fetch_all(jobs));
    if run.stop.reason().is_some() {
        printing.end_within(LAST_WORDS);
    } else {
        printing.end();
    }
    // A thread that hangs in a write to a full pipe must not hold up the end.
    runtime.shutdown_background();
    Ok(exit)
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(RUNTIME_WORKERS)
        .enable_all()
        .build()
}

/// After Ctrl-C nobody waits longer than this for a terminal or a pipe that takes nothing.
const LAST_WORDS: Duration = Duration::from_millis(150);

/// Files under way and what they share.
struct Run {
    session: Arc<Session>,
    desk: Desk,
    stop: Stop,
    slots: Slots,
}

impl Run {
    /// Downloads everything, as many files at a time as there are places, in the order given.
    async fn fetch_all(&self, jobs: Vec<Job>) -> Exit {
        // It outlives this run: a second Ctrl-C also ends a program that hangs while it prints its last words.
        tokio::spawn(stop::on_signals(self.stop.clone()));
        let mut outcomes: Vec<Option<Exit>> = vec![None; jobs.len()];
        let mut waiting = jobs.into_iter().enumerate().peekable();
        let mut running = JoinSet::new();
        // A task that panics says only its number.
        let mut files: HashMap<Id, FileId> = HashMap::new();
        while !running.is_empty() || waiting.peek().is_some() {
            let has_room = running.len() < self.slots.files_max();
            tokio::select! {
                biased;
                reason = self.stop.requested() => {
                    self.wind_down(reason, &mut running, &files, &mut outcomes).await;
                    break;
                }
                slot = self.slots.take(), if has_room && waiting.peek().is_some() => {
                    let Some((index, job)) = waiting.next() else { break };
                    let file = FileId(index);
                    let begun = self.begin(file, &job, slot);
                    let task = running.spawn(fetch_one(begun, job, self.stop.clone()));
                    files.insert(task.id(), file);
                }
                Some(ended) = running.join_next_with_id() => self.settle(ended, &files, &mut outcomes),
            }
        }
        exit_of(&outcomes, self.stop.reason())
    }

    fn begin(&self, file: FileId, job: &Job, slot: Slot) -> Begun {
        self.desk.tell(News::Begun {
            file,
            url: shown(&job.url),
        });
        Begun {
            session: Arc::clone(&self.session),
            reporter: SlotReporter::new(
                FileReporter {
                    desk: self.desk.clone(),
                    file,
                },
                slot,
            ),
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
            self.desk.tell(News::Interrupted);
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
    reporter: SlotReporter,
}

async fn fetch_one(begun: Begun, job: Job, stop: Stop) -> Outcome {
    let request = begun.session.request(&job)?;
    match job.sink {
        Sink::File { .. } => fetch(request, begun.reporter, &stop).await,
        Sink::StandardOutput { directory } => {
            stream::fetch(request, shown(&job.url), directory, begun.reporter, &stop).await
        }
    }
}

async fn fetch(request: Request, reporter: SlotReporter, stop: &Stop) -> Outcome {
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
