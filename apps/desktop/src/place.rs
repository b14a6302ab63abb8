//! Where the window was, for the next time it comes. It is written while the window is there, so that a crash forgets no
//! more than the last second.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager as _, Monitor, WebviewWindow};

use crate::window::MAIN;

const FILE: &str = "window.json";
/// What the page keeps for itself: its panel, its columns. Another list has another page.
const PAGE_FOLDER: &str = "page";
/// Who drags a window moves it a hundred times a second; written is what it comes to.
const SETTLED_AFTER: Duration = Duration::from_millis(500);
/// A phone's screen; the page is made for it.
pub(crate) const SMALLEST: (f64, f64) = (390.0, 480.0);
/// So much of its upper edge has to be on a screen, in logical pixels, for a person to get hold of it.
const HANDLE: (f64, f64) = (96.0, 24.0);

/// Of a window that was nowhere yet.
pub(crate) const USUAL: Place = Place {
    corner: None,
    size: (1180.0, 760.0),
    maximized: false,
};

/// A window's place. Pixels are logical ones: on a screen with twice as many the window is as large as before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// The corner up left, frame included; `None` where the system says nothing about it (Wayland).
    pub(crate) corner: Option<(f64, f64)>,
    /// Of the page, without the frame.
    pub(crate) size: (f64, f64),
    /// Over the whole screen; the rest says where it goes back to.
    pub(crate) maximized: bool,
}

/// The place that is kept, and where.
#[derive(Debug)]
pub(crate) struct Kept {
    data: PathBuf,
    /// Whether a change waits to be written.
    waits: AtomicBool,
}

impl Kept {
    /// The one of the list in this folder.
    pub(crate) fn beside(data: &Path) -> Self {
        Self {
            data: data.to_owned(),
            waits: AtomicBool::new(false),
        }
    }

    /// Where the webview writes what the page keeps.
    pub(crate) fn page_folder(&self) -> PathBuf {
        self.data.join(PAGE_FOLDER)
    }

    /// The place that the window had, where it can still be seen there.
    pub(crate) fn read(&self, screens: &[Screen]) -> Option<Place> {
        let text = fs::read_to_string(self.data.join(FILE)).ok()?;
        match serde_json::from_str::<Place>(&text) {
            Ok(place) => Some(fitting(place, screens)),
            Err(error) => {
                tracing::debug!(%error, "the window's place cannot be read");
                None
            }
        }
    }

    fn write(&self, place: &Place) {
        let written = || -> io::Result<()> {
            let file = self.data.join(FILE);
            let beside = file.with_extension("json.new");
            fs::write(&beside, serde_json::to_vec(place)?)?;
            fs::rename(beside, file)
        };
        if let Err(error) = written() {
            tracing::debug!(%error, "the window's place cannot be kept");
        }
    }
}

/// The window was moved or made larger: keeps that, once it comes to rest.
pub(crate) fn keep_soon(app: &AppHandle) {
    if app.state::<Kept>().waits.swap(true, Ordering::Relaxed) {
        return;
    }
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(SETTLED_AFTER).await;
        app.state::<Kept>().waits.store(false, Ordering::Relaxed);
        let keeping = app.clone();
        // A program that ends has kept it already.
        let _ = app.run_on_main_thread(move || keep(&keeping));
    });
}

/// Keeps the window's place as it is now, where there is a window.
pub(crate) fn keep(app: &AppHandle) {
    let Some(window) = app.get_webview_window(MAIN) else {
        return;
    };
    let kept = app.state::<Kept>();
    match place_of(&window) {
        Ok(Some(place)) => {
            let screens = screens(app);
            kept.write(&worth_keeping(place, kept.read(&screens), &screens));
        }
        Ok(None) => {}
        Err(error) => tracing::debug!(%error, "the window says nothing of its place"),
    }
}

/// What is to be kept of a window that is there. Over a whole screen it says nothing of where it goes back to: that is what
/// was kept before it grew, on the screen that it is on now.
fn worth_keeping(now: Place, kept: Option<Place>, screens: &[Screen]) -> Place {
    if !now.maximized {
        return now;
    }
    let before = kept.unwrap_or(USUAL);
    let corner = match screen_of(now, screens) {
        Some(screen) if screen_of(before, screens) != Some(screen) => Some(screen.corner),
        _ => before.corner,
    };
    Place {
        corner,
        size: before.size,
        maximized: true,
    }
}

