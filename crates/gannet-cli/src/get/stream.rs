//! `-o -`: the file goes to standard output, in order, while it arrives.
//!
//! Many connections need somewhere to put what comes early, so the file is downloaded into a temporary folder, from
//! front to back, and a thread copies it out as far as it is whole. A slow reader slows nothing down; the disk holds
//! what it has not taken.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use gannet_engine::{
    Error, Event, Finished, OnChange, Order, Reporter, Request, Resume, Snapshot, WhyNotAnew,
};
use tempfile::TempDir;

use super::arrivals::{Arrival, Arrivals, Portion};
use super::slots::SlotReporter;
use crate::stop::{Stop, StopReason};

/// The name in the temporary folder; nobody sees it.
const NAME: &str = "stream";
/// What people read instead.
const NAME_SHOWN: &str = "standard output";
/// How soon the reader gets what has come.
const REPORT_EVERY: Duration = Duration::from_millis(50);

/// Downloads the file of `request` to standard output. `url` is its address, fit to be shown.
pub(crate) async fn fetch(
    request: Request,
    url: String,
    directory: Option<PathBuf>,
    reporter: SlotReporter,
    stop: &Stop,
) -> Result<Finished, Error> {
    let folder = temporary_folder(directory)?;
    let arrivals = Arc::new(Arrivals::default());
    let request = request
        .directory(folder.path())
        .file_name(NAME)?
        .order(Order::Sequential)
        .resume(Resume::StartOver)
        // The old version's bytes are out already: another one can only be refused.
        .on_change(OnChange::Fail)
        .report_every(REPORT_EVERY);
    let mut copying = tokio::task::spawn_blocking({
        let (arrivals, folder) = (Arc::clone(&arrivals), folder.path().to_owned());
        move || copy(&arrivals, &folder, &mut io::stdout().lock())
    });
    let transfer = request.start(Arc::new(StreamReporter {
        inner: reporter,
        arrivals: Arc::clone(&arrivals),
    }));
    let handle = transfer.handle();
    let mut finished = std::pin::pin!(transfer.finished());

    let outcome = tokio::select! {
        outcome = &mut finished => outcome,
        copied = &mut copying => {
            handle.cancel();
            // Its end is no news: the copying failed first.
            let _ = finished.await;
            return Err(copying_failed(copied, url, stop));
        }
        _ = stop.requested() => {
            handle.cancel();
            finished.await
        }
    };
    let mut finished = match outcome {
        Ok(finished) => finished,
        Err(error) => {
            arrivals.set(Arrival::Ended);
            return Err(without_the_copy(error, folder.path()));
        }
    };
    arrivals.set(Arrival::Complete(finished.bytes));
    let copied = tokio::select! {
        copied = &mut copying => copied,
        _ = stop.requested() => return Err(Error::Cancelled),
    };
    match copied {
        Ok(Ok(())) => {
            finished.path = NAME_SHOWN.into();
            Ok(finished)
        }
        failed => Err(copying_failed(failed, url, stop)),
    }
}

fn temporary_folder(directory: Option<PathBuf>) -> Result<TempDir, Error> {
    let parent = directory.unwrap_or_else(std::env::temp_dir);
    fs::create_dir_all(&parent)
        .and_then(|()| tempfile::Builder::new().prefix("gannet-").tempdir_in(&parent))
        .map_err(|source| Error::Disk {
            operation: "create a temporary folder in",
            path: parent,
            source,
        })
}

/// Tells the printer, and whoever copies.
struct StreamReporter {
    inner: SlotReporter,
    arrivals: Arc<Arrivals>,
}

impl Reporter for StreamReporter {
    fn snapshot(&self, snapshot: &Snapshot) {
        self.arrivals.set(Arrival::UpTo(snapshot.written.frontier()));
        self.inner.snapshot(snapshot);
    }

    fn event(&self, event: &Event) {
        match event {
            // The temporary folder goes: no other run finds it.
            Event::Kept { .. } => {}
            Event::Retracted { from } => {
                self.arrivals.take_back_from(*from);
                self.inner.event(event);
            }
            Event::Restarted { .. } => {
                self.arrivals.begin_anew();
                self.inner.event(event);
            }
            Event::Probed {
                length,
                ranges,
                validator,
                final_url,
                ..
            } => self.inner.event(&Event::Probed {
                name: NAME_SHOWN.to_owned(),
                length: *length,
                ranges: *ranges,
                validator: *validator,
                final_url: final_url.clone(),
            }),
            event => self.inner.event(event),
        }
    }
}

