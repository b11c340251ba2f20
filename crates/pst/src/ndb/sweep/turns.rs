//! Several threads that go through free space at once, and tell what they find in the order of the file.

use super::Found;
use super::in_use::UseMap;
use super::window::Window;
use crate::error::OpenError;
use crate::ndb::file::Ndb;
use crate::ndb::source::announce;
use std::ops::Range;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// So many bytes of free space, or stretches of it, are announced before they are read.
const AHEAD_BYTES: u64 = 8 << 20;
const AHEAD_RUNS: usize = 256;

/// Of so many bytes all that is found is kept until it is their turn to be told: 17,000 blocks at most. What takes longer is gone through
/// in its turn.
const MOST_BESIDE: u64 = 1 << 20;

/// Free space of a stretch, handed out in groups to those who go through it.
pub struct Sweep<'a> {
    ndb: &'a Ndb,
    map: &'a UseMap,
    next: Mutex<Group>,
    turn: Mutex<Turn<'a>>,
    /// It is another group's turn.
    turned: Condvar,
}

/// Pieces of free space that lie together.
struct Group {
    number: u64,
    runs: Vec<Range<u64>>,
    /// Where the next group begins.
    end: u64,
}

/// Whose finds are told next.
struct Turn<'a> {
    number: u64,
    visit: &'a mut (dyn FnMut(Found) + Send),
    /// Whether one of those who went through it has given up.
    is_over: bool,
}

impl<'a> Sweep<'a> {
    /// Nothing is looked at yet.
    pub fn new(ndb: &'a Ndb, map: &'a UseMap, visit: &'a mut (dyn FnMut(Found) + Send)) -> Self {
        let first = Group { number: 0, runs: Vec::new(), end: map.start() };
        let turn = Turn { number: 1, visit, is_over: false };
        Self { ndb, map, next: Mutex::new(first), turn: Mutex::new(turn), turned: Condvar::new() }
    }

    /// Goes through groups until none is left; several threads may do so at once.
    ///
    /// # Errors
    /// When the source cannot be read; the others then end too.
    pub fn run(&self) -> Result<(), OpenError> {
        let _leave = Leave(self);
        let mut window = Window::new(self.ndb);
        while let Some(group) = self.group() {
            let bytes: u64 = group.runs.iter().map(|run| run.end - run.start).sum();
            let mut through = |visit: &mut dyn FnMut(Found)| {
                group.runs.iter().try_for_each(|run| window.run(run.clone(), visit))
            };
            let (mut found, mut result) = (Vec::new(), Ok(()));
            if bytes <= MOST_BESIDE {
                result = through(&mut |one| found.push(one));
            }
            let Some(mut turn) = self.turn_of(group.number) else { return Ok(()) };
            found.into_iter().for_each(&mut *turn.visit);
            if bytes > MOST_BESIDE {
                result = through(&mut *turn.visit);
            }
            turn.number += 1;
            turn.is_over |= result.is_err();
            self.turned.notify_all();
            result?;
        }
        Ok(())
    }

    /// The next group, which is announced to the source.
    fn group(&self) -> Option<Group> {
        let mut last = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let runs = self.map.free_from(last.end, (AHEAD_RUNS, AHEAD_BYTES));
        last.end = runs.last()?.end;
        last.number += 1;
        // Of a long one its beginning: whoever reads on finds the system reading ahead.
        let beginning = |run: &Range<u64>| run.start..run.end.min(run.start + AHEAD_BYTES);
        announce(self.ndb.source.as_ref(), runs.iter().map(beginning));
        Some(Group { number: last.number, runs, end: last.end })
    }

    /// Waits until it is the turn of a group; `None` if all is over before.
    fn turn_of(&self, number: u64) -> Option<MutexGuard<'_, Turn<'a>>> {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        while turn.number != number && !turn.is_over {
            turn = self.turned.wait(turn).unwrap_or_else(PoisonError::into_inner);
        }
        (!turn.is_over).then_some(turn)
    }
}

/// Keeps nobody waiting for one who panics.
struct Leave<'a, 'b>(&'a Sweep<'b>);

impl Drop for Leave<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.turn.lock().unwrap_or_else(PoisonError::into_inner).is_over = true;
            self.0.turned.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ndb::source::ReadAt;
    use crate::write::small::{Variant, write_many};
    use std::io;
    use std::sync::Arc;

    /// Fails from a place on.
    struct Ending(Vec<u8>, u64);

    impl ReadAt for Ending {
        fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
            let count = buf.len().min(self.0.len().saturating_sub(offset as usize));
            if offset + count as u64 > self.1 {
                return Err(io::Error::other("the stick is gone"));
            }
            buf[..count].copy_from_slice(&self.0[offset as usize..][..count]);
            Ok(count)
        }

        fn size(&self) -> io::Result<u64> {
            Ok(self.0.len() as u64)
        }
    }

    /// What several threads find, however many, is told in the order of the file; a disk that fails ends all of them.
    #[test]
    fn several_threads_find_what_one_does() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.pst");
        for variant in Variant::all() {
            write_many(&path, variant, 1500).unwrap();
            let data = std::fs::read(&path).unwrap();
            let size = data.len() as u64;
            let mut file = crate::PstFile::from_source(Arc::new(Ending(data.clone(), size))).unwrap();
            let unit = file.ndb.layout.block_align as u64;
            // Stretches in use, so many units long, with as much between.
            for used in [0, 1, 5, 64, 1000] {
                let mut map = UseMap::empty(0..size, unit);
                for start in (0..size).step_by((2 * used * unit).max(unit) as usize).filter(|_| used > 0) {
                    map.mark(start, used * unit);
                }
                let through = |ndb: &Ndb, threads: usize| {
                    let mut found = Vec::new();
                    let mut visit = |one| {
                        found.push(match one {
                            Found::Leaf(tree, page) => (tree as u8, page.ib.0),
                            Found::Block(entry, _) => (10, entry.ib.0),
                            Found::Remains(entry) => (11, entry.ib.0),
                        });
                    };
                    let sweep = Sweep::new(ndb, &map, &mut visit);
                    let mut results = Vec::new();
                    std::thread::scope(|scope| {
                        let all: Vec<_> = (0..threads).map(|_| scope.spawn(|| sweep.run())).collect();
                        results.extend(all.into_iter().map(|thread| thread.join().unwrap()));
                    });
                    drop(sweep);
                    (found, results.into_iter().all(|result| result.is_ok()))
                };
                let one = through(&file.ndb, 1);
                assert!(one.1 && (used > 5 || !one.0.is_empty()), "{variant:?}, {used}");
                for threads in [2, 5] {
                    assert!(through(&file.ndb, threads) == one, "{variant:?}, {used}: {threads} threads");
                    let whole =
                        std::mem::replace(&mut file.ndb.source, Arc::new(Ending(data.clone(), size / 2)));
                    let (found, is_well) = through(&file.ndb, threads);
                    file.ndb.source = whole;
                    assert!(!is_well && one.0.starts_with(&found), "{variant:?}, {used}: {threads} threads");
                }
            }
        }
    }
}