/// The screen that most of it is on.
fn screen_of(place: Place, screens: &[Screen]) -> Option<&Screen> {
    let corner = place.corner?;
    let shared = |screen: &&Screen| screen.shares(corner, place.size);
    screens
        .iter()
        .max_by(|one, other| shared(one).total_cmp(&shared(other)))
        .filter(|screen| shared(screen) > 0.0)
}

/// The screens that there are.
pub(crate) fn screens(app: &AppHandle) -> Vec<Screen> {
    let monitors = app.available_monitors().unwrap_or_default();
    monitors.iter().map(Screen::of).collect()
}

/// `None` while it is minimised: nothing is to be learned from that.
fn place_of(window: &WebviewWindow) -> tauri::Result<Option<Place>> {
    if window.is_minimized()? || window.is_fullscreen()? {
        return Ok(None);
    }
    let scale = window.scale_factor()?;
    let size = window.inner_size()?.to_logical::<f64>(scale);
    let corner = if says_positions() {
        let corner = window.outer_position()?.to_logical::<f64>(scale);
        Some((corner.x, corner.y))
    } else {
        None
    };
    Ok(Some(Place {
        corner,
        size: (size.width, size.height),
        maximized: window.is_maximized()?,
    }))
}

/// On Wayland programs are not told, and say, where their windows are: the system sees to that.
fn says_positions() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    let chosen = std::env::var("GDK_BACKEND").unwrap_or_default();
    std::env::var_os("WAYLAND_DISPLAY").is_none() || chosen.starts_with("x11")
}

/// A screen without its panels, in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Screen {
    corner: (f64, f64),
    size: (f64, f64),
}

impl Screen {
    fn of(monitor: &Monitor) -> Self {
        let scale = monitor.scale_factor();
        let area = monitor.work_area();
        let corner = area.position.to_logical::<f64>(scale);
        let size = area.size.to_logical::<f64>(scale);
        Self {
            corner: (corner.x, corner.y),
            size: (size.width, size.height),
        }
    }

    /// How much of a window lies here, in square pixels.
    fn shares(&self, (x, y): (f64, f64), (width, height): (f64, f64)) -> f64 {
        let wide = overlap(x, x + width, self.corner.0, self.size.0);
        let high = overlap(y, y + height, self.corner.1, self.size.1);
        wide.max(0.0) * high.max(0.0)
    }

    /// Whether a window with this corner and width can be taken hold of here.
    fn holds(&self, corner: (f64, f64), width: f64) -> bool {
        let (x, y) = corner;
        overlap(x, x + width, self.corner.0, self.size.0) >= HANDLE.0
            && y >= self.corner.1
            && overlap(y, y + HANDLE.1, self.corner.1, self.size.1) >= HANDLE.1
    }
}

/// How long the part is of what reaches from here to there that lies within a length from a start; negative where none is.
fn overlap(from: f64, to: f64, start: f64, length: f64) -> f64 {
    to.min(start + length) - from.max(start)
}

