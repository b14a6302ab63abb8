//! Whether there is a screen for a window. The window system's library ends the whole program where it finds none.

use crate::trouble::Trouble;

/// Reaches the screen; to be called before anything else of the window system, where the windows are to live.
///
/// # Errors
/// [`Trouble::NoScreen`], with where it was looked for.
#[cfg(target_os = "linux")]
pub(crate) fn reach() -> Result<(), Trouble> {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    gtk::init().map_err(|_| Trouble::NoScreen {
        sought: sought(set("DISPLAY").as_deref(), set("WAYLAND_DISPLAY").as_deref()),
    })
}

/// The other systems always have one.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "whoever asks does so on every system")]
pub(crate) fn reach() -> Result<(), Trouble> {
    Ok(())
}

/// Where a screen was looked for, by what the environment says.
#[cfg(any(target_os = "linux", test))]
fn sought(x: Option<&str>, wayland: Option<&str>) -> String {
    let named: Vec<String> = [("DISPLAY", x), ("WAYLAND_DISPLAY", wayland)]
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name}={}", value?)))
        .collect();
    if named.is_empty() {
        "neither DISPLAY nor WAYLAND_DISPLAY is set".to_owned()
    } else {
        format!("nobody answers at {}", named.join(" or "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_screen_was_looked_for_is_said() {
        assert_eq!(sought(None, None), "neither DISPLAY nor WAYLAND_DISPLAY is set");
        assert_eq!(sought(Some(":7"), None), "nobody answers at DISPLAY=:7");
        assert_eq!(
            sought(Some(":7"), Some("wayland-0")),
            "nobody answers at DISPLAY=:7 or WAYLAND_DISPLAY=wayland-0"
        );
    }
}
