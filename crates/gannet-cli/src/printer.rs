//! What is printed while files are downloaded.
//!
//! Transfers tell their news to a [`Desk`] and go on at once. One thread looks at the desk ten times a second and
//! hands what is new to the [`Printer`] chosen: a slow terminal, or a program that does not read its pipe, never
//! holds up a download, and a thousand small files cost no more drawing than one.

mod bars;
mod json;
mod lines;
mod quiet;
mod tally;
mod text;

use std::convert::Infallible;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use gannet_engine::{Error, Event, Finished, Phase, Reporter, Snapshot};

pub(crate) use bars::Bars;
pub(crate) use json::{Json, Messages};
pub(crate) use lines::{Lines, ProgressLines};
pub(crate) use quiet::Quiet;
pub(crate) use tally::Tally;
pub(crate) use text::{Palette, Text};

/// How often is looked for news: as fast as an eye follows numbers.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// News that wait at most. Beyond it progress is dropped, and word of a request that is sent again: newer ones follow.
/// Nothing else ever is; of it there is little for each file.
const NEWS_MAX: usize = 4096;

/// A file of this run: its place in the order given, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FileId(pub(crate) usize);

impl FileId {
    /// Its number for people and programs: from 1.
    pub(crate) const fn number(self) -> usize {
        self.0 + 1
    }
}

/// What a printer hears of.
#[derive(Debug)]
pub(crate) enum News {
    /// A file's turn has come.
    Begun {
        file: FileId,
        /// Its address as it may be shown.
        url: String,
    },
    /// Where a file stands.
    Progress { file: FileId, progress: Progress },
    /// Something happened to a file.
    Event { file: FileId, event: Event },
    /// A file is there.
    Finished { file: FileId, finished: Box<Finished> },
    /// A file did not come.
    Failed { file: FileId, error: Error },
    /// Something that the user should know.
    Warning(String),
    /// The run was interrupted.
    Interrupted,
}

/// Where a file stands: what printers need of a [`Snapshot`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Progress {
    pub(crate) phase: Phase,
    pub(crate) bytes: u64,
    pub(crate) length: Option<u64>,
    pub(crate) hashed_bytes: u64,
    pub(crate) rate_bytes_per_s: f64,
    pub(crate) time_left: Option<Duration>,
    pub(crate) connections: u32,
}

impl From<&Snapshot> for Progress {
    fn from(snapshot: &Snapshot) -> Self {
        Self {
            phase: snapshot.phase.clone(),
            bytes: snapshot.bytes(),
            length: snapshot.length,
            hashed_bytes: snapshot.hashed_bytes,
            rate_bytes_per_s: snapshot.rate_bytes_per_s,
            time_left: snapshot.time_left,
            connections: snapshot.connections,
        }
    }
}

/// Prints news in its own way. Lives in the printing thread alone.
pub(crate) trait Printer: Send {
    /// Prints what is new. Called ten times a second, also when nothing is.
    ///
    /// Fails where the results can no longer be given to who asked for them.
    fn print(&mut self, news: Vec<News>, now: Instant) -> io::Result<()>;

    /// Nothing more will come.
    fn end(&mut self, now: Instant) -> io::Result<()>;
}

/// Where news are told. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Desk {
    news: Arc<Mutex<Vec<News>>>,
}

impl Desk {
    /// Tells what must not be missed.
    pub(crate) fn tell(&self, news: News) {
        self.lock().push(news);
    }

    /// Tells what a newer word will replace, if there is room.
    fn mention(&self, news: impl FnOnce() -> News) {
        let mut waiting = self.lock();
        if waiting.len() < NEWS_MAX {
            waiting.push(news());
        }
    }