/// Copies what arrives, until it is complete or ended. Blocks. Once what went out may not be the file's beginning, nothing
/// follows it.
fn copy(arrivals: &Arrivals, folder: &Path, output: &mut impl io::Write) -> io::Result<()> {
    let mut source: Option<File> = None;
    while let Portion::Bytes(wanted) = arrivals.next()? {
        let source = match &mut source {
            Some(source) => source,
            none => none.insert(open(folder)?),
        };
        if io::copy(&mut source.take(wanted), output)? < wanted {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        output.flush()?;
    }
    Ok(())
}

/// Opens the part file, or the finished one where the download was quicker. The rename leaves the open file as it is.
fn open(folder: &Path) -> io::Result<File> {
    match File::open(folder.join(format!("{NAME}.part"))) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => File::open(folder.join(NAME)),
        opened => opened,
    }
}

/// The error as it is for who reads a stream: without a word of files that nobody knows of, and that are gone when it is read.
fn without_the_copy(error: Error, folder: &Path) -> Error {
    match error {
        Error::Integrity {
            digest,
            expected,
            actual,
            set_aside: _,
        } => Error::Integrity {
            digest,
            expected,
            actual,
            set_aside: None,
        },
        Error::Changed { url, reason, .. } => Error::Changed {
            url,
            reason,
            why: WhyNotAnew::HandedOn,
        },
        Error::Disk {
            operation,
            path,
            source,
        } if path.starts_with(folder) => Error::Disk {
            operation,
            path: folder.parent().unwrap_or(folder).join("(the temporary copy)"),
            source,
        },
        error => error,
    }
}

