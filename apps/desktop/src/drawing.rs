//! How the webview draws where there is nothing to draw with.
//!
//! The webview hands pictures from process to process as buffers of the graphics device. Without a device (a virtual
//! machine, a remote desktop, a driver without kernel mode setting) it imitates one on the processor: a window of ours
//! then costs three times the processor time until it rests, and 90 MB more, and with some drivers it stays white.

use std::path::Path;

/// The webview's own switch.
const SWITCH: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
const DEVICES: &str = "/dev/dri";

/// Lets the webview draw in plain memory where that is all there is. Whoever set the switch has decided.
///
/// To be called before there is a second thread: the environment belongs to all of them.
pub(crate) fn settle() {
    if std::env::var_os(SWITCH).is_none() && !has_device(Path::new(DEVICES)) {
        set_switch();
    }
}

#[expect(unsafe_code, reason = "WebKit reads this from the environment alone")]
fn set_switch() {
    // SAFETY: nobody reads or writes the environment meanwhile, as the program has one thread yet.
    unsafe { std::env::set_var(SWITCH, "1") };
}

/// Whether there is a device that we may render with.
fn has_device(devices: &Path) -> bool {
    let Ok(entries) = devices.read_dir() else {
        return false;
    };
    entries.flatten().any(|entry| {
        entry.file_name().as_encoded_bytes().starts_with(b"renderD")
            && rustix::fs::access(
                entry.path(),
                rustix::fs::Access::READ_OK | rustix::fs::Access::WRITE_OK,
            )
            .is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_one_to_render_with() {
        let devices = tempfile::tempdir().unwrap();
        assert!(!has_device(&devices.path().join("none")));
        // What shows pictures is not what makes them.
        std::fs::write(devices.path().join("card0"), "").unwrap();
        assert!(!has_device(devices.path()));
        std::fs::write(devices.path().join("renderD128"), "").unwrap();
        assert!(has_device(devices.path()));
    }
}
