//! Another try after a pause that grows: for what another process holds for a moment.

use std::time::{Duration, Instant};

/// The first pause; each next one is twice as long, …
const FIRST: Duration = Duration::from_millis(10);
/// … up to this.
const LONGEST: Duration = Duration::from_millis(500);

/// The pauses between tries: growing, and together no longer than `patience`; the last one is cut so that they end with it.
fn pauses(patience: Duration) -> impl Iterator<Item = Duration> {
    let (mut next, mut left) = (FIRST, patience);
    std::iter::from_fn(move || {
        let pause = next.min(left);
        (next, left) = ((next * 2).min(LONGEST), left - pause);
        (!pause.is_zero()).then_some(pause)
    })
}

/// Does `work`, again and again while it fails with what may pass, for as long as `patience` lasts: at its end once more, then no more.
///
/// # Errors
/// That of the last try.
pub fn patiently<T, E>(
    patience: Duration,
    may_pass: impl Fn(&E) -> bool,
    mut work: impl FnMut() -> Result<T, E>,
) -> Result<T, E> {
    let (started, mut waited) = (Instant::now(), Duration::ZERO);
    let mut outcome = work();
    for pause in pauses(patience) {
        match &outcome {
            Err(error) if may_pass(error) => {}
            _ => return outcome,
        }
        waited += pause;
        // What the tries themselves took is taken off, so that the end comes when it was promised.
        std::thread::sleep(waited.saturating_sub(started.elapsed()));
        outcome = work();
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_with_patience() {
        let millis = |patience| -> Vec<u128> {
            pauses(Duration::from_millis(patience)).map(|pause| pause.as_millis()).collect()
        };
        assert_eq!(millis(0), [0; 0]);
        assert_eq!(millis(5), [5]);
        assert_eq!(millis(100), [10, 20, 40, 30]);
        assert_eq!(millis(2500), [10, 20, 40, 80, 160, 320, 500, 500, 500, 370]);
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let tries = |patience, succeeds_at: u32, error: &'static str| {
            let mut tries = 0;
            let outcome = patiently(
                Duration::from_millis(patience),
                |error: &&str| *error == "busy",
                || {
                    tries += 1;
                    if tries == succeeds_at { Ok(()) } else { Err(error) }
                },
            );
            (tries, outcome)
        };
        assert_eq!(tries(1000, 1, "busy"), (1, Ok(())));
        assert_eq!(tries(1000, 3, "busy"), (3, Ok(())));
        assert_eq!(tries(1000, 3, "broken"), (1, Err("broken")));
        assert_eq!(tries(0, 3, "busy"), (1, Err("busy")));
        assert_eq!(tries(25, 9, "busy"), (3, Err("busy")));
    }
}
