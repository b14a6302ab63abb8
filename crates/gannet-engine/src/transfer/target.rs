//! The place where the file is to be: its folder, its name, what is there already.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use http::header::CONTENT_DISPOSITION;
use url::Url;

use super::life::blocking;
use super::probe::Shape;
use super::sample::{SampleVerdict, Specimen, compare};
use crate::disk::journal::{self, JournalState};
use crate::disk::part_file::{self, Claim, ClaimedPart, ExistingFile, Held, PartNames};
use crate::disk::publish::Publication;
use crate::disk::real::RealDirectory;
use crate::disk::storage::{Directory, Irreplaceable};
use crate::disk::sync::Journal;
use crate::error::Error;
use crate::filename::{SafeFileName, numbered};
use crate::http::redirect::bare;
use crate::http::response::KnownFile;
use crate::http::source::Source;
use crate::http::validator::{Likeness, Validator};
use crate::progress::Outcome;
use crate::range::{ByteRange, RangeSet};
use crate::request::{OnExisting, Place, Request, Resume};
use crate::verify::{DigestSource, Verification, digests_of};

/// Files of the same name with a number that are looked at: `NAME (1)` and so on.
const COPIES_MAX: u32 = 32;

/// What is to happen at the target.
pub(crate) enum Target {
    /// It is to be claimed.
    Claim(ExistingFile),
    /// The file is there; nothing has to be fetched.
    Done {
        path: PathBuf,
        bytes: u64,
        outcome: Outcome,
        verification: Verification,
    },
}

/// Opens the folder, making it where it is missing.
pub(crate) async fn open(place: &Place) -> Result<Arc<dyn Directory>, Error> {
    match place.clone() {
        Place::Storage(directory) => Ok(directory),
        Place::Path(path) => {
            blocking(move || {
                let opened = RealDirectory::create_and_open(&path);
                let directory = opened.map_err(|error| Error::disk("open the folder", path, error))?;
                Ok(Arc::new(directory) as Arc<dyn Directory>)
            })
            .await
        }
    }
}

/// Where the request names the file and wants it skipped if it exists: that, without asking anybody.
pub(crate) fn skipped(directory: &Arc<dyn Directory>, request: &Request) -> Result<Option<Target>, Error> {
    match (&request.file_name, request.on_existing) {
        (Some(name), OnExisting::Skip) if exists(directory, name.as_str())? => {
            Ok(Some(skip(directory, name.as_str())))
        }
        _ => Ok(None),
    }
}

/// Leaves what bears the name, whatever it is.
fn skip(directory: &Arc<dyn Directory>, name: &str) -> Target {
    Target::Done {
        path: directory.path_of(name),
        // What cannot be opened, a pipe perhaps, is as good as empty.
        bytes: directory
            .open_to_read(name)
            .and_then(|file| file.length())
            .unwrap_or(0),
        outcome: Outcome::Skipped,
        verification: Verification::Unverified { advisory: None },
    }
}

/// Refuses a name that a folder or a device bears, where the request gives it or lets nothing else have it: nothing is
/// fetched that could not be put there in the end.
pub(crate) fn refuse_irreplaceable(directory: &Arc<dyn Directory>, name: &str) -> Result<(), Error> {
    let path = directory.path_of(name);
    let shown = path.display();
    let what = match directory.irreplaceable(name) {
        Ok(None) => return Ok(()),
        Ok(Some(Irreplaceable::Folder)) => {
            format!("{shown} is a folder; use it as one (-d), or choose another name (-o)")
        }
        Ok(Some(Irreplaceable::Special)) => {
            format!("{shown} is no file, and none may take its place; `-o -` writes to standard output")
        }
        Err(error) => return Err(Error::disk("look at", path, error)),
    };
    Err(Error::InvalidRequest { what })
}

/// The file's name: the request's, else what the answer and the address say.
pub(crate) fn name(request: &Request, headers: &HeaderMap, url: &Url) -> SafeFileName {
    match &request.file_name {
        Some(name) => name.clone(),
        None => SafeFileName::from_response(headers.get(CONTENT_DISPOSITION), url),
    }
}

/// What an earlier run left under the name that the request or its address suggests: the file as it was known, and what
/// is missing at the front, where a strong validator allows to ask for just that.
pub(crate) fn peek(directory: &Arc<dyn Directory>, request: &Request) -> Option<(KnownFile, ByteRange)> {
    let name = name(request, &HeaderMap::new(), &request.url);
    let file = directory
        .open_to_read(&PartNames::of(name.as_str()).journal)
        .ok()?;
    let bytes = part_file::read_up_to(&*file, journal::JOURNAL_BYTES_MAX).ok()?;
    let JournalState {
        complete_length,
        validator,
        written,
        ..
    } = journal::decode(&bytes)?;
    let validator = Validator::from_bytes(&validator).ok()?;
    validator.strong()?;
    let missing = written.missing(complete_length).first(u64::MAX)?;
    let rest = ByteRange::new(missing.start(), complete_length)?;
    Some((
        KnownFile {
            validator,
            complete_length,
            media_type: None,
            last_modified: None,
        },
        rest,
    ))
}

