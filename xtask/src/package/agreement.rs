//! That the packages of all systems bring the same: files, rights and bytes, read back from the packages themselves.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::system;

/// What is known of a file in a package: its rights and its SHA-256.
type Contents = BTreeMap<String, (u32, String)>;

/// Holds a `.deb` against the `.rpm` of the same name.
pub(super) fn check(name: &str, deb: &Path, rpm: &Path) -> Result<()> {
    let differences = differences(name, of_deb(deb)?, of_rpm(rpm)?);
    ensure!(
        differences.is_empty(),
        "{} and {} do not bring the same:\n{}",
        deb.display(),
        rpm.display(),
        differences.join("\n")
    );
    Ok(())
}

/// What differs beyond the systems' customs: Debian has the licences in one file of its own, Fedora has them as they are
/// and Zsh's completions in another folder.
fn differences(name: &str, mut deb: Contents, rpm: Contents) -> Vec<String> {
    let mut found = Vec::new();
    if deb.remove(&format!("/usr/share/doc/{name}/copyright")).is_none() {
        found.push("the .deb has no copyright file".to_owned());
    }
    let mut rpm: Contents = rpm
        .into_iter()
        .map(|(path, file)| {
            (
                path.replace("/zsh/site-functions/", "/zsh/vendor-completions/"),
                file,
            )
        })
        .collect();
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        if rpm
            .remove(&format!("/usr/share/licenses/{name}/{licence}"))
            .is_none()
        {
            found.push(format!("the .rpm has no {licence}"));
        }
    }
    for (path, in_deb) in &deb {
        match rpm.remove(path) {
            None => found.push(format!("{path} is in the .deb alone")),
            Some(in_rpm) if in_rpm.0 != in_deb.0 => {
                found.push(format!("{path} has the rights {:o} and {:o}", in_deb.0, in_rpm.0));
            }
            Some(in_rpm) if in_rpm.1 != in_deb.1 => found.push(format!("{path} is another file")),
            Some(_) => {}
        }
    }
    found.extend(rpm.into_keys().map(|path| format!("{path} is in the .rpm alone")));
    found
}

fn of_deb(deb: &Path) -> Result<Contents> {
    let folder = tempfile::tempdir().context("no temporary folder")?;
    system::run(
        Command::new("dpkg-deb")
            .arg("--extract")
            .arg(deb)
            .arg(folder.path()),
    )?;
    let script = "find . -type f -print0 | xargs -0 sha256sum";
    let sums = system::capture(Command::new("sh").current_dir(folder.path()).args(["-c", script]))?;
    sums.lines()
        .map(|line| {
            let (sum, path) = line.split_once("  .").context("sha256sum says no path")?;
            let metadata = fs::metadata(folder.path().join(path.trim_start_matches('/')))?;
            let rights = metadata.permissions().mode() & 0o7777;
            Ok((path.to_owned(), (rights, sum.to_owned())))
        })
        .collect()
}

fn of_rpm(rpm: &Path) -> Result<Contents> {
    let format = "[%{FILEMODES:octal} %{FILEDIGESTS} %{FILENAMES}\\n]";
    let said = system::capture(
        Command::new("rpm")
            .args(["--query", "--package", "--queryformat", format])
            .arg(rpm),
    )?;
    parse_query(&said)
}

fn parse_query(said: &str) -> Result<Contents> {
    said.lines()
        .map(|line| {
            let mut parts = line.splitn(3, ' ');
            let mut part = || parts.next().context("rpm says less than it was asked for");
            let (rights, sum, path) = (part()?, part()?, part()?);
            let rights = u32::from_str_radix(rights, 8).context("rpm says no rights")?;
            Ok((path.to_owned(), (rights & 0o7777, sum.to_owned())))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents(files: &[(&str, u32, &str)]) -> Contents {
        files
            .iter()
            .map(|(path, rights, sum)| ((*path).to_owned(), (*rights, (*sum).to_owned())))
            .collect()
    }

    const DEB: [(&str, u32, &str); 3] = [
        ("/usr/bin/gannet", 0o755, "a"),
        ("/usr/share/doc/gannet/copyright", 0o644, "b"),
        ("/usr/share/zsh/vendor-completions/_gannet", 0o644, "c"),
    ];
    const RPM: [(&str, u32, &str); 4] = [
        ("/usr/bin/gannet", 0o755, "a"),
        ("/usr/share/licenses/gannet/LICENSE-MIT", 0o644, "d"),
        ("/usr/share/licenses/gannet/LICENSE-APACHE", 0o644, "e"),
        ("/usr/share/zsh/site-functions/_gannet", 0o644, "c"),
    ];

    #[test]
    fn customs_may_differ() {
        assert_eq!(differences("gannet", contents(&DEB), contents(&RPM)), [""; 0]);
    }

    #[test]
    fn nothing_else_may() {
        let mut deb = DEB;
        let mut rpm = RPM;
        deb[2].2 = "other";
        rpm[0].1 = 0o644;
        rpm[1].0 = "/usr/bin/other";
        assert_eq!(
            differences("gannet", contents(&deb[..]), contents(&rpm)),
            [
                "the .rpm has no LICENSE-MIT",
                "/usr/bin/gannet has the rights 755 and 644",
                "/usr/share/zsh/vendor-completions/_gannet is another file",
                "/usr/bin/other is in the .rpm alone",
            ]
        );
        assert_eq!(
            differences("gannet", contents(&DEB[..1]), contents(&RPM)),
            [
                "the .deb has no copyright file",
                "/usr/share/zsh/vendor-completions/_gannet is in the .rpm alone",
            ]
        );
    }

    #[test]
    fn what_rpm_says_is_read() {
        let read = parse_query("0100755 abc /usr/bin/a b\n0100644 def /usr/c\n").unwrap();
        assert_eq!(
            read,
            contents(&[("/usr/bin/a b", 0o755, "abc"), ("/usr/c", 0o644, "def")])
        );
        assert!(parse_query("nothing").is_err());
    }
}
