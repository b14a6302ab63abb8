//! Bringing a download's files to another folder or name, without replacing anything.

use std::io;

use gannet_engine::disk::part_file::PartNames;

use crate::folders::OpenFolder;

/// Where files are, or are to be.
pub(crate) struct Spot {
    pub(crate) folder: OpenFolder,
    pub(crate) name: String,
}

/// Brings a finished file elsewhere. Blocks; for long where that is another disk.
///
/// # Errors
/// `AlreadyExists` where something bears the name there; then nothing was moved.
pub(crate) fn bring_file(from: &Spot, to: &Spot) -> io::Result<()> {
    bring(&from.folder, &from.name, &to.folder, &to.name)?;
    sync_both(from, to)
}

/// Brings a part file and its journal elsewhere. Where nothing of it is there yet, there is nothing to do. Blocks.
pub(crate) fn bring_part(from: &Spot, to: &Spot) -> io::Result<()> {
    let (here, there) = (PartNames::of(&from.name), PartNames::of(&to.name));
    if !from.folder.exists(&here.journal)? {
        return Ok(());
    }
    if to.folder.exists(&there.part)? {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    // The journal first: a part file is never seen without one.
    bring(&from.folder, &here.journal, &to.folder, &there.journal)?;
    if from.folder.exists(&here.part)?
        && let Err(error) = bring(&from.folder, &here.part, &to.folder, &there.part)
    {
        bring(&to.folder, &there.journal, &from.folder, &here.journal)?;
        return Err(error);
    }
    sync_both(from, to)
}

fn sync_both(from: &Spot, to: &Spot) -> io::Result<()> {
    to.folder.sync()?;
    from.folder.sync()
}

fn bring(from: &OpenFolder, name: &str, to: &OpenFolder, new_name: &str) -> io::Result<()> {
    match from.rename(name, to, new_name) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {}
        result => return result,
    }
    // Another disk: copied whole and synced before the old one goes.
    let mut source = from.open_file(name)?;
    let mut copy = to.create_file(new_name)?;
    let copied = io::copy(&mut source, &mut copy).and_then(|_| {
        if let Ok(modified) = source.metadata().and_then(|metadata| metadata.modified()) {
            // A courtesy: the bytes are what counts.
            let _ = copy.set_modified(modified);
        }
        copy.sync_all()
    });
    if let Err(error) = copied {
        to.remove(new_name)?;
        return Err(error);
    }
    from.remove(name)
}
