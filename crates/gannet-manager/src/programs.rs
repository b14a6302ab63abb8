//! Files that a system runs where it opens others. Whoever serves a file chooses its name, so that no face opens one of
//! these by itself.

/// Endings that some desktop runs, or takes orders from, whatever the file's mode is. What a package manager or an
/// installer asks about first, such as a `.deb`, is none of them.
#[rustfmt::skip] // where each belongs
const RUN: &[&str] = &[
    // The desktops of Linux and their shells.
    "appimage", "bash", "csh", "desktop", "fish", "kdelnk", "ksh", "run", "sh", "zsh",
    // Windows: programs, and what its own interpreters run.
    "appref-ms", "application", "bat", "cmd", "com", "cpl", "exe", "gadget", "hta", "js", "jse", "msc", "msh",
    "msi", "msp", "mst", "pif", "ps1", "ps1xml", "ps2", "psc1", "psd1", "psm1", "reg", "scf", "scr", "sct",
    "settingcontent-ms", "shb", "shs", "vb", "vbe", "vbs", "ws", "wsc", "wsf", "wsh", "xll",
    // Windows: links to programs and to places elsewhere, and help that runs scripts.
    "chm", "diagcab", "hlp", "inf", "library-ms", "lnk", "search-ms", "searchconnector-ms", "url",
    // macOS.
    "action", "app", "applescript", "command", "fileloc", "inetloc", "mobileconfig", "osax", "prefpane",
    "saver", "scpt", "scptd", "term", "terminal", "tool", "webloc", "workflow",
    // Interpreters that are at home on all of them.
    "ahk", "class", "jar", "jnlp", "lua", "php", "pl", "py", "pyc", "pyw", "pyz", "pyzw", "rb", "tcl",
];

/// Whether a system would run a file of this name instead of showing it.
///
/// ```
/// use gannet_manager::programs::is_run;
///
/// assert!(is_run("letter.pdf.desktop"));
/// assert!(!is_run("letter.pdf"));
/// ```
pub fn is_run(name: &str) -> bool {
    // Windows leaves out what stands behind a colon, and dots and spaces at the end.
    let name = name.split(':').next().unwrap_or(name);
    let name = name.trim_end_matches(|letter: char| letter == '.' || letter.is_whitespace());
    let Some((_, ending)) = name.rsplit_once('.') else {
        return false;
    };
    RUN.iter().any(|run| run.eq_ignore_ascii_case(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_desktop_would_run_is_known_by_its_name() {
        for name in [
            "letter.desktop",
            "letter.pdf.desktop",
            ".desktop",
            "Setup.EXE",
            "setup.msi",
            "photo.jpg.lnk",
            "Tool.AppImage",
            "install.sh",
            "app.jar",
            "link.url",
            "film.mkv.command",
        ] {
            assert!(is_run(name), "{name}");
        }
    }

    #[test]
    fn what_the_system_cuts_off_hides_no_ending() {
        for name in [
            "a.exe.",
            "a.exe . .",
            "a.exe\u{a0}",
            "a.bat::$DATA",
            "a.scr:b.txt",
        ] {
            assert!(is_run(name), "{name}");
        }
    }

    #[test]
    fn everything_else_is_opened() {
        for name in [
            "letter.pdf",
            "film.mkv",
            "disk.iso",
            "package.deb",
            "package.rpm",
            "archive.tar.gz",
            "page.html",
            "desktop",
            "exe",
            "about the .desktop file.txt",
            "",
            ".",
        ] {
            assert!(!is_run(name), "{name}");
        }
    }

    #[test]
    fn every_ending_is_written_once_and_in_small_letters() {
        for (index, ending) in RUN.iter().enumerate() {
            assert_eq!(*ending, ending.to_ascii_lowercase());
            assert!(!RUN[..index].contains(ending), "{ending}");
        }
    }
}
