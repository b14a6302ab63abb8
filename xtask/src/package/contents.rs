//! What is in the two packages, wherever a system wants it.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::icons::{self, ICONS, THEME, THEME_SIZES};
use crate::system::{self, Profile, Tool};

/// What the window's files are made with.
const TOOLS: &[Tool] = &[Tool {
    program: "help2man",
    packages: &["help2man"],
    needed_for: "it makes the window's manual page of what its --help says",
}];

pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");
pub(super) const LICENCE: &str = "MIT OR Apache-2.0";
pub(super) const MAINTAINER: &str = "The Gannet contributors";

/// One package, as far as all systems agree.
pub(super) struct Package {
    pub(super) name: &'static str,
    pub(super) summary: &'static str,
    pub(super) description: &'static str,
    /// Libraries that it opens by itself, so that no tool finds them: each system's name for the package.
    pub(super) opens: &'static [Opened],
    pub(super) program: PathBuf,
    files: Vec<Entry>,
}

/// A library that a program opens when it runs.
pub(super) struct Opened {
    pub(super) debian: &'static str,
    pub(super) fedora: &'static str,
}

/// Whose customs a tree follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Customs {
    Debian,
    Fedora,
}

struct Entry {
    place: Place,
    content: Vec<u8>,
    mode: u32,
}

/// Where something belongs.
enum Place {
    /// Below the root, the same everywhere.
    Path(String),
    /// Zsh's completions.
    ZshCompletion(&'static str),
}

/// Both packages, of programs that are built already.
pub(super) fn all(profile: Profile) -> Result<Vec<Package>> {
    Ok(vec![command_line(profile)?, desktop(profile)?])
}

fn command_line(profile: Profile) -> Result<Package> {
    let program = stripped(profile, "gannet")?;
    let said = |arguments: &[&str]| -> Result<Vec<u8>> {
        let text = system::capture(Command::new(&program).args(arguments))?;
        Ok(format!("{text}\n").into_bytes())
    };
    let at = |path: &str, content| Entry::text(Place::Path(path.to_owned()), content);
    let mut files = vec![
        Entry::program("usr/bin/gannet", &program)?,
        at(
            "usr/share/bash-completion/completions/gannet",
            said(&["completions", "bash"])?,
        ),
        at(
            "usr/share/fish/vendor_completions.d/gannet.fish",
            said(&["completions", "fish"])?,
        ),
        Entry::text(Place::ZshCompletion("_gannet"), said(&["completions", "zsh"])?),
        at("usr/share/man/man1/gannet.1.gz", compressed(&said(&["man"])?)?),
    ];
    for command in commands(&said(&["--help"])?)? {
        let page = compressed(&said(&["man", &command])?)?;
        files.push(at(&format!("usr/share/man/man1/gannet-{command}.1.gz"), page));
    }
    Ok(Package {
        name: "gannet",
        summary: "download huge files at the speed of the network",
        description: "Gannet downloads a file through many connections at once, every byte straight into its place, \
            and resumes after anything. This is the command line, and the server with its page for the browser.",
        opens: &[],
        program,
        files,
    })
}

/// The window's.
pub(super) fn desktop(profile: Profile) -> Result<Package> {
    const SUMMARY: &str = "download manager for huge files";
    system::ensure_tools(TOOLS)?;
    let program = stripped(profile, "gannet-desktop")?;
    let root = system::workspace_root();
    let mut files = vec![
        Entry::program("usr/bin/gannet-desktop", &program)?,
        Entry::text(
            Place::Path("usr/share/man/man1/gannet-desktop.1.gz".to_owned()),
            compressed(&manual(&program, SUMMARY)?)?,
        ),
        Entry::text(
            Place::Path("usr/share/applications/gannet-desktop.desktop".to_owned()),
            desktop_file()?.into_bytes(),
        ),
        Entry::text(
            Place::Path("usr/share/metainfo/dev.gannet.Gannet.metainfo.xml".to_owned()),
            fs::read(root.join("apps/desktop/linux/dev.gannet.Gannet.metainfo.xml"))?,
        ),
    ];
    let theme = root.join(ICONS).join(THEME);
    for size in THEME_SIZES {
        files.push(Entry::text(
            Place::Path(format!(
                "usr/share/icons/hicolor/{size}x{size}/apps/gannet-desktop.png"
            )),
            fs::read(theme.join(format!("{size}.png")))?,
        ));
    }
    files.push(Entry::text(
        Place::Path("usr/share/icons/hicolor/scalable/apps/gannet-desktop.svg".to_owned()),
        fs::read(theme.join(icons::SCALABLE))?,
    ));
    Ok(Package {
        name: "gannet-desktop",
        summary: SUMMARY,
        description: "Gannet downloads a file through many connections at once, every byte straight into its place, \
            resumes after anything, and shows what is on disk and why it is not faster. This is its window.",
        opens: &[Opened {
            debian: "libayatana-appindicator3-1",
            fedora: "libayatana-appindicator-gtk3",
        }],
        program,
        files,
    })
}

impl Package {
    /// Writes its files below `root`.
    pub(super) fn stage(&self, root: &Path, customs: Customs) -> Result<()> {
        for entry in &self.files {
            let path = root.join(entry.place.below_root(customs));
            fs::create_dir_all(path.parent().context("a file is in a folder")?)?;
            fs::write(&path, &entry.content)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(entry.mode))?;
        }
        Ok(())
    }

