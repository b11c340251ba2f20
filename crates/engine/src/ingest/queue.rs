//! A queue bounded in bytes: readers wait when the writer is behind, however large the items are.
//!
//! Who takes out while others put in lets a burst of items come together before it goes on, and who waits for room gets a part of the
//! queue at once: to have a thread change for each item costs as much as a good part of the work on it. Nobody is woken who does not wait.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// So many items are a burst …
const BURST: usize = 64;
/// … for which a taker who finds nothing left waits so long at most.
const LINGER: Duration = Duration::from_millis(5);

/// First in, first out, between threads.
pub struct ByteQueue<T> {
    state: Mutex<State<T>>,
    /// Some of the queue is free.
    room: Condvar,
    /// There is an item.
    work: Condvar,
    /// There is a burst of items.
    burst: Condvar,
    capacity: usize,
}

struct State<T> {
    items: VecDeque<(T, usize)>,
    bytes: usize,
    closed: bool,
    /// Threads that wait for each.
    for_room: usize,
    for_work: usize,
    for_burst: usize,
}

/// What a [`ByteQueue::pop`] came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Popped<T> {
    /// The next item.
    Item(T),
    /// Nothing came in time.
    Timeout,
    /// Nothing will come any more.
    Closed,
}

impl<T> ByteQueue<T> {
    /// A queue for at most `capacity` bytes. A single item that is larger passes alone.
    pub fn new(capacity: usize) -> Self {
        let items = VecDeque::new();
        let state = State { items, bytes: 0, closed: false, for_room: 0, for_work: 0, for_burst: 0 };
        let (room, work, burst) = (Condvar::new(), Condvar::new(), Condvar::new());
        Self { state: Mutex::new(state), room, work, burst, capacity }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // The lock is held for moves only; a panic elsewhere cannot leave the state half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts an item of about `bytes` in; waits while there is no room. Gives it back if the queue is closed.
    pub fn push(&self, item: T, bytes: usize) -> Result<(), T> {
        self.put(item, bytes, BURST)
    }

    /// As [`Self::push`], for what somebody waits for: it is not left for others to come together with.
    pub fn push_at_once(&self, item: T, bytes: usize) -> Result<(), T> {
        self.put(item, bytes, 1)
    }

    fn put(&self, item: T, bytes: usize, burst: usize) -> Result<(), T> {
        let mut state = self.lock();
        while !state.closed && !state.items.is_empty() && state.bytes + bytes > self.capacity {
            // What waits is a burst, however few large items it is.
            if state.for_burst > 0 {
                self.burst.notify_one();
            }
            state.for_room += 1;
            state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.for_room -= 1;
        }
        if state.closed {
            return Err(item);
        }
        state.bytes += bytes;
        state.items.push_back((item, bytes));
        let (work, burst) = (state.for_work > 0, state.for_burst > 0 && state.items.len() >= burst);
        drop(state);
        if work {
            self.work.notify_one();
        } else if burst {
            self.burst.notify_one();
        }
        Ok(())
    }

    /// Takes the next item; waits until `deadline` (for ever, if `None`).
    pub fn pop(&self, deadline: Option<Instant>) -> Popped<T> {
        let mut state = self.lock();
        let mut lingered = false;
        loop {
            if let Some((item, bytes)) = state.items.pop_front() {
                state.bytes -= bytes;
                // Not for every item, as who waits would be woken for each.
                let room = state.for_room > 0 && state.bytes <= self.capacity / 4 * 3;
                drop(state);
                if room {
                    self.room.notify_all();
                }
                return Popped::Item(item);
            }
            if state.closed {
                return Popped::Closed;
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return Popped::Timeout;
            }
            if !lingered {
                lingered = true;
                let most = left.map_or(LINGER, |left| left.min(LINGER));
                state.for_burst += 1;
                state = self.burst.wait_timeout(state, most).unwrap_or_else(PoisonError::into_inner).0;
                state.for_burst -= 1;
                continue;
            }
            state.for_work += 1;
            state = match left {
                None => self.work.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(left) => self.work.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0,
            };
            state.for_work -= 1;
        }
    }

    /// Lets nothing in any more. What is in can still be taken out.
    pub fn close(&self) {
        self.lock().closed = true;
        for waiting in [&self.room, &self.work, &self.burst] {
            waiting.notify_all();
        }
    }

    /// Lets nothing in any more and drops what is in: nobody will take it out.
    pub fn abandon(&self) {
        self.close();
        let dropped = std::mem::take(&mut self.lock().items);
        // Outside of the lock: what is dropped may wake others.
        drop(dropped);
    }

    /// Whether nothing is let in any more.
    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Bytes that wait now.
    pub fn bytes(&self) -> usize {
        self.lock().bytes
    }

    /// Bytes that may wait.
    pub fn capacity(&self) -> usize {
        self.capacity
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn order_size_and_end() {
        let queue = ByteQueue::new(10);
        assert_eq!(queue.push(1, 100), Ok(()), "an item larger than the queue passes alone");
        assert_eq!(queue.pop(None), Popped::Item(1));
        assert_eq!(queue.pop(Some(Instant::now())), Popped::Timeout);
        queue.push(2, 5).unwrap();
        queue.push(3, 5).unwrap();
        assert_eq!(queue.bytes(), 10);
        queue.close();
        assert_eq!(queue.push(4, 1), Err(4));
        assert_eq!(queue.pop(None), Popped::Item(2));
        assert_eq!(queue.pop(None), Popped::Item(3));
        assert_eq!(queue.pop(None), Popped::Closed);
    }

    #[test]
    fn what_somebody_waits_for_goes_at_once() {
        let queue = Arc::new(ByteQueue::new(1 << 20));
        let (answer, answered) = std::sync::mpsc::channel();
        let taking = queue.clone();
        let taker = std::thread::spawn(move || {
            let mut taken = Vec::new();
            while let Popped::Item(n) = taking.pop(None) {
                taken.push(n);
                if n % 100 == 99 {
                    answer.send(n).unwrap();
                }
            }
            taken
        });
        for n in 0..3000 {
            match n % 100 {
                99 => {
                    queue.push_at_once(n, 1).unwrap();
                    assert_eq!(answered.recv(), Ok(n));
                }
                _ => queue.push(n, 1).unwrap(),
            }
        }
        // A few that are no burst are taken, too.
        queue.push(3000, 1).unwrap();
        while queue.bytes() > 0 {
            std::thread::yield_now();
        }
        queue.close();
        assert_eq!(taker.join().unwrap(), (0..=3000).collect::<Vec<_>>());
    }

    #[test]
    fn abandoned_queues_keep_nobody_waiting() {
        let queue = Arc::new(ByteQueue::new(8));
        let (sender, receiver) = std::sync::mpsc::channel::<()>();
        assert!(queue.push(sender, 8).is_ok());
        let waiting = queue.clone();
        let (other, _) = std::sync::mpsc::channel::<()>();
        let writer = std::thread::spawn(move || waiting.push(other, 8).is_err());
        queue.abandon();
        assert!(receiver.recv().is_err(), "what waited was dropped");
        assert!(writer.join().unwrap(), "nothing was let in");
    }

    #[test]
    fn never_above_its_bound() {
        let queue = Arc::new(ByteQueue::new(64));
        let most = Arc::new(AtomicUsize::new(0));
        let writers: Vec<_> = (0..4)
            .map(|_| {
                let (queue, most) = (queue.clone(), most.clone());
                std::thread::spawn(move || {
                    for n in 0..500 {
                        queue.push(n, 16).unwrap();
                        most.fetch_max(queue.bytes(), Ordering::Relaxed);
                    }
                })
            })
            .collect();
        let mut taken = 0;
        while taken < 2000 {
            if let Popped::Item(_) = queue.pop(None) {
                taken += 1;
            }
        }
        writers.into_iter().for_each(|w| w.join().unwrap());
        assert!(most.load(Ordering::Relaxed) <= 64);
    }
}
