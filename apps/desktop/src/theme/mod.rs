//! Light or dark: as the person chose, or as the system is, for the window's frame, for what the page asks of the system,
//! and for what is seen of the window before its page is painted.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod system;

use tauri::window::Color;

pub(crate) use system::Follower;

/// What the page lies on (`--surface` in its `styles.css`), in its light and its dark theme.
const LIGHT: Color = Color(247, 251, 252, 255);
const DARK: Color = Color(13, 21, 28, 255);

/// What is to be seen of a window before its page is painted.
pub(crate) const fn surface(is_dark: bool) -> Color {
    if is_dark { DARK } else { LIGHT }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The red, green and blue of `oklch(L C H)`, by its definition.
    fn screen_colour(oklch: &str) -> [u8; 3] {
        let parts: Vec<f64> = oklch
            .trim_start_matches("oklch(")
            .trim_end_matches(')')
            .split(' ')
            .map(|part| part.parse().unwrap())
            .collect();
        let [lightness, chroma, hue] = parts[..] else {
            panic!("{oklch}");
        };
        let (a, b) = (chroma * hue.to_radians().cos(), chroma * hue.to_radians().sin());
        let long = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
        let medium = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
        let short = (lightness - 0.089_484_177_5 * a - 1.291_485_548 * b).powi(3);
        [
            4.076_741_662_1 * long - 3.307_711_591_3 * medium + 0.230_969_929_2 * short,
            -1.268_438_004_6 * long + 2.609_757_401_1 * medium - 0.341_319_396_5 * short,
            -0.004_196_086_3 * long - 0.703_418_614_7 * medium + 1.707_614_701 * short,
        ]
        .map(|light| {
            let shown = if light <= 0.003_130_8 {
                12.92 * light
            } else {
                1.055 * light.powf(1.0 / 2.4) - 0.055
            };
            (shown * 255.0).round() as u8
        })
    }

    #[test]
    fn the_window_is_of_the_colour_that_its_page_will_be() {
        let styles = include_str!("../../../ui/src/styles.css");
        let said: Vec<[u8; 3]> = styles
            .lines()
            .filter_map(|line| line.trim().strip_prefix("--surface: "))
            .map(|value| screen_colour(value.trim_end_matches(';')))
            .collect();
        let ours = [surface(false), surface(true)].map(|Color(red, green, blue, _)| [red, green, blue]);
        assert_eq!(said, ours);
    }
}