/// Who is asked for a sample of the file, and how many requests that took.
pub(crate) struct Asked<'a> {
    pub(crate) source: &'a Source,
    pub(crate) requests: &'a mut u64,
}

/// Looks at files that bear the name already, or that name with a number: is one of them this very file, and what is to
/// be done about it?
///
/// Where one has to be read for that, which may take minutes, the answer of `shape` is let go of first.
pub(crate) async fn look_at_existing(
    directory: &Arc<dyn Directory>,
    name: &SafeFileName,
    request: &Request,
    known: &KnownFile,
    shape: &mut Shape,
    mut asked: Asked<'_>,
) -> Result<Target, Error> {
    let name = name.as_str();
    let existing = match request.on_existing {
        OnExisting::Overwrite => ExistingFile::Overwrite,
        OnExisting::Rename | OnExisting::Skip => ExistingFile::Rename,
        OnExisting::Fail => ExistingFile::Refuse,
    };
    if existing == ExistingFile::Overwrite {
        refuse_irreplaceable(directory, name)?;
        if request.resume == Resume::StartOver {
            // Both together say: fetch it, whatever is there.
            return Ok(Target::Claim(existing));
        }
    }
    if !exists(directory, name)? {
        return Ok(Target::Claim(existing));
    }
    let copies = match request.on_existing {
        OnExisting::Rename => COPIES_MAX,
        OnExisting::Overwrite | OnExisting::Skip | OnExisting::Fail => 0,
    };
    for number in 0..=copies {
        let name = numbered(name, number);
        if number > 0 && !exists(directory, &name)? {
            break;
        }
        if let Some(verification) =
            recognise(directory, (&name, None), request, known, shape, &mut asked).await?
        {
            finish_earlier_publication(directory, &name).await;
            return Ok(Target::Done {
                path: directory.path_of(&name),
                bytes: shape.length().unwrap_or(0),
                outcome: Outcome::AlreadyThere,
                verification,
            });
        }
    }
    if request.on_existing == OnExisting::Skip {
        return Ok(skip(directory, name));
    }
    Ok(Target::Claim(existing))
}

/// What an earlier run had published but for the last step, and is published now: whether it is the file that is asked
/// for. It is judged as any file that bears the name already; its version is what the journal said.
pub(crate) async fn look_at_published(
    directory: &Arc<dyn Directory>,
    (name, state): (&str, &JournalState),
    request: &Request,
    known: &KnownFile,
    shape: &mut Shape,
    mut asked: Asked<'_>,
) -> Result<Option<Target>, Error> {
    let anew = request.on_existing == OnExisting::Overwrite && request.resume == Resume::StartOver;
    let noted = Some(state.validator.as_slice());
    let recognised = if anew {
        None
    } else {
        recognise(directory, (name, noted), request, known, shape, &mut asked).await?
    };
    Ok(match recognised {
        Some(verification) => Some(Target::Done {
            path: directory.path_of(name),
            bytes: state.complete_length,
            outcome: Outcome::AlreadyThere,
            verification,
        }),
        None if request.on_existing == OnExisting::Skip => Some(skip(directory, name)),
        None => None,
    })
}

/// A crash between the renaming and the removal of the journal left that behind: it goes now.
async fn finish_earlier_publication(directory: &Arc<dyn Directory>, name: &str) {
    let names = PartNames::of(name);
    let is_there = |name: &str| directory.exists(name).unwrap_or(false);
    if is_there(&names.journal) && !is_there(&names.part) {
        // Claiming the name completes it. Where the journal is another file's, the claim is refused: both stay.
        let _refused_or_done = claim(directory, name, ExistingFile::Refuse).await;
    }
}

