//! How finely a file is cut: small files agile, huge ones without a storm of requests.

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

/// The unit of planning in bytes, for a file of `length` bytes.
///
/// A 35 GB file has some 520 units of 64 MiB; in units of 500 KB it would take 70,000 requests, and get its client banned.
pub(crate) const fn unit_bytes(length: u64) -> u64 {
    match length {
        0..100_000_000 => 512 * KIB,
        100_000_000..1_000_000_000 => 4 * MIB,
        1_000_000_000..=10_000_000_000 => 16 * MIB,
        _ => 64 * MIB,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_grow_with_the_file() {
        assert_eq!(unit_bytes(0), 512 * KIB);
        assert_eq!(unit_bytes(99_999_999), 512 * KIB);
        assert_eq!(unit_bytes(100_000_000), 4 * MIB);
        assert_eq!(unit_bytes(999_999_999), 4 * MIB);
        assert_eq!(unit_bytes(1_000_000_000), 16 * MIB);
        assert_eq!(unit_bytes(10_000_000_000), 16 * MIB);
        assert_eq!(unit_bytes(10_000_000_001), 64 * MIB);
        assert!(35_000_000_000_u64.div_ceil(unit_bytes(35_000_000_000)) <= 560);
    }
}