    /// Where its files come to lie, as absolute paths.
    pub(super) fn paths(&self, customs: Customs) -> Vec<String> {
        let path = |entry: &Entry| format!("/{}", entry.place.below_root(customs));
        self.files.iter().map(path).collect()
    }
}

impl Place {
    fn below_root(&self, customs: Customs) -> String {
        match (self, customs) {
            (Self::Path(path), _) => path.clone(),
            (Self::ZshCompletion(name), Customs::Debian) => {
                format!("usr/share/zsh/vendor-completions/{name}")
            }
            (Self::ZshCompletion(name), Customs::Fedora) => format!("usr/share/zsh/site-functions/{name}"),
        }
    }
}

impl Entry {
    fn text(place: Place, content: Vec<u8>) -> Self {
        Self {
            place,
            content,
            mode: 0o644,
        }
    }

    fn program(path: &str, program: &Path) -> Result<Self> {
        let content = fs::read(program).with_context(|| format!("{} was not built", program.display()))?;
        Ok(Self {
            place: Place::Path(path.to_owned()),
            content,
            mode: 0o755,
        })
    }
}

/// The manual page of a program that has no command to print one.
fn manual(program: &Path, summary: &str) -> Result<Vec<u8>> {
    let page = system::capture(
        Command::new("help2man")
            .args(["--no-info", "--name", summary])
            .arg(program)
            .env("SOURCE_DATE_EPOCH", date()?),
    )?;
    Ok(format!("{page}\n").into_bytes())
}

/// The entry in the menus, from the template that Tauri's bundles take too.
fn desktop_file() -> Result<String> {
    let root = system::workspace_root();
    let template = fs::read_to_string(root.join("apps/desktop/linux/gannet.desktop"))?;
    let text = template
        .replace("{{comment}}", "Download huge files at the speed of the network")
        .replace("{{exec}}", "gannet-desktop")
        .replace("{{icon}}", "gannet-desktop")
        .replace("{{categories}}", "Network;FileTransfer;");
    ensure!(
        !text.contains("{{"),
        "the desktop file's template has an unknown word"
    );
    Ok(text)
}

/// A copy without what only debuggers read; release builds have that already.
fn stripped(profile: Profile, name: &str) -> Result<PathBuf> {
    let built = system::built_binary(profile, name)?;
    match profile {
        Profile::Release => Ok(built),
        Profile::Dev => {
            let folder = system::workspace_root().join(super::FOLDER).join("stripped");
            fs::create_dir_all(&folder)?;
            let program = folder.join(name);
            system::run(Command::new("strip").arg("-o").arg(&program).arg(&built))?;
            Ok(program)
        }
    }
}

/// The commands that `--help` lists, each with a manual page of its own.
fn commands(help: &[u8]) -> Result<Vec<String>> {
    let help = String::from_utf8_lossy(help);
    let (_, list) = help
        .split_once("Commands:\n")
        .context("the help lists no commands")?;
    let commands: Vec<String> = list
        .lines()
        .take_while(|line| !line.trim().is_empty())
        // A description that takes a second line is further in.
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .map(ToOwned::to_owned)
        .collect();
    ensure!(!commands.is_empty(), "the help lists no commands");
    Ok(commands)
}

/// When the last change was made, in seconds since 1970: a package made twice is the same file.
pub(super) fn date() -> Result<String> {
    let committed = system::capture(system::git().args(["log", "-1", "--format=%ct"]));
    // A source archive has no history.
    committed.or_else(|_| system::capture(Command::new("date").arg("+%s")))
}

/// By gzip, without a date: the same page is the same file.
fn compressed(page: &[u8]) -> Result<Vec<u8>> {
    let mut gzip = Command::new("gzip")
        .args(["-9", "--no-name", "--stdout"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("gzip could not be started")?;
    // It reads all before it has much to say: a page is far smaller than a pipe.
    gzip.stdin
        .take()
        .context("standard input is piped")?
        .write_all(page)?;
    let output = gzip.wait_with_output()?;
    ensure!(output.status.success(), "gzip failed ({})", output.status);
    Ok(output.stdout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_of_the_help_gets_a_page() {
        let help = b"Gannet\n\nUsage: gannet\n\nCommands:\n  get    Downloads\n           more of it\n  serve  Runs\n  help   Helps\n\nOptions:\n  -h\n";
        assert_eq!(commands(help).unwrap(), ["get", "serve"]);
        assert!(commands(b"Usage: gannet\n").is_err());
    }

    #[test]
    fn the_entry_in_the_menus_has_all_its_words() {
        let text = desktop_file().unwrap();
        assert!(text.contains("\nExec=gannet-desktop %U\n"), "{text}");
        for kind in ["x-scheme-handler/gannet", "application/metalink4+xml"] {
            assert!(text.contains(&format!("{kind};")), "{text}");
        }
    }
}
