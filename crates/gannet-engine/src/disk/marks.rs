//! Where a file came from, noted on the file as browsers do. Best effort: many file systems cannot.

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
