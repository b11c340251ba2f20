//! What an import takes in, and what it says of it.

use super::{Bench, write_numbered};
use mailscope_engine::search::{Request, Sort};
use mailscope_engine::{JobState, LibraryOptions, Point};
use mailscope_pst::write::small::{Variant, known_items};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

fn check(variant: Variant) {
    let bench = Bench::new();
    let path = bench.small("small.pst", variant);
    let before = (std::fs::read(&path).unwrap(), std::fs::metadata(&path).unwrap().modified().unwrap());
    let job = bench.import_well(&path);
    let after = (std::fs::read(&path).unwrap(), std::fs::metadata(&path).unwrap().modified().unwrap());
    assert!(before == after, "the source is never written to");

    let known: Vec<_> = known_items(variant.format).into_iter().collect();
    let (hidden, visible): (Vec<_>, Vec<_>) = known.iter().partition(|item| item.hidden);
    assert_eq!(job.account.items as usize, visible.len(), "{variant:?}");
    assert_eq!(job.account.hidden as usize, hidden.len(), "{variant:?}");
    assert_eq!(job.account.failed, 0);
    assert_eq!(bench.account(), job.account);

    let mut expected: Vec<String> = visible.iter().map(|item| item.message.subject.clone()).collect();
    expected.sort();
    assert_eq!(bench.subjects(""), expected, "{variant:?}");
}

#[test]
fn every_format_and_encryption() {
    Variant::all().for_each(check);
}

#[test]
fn a_second_import_reads_nothing() {
    let bench = Bench::new();
    let path = bench.numbered("mail.pst", 40);
    let first = bench.import_well(&path);
    assert_eq!((first.new, first.unchanged, first.known_before), (40, 0, false));
    let second = bench.import_well(&path);
    assert_eq!((second.new, second.updated, second.removed, second.unchanged), (0, 0, 0, 40));
    assert_eq!((second.planned, second.known_before), (0, true));
    assert_eq!(bench.find("").total, 40);
}

#[test]
fn a_file_that_grew_and_one_that_shrank() {
    let bench = Bench::new();
    let path = bench.numbered("mail.pst", 20);
    bench.import_well(&path);
    write_numbered(&path, 25);
    let grown = bench.import_well(&path);
    assert_eq!((grown.new, grown.removed, grown.unchanged), (5, 0, 20));
    assert_eq!(bench.find("").total, 25);

    write_numbered(&path, 18);
    let shrunk = bench.import_well(&path);
    assert_eq!((shrunk.new, shrunk.removed, shrunk.unchanged), (0, 7, 18));
    assert_eq!(bench.account().items, 18);
    let all = bench.find("");
    assert_eq!(all.total, 25, "what is gone from the file stays");
    assert_eq!(all.hits.iter().filter(|hit| hit.row.gone).count(), 7);

    write_numbered(&path, 25);
    let back = bench.import_well(&path);
    assert_eq!((back.new, back.removed, back.unchanged), (7, 0, 18));
    assert_eq!(bench.find("").hits.iter().filter(|hit| hit.row.gone).count(), 0);
}

/// One part of the index takes in all that an import changes, each item once.
#[test]
fn what_comes_back_and_what_is_new_are_indexed_once_together() {
    let bench = Bench::new();
    let path = bench.numbered("mail.pst", 20);
    bench.import_well(&path);
    write_numbered(&path, 13);
    bench.import_well(&path);
    let before = bench.library().measures().unwrap().index;
    assert_eq!(
        (before.documents, before.deleted),
        (20, 0),
        "that an item is gone is not for the index to tell"
    );
    write_numbered(&path, 60);
    let job = bench.import_well(&path);
    assert_eq!((job.new, job.removed, job.unchanged), (47, 0, 13));
    let after = bench.library().measures().unwrap().index;
    assert_eq!((after.documents, after.deleted), (60, 7), "only those that came back were there before");
    assert_eq!(after.segments, before.segments + 1);
}

#[test]
fn a_moved_file_is_known_and_a_copy_is_not_taken_for_it() {
    let mut bench = Bench::new();
    let path = bench.numbered("mail.pst", 10);
    bench.import_well(&path);
    let moved = bench.path("renamed.pst");
    std::fs::rename(&path, &moved).unwrap();
    let again = bench.import_well(&moved);
    assert_eq!((again.new, again.unchanged), (0, 10));
    assert_eq!(bench.library().sources().unwrap().len(), 1);

    // A shorter state beside it: nothing of the first may count as gone.
    let copy = bench.numbered("copy.pst", 4);
    let job = bench.import_well(&copy);
    assert_eq!((job.new, job.removed), (4, 0));
    assert_eq!(bench.library().sources().unwrap().len(), 2);
    assert!(bench.find("").hits.iter().all(|hit| !hit.row.gone));

    bench.open();
    assert_eq!(bench.find("").total, 14);
}

