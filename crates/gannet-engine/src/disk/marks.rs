//! What is noted on a file beside its content: where it came from, as browsers do, and which version it
//! is. Best effort: many file systems cannot.

use std::fs::File;
use std::io;
#[cfg(any(windows, target_os = "linux", target_vendor = "apple"))]
use std::time::SystemTime;

/// What freedesktop.org calls it; `url` bears no userinfo and no query.
#[cfg(target_os = "linux")]
pub(super) fn mark_origin(file: &File, url: &str) -> io::Result<()> {
    use rustix::fs::XattrFlags;
    Ok(rustix::fs::fsetxattr(
        file,
        "user.xdg.origin.url",
        url.as_bytes(),
        XattrFlags::empty(),
    )?)
}

/// The quarantine that makes Gatekeeper look at what came from the network: flags, time, program.
#[cfg(target_vendor = "apple")]
pub(super) fn mark_origin(file: &File, _url: &str) -> io::Result<()> {
    use rustix::fs::XattrFlags;
    let now_s = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let value = format!("0081;{now_s:x};Gannet;");
    Ok(rustix::fs::fsetxattr(
        file,
        "com.apple.quarantine",
        value.as_bytes(),
        XattrFlags::empty(),
    )?)
}

#[cfg(all(unix, not(any(target_os = "linux", target_vendor = "apple"))))]
#[expect(
    clippy::unnecessary_wraps,
    reason = "where files have such marks, it may fail"
)]
pub(super) fn mark_origin(_file: &File, _url: &str) -> io::Result<()> {
    Ok(())
}

/// The mark of the web: the stream beside the content that `SmartScreen` and Office read. 3 is the internet.
#[cfg(windows)]
pub(super) fn mark_origin(path: &std::path::Path, url: &str) -> io::Result<()> {
    let mut stream = path.as_os_str().to_owned();
    stream.push(":Zone.Identifier");
    // A line break would let a server's URL write lines of its own.
    let url: String = url.chars().filter(|character| !character.is_control()).collect();
    std::fs::write(stream, format!("[ZoneTransfer]\r\nZoneId=3\r\nHostUrl={url}\r\n"))
}

/// The name under which a file's version is noted: an extended attribute, or a stream on Windows.
#[cfg(any(windows, target_os = "linux", target_vendor = "apple"))]
const VERSION: &str = if cfg!(target_os = "linux") {
    "user.gannet.version"
} else {
    "gannet.version"
};

/// The longest note: a version, and when the file was last modified by then.
#[cfg(any(windows, target_os = "linux", target_vendor = "apple"))]
const NOTE_BYTES_MAX: usize = MODIFIED_BYTES + super::journal::VALIDATOR_BYTES_MAX;

/// The time of last modification in front of a version: who writes into the file later changes that, and then it is the version
/// no longer.
#[cfg(any(windows, target_os = "linux", target_vendor = "apple"))]
const MODIFIED_BYTES: usize = size_of::<u64>();

/// A version, fit to be noted on a file that was last modified at `modified`.
#[cfg(any(windows, target_os = "linux", target_vendor = "apple"))]
fn note_of(version: &[u8], modified: SystemTime) -> Vec<u8> {
    [&nanoseconds(modified).to_le_bytes()[..], version].concat()
}

/// The version in a note, where the file was not modified since.
#[cfg(any(windows, target_os = "linux", target_vendor = "apple"))]
fn version_in(note: &[u8], modified: SystemTime) -> Option<Vec<u8>> {
    let (noted, version) = note.split_first_chunk::<MODIFIED_BYTES>()?;
    (*noted == nanoseconds(modified).to_le_bytes()).then(|| version.to_vec())
}

/// Since 1970; what is older is as old as that.
#[cfg(any(windows, target_os = "linux", target_vendor = "apple"))]
fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// Notes which version a file is, as it was last modified.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
pub(super) fn remember_version(file: &File, version: &[u8]) -> io::Result<()> {
    let note = note_of(version, file.metadata()?.modified()?);
    Ok(rustix::fs::fsetxattr(
        file,
        VERSION,
        &note,
        rustix::fs::XattrFlags::empty(),
    )?)
}

/// What [`remember_version`] noted, where the file was not modified since.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
pub(super) fn recall_version(file: &File) -> io::Result<Option<Vec<u8>>> {
    use rustix::io::Errno;
    #[cfg(target_os = "linux")]
    const ABSENT: Errno = Errno::NODATA;
    #[cfg(not(target_os = "linux"))]
    const ABSENT: Errno = Errno::NOATTR;

    let mut note = vec![0; NOTE_BYTES_MAX];
    match rustix::fs::fgetxattr(file, VERSION, note.as_mut_slice()) {
        Ok(length) => Ok(version_in(&note[..length], file.metadata()?.modified()?)),
        Err(errno) if [ABSENT, Errno::OPNOTSUPP, Errno::NOTSUP].contains(&errno) => Ok(None),
        Err(errno) => Err(errno.into()),
    }
}

#[cfg(all(unix, not(any(target_os = "linux", target_vendor = "apple"))))]
pub(super) fn remember_version(_file: &File, _version: &[u8]) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(all(unix, not(any(target_os = "linux", target_vendor = "apple"))))]
#[expect(
    clippy::unnecessary_wraps,
    reason = "where files have such marks, it may fail"
)]
pub(super) fn recall_version(_file: &File) -> io::Result<Option<Vec<u8>>> {
    Ok(None)
}

/// Notes which version a file is, as it was last modified.
#[cfg(windows)]
pub(super) fn remember_version(file: &File, path: &std::path::Path, version: &[u8]) -> io::Result<()> {
    let modified = file.metadata()?.modified()?;
    std::fs::write(version_stream(path), note_of(version, modified))?;
    // To write a stream is to modify the file.
    file.set_modified(modified)
}

/// What [`remember_version`] noted, where the file was not modified since.
#[cfg(windows)]
pub(super) fn recall_version(file: &File, path: &std::path::Path) -> io::Result<Option<Vec<u8>>> {
    use std::io::Read;
    let stream = match File::open(version_stream(path)) {
        Ok(stream) => stream,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut note = Vec::new();
    stream.take(NOTE_BYTES_MAX as u64).read_to_end(&mut note)?;
    Ok(version_in(&note, file.metadata()?.modified()?))
}

#[cfg(windows)]
fn version_stream(path: &std::path::Path) -> std::ffi::OsString {
    let mut stream = path.as_os_str().to_owned();
    stream.push(":");
    stream.push(VERSION);
    stream
}

#[cfg(all(test, any(windows, target_os = "linux", target_vendor = "apple")))]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_version_is_that_of_the_file_as_it_was_when_it_was_noted() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_nanos(1_700_000_000_123_456_789);
        let note = note_of(b"\"v1\"", at);
        assert_eq!(version_in(&note, at).as_deref(), Some(&b"\"v1\""[..]));
        assert_eq!(version_in(&note, at + Duration::from_micros(1)), None);
        assert_eq!(version_in(b"\"v1\"", at), None, "no note of ours");
    }
}
