//! A queue bounded in bytes: readers wait when the writer is behind, however large the items are.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// First in, first out, between threads.
pub struct ByteQueue<T> {
    state: Mutex<State<T>>,
    room: Condvar,
    work: Condvar,
    capacity: usize,
}

struct State<T> {
    items: VecDeque<(T, usize)>,
    bytes: usize,
    closed: bool,
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
        let state = State { items: VecDeque::new(), bytes: 0, closed: false };
        Self { state: Mutex::new(state), room: Condvar::new(), work: Condvar::new(), capacity }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // The lock is held for moves only; a panic elsewhere cannot leave the state half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts an item of about `bytes` in; waits while there is no room. Gives it back if the queue is closed.
    pub fn push(&self, item: T, bytes: usize) -> Result<(), T> {
        let mut state = self.lock();
        while !state.closed && !state.items.is_empty() && state.bytes + bytes > self.capacity {
            state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.closed {
            return Err(item);
        }
        state.bytes += bytes;
        state.items.push_back((item, bytes));
        drop(state);
        self.work.notify_one();
        Ok(())
    }

    /// Takes the next item; waits until `deadline` (for ever, if `None`).
    pub fn pop(&self, deadline: Option<Instant>) -> Popped<T> {
        let mut state = self.lock();
        loop {
            if let Some((item, bytes)) = state.items.pop_front() {
                state.bytes -= bytes;
                drop(state);
                self.room.notify_all();
                return Popped::Item(item);
            }
            if state.closed {
                return Popped::Closed;
            }
            state = match deadline {
                None => self.work.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left == Duration::ZERO {
                        return Popped::Timeout;
                    }
                    self.work.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// Lets nothing in any more. What is in can still be taken out.
    pub fn close(&self) {
        self.lock().closed = true;
        self.room.notify_all();
        self.work.notify_all();
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