/// Whether the file that is there is the one on the server: by the digest that was given, else by the validator, `noted`
/// elsewhere or with the file when it was published. A weak one is borne out by a sample, and so is one that was weak then.
async fn recognise(
    directory: &Arc<dyn Directory>,
    (name, noted): (&str, Option<&[u8]>),
    request: &Request,
    known: &KnownFile,
    shape: &mut Shape,
    asked: &mut Asked<'_>,
) -> Result<Option<Verification>, Error> {
    let Ok(file) = directory.open_to_read(name) else {
        return Ok(None);
    };
    let Some(length) = shape
        .length()
        .filter(|&length| file.length().is_ok_and(|there| there == length))
    else {
        return Ok(None);
    };
    if request.digests.is_empty() {
        let recalled = || file.recall_version().ok().flatten();
        let noted = noted.map(<[u8]>::to_vec).or_else(recalled);
        let same = match noted.map_or(Likeness::Unknown, |noted| likeness(&noted, known)) {
            Likeness::Same => true,
            Likeness::WeaklySame => {
                let specimen = Specimen {
                    file: Arc::from(file),
                    path: directory.path_of(name),
                    held: RangeSet::whole(length),
                };
                has_equal_sample(&specimen, known, shape, request.retry_for, asked).await?
            }
            Likeness::Different | Likeness::Unknown => false,
        };
        return Ok(same.then_some(Verification::Unverified { advisory: None }));
    }
    // Most often it is the file, and what its server sends meanwhile is for nobody.
    shape.let_go();
    let expected = request.digests.clone();
    let path = directory.path_of(name);
    blocking(move || {
        let algorithms: Vec<_> = expected.iter().map(crate::digest::Digest::algorithm).collect();
        let actual =
            digests_of(&*file, length, &algorithms).map_err(|error| Error::disk("read", path, error))?;
        let same = expected.iter().all(|digest| actual.contains(digest));
        let algorithm = algorithms
            .iter()
            .min()
            .map(ToString::to_string)
            .unwrap_or_default();
        Ok(same.then_some(Verification::Verified {
            algorithm,
            source: DigestSource::Given,
        }))
    })
    .await
}

/// What the signs that were `noted` of a finished file say beside those of the file on the server. Not their bytes are
/// compared: a date gets strong with age, and the nodes of a CDN disagree about it.
fn likeness(noted: &[u8], known: &KnownFile) -> Likeness {
    match Validator::from_bytes(noted) {
        // Of a file without any sign only journals tell: its name and its length are as good as weak ones.
        Ok(none) if none == Validator::default() && none == known.validator => Likeness::WeaklySame,
        Ok(noted) => noted.compare_with(&known.validator),
        Err(_) => Likeness::Unknown,
    }
}

/// Whether pieces of a whole file are equal to the server's, where that sends pieces.
async fn has_equal_sample(
    specimen: &Specimen,
    known: &KnownFile,
    shape: &mut Shape,
    retry_for: Duration,
    asked: &mut Asked<'_>,
) -> Result<bool, Error> {
    if !matches!(shape, Shape::Ranged { .. }) {
        return Ok(false);
    }
    shape.let_go();
    let known = known.by_length_alone();
    let verdict = compare(asked.source, &known, specimen, retry_for, asked.requests).await?;
    Ok(verdict == SampleVerdict::Equal)
}

/// Claims the part file.
pub(crate) async fn claim(
    directory: &Arc<dyn Directory>,
    name: &str,
    existing: ExistingFile,
) -> Result<Claim, Error> {
    let (directory, name) = (Arc::clone(directory), name.to_owned());
    blocking(move || part_file::claim(&directory, &name, existing)).await
}

/// Forgets what is held, where there is anything.
pub(crate) fn start_over(claimed: &mut ClaimedPart) -> Result<(), Error> {
    if *claimed.held() == Held::Nothing && claimed.file().length().is_ok_and(|length| length == 0) {
        return Ok(());
    }
    // Rare, and over in a moment: not worth moving the claim to another thread and back.
    claimed.start_over()
}

/// Gives the part file its length, at once and off the network's threads, and prepares its journal.
pub(crate) async fn prepare(
    directory: &Arc<dyn Directory>,
    claimed: &ClaimedPart,
    length: Option<u64>,
    validator: Vec<u8>,
) -> Result<Journal, Error> {
    let (file, path) = (
        Arc::clone(claimed.file()),
        directory.path_of(&claimed.names().part),
    );
    let name = claimed.names().journal.clone();
    blocking(move || {
        let failed = |operation| {
            let path = path.clone();
            move |error| Error::disk(operation, path, error)
        };
        if let Some(length) = length
            && file.length().map_err(failed("look at"))? != length
        {
            file.allocate(length).map_err(failed("make room for"))?;
        }
        // What has no length cannot be gone on with on another day.
        let Some(length) = length else {
            return Ok(Journal::Unwanted);
        };
        let state = part_file::journal_state_of(&*file, length, validator, RangeSet::new());
        Ok(Journal::Unwritten {
            name,
            state: state.map_err(failed("look at"))?,
        })
    })
    .await
}

/// What the finished file is to bear: where it came from, when it was changed there, and which version it is.
pub(crate) fn publication(url: &Url, known: Option<&KnownFile>) -> Publication {
    Publication {
        origin: Some(bare(url).into()),
        modified: known.and_then(|known| known.last_modified),
        version: known
            .map(|known| known.validator.to_bytes())
            .filter(|signs| !signs.is_empty()),
    }
}

fn exists(directory: &Arc<dyn Directory>, name: &str) -> Result<bool, Error> {
    directory
        .exists(name)
        .map_err(|error: io::Error| Error::disk("look at", directory.path_of(name), error))
}