#[test]
fn removing_a_source_leaves_the_others() {
    let mut bench = Bench::new();
    bench.import_well(&bench.numbered("one.pst", 5));
    let other = bench.import_well(&bench.small("two.pst", Variant::default()));
    let first = bench.library().sources().unwrap()[0].id;
    bench.library().remove(first).unwrap();
    assert_eq!(bench.find("").total, other.account.items);
    assert_eq!(bench.subjects("number3"), Vec::<String>::new());
    bench.open();
    assert_eq!(bench.find("").total, other.account.items);
    assert_eq!(bench.library().sources().unwrap().len(), 1);
    assert!(bench.path("one.pst").exists());
}

/// Halts an import when half of its items are stored and a batch of them is committed, until `go` is dropped.
pub fn halted_halfway(bench: &mut Bench, items: u64) -> (Receiver<()>, Sender<()>) {
    let (reached, at_half) = channel();
    let (go, wait) = channel::<()>();
    let (stored, committed, wait) = (AtomicU64::new(0), AtomicU64::new(0), Mutex::new(wait));
    let observe = move |point| match point {
        Point::ItemStored => match stored.fetch_add(1, Ordering::Relaxed) + 1 {
            // Long enough for the batch to fall due: the first soon, the next, on a machine that was slow so far, later.
            n if n == items / 2 => std::thread::sleep(match committed.load(Ordering::Relaxed) {
                0 => Duration::from_millis(700),
                1 => Duration::from_millis(2500),
                _ => Duration::from_millis(8500),
            }),
            // The index follows by itself.
            n if n > items / 2 => {
                let _ = wait.lock().unwrap().recv();
            }
            _ => {}
        },
        Point::BatchFull if stored.load(Ordering::Relaxed) > 0 => {
            committed.fetch_add(1, Ordering::Relaxed);
        }
        Point::IndexCommitted if stored.load(Ordering::Relaxed) >= items / 2 => {
            let _ = reached.send(());
        }
        _ => {}
    };
    // So little that readers wait for the writer.
    let memory = 1024 * 1024;
    bench.open_with(LibraryOptions { observe: Box::new(observe), memory, ..bench.options() });
    (at_half, go)
}

#[test]
fn hits_appear_while_the_import_runs() {
    let mut bench = Bench::new();
    let path = bench.numbered("mail.pst", 300);
    let (at_half, go) = halted_halfway(&mut bench, 300);
    let id = bench.library().import(&[path]).remove(0).1.unwrap();
    at_half.recv().unwrap();
    let total = bench.find("").total;
    assert!(total > 0 && total < 300, "{total}");
    assert!(!bench.library().job(id).unwrap().state.is_final());
    drop(go);
    bench.library().wait_idle();
    assert_eq!(bench.find("").total, 300);
}

#[test]
fn cancelled_imports_keep_what_they_have_and_go_on_later() {
    let mut bench = Bench::new();
    let path = bench.numbered("mail.pst", 300);
    let (at_half, go) = halted_halfway(&mut bench, 300);
    let id = bench.library().import(std::slice::from_ref(&path)).remove(0).1.unwrap();
    at_half.recv().unwrap();
    bench.library().cancel(id).unwrap();
    drop(go);
    bench.library().wait_idle();
    let job = bench.library().job(id).unwrap();
    assert_eq!(job.state, JobState::Cancelled);
    let kept = bench.find("").total;
    assert!(kept > 0 && kept < 300, "{kept}");
    assert!(!bench.library().sources().unwrap()[0].complete);

    bench.open();
    assert_eq!(bench.find("").total, kept);
    let rest = bench.import_well(&path);
    assert_eq!((rest.new, rest.unchanged), (300 - kept, kept));
    assert!(bench.library().sources().unwrap()[0].complete);
}

#[test]
fn pages_neither_overlap_nor_leave_gaps() {
    let bench = Bench::new();
    bench.import_well(&bench.numbered("mail.pst", 230));
    for sort in [Sort::Newest, Sort::Oldest, Sort::Relevance, Sort::Size] {
        let mut ids = std::collections::HashSet::new();
        for offset in (0..250).step_by(25) {
            let request = Request { query: "words".into(), sort, offset, limit: 25, ..Request::default() };
            let page = bench.library().search(&request).unwrap();
            assert_eq!(page.total, 230);
            ids.extend(page.hits.into_iter().map(|hit| hit.row.id));
        }
        assert_eq!(ids.len(), 230, "{sort:?}");
    }
}

/// A name that is not Unicode is kept as something alike. That its file cannot be found by it does not mean that it is gone: a later state of
/// the same mailbox, elsewhere, is a source of its own.
#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_unicode() {
    use std::os::unix::ffi::OsStringExt as _;
    let bench = Bench::new();
    let folder = bench.path("shelf");
    std::fs::create_dir(&folder).unwrap();
    let odd = folder.join(std::ffi::OsString::from_vec(b"mail\xFF.pst".to_vec()));
    write_numbered(&odd, 5);
    assert_eq!(bench.import_well(&folder).new, 5);
    let later = bench.numbered("later.pst", 3);
    let job = bench.import_well(&later);
    assert_eq!((job.new, job.removed, job.known_before), (3, 0, false));
    assert_eq!((bench.account().items, bench.find("").total), (8, 8));
    let again = bench.import_well(&folder);
    assert_eq!((again.new, again.removed, again.unchanged), (0, 0, 5));
}