    fn take(&self) -> Vec<News> {
        std::mem::take(&mut self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<News>> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The [`Reporter`] of one transfer: it tells the desk.
#[derive(Debug, Clone)]
pub(crate) struct FileReporter {
    pub(crate) desk: Desk,
    pub(crate) file: FileId,
}

impl Reporter for FileReporter {
    fn snapshot(&self, snapshot: &Snapshot) {
        self.desk.mention(|| News::Progress {
            file: self.file,
            progress: snapshot.into(),
        });
    }

    fn event(&self, event: &Event) {
        let news = || News::Event {
            file: self.file,
            event: event.clone(),
        };
        match event {
            // They are counted at the end, and a hopeless server may cause thousands.
            Event::Retried { .. } => self.desk.mention(news),
            _ => self.desk.tell(news()),
        }
    }
}

/// The thread that prints.
pub(crate) struct PrintingThread {
    ended: Arc<AtomicBool>,
    thread: JoinHandle<()>,
    /// Closed when the thread has nothing left to do.
    over: mpsc::Receiver<Infallible>,
}

impl PrintingThread {
    /// Starts printing what is told to `desk`. `on_lost` is called once, if nobody takes the results any longer.
    pub(crate) fn start(
        desk: Desk,
        printer: Box<dyn Printer>,
        on_lost: impl FnOnce() + Send + 'static,
    ) -> io::Result<Self> {
        let ended = Arc::new(AtomicBool::new(false));
        let (at_work, over) = mpsc::channel();
        let thread = thread::Builder::new().name("printer".to_owned()).spawn({
            let ended = Arc::clone(&ended);
            move || {
                let _at_work = at_work;
                if look_and_print(&desk, printer, &ended).is_err() {
                    on_lost();
                }
            }
        })?;
        Ok(Self { ended, thread, over })
    }

    /// Prints what is left, and returns when it is out.
    pub(crate) fn end(self) {
        self.ask_to_end();
        // A panic in it has printed itself already; the files are safe all the same.
        let _ = self.thread.join();
    }

    /// As [`PrintingThread::end`], but leaves a thread behind that hangs in a write.
    pub(crate) fn end_within(self, patience: Duration) {
        self.ask_to_end();
        // Nothing is ever sent: the thread is over, or the time is.
        let _ = self.over.recv_timeout(patience);
    }

    fn ask_to_end(&self) {
        self.ended.store(true, Ordering::Release);
        self.thread.thread().unpark();
    }
}

fn look_and_print(desk: &Desk, mut printer: Box<dyn Printer>, ended: &AtomicBool) -> io::Result<()> {
    loop {
        // Read before the news are taken: what was told before the end is then among them.
        let last = ended.load(Ordering::Acquire);
        printer.print(desk.take(), Instant::now())?;
        if last {
            return printer.end(Instant::now());
        }
        thread::park_timeout(LOOK_EVERY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Heard {
        news: usize,
        ended: bool,
    }

    struct Counting(Arc<Mutex<Heard>>);

    impl Printer for Counting {
        fn print(&mut self, news: Vec<News>, _: Instant) -> io::Result<()> {
            self.0.lock().expect("not poisoned").news += news.len();
            Ok(())
        }

        fn end(&mut self, _: Instant) -> io::Result<()> {
            self.0.lock().expect("not poisoned").ended = true;
            Ok(())
        }
    }

    #[test]
    fn what_is_told_before_the_end_is_printed() {
        let heard = Arc::new(Mutex::new(Heard::default()));
        let desk = Desk::default();
        let thread = PrintingThread::start(desk.clone(), Box::new(Counting(Arc::clone(&heard))), || {})
            .expect("a thread");
        for _ in 0..1000 {
            desk.tell(News::Warning("careful".to_owned()));
        }
        thread.end();
        let heard = heard.lock().expect("not poisoned");
        assert_eq!(heard.news, 1000);
        assert!(heard.ended);
    }

    #[test]
    fn a_printer_that_hangs_is_left_behind() {
        struct Hanging;
        impl Printer for Hanging {
            fn print(&mut self, _: Vec<News>, _: Instant) -> io::Result<()> {
                loop {
                    thread::park();
                }
            }
            fn end(&mut self, _: Instant) -> io::Result<()> {
                unreachable!("it hangs before")
            }
        }
        let thread = PrintingThread::start(Desk::default(), Box::new(Hanging), || {}).expect("a thread");
        thread.end_within(Duration::from_millis(1));
    }

    #[test]
    fn progress_gives_way_where_nobody_prints_and_what_is_told_once_does_not() {
        let desk = Desk::default();
        let reporter = FileReporter {
            desk: desk.clone(),
            file: FileId(0),
        };
        for _ in 0..2 * NEWS_MAX {
            reporter.event(&Event::Retried {
                reason: "503".to_owned(),
            });
        }
        reporter.event(&Event::Kept { bytes: 7 });
        desk.tell(News::Failed {
            file: FileId(0),
            error: Error::Cancelled,
        });
        let news = desk.take();
        assert_eq!(news.len(), NEWS_MAX + 2);
        let kept = &news[NEWS_MAX];
        assert!(
            matches!(
                kept,
                News::Event {
                    event: Event::Kept { bytes: 7 },
                    ..
                }
            ),
            "{kept:?}"
        );
        assert!(matches!(news.last(), Some(News::Failed { .. })));
    }

    #[test]
    fn a_printer_without_readers_says_so_once() {
        struct Broken;
        impl Printer for Broken {
            fn print(&mut self, _: Vec<News>, _: Instant) -> io::Result<()> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn end(&mut self, _: Instant) -> io::Result<()> {
                unreachable!("it failed before")
            }
        }
        let lost = Arc::new(AtomicBool::new(false));
        let thread = PrintingThread::start(Desk::default(), Box::new(Broken), {
            let lost = Arc::clone(&lost);
            move || lost.store(true, Ordering::SeqCst)
        })
        .expect("a thread");
        thread.end();
        assert!(lost.load(Ordering::SeqCst));
    }
}
