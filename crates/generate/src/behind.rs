//! Writing behind: the system takes the bytes on a thread of its own, while the next items are made.

use std::io::{self, Seek, SeekFrom, Write};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

/// Writes that wait, each of a section of the file: a quarter of a megabyte.
const WAITING: usize = 8;

/// What the thread is to do.
enum Order {
    Write(Vec<u8>),
    Seek(SeekFrom, Sender<io::Result<u64>>),
    Flush(Sender<io::Result<u64>>),
}

/// A destination that is written on a thread of its own. What fails there fails the next call here, at the latest
/// [`Behind::into_inner`].
#[derive(Debug)]
pub struct Behind<W> {
    orders: Option<SyncSender<Order>>,
    thread: Option<JoinHandle<io::Result<W>>>,
}

impl<W: Write + Seek + Send + 'static> Behind<W> {
    /// Writes to `out`.
    #[must_use]
    pub fn new(out: W) -> Self {
        let (orders, received) = sync_channel(WAITING);
        let thread = thread::spawn(move || obey(out, &received));
        Self { orders: Some(orders), thread: Some(thread) }
    }

    /// Waits until everything is written, and gives the destination back.
    ///
    /// # Errors
    /// What failed since the last call.
    pub fn into_inner(mut self) -> io::Result<W> {
        self.end()
    }
}

impl<W> Behind<W> {
    fn end(&mut self) -> io::Result<W> {
        self.orders = None;
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            _ => Err(io::Error::other("writing ended early")),
        }
    }

    fn send(&mut self, order: Order) -> io::Result<()> {
        if self.orders.as_ref().is_some_and(|orders| orders.send(order).is_ok()) {
            return Ok(());
        }
        // The thread ends early only for an error.
        self.end().and_then(|_| Err(io::Error::other("writing ended early")))
    }

    fn ask(&mut self, order: impl FnOnce(Sender<io::Result<u64>>) -> Order) -> io::Result<u64> {
        let (sender, answer) = channel();
        self.send(order(sender))?;
        match answer.recv() {
            Ok(answer) => answer,
            Err(_) => self.end().and_then(|_| Err(io::Error::other("writing ended early"))),
        }
    }
}

impl<W> Write for Behind<W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.send(Order::Write(data.to_vec()))?;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.ask(Order::Flush).map(|_| ())
    }
}

impl<W> Seek for Behind<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.ask(|sender| Order::Seek(to, sender))
    }
}

fn obey<W: Write + Seek>(mut out: W, orders: &Receiver<Order>) -> io::Result<W> {
    for order in orders {
        // Whoever asked and does not wait wants no answer.
        match order {
            Order::Write(data) => out.write_all(&data)?,
            Order::Seek(to, answer) => drop(answer.send(out.seek(to))),
            Order::Flush(answer) => drop(answer.send(out.flush().map(|()| 0))),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn everything_arrives_in_order() {
        let mut out = Behind::new(Cursor::new(Vec::new()));
        for number in 0..100u8 {
            out.write_all(&[number; 3]).unwrap();
        }
        assert_eq!(out.seek(SeekFrom::Start(3)).unwrap(), 3);
        out.write_all(b"...").unwrap();
        out.flush().unwrap();
        let data = out.into_inner().unwrap().into_inner();
        assert_eq!((data.len(), &data[..9]), (300, &b"\0\0\0...\x02\x02\x02"[..]));
    }

    /// Takes so many bytes and no more.
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, data: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(data.len()).ok_or(io::ErrorKind::StorageFull)?;
            Ok(data.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Seek for Full {
        fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
            Ok(0)
        }
    }

    #[test]
    fn a_full_disk_is_told() {
        let mut out = Behind::new(Full(1000));
        let told = (0..1000).find_map(|_| out.write_all(&[0; 100]).err()).unwrap();
        assert_eq!(told.kind(), io::ErrorKind::StorageFull);
        let mut late = Behind::new(Full(10));
        late.write_all(&[0; 100]).unwrap();
        assert_eq!(late.flush().unwrap_err().kind(), io::ErrorKind::StorageFull);
        let mut later = Behind::new(Full(10));
        later.write_all(&[0; 100]).unwrap();
        assert_eq!(later.into_inner().err().map(|error| error.kind()), Some(io::ErrorKind::StorageFull));
    }
}
