//! Codes in login links: one use, one minute.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::{Fingerprint, fingerprint};
use crate::random;

/// How long a code may be used.
pub(crate) const CODE_VALID: Duration = Duration::from_mins(1);
/// Who asks for more has lost the first ones.
const CODES_MAX: usize = 16;

/// The codes that were given out and not used yet, oldest first.
#[derive(Default)]
pub(super) struct Codes(VecDeque<(Fingerprint, Instant)>);

impl Codes {
    /// A new one.
    pub(super) fn make(&mut self, now: Instant) -> Result<String, getrandom::Error> {
        let code = random::secret_text()?;
        if self.0.len() == CODES_MAX {
            self.0.pop_front();
        }
        self.0.push_back((fingerprint(&code), now));
        Ok(code)
    }

    /// Whether it is valid; it is not any more afterwards.
    pub(super) fn take(&mut self, code: &str, now: Instant) -> bool {
        let is_fresh = |made: Instant| now.saturating_duration_since(made) < CODE_VALID;
        self.0.retain(|(_, made)| is_fresh(*made));
        let wanted = fingerprint(code);
        match self.0.iter().position(|(known, _)| *known == wanted) {
            Some(index) => self.0.remove(index).is_some(),
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_good_for_one_use() {
        let mut codes = Codes::default();
        let now = Instant::now();
        let (one, other) = (codes.make(now).unwrap(), codes.make(now).unwrap());
        assert!(codes.take(&one, now));
        assert!(!codes.take(&one, now));
        assert!(codes.take(&other, now));
        assert!(!codes.take("", now));
    }

    #[test]
    fn a_code_is_good_for_a_minute() {
        let mut codes = Codes::default();
        let now = Instant::now();
        let code = codes.make(now).unwrap();
        assert!(!codes.take(&code, now + CODE_VALID));
        let code = codes.make(now).unwrap();
        assert!(codes.take(&code, now + Duration::from_secs(59)));
    }

    #[test]
    fn the_oldest_code_makes_room() {
        let mut codes = Codes::default();
        let now = Instant::now();
        let first = codes.make(now).unwrap();
        let others: Vec<String> = (0..CODES_MAX).map(|_| codes.make(now).unwrap()).collect();
        assert!(!codes.take(&first, now));
        assert!(others.iter().all(|code| codes.take(code, now)));
    }
}
