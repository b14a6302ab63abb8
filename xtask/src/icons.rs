//! `cargo xtask icons`: the window's icons, in all sizes and formats, from the one drawing.
//!
//! The page shows the mark in the colour of its text. A launcher, a panel or a tray may be of any colour, so there the
//! mark stands on a tile of its own, and a gannet's head is golden.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::{page, system};

const DRAWING: &str = "apps/ui/public/icon.svg";
pub(crate) const ICONS: &str = "apps/desktop/icons";
/// What the bundles name; the tool makes more, for stores and phones.
const KEPT: &[&str] = &[
    "32x32.png",
    "128x128.png",
    "128x128@2x.png",
    "icon.png",
    "icon.ico",
    "icon.icns",
];

/// Beneath [`ICONS`]: one folder for each size, as the desktops of Linux look for them, and the drawing itself.
pub(crate) const THEME: &str = "hicolor";
/// In pixels; the sizes that the icon theme's specification and its readers ask for.
pub(crate) const THEME_SIZES: &[u32] = &[16, 22, 24, 32, 48, 64, 128, 256, 512];

/// The drawing beside them.
pub(crate) const SCALABLE: &str = "scalable.svg";

const TILE: &str = "#1b2531";
const PLUMAGE: &str = "#f4f7fa";
const HEAD: &str = "#f0bb4e";

/// Makes them anew. They are committed, so that the window can be built without Node.
pub(crate) fn run() -> Result<()> {
    page::install()?;
    let root = system::workspace_root();
    let drawing = fs::read_to_string(root.join(DRAWING)).with_context(|| format!("cannot read {DRAWING}"))?;
    let folder = tempfile::tempdir().context("no temporary folder")?;
    let tile = folder.path().join("icon.svg");
    fs::write(&tile, on_a_tile(&drawing)?)?;
    let made = folder.path().join("made");
    system::run(
        page::npx()
            .args(["tauri", "icon", "--output"])
            .arg(&made)
            .arg(&tile),
    )?;
    let icons = root.join(ICONS);
    fs::create_dir_all(&icons)?;
    for name in KEPT {
        copy(&made.join(name), &icons.join(name))?;
    }
    make_theme(&tile, &folder.path().join("theme"), &icons.join(THEME))?;
    println!("{ICONS}: {}, {THEME}", KEPT.join(", "));
    Ok(())
}

fn make_theme(tile: &Path, made: &Path, theme: &Path) -> Result<()> {
    let sizes: Vec<String> = THEME_SIZES.iter().map(ToString::to_string).collect();
    system::run(
        page::npx()
            .args(["tauri", "icon", "--png", &sizes.join(","), "--output"])
            .arg(made)
            .arg(tile),
    )?;
    fs::create_dir_all(theme)?;
    for size in sizes {
        copy(
            &made.join(format!("{size}x{size}.png")),
            &theme.join(format!("{size}.png")),
        )?;
    }
    copy(tile, &theme.join(SCALABLE))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).with_context(|| format!("the icon {} was not made", to.display()))?;
    Ok(())
}

/// The drawing's paths, the plumage first and the head last, on a tile.
fn on_a_tile(drawing: &str) -> Result<String> {
    let shapes: Vec<&str> = drawing
        .split("<path d=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    ensure!(
        shapes.len() == 2,
        "{DRAWING} has not the two paths of a plumage and a head"
    );
    let (plumage, head) = (shapes[0], shapes[1]);
    Ok(format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="1024" height="1024" viewBox="0 0 32 32">
<rect x="1" y="1" width="30" height="30" rx="7" fill="{TILE}"/>
<g transform="translate(16 16) scale(0.7) translate(-16 -17)">
<path fill="{PLUMAGE}" d="{plumage}"/>
<path fill="{HEAD}" d="{head}"/>
</g>
</svg>
"#
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawing_fits_onto_a_tile() {
        let drawing = fs::read_to_string(system::workspace_root().join(DRAWING)).unwrap();
        let tile = on_a_tile(&drawing).unwrap();
        assert_eq!(tile.matches("<path").count(), 2);
        assert!(on_a_tile("<svg></svg>").is_err());
    }
}
