//! The speed floor: whether a connection is so slow beside the others of its host that another one should have its range.
//!
//! On a slow line nobody is replaced, since nobody does better; and a range that was tried often enough may take any time:
//! slow but steady wins, and nothing goes round in a circle.

use super::staff::median;

/// Below it a worker may be replaced.
const FLOOR_BYTES_PER_S: f64 = 300_000.0;
/// Tries of a range in which the floor holds.
const TRIES_MAX: u32 = 3;
/// What "much better" is.
const MUCH_BETTER: f64 = 4.0;

/// Whether a worker that brings so much, over three seconds, on a range that was given back so often, is to be replaced:
/// `others` are the speeds of those beside it.
pub(super) fn is_below_floor(rate_bytes_per_s: f64, tries: u32, others: impl Iterator<Item = f64>) -> bool {
    if tries >= TRIES_MAX || rate_bytes_per_s >= FLOOR_BYTES_PER_S {
        return false;
    }
    let mut others: Vec<f64> = others.collect();
    median(&mut others)
        .is_some_and(|usual| usual > rate_bytes_per_s * MUCH_BETTER && usual > FLOOR_BYTES_PER_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_replaced(rate_bytes_per_s: f64, tries: u32, others: &[f64]) -> bool {
        is_below_floor(rate_bytes_per_s, tries, others.iter().copied())
    }

    #[test]
    fn a_crawling_connection_is_replaced_while_others_do_much_better() {
        assert!(is_replaced(299e3, 0, &[2e6, 2e6, 2e6]));
        assert!(!is_replaced(300e3, 0, &[2e6, 2e6, 2e6]), "on the floor");
        assert!(!is_replaced(100e3, 0, &[399e3, 399e3]), "better, and not much");
        assert!(is_replaced(100e3, 0, &[401e3, 401e3]));
    }

    #[test]
    fn on_a_slow_line_nobody_is_replaced() {
        assert!(!is_replaced(50e3, 0, &[50e3, 60e3, 70e3]));
        // Much better, and below the floor as well: it is the line.
        assert!(!is_replaced(10e3, 0, &[290e3, 290e3]));
        assert!(!is_replaced(10e3, 0, &[]), "alone");
    }

    #[test]
    fn one_fast_connection_among_slow_ones_is_no_measure() {
        assert!(!is_replaced(100e3, 0, &[100e3, 100e3, 9e6]));
    }

    #[test]
    fn after_three_tries_slow_but_steady_wins() {
        let others = [2e6, 2e6];
        assert!(is_replaced(1e3, 2, &others));
        assert!(!is_replaced(1e3, 3, &others));
    }
}
