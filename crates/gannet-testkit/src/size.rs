//! Sizes and rates as people write them.

/// Reads `1024`, `10kB`, `64KiB`, `1.5GB` as bytes: powers of 1000 with `B`, of 1024 with `iB`; a bare `k`, `M`, `G`
/// is a power of 1000. None for anything else.
pub fn parse_bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let unit_at = text
        .find(|character: char| !character.is_ascii_digit() && character != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1000,
        "m" | "mb" => 1000_u64.pow(2),
        "g" | "gb" => 1000_u64.pow(3),
        "t" | "tb" => 1000_u64.pow(4),
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        _ => return None,
    };
    if let Ok(whole) = number.parse::<u64>() {
        return whole.checked_mul(factor);
    }
    let bytes = number.parse::<f64>().ok()? * factor as f64;
    (bytes < 2_f64.powi(63)).then_some(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_both_systems() {
        let cases = [
            ("35GB", Some(35_000_000_000)),
            ("64KiB", Some(65_536)),
            ("8 kB", Some(8_000)),
            ("1.5M", Some(1_500_000)),
            ("0", Some(0)),
            ("", None),
            ("GB", None),
            ("1.2.3", None),
            ("5 apples", None),
            ("99999999999999999999", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_bytes(text), expected, "{text}");
        }
    }
}
