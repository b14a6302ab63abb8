//! A package for Debian and what comes from it, by dpkg's own tools.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::contents::{Customs, LICENCE, MAINTAINER, Package, VERSION, date};
use crate::system::{self, Tool};

pub(super) const TOOLS: &[Tool] = &[
    Tool {
        program: "dpkg-shlibdeps",
        packages: &["dpkg-dev"],
        needed_for: "it finds which packages a program's libraries are in",
    },
    Tool {
        program: "desktop-file-validate",
        packages: &["desktop-file-utils"],
        needed_for: "the entry in the menus is checked",
    },
    Tool {
        program: "appstreamcli",
        packages: &["appstream"],
        needed_for: "the description for software centres is checked",
    },
];

/// How hard to compress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// To be shipped.
    Smallest,
    /// To be tried and thrown away.
    Quickest,
}

/// Writes `NAME_VERSION_ARCHITECTURE.deb` into the folder.
pub(super) fn write(package: &Package, folder: &Path, effort: Effort) -> Result<PathBuf> {
    let scratch = tempfile::tempdir().context("no temporary folder")?;
    let tree = scratch.path().join("tree");
    package.stage(&tree, Customs::Debian)?;
    check(&tree)?;
    let documents = tree.join("usr/share/doc").join(package.name);
    fs::create_dir_all(&documents)?;
    fs::write(documents.join("copyright"), copyright()?)?;

    let architecture = system::capture(Command::new("dpkg").arg("--print-architecture"))?;
    let depends = depends(package, scratch.path())?;
    let control = tree.join("DEBIAN");
    fs::create_dir(&control)?;
    fs::write(control.join("md5sums"), sums(&tree)?)?;
    let size_kib = size_kib(&tree)?;
    fs::write(
        control.join("control"),
        fields(package, &architecture, &depends, size_kib),
    )?;

    fs::create_dir_all(folder)?;
    let deb = folder.join(format!("{}_{VERSION}_{architecture}.deb", package.name));
    let level = match effort {
        Effort::Smallest => "-z9",
        Effort::Quickest => "-z0",
    };
    system::run(
        Command::new("dpkg-deb")
            .args(["--root-owner-group", "-Zxz", level, "--build"])
            .arg(&tree)
            .arg(&deb)
            .env("SOURCE_DATE_EPOCH", date()?),
    )?;
    Ok(deb)
}

/// What menus and software centres read is as they want it.
fn check(tree: &Path) -> Result<()> {
    let shared = tree.join("usr/share");
    for entry in listed(&shared.join("applications"))? {
        system::run(Command::new("desktop-file-validate").arg(entry))?;
    }
    for description in listed(&shared.join("metainfo"))? {
        system::run(
            Command::new("appstreamcli")
                .args(["validate", "--no-net"])
                .arg(description),
        )?;
    }
    Ok(())
}

fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<PathBuf>>>()
}

/// The packages that its libraries are in; dpkg wants to be in a source package to say so.
fn depends(package: &Package, scratch: &Path) -> Result<String> {
    fs::create_dir_all(scratch.join("debian"))?;
    fs::write(
        scratch.join("debian/control"),
        format!("Source: {0}\n\nPackage: {0}\nArchitecture: any\n", package.name),
    )?;
    let said = system::capture(
        Command::new("dpkg-shlibdeps")
            .current_dir(scratch)
            .arg("-O")
            .arg(&package.program),
    )?;
    let found = said
        .lines()
        .find_map(|line| line.strip_prefix("shlibs:Depends="))
        .context("dpkg-shlibdeps names no package")?;
    let opened = package.opens.iter().map(|library| library.debian);
    let headers = system::capture(Command::new("objdump").arg("-p").arg(&package.program))?;
    Ok(std::iter::once(found)
        .chain(needs_for_packed_relocations(&headers))
        .chain(opened)
        .collect::<Vec<_>>()
        .join(", "))
}

/// What a program needs whose relocations are packed. dpkg looks at symbols alone, and of these there is none; on an
/// older system such a program does not start.
fn needs_for_packed_relocations(headers: &str) -> Option<&'static str> {
    headers.contains("GLIBC_ABI_DT_RELR").then_some("libc6 (>= 2.36)")
}

fn fields(package: &Package, architecture: &str, depends: &str, size_kib: u64) -> String {
    let Package {
        name,
        summary,
        description,
        ..
    } = package;
    format!(
        "Package: {name}\nVersion: {VERSION}\nArchitecture: {architecture}\nMaintainer: {MAINTAINER}\n\
         Installed-Size: {size_kib}\nDepends: {depends}\nRecommends: xdg-utils\nSection: net\nPriority: optional\n\
         Description: {summary}\n{}",
        folded(description)
    )
}

/// As lines of a field that goes on.
fn folded(text: &str) -> String {
    const WIDTH: usize = 78;
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().filter(|line| line.len() + word.len() < WIDTH);
        match line {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(format!(" {word}")),
        }
    }
    lines.join("\n") + "\n"
}

/// In the form that Debian reads by machine.
fn copyright() -> Result<String> {
    let root = system::workspace_root();
    let mit = fs::read_to_string(root.join("LICENSE-MIT"))?;
    let (_, permission) = mit
        .split_once("Permission is hereby")
        .context("LICENSE-MIT is not the MIT licence")?;
    let permission = format!("Permission is hereby{permission}");
    let paragraph = |text: &str| -> String {
        let lines = text.trim_end().lines();
        lines
            .map(|line| {
                if line.is_empty() {
                    " .\n".to_owned()
                } else {
                    format!(" {line}\n")
                }
            })
            .collect()
    };
    Ok(format!(
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: Gannet\n\n\
         Files: *\nCopyright: {MAINTAINER}\nLicense: {}\n\nLicense: MIT\n{}\nLicense: Apache-2.0\n \
         On Debian systems the full text is in /usr/share/common-licenses/Apache-2.0.\n",
        LICENCE.replace("OR", "or"),
        paragraph(&permission)
    ))
}

/// What `dpkg --verify` compares with.
fn sums(tree: &Path) -> Result<String> {
    let script = "find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum";
    let sums = system::capture(Command::new("sh").current_dir(tree).args(["-c", script]))?;
    Ok(sums + "\n")
}

fn size_kib(tree: &Path) -> Result<u64> {
    let said = system::capture(Command::new("du").args(["-ks", "--apparent-size"]).arg(tree))?;
    let number = said.split_whitespace().next().context("du says nothing")?;
    Ok(number.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_description_goes_on_line_after_line() {
        let text = folded(&"word ".repeat(40));
        assert!(text.lines().all(|line| line.len() <= 80), "{text}");
        assert!(
            text.lines().skip(1).all(|line| line.starts_with(" word")),
            "{text}"
        );
        assert_eq!(text.split_whitespace().count(), 40);
    }

    #[test]
    fn a_program_with_packed_relocations_asks_for_a_system_that_reads_them() {
        let headers = "  required from libc.so.6:\n    0x0d4f3a40 0x00 29 GLIBC_2.34\n";
        assert_eq!(needs_for_packed_relocations(headers), None);
        let packed = format!("{headers}    0x0fd0e42f 0x00 03 GLIBC_ABI_DT_RELR\n");
        assert_eq!(needs_for_packed_relocations(&packed), Some("libc6 (>= 2.36)"));
    }

    #[test]
    fn the_licence_is_in_the_copyright_file() {
        let text = copyright().unwrap();
        assert!(text.contains("License: MIT or Apache-2.0"), "{text}");
        assert!(text.contains(" Permission is hereby granted"), "{text}");
    }
}
