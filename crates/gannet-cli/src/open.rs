//! `gannet open`: a finished file, its folder, or the list: in its window, or on its page in a browser.

use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::path::Path;

use clap::Args;
use gannet_manager::programs::is_run;
use gannet_schema::{DownloadId, Standing};

use crate::exit::Exit;
use crate::owner::{Face, Locality, Owner, OwnerArguments};
use crate::trouble::Trouble;

/// Arguments of `gannet open`.
#[derive(Args)]
pub(crate) struct OpenArguments {
    /// The number of a download, as `gannet list` shows it; without it the list itself is opened
    #[arg(value_name = "ID")]
    id: Option<u32>,

    /// Open the folder that the file is in
    #[arg(long, requires = "id")]
    folder: bool,

    /// Print what would be opened, and open nothing
    #[arg(long)]
    print: bool,

    #[command(flatten)]
    owner: OwnerArguments,
}

/// Runs the command.
pub(crate) fn run(arguments: &OpenArguments) -> Result<Exit, Trouble> {
    let owner = Owner::find(&arguments.owner)?;
    let Some(id) = arguments.id else {
        let how = if arguments.print || !has_display() {
            Showing::Printed
        } else {
            Showing::Opened
        };
        return show(&owner, how);
    };
    if owner.locality() == Locality::Elsewhere {
        return Err(Trouble::usage(
            "the file is where that server runs; it cannot be opened from here",
        ));
    }
    let row = owner.row(DownloadId(id))?;
    let folder = Path::new(&row.folder);
    let path = if arguments.folder {
        folder.to_owned()
    } else if row.standing == Standing::Finished {
        folder.join(&row.name)
    } else {
        return Err(Trouble::usage(format_args!("{} is not finished", row.name))
            .hint("--folder opens the folder that it goes to"));
    };
    if !path.exists() {
        return Err(Trouble::new(
            Exit::Disk,
            format!("{} is not there any more", path.display()),
        ));
    }
    if arguments.print {
        print(path.as_os_str())
    } else if !arguments.folder && is_run(&path.to_string_lossy()) {
        // A server chose its name.
        Err(Trouble::usage(format_args!(
            "{} is something that the system would run, and a server sent it",
            row.name
        ))
        .hint("--folder shows where it is, for whoever wants to run it"))
    } else {
        open(path.as_os_str())
    }
}

/// How somebody is to see something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Showing {
    /// It is opened on the screen.
    Opened,
    /// Its address is printed.
    Printed,
}

/// Shows the list.
pub(crate) fn show(owner: &Owner, how: Showing) -> Result<Exit, Trouble> {
    match (owner.face()?, how) {
        (Face::Page { link }, Showing::Opened) => open(OsStr::new(&link)),
        (Face::Page { link }, Showing::Printed) => print(OsStr::new(&link)),
        (Face::Window, Showing::Opened) => {
            owner.summon()?;
            Ok(Exit::Done)
        }
        (Face::Window, Showing::Printed) => Err(Trouble::usage(
            "the list is shown in a window of its own; there is no page to log in to",
        )),
    }
}

fn print(what: &OsStr) -> Result<Exit, Trouble> {
    writeln!(io::stdout(), "{}", what.to_string_lossy())?;
    Ok(Exit::Done)
}

/// Has the system open an address or a file.
pub(crate) fn open(what: &OsStr) -> Result<Exit, Trouble> {
    ::open::that_detached(what).map_err(|error| {
        Trouble::unexpected(format_args!("the system cannot open it: {error}"))
            .hint("--print shows what it is")
    })?;
    Ok(Exit::Done)
}

/// Whether there is a screen for a browser to be on.
pub(crate) fn has_display() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(not(all(unix, not(target_os = "macos")))) || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}
