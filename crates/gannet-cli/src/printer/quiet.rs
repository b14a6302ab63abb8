//! `--quiet`: errors, and nothing else.

use std::io::{self, Write};
use std::time::Instant;

use super::tally::Tally;
use super::{News, Printer, Text};
use gannet_engine::Error;

/// Prints what failed.
pub(crate) struct Quiet<W> {
    messages: W,
    text: Text,
    tally: Tally,
}

impl<W: Write> Quiet<W> {
    /// Prints to `messages`. `tally` gives the files their names.
    pub(crate) const fn new(messages: W, text: Text, tally: Tally) -> Self {
        Self {
            messages,
            text,
            tally,
        }
    }
}

impl<W: Write + Send> Printer for Quiet<W> {
    fn print(&mut self, news: Vec<News>, _: Instant) -> io::Result<()> {
        for news in news {
            if let News::Failed { file, error } = &news
                && !matches!(error, Error::Cancelled)
            {
                // Without standard error there is nobody to tell; the exit status still does.
                let _ = writeln!(
                    self.messages,
                    "{}",
                    self.text
                        .failed(self.tally.name(*file), error, self.tally.kept_bytes(*file))
                );
            }
            self.tally.note(&news);
        }
        Ok(())
    }

    fn end(&mut self, _: Instant) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tally::tests as sample;
    use super::super::{FileId, Palette};
    use super::*;

    #[test]
    fn only_errors_are_printed() {
        let now = Instant::now();
        let mut said = Vec::new();
        let mut quiet = Quiet::new(&mut said, Text::new(Palette::Plain), Tally::new(2, 2, now));
        let news = vec![
            News::Warning("careful".to_owned()),
            sample::begun(0),
            sample::begun(1),
            sample::progress(0, 5, Some(10)),
            sample::finished(0, 10, 0),
            News::Failed {
                file: FileId(1),
                error: Error::Internal("x".to_owned()),
            },
            News::Interrupted,
        ];
        quiet.print(news, now).expect("printed");
        quiet.end(now).expect("ended");
        let said = String::from_utf8(said).expect("UTF-8");
        assert_eq!(said, "error: file1.iso was not downloaded\n  internal error: x\n");
    }
}
