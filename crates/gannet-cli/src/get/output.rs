//! Which printer speaks, and to whom.

use std::io::{self, BufWriter, IsTerminal as _};
use std::time::Instant;

use super::arguments::GetArguments;
use super::job::{Job, Sink};
use crate::printer::{Bars, Json, Lines, Messages, Palette, Printer, ProgressLines, Quiet, Tally, Text};

/// The printer that the arguments and the terminal ask for.
pub(crate) fn printer(arguments: &GetArguments, jobs: &[Job], palette: Palette) -> Box<dyn Printer> {
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