/// A reader that went away wants no message, and everything stops; anything else is a failure of the output.
fn copying_failed(copied: Result<io::Result<()>, tokio::task::JoinError>, url: String, stop: &Stop) -> Error {
    match copied {
        Ok(Err(source)) if source.kind() == io::ErrorKind::BrokenPipe => {
            stop.request(StopReason::ReaderGone);
            Error::Cancelled
        }
        Ok(Err(source)) if source.kind() == io::ErrorKind::InvalidData => Error::Changed {
            url,
            reason: source.to_string(),
            why: WhyNotAnew::HandedOn,
        },
        Ok(Err(source)) => Error::Disk {
            operation: "write to",
            path: "standard output".into(),
            source,
        },
        Ok(Ok(())) => Error::Internal("the copy to standard output ended before the file".to_owned()),
        Err(panic) => Error::Internal(panic.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn folder_with(name: &str, bytes: &[u8]) -> TempDir {
        let folder = temporary_folder(None).expect("a folder");
        fs::write(folder.path().join(name), bytes).expect("written");
        folder
    }

    #[test]
    fn only_what_arrived_is_copied() {
        let folder = folder_with("stream.part", b"0123456789");
        let arrivals = Arc::new(Arrivals::default());
        let copying = std::thread::spawn({
            let (arrivals, path) = (Arc::clone(&arrivals), folder.path().to_owned());
            move || {
                let mut output = Vec::new();
                copy(&arrivals, &path, &mut output).map(|()| output)
            }
        });
        for bytes in [0, 3, 3, 7] {
            arrivals.set(Arrival::UpTo(bytes));
        }
        fs::rename(folder.path().join("stream.part"), folder.path().join("stream")).expect("renamed");
        arrivals.set(Arrival::Complete(10));
        assert_eq!(copying.join().expect("no panic").expect("copied"), b"0123456789");
    }

    #[test]
    fn an_end_before_the_whole_stops_the_copy() {
        let folder = folder_with("stream.part", b"0123");
        let arrivals = Arrivals::default();
        arrivals.set(Arrival::Ended);
        let mut output = Vec::new();
        copy(&arrivals, folder.path(), &mut output).expect("stopped");
        assert_eq!(output, b"");
    }

    #[test]
    fn what_begins_anew_is_not_joined_to_what_was_given_out() {
        let folder = folder_with("stream.part", b"0123456789");
        let arrivals = Arc::new(Arrivals::default());
        let (first, mut written) = io::pipe().expect("a pipe");
        let copying = std::thread::spawn({
            let (arrivals, path) = (Arc::clone(&arrivals), folder.path().to_owned());
            move || copy(&arrivals, &path, &mut written)
        });
        arrivals.begin_anew();
        arrivals.set(Arrival::UpTo(4));
        let mut given = [0; 4];
        (&first).read_exact(&mut given).expect("the first bytes");
        assert_eq!(&given, b"0123", "nothing was given out before it began anew");
        // By the time it is looked at, as much has come again, and more.
        arrivals.begin_anew();
        arrivals.set(Arrival::Complete(10));
        let error = copying.join().expect("no panic").expect_err("joined");
        assert!(error.to_string().contains("begin anew"), "{error}");
    }

    /// A pipe whose reader takes something only when it is told to.
    struct Held {
        reached: mpsc::Sender<()>,
        go_on: mpsc::Receiver<()>,
    }

    impl io::Write for Held {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.reached.send(()).expect("somebody waits");
            self.go_on.recv().expect("somebody lets go");
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Has four bytes given out to a reader that takes none, lets something happen, and then all of the file arrive.
    fn copied_while(happens: impl FnOnce(&Arrivals)) -> io::Result<()> {
        let folder = folder_with("stream.part", b"0123456789");
        let arrivals = Arc::new(Arrivals::default());
        let ((reached, at_write), (let_go, go_on)) = (mpsc::channel(), mpsc::channel());
        let copying = std::thread::spawn({
            let (arrivals, path) = (Arc::clone(&arrivals), folder.path().to_owned());
            move || copy(&arrivals, &path, &mut Held { reached, go_on })
        });
        arrivals.set(Arrival::UpTo(4));
        at_write.recv().expect("it writes");
        happens(&arrivals);
        arrivals.set(Arrival::UpTo(8));
        arrivals.set(Arrival::Complete(10));
        for _ in 0..2 {
            let _its_end = let_go.send(());
        }
        copying.join().expect("no panic")
    }

    #[test]
    fn a_reader_that_waits_does_not_miss_that_what_it_got_was_wrong() {
        copied_while(|_| ()).expect("nothing was wrong");
        copied_while(|arrivals| arrivals.take_back_from(4)).expect("nothing of it was given out");
        for wrong in [
            // The right bytes are there before anybody sees the gap.
            |arrivals: &Arrivals| arrivals.take_back_from(3),
            |arrivals: &Arrivals| arrivals.set(Arrival::UpTo(3)),
        ] {
            let error = copied_while(wrong).expect_err("copied on");
            assert!(error.to_string().contains("turned out to be wrong"), "{error}");
        }
        let error = copied_while(Arrivals::begin_anew).expect_err("copied on");
        assert!(error.to_string().contains("begin anew"), "{error}");
    }

    #[test]
    fn a_part_file_that_is_too_short_is_an_error() {
        let folder = folder_with("stream.part", b"0123");
        let arrivals = Arrivals::default();
        arrivals.set(Arrival::Complete(9));
        let error = copy(&arrivals, folder.path(), &mut Vec::new()).expect_err("too short");
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn an_error_names_no_file_of_the_temporary_folder() {
        let folder = Path::new("/scratch/gannet-x");
        let error = without_the_copy(
            Error::Integrity {
                digest: "md5".to_owned(),
                expected: "1".to_owned(),
                actual: "2".to_owned(),
                set_aside: Some(folder.join("stream.rejected")),
            },
            folder,
        );
        assert!(!error.to_string().contains("stream"), "{error}");
        let error = Error::Disk {
            operation: "write",
            path: folder.join("stream.part"),
            source: io::ErrorKind::StorageFull.into(),
        };
        let error = without_the_copy(error, folder).to_string();
        assert!(
            !error.contains("gannet-x") && error.contains("/scratch/(the temporary copy)"),
            "{error}"
        );
    }

    #[test]
    fn a_reader_that_went_away_stops_everything_quietly() {
        let stop = Stop::new();
        let broken = Ok(Err(io::ErrorKind::BrokenPipe.into()));
        assert!(matches!(
            copying_failed(broken, String::new(), &stop),
            Error::Cancelled
        ));
        assert_eq!(stop.reason(), Some(StopReason::ReaderGone));
    }
}
