//! What is noted on a file beside its content: where it came from, as browsers do, and which version it
//! is. Best effort: many file systems cannot.

#[cfg(unix)]
use std::fs::File;
use std::io;

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
    use std::time::SystemTime;
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
pub(super) fn mark_origin(_file: &File, _url: &str) -> io::Result<()> {
    Ok(())
}

/// The mark of the web: the stream beside the content that SmartScreen and Office read. 3 is the internet.
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

/// Notes which version a file is.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
pub(super) fn remember_version(file: &File, version: &[u8]) -> io::Result<()> {
    Ok(rustix::fs::fsetxattr(
        file,
        VERSION,
        version,
        rustix::fs::XattrFlags::empty(),
    )?)
}

/// What [`remember_version`] noted.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
pub(super) fn recall_version(file: &File) -> io::Result<Option<Vec<u8>>> {
    use rustix::io::Errno;
    #[cfg(target_os = "linux")]
    const ABSENT: Errno = Errno::NODATA;
    #[cfg(not(target_os = "linux"))]
    const ABSENT: Errno = Errno::NOATTR;

    let mut version = vec![0; super::journal::VALIDATOR_BYTES_MAX];
    match rustix::fs::fgetxattr(file, VERSION, version.as_mut_slice()) {
        Ok(length) => {
            version.truncate(length);
            Ok(Some(version))
        }
        Err(errno) if [ABSENT, Errno::OPNOTSUPP, Errno::NOTSUP].contains(&errno) => Ok(None),
        Err(errno) => Err(errno.into()),
    }
}

#[cfg(all(unix, not(any(target_os = "linux", target_vendor = "apple"))))]
pub(super) fn remember_version(_file: &File, _version: &[u8]) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(all(unix, not(any(target_os = "linux", target_vendor = "apple"))))]
pub(super) fn recall_version(_file: &File) -> io::Result<Option<Vec<u8>>> {
    Ok(None)
}

/// Notes which version a file is.
#[cfg(windows)]
pub(super) fn remember_version(path: &std::path::Path, version: &[u8]) -> io::Result<()> {
    std::fs::write(version_stream(path), version)
}

/// What [`remember_version`] noted.
#[cfg(windows)]
pub(super) fn recall_version(path: &std::path::Path) -> io::Result<Option<Vec<u8>>> {
    use std::io::Read;
    let stream = match std::fs::File::open(version_stream(path)) {
        Ok(stream) => stream,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut version = Vec::new();
    stream
        .take(super::journal::VALIDATOR_BYTES_MAX as u64)
        .read_to_end(&mut version)?;
    Ok(Some(version))
}

#[cfg(windows)]
fn version_stream(path: &std::path::Path) -> std::ffi::OsString {
    let mut stream = path.as_os_str().to_owned();
    stream.push(":");
    stream.push(VERSION);
    stream
}