/// The place, as far as these screens have it: a window that would lie on none of them comes where the system puts it,
/// and none is larger than the largest.
fn fitting(place: Place, screens: &[Screen]) -> Place {
    let largest = |side: fn(&Screen) -> f64| screens.iter().map(side).fold(0.0, f64::max);
    let within = |wanted: f64, least: f64, most: f64| {
        if wanted.is_finite() {
            wanted.min(if most > least { most } else { wanted }).max(least)
        } else {
            least
        }
    };
    let size = (
        within(place.size.0, SMALLEST.0, largest(|screen| screen.size.0)),
        within(place.size.1, SMALLEST.1, largest(|screen| screen.size.1)),
    );
    let corner = place
        .corner
        .filter(|(x, y)| x.is_finite() && y.is_finite())
        .filter(|&corner| screens.iter().any(|screen| screen.holds(corner, size.0)));
    Place {
        corner,
        size,
        maximized: place.maximized,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Screen = Screen {
        corner: (0.0, 0.0),
        size: (1920.0, 1040.0),
    };
    const TO_THE_LEFT: Screen = Screen {
        corner: (-1280.0, 0.0),
        size: (1280.0, 984.0),
    };

    fn at(x: f64, y: f64) -> Place {
        Place {
            corner: Some((x, y)),
            size: (1000.0, 700.0),
            maximized: false,
        }
    }

    #[test]
    fn a_window_that_can_be_seen_comes_where_it_was() {
        for place in [
            at(0.0, 0.0),
            at(300.0, 200.0),
            at(1800.0, 900.0),
            at(-900.0, 10.0),
        ] {
            assert_eq!(fitting(place, &[SCREEN]), place);
        }
    }

    #[test]
    fn a_window_of_a_screen_that_is_gone_comes_where_the_system_puts_it() {
        let place = at(-1200.0, 100.0);
        assert_eq!(fitting(place, &[SCREEN, TO_THE_LEFT]), place);
        assert_eq!(fitting(place, &[SCREEN]).corner, None);
        for out in [
            at(1900.0, 100.0),
            at(100.0, 1030.0),
            at(100.0, -50.0),
            at(f64::NAN, 0.0),
        ] {
            assert_eq!(fitting(out, &[SCREEN]).corner, None, "{out:?}");
        }
    }

    #[test]
    fn a_window_over_a_whole_screen_comes_back_on_that_screen() {
        let over = |corner| Place {
            corner: Some(corner),
            size: (1280.0, 984.0),
            maximized: true,
        };
        let kept = |place, before| worth_keeping(place, before, &[SCREEN, TO_THE_LEFT]);
        let grown = |place| Place {
            maximized: true,
            ..place
        };
        // It grew where it was.
        let before = at(300.0, 200.0);
        assert_eq!(kept(over(SCREEN.corner), Some(before)), grown(before));
        let before = at(-900.0, 10.0);
        assert_eq!(kept(over(TO_THE_LEFT.corner), Some(before)), grown(before));
        // Some systems let its frame reach over the edges.
        let before = at(1700.0, 900.0);
        assert_eq!(kept(over((-8.0, -8.0)), Some(before)), grown(before));
        // It grew, and was taken to the other screen, or grew there.
        let before = at(300.0, 200.0);
        let moved = kept(over(TO_THE_LEFT.corner), Some(before));
        assert_eq!(moved.corner, Some(TO_THE_LEFT.corner));
        assert_eq!(moved.size, before.size);
        assert!(moved.maximized);
        // Where the system says nothing of places, nothing is made up.
        let unplaced = Place {
            corner: None,
            ..over((0.0, 0.0))
        };
        assert_eq!(kept(unplaced, None).corner, None);
    }

    #[test]
    fn a_window_that_only_ever_was_over_a_whole_screen_goes_back_to_the_usual_size() {
        let over = Place {
            corner: Some(TO_THE_LEFT.corner),
            size: TO_THE_LEFT.size,
            maximized: true,
        };
        let kept = worth_keeping(over, None, &[SCREEN, TO_THE_LEFT]);
        assert_eq!(kept.size, USUAL.size);
        assert_eq!(kept.corner, Some(TO_THE_LEFT.corner));
        let smaller = worth_keeping(at(5.0, 5.0), Some(kept), &[SCREEN]);
        assert_eq!(smaller, at(5.0, 5.0), "and is kept as it is once it is not");
    }

    #[test]
    fn no_window_is_larger_than_the_screen_or_too_small_to_use() {
        let sized = |width, height| Place {
            size: (width, height),
            ..at(0.0, 0.0)
        };
        assert_eq!(fitting(sized(9000.0, 9000.0), &[SCREEN]).size, SCREEN.size);
        assert_eq!(fitting(sized(1.0, f64::NAN), &[SCREEN]).size, SMALLEST);
        // Where no screen is known, what was kept holds.
        assert_eq!(fitting(sized(9000.0, 700.0), &[]).size, (9000.0, 700.0));
    }

    #[test]
    fn what_is_kept_is_read_again_and_what_is_broken_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::beside(folder.path());
        assert_eq!(kept.read(&[SCREEN]), None);
        kept.write(&at(10.0, 20.0));
        assert_eq!(kept.read(&[SCREEN]), Some(at(10.0, 20.0)));
        fs::write(folder.path().join(FILE), "{").unwrap();
        assert_eq!(kept.read(&[SCREEN]), None);
    }
}
