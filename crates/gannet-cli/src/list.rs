//! `gannet list`: the list, as a table or as objects.

use std::io::{self, Write};
use std::time::Duration;

use clap::Args;
use gannet_schema::{Moving, Row, Snapshot, Standing, WaitReason};

use crate::exit::Exit;
use crate::format::{Bytes, Rate, TimeLeft, grouped, percent, plain};
use crate::owner::{Enough, Owner, OwnerArguments};
use crate::trouble::Trouble;

/// Arguments of `gannet list`.
#[derive(Args)]
pub(crate) struct ListArguments {
    /// Show finished downloads, the latest first, instead of the others
    #[arg(long)]
    finished: bool,

    /// Print one JSON object a line for each download
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    owner: OwnerArguments,
}

/// Runs the command.
pub(crate) fn run(arguments: &ListArguments) -> Result<Exit, Trouble> {
    let owner = Owner::find(&arguments.owner)?;
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    if arguments.finished {
        list_finished(&owner, arguments.json, &mut stdout)?;
    } else {
        let state = owner.state()?;
        let mut rows = state.rows;
        rows.sort_by(|one, other| {
            one.position
                .total_cmp(&other.position)
                .then(one.id.cmp(&other.id))
        });
        for row in &mut rows {
            catch_up(row, &state.snapshot);
        }
        if arguments.json {
            rows.iter().try_for_each(|row| object(row, &mut stdout))?;
        } else {
            if !rows.is_empty() {
                writeln!(stdout, "{HEAD}")?;
            }
            for row in &rows {
                writeln!(stdout, "{}", line(row, moving(row, &state.snapshot)))?;
            }
            stdout.flush()?;
            tell_finished(state.counts.finished);
        }
    }
    stdout.flush()?;
    Ok(Exit::Done)
}

const HEAD: &str = "  ID     DONE      SIZE      SPEED  LEFT         NAME";

fn list_finished(owner: &Owner, json: bool, stdout: &mut impl Write) -> Result<(), Trouble> {
    let mut written = Ok(());
    owner.finished(|row| {
        written = if json {
            object(&row, stdout)
        } else {
            writeln!(stdout, "{}", line(&row, None))
        };
        if written.is_ok() { Enough::No } else { Enough::Yes }
    })?;
    Ok(written?)
}

fn object(row: &Row, stdout: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *stdout, row)?;
    writeln!(stdout)
}

fn tell_finished(finished: u32) {
    if finished > 0 {
        let number = grouped(u64::from(finished));
        // Nobody is left to tell where standard error is closed too.
        let _ = writeln!(io::stderr(), "{number} finished: gannet list --finished");
    }
}

fn moving<'a>(row: &Row, snapshot: &'a Snapshot) -> Option<&'a Moving> {
    snapshot.moving.iter().find(|moving| moving.id == row.id)
}

/// Rows are as they were at the last event; what moves stands in the snapshot.
fn catch_up(row: &mut Row, snapshot: &Snapshot) {
    if let Some(moving) = moving(row, snapshot) {
        row.standing = moving.standing.clone();
        row.length = moving.length.or(row.length);
        row.bytes = moving.bytes;
        row.cells = moving.cells.clone();
    }
}

/// One download.
fn line(row: &Row, moving: Option<&Moving>) -> String {
    let done = match row.length {
        Some(length) => format!("{} %", percent(row.bytes, length)),
        None => Bytes(row.bytes).to_string(),
    };
    let size = row
        .length
        .map(|length| Bytes(length).to_string())
        .unwrap_or_default();
    let is_fast = row.standing == Standing::Downloading;
    let speed = moving
        .filter(|_| is_fast)
        .map(|moving| Rate(moving.rate_bytes_per_s).to_string())
        .unwrap_or_default();
    let left = moving
        .filter(|_| is_fast)
        .and_then(|moving| moving.time_left_ms)
        .map_or_else(
            || words(&row.standing).to_owned(),
            |left_ms| TimeLeft(Duration::from_millis(left_ms)).to_string(),
        );
    let mut text = format!(
        "{:>4}  {done:>7}  {size:>8}  {speed:>9}  {left:<11}  {}",
        row.id.0,
        plain(&row.name)
    );
    if let Standing::Failed { failure }
    | Standing::Waiting {
        failure: Some(failure),
        ..
    } = &row.standing
    {
        text.push_str(": ");
        text.push_str(&plain(&failure.message));
    }
    text
}

/// Where it stands, in a word or two.
fn words(standing: &Standing) -> &'static str {
    match standing {
        Standing::Queued => "queued",
        Standing::Scheduled { .. } => "scheduled",
        Standing::Probing => "asking",
        Standing::Downloading => "downloading",
        Standing::Verifying => "verifying",
        Standing::Paused => "paused",
        Standing::Waiting { reason, .. } => match reason {
            WaitReason::Network => "no network",
            WaitReason::Server => "server waits",
            WaitReason::Retry => "tries again",
            WaitReason::DiskFull => "disk full",
            WaitReason::DiskGone => "disk gone",
            WaitReason::Battery => "on battery",
            WaitReason::Metered => "metered line",
        },
        Standing::Finished => "finished",
        Standing::Failed { .. } => "failed",
    }
}
