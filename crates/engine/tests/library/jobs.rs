//! Imports that wait and go on, copies of mailboxes, and reports.

use super::Bench;
use super::import::halted_halfway;
use mailscope_engine::{JobState, LibraryOptions, Point, report};
use mailscope_pst::write::small::Variant;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

#[test]
fn a_paused_import_waits_and_goes_on() {
    let mut bench = Bench::new();
    let path = bench.numbered("mail.pst", 300);
    let (at_half, go) = halted_halfway(&mut bench, 300);
    let id = bench.library().import(&[path]).remove(0).1.unwrap();
    at_half.recv().unwrap();
    assert_eq!(bench.library().pause(id).unwrap().state, JobState::Paused);
    drop(go);
    std::thread::sleep(std::time::Duration::from_millis(600));
    let waiting = bench.library().job(id).unwrap();
    assert_eq!(waiting.state, JobState::Paused);
    assert!(waiting.processed < 300);
    bench.library().resume(id).unwrap();
    bench.library().wait_idle();
    let ended = bench.library().job(id).unwrap();
    assert_eq!((ended.state, ended.account.items), (JobState::Done, 300));
    assert!(bench.library().resume_unfinished().unwrap().is_empty());
}

/// Those that are paused do not keep other files from being read.
#[test]
fn others_are_read_while_some_are_paused() {
    let mut bench = Bench::new();
    let names = ["one.pst", "two.pst", "three.pst"];
    let paths: Vec<_> = names.iter().map(|name| bench.numbered(name, 300)).collect();
    let (at_half, go) = halted_halfway(&mut bench, 300);
    let started = bench.library().import(&paths[..2]);
    let ids: Vec<_> = started.into_iter().map(|(_, id)| id.unwrap()).collect();
    at_half.recv().unwrap();
    let third = bench.library().import(&paths[2..]).remove(0).1.unwrap();
    assert_eq!(bench.library().job(third).unwrap().state, JobState::Queued, "two are read at once");
    for &id in &ids {
        bench.library().pause(id).unwrap();
    }
    drop(go);
    until("the third file is read", || bench.library().job(third).unwrap().processed == 300);
    for &id in &ids {
        assert_eq!(bench.library().job(id).unwrap().state, JobState::Paused);
        bench.library().resume(id).unwrap();
    }
    bench.library().wait_idle();
    assert_eq!(bench.find("").total, 900);
    assert_eq!(bench.library().verify(false).unwrap().problems, []);
}

/// The file is another one, or away, when a paused import may go on after a restart.
#[test]
fn a_file_that_changes_while_its_import_is_paused() {
    for is_away in [false, true] {
        let mut bench = Bench::new();
        let path = bench.numbered("mail.pst", 300);
        let other = bench.numbered("other.pst", 120);
        let (at_half, go) = halted_halfway(&mut bench, 300);
        let id = bench.library().import(std::slice::from_ref(&path)).remove(0).1.unwrap();
        at_half.recv().unwrap();
        bench.library().pause(id).unwrap();
        drop(go);
        bench.close();
        if is_away {
            std::fs::rename(&path, bench.path("away.pst")).unwrap();
        } else {
            std::fs::rename(&other, &path).unwrap();
        }
        bench.open();
        let jobs = bench.library().resume_unfinished().unwrap();
        assert_eq!(jobs.len(), usize::from(!is_away), "what is away is left for another start");
        if is_away {
            std::fs::rename(bench.path("away.pst"), &path).unwrap();
            bench.open();
            assert_eq!(bench.library().resume_unfinished().unwrap().len(), 1);
        }
        for job in bench.library().jobs() {
            bench.library().resume(job.id).unwrap();
        }
        bench.library().wait_idle();
        assert!(bench.library().jobs().iter().all(|job| job.state == JobState::Done), "away: {is_away}");
        assert_eq!(bench.library().verify(false).unwrap().problems, [], "away: {is_away}");
        let job = bench.import_well(&path);
        assert_eq!(job.unchanged, if is_away { 300 } else { 120 });
        assert!(bench.library().resume_unfinished().unwrap().is_empty());
    }
}

#[test]
fn a_paused_import_is_still_paused_at_the_next_start() {
    let mut bench = Bench::new();
    let path = bench.numbered("mail.pst", 300);
    let (at_half, go) = halted_halfway(&mut bench, 300);
    let id = bench.library().import(&[path]).remove(0).1.unwrap();
    at_half.recv().unwrap();
    bench.library().pause(id).unwrap();
    drop(go);
    bench.open();
    let kept = bench.find("").total;
    assert!(kept > 0 && kept < 300, "{kept}");
    let jobs = bench.library().resume_unfinished().unwrap();
    assert_eq!(jobs.len(), 1);
    assert_eq!(bench.library().job(jobs[0]).unwrap().state, JobState::Paused);
    bench.library().resume(jobs[0]).unwrap();
    bench.library().wait_idle();
    assert_eq!(bench.library().job(jobs[0]).unwrap().state, JobState::Done);
    assert_eq!(bench.find("").total, 300);
}

/// What belongs together is told of files that are in, while another one waits for somebody: whether it was paused before they ended or
/// afterwards.
#[test]
fn what_is_paused_keeps_nobody_waiting() {
    for paused_first in [true, false] {
        let mut bench = Bench::new();
        let paused = bench.numbered("paused.pst", 300);
        let (planned, go) = halted_first(&mut bench, Point::Planned);
        let waits = bench.library().import(&[paused]).remove(0).1.unwrap();
        planned.recv().unwrap();
        let pause = || bench.library().pause(waits).unwrap();
        if paused_first {
            pause();
        }
        let copies = [bench.path("one.pst"), bench.path("two.pst")];
        copies.iter().for_each(|copy| {
            mailscope_engine::source::pst::write_sample(copy).unwrap();
        });
        let jobs = bench.library().import(&copies).into_iter().map(|(_, job)| job.unwrap());
        let jobs: Vec<_> = jobs.collect();
        let is_in = |&job: &_| bench.library().job(job).unwrap().state == JobState::Done;
        until("the copies are in", || jobs.iter().all(is_in));
        let copied = || bench.find("is:duplicate").total;
        if !paused_first {
            assert_eq!(copied(), 0, "that waits for the import that is at work");
            pause();
        }
        until("the copies are told", || copied() > 50);
        let told = copied();
        assert_eq!(bench.library().job(waits).unwrap().state, JobState::Paused);
        drop(go);
        bench.library().resume(waits).unwrap();
        bench.library().wait_idle();
        assert_eq!(bench.library().job(waits).unwrap().state, JobState::Done);
        assert!(copied() >= told);
        assert_eq!(bench.library().verify(false).unwrap().problems, []);
    }
}

/// When what belongs together is being told, all of the file is in: nothing is left to be cancelled or to wait.
#[test]
fn nothing_is_left_to_stop_when_all_is_read() {
    for is_cancelled in [true, false] {
        let mut bench = Bench::new();
        let path = bench.numbered("mail.pst", 300);
        let (linking, go) = halted_first(&mut bench, Point::Linking);
        let id = bench.library().import(&[path]).remove(0).1.unwrap();
        linking.recv().unwrap();
        if is_cancelled {
            bench.library().cancel(id).unwrap();
        } else {
            bench.library().pause(id).unwrap();
        }
        drop(go);
        bench.library().wait_idle();
        let ended = bench.library().job(id).unwrap();
        assert_eq!((ended.state, ended.account.items), (JobState::Done, 300), "cancelled: {is_cancelled}");
        assert_eq!(bench.library().verify(false).unwrap().problems, []);
        bench.open();
        assert!(bench.library().resume_unfinished().unwrap().is_empty(), "cancelled: {is_cancelled}");
    }
}

/// Halts the import that comes to `point` first, there, until `go` is dropped.
fn halted_first(bench: &mut Bench, point: Point) -> (Receiver<()>, Sender<()>) {
    let (reached, is_there) = channel();
    let (go, wait) = channel::<()>();
    let wait = Mutex::new(Some(wait));
    let observe = move |at| {
        // Others that come here meanwhile go on.
        let first = (at == point).then(|| wait.lock().unwrap().take()).flatten();
        if let Some(wait) = first {
            let _ = reached.send(());
            let _ = wait.recv();
        }
    };
    bench.open_with(LibraryOptions { observe: Box::new(observe), ..bench.options() });
    (is_there, go)
}

#[test]
fn what_the_end_of_the_program_cut_off_goes_on_and_what_the_user_ended_does_not() {
    for cancelled in [false, true] {
        let mut bench = Bench::new();
        let path = bench.numbered("mail.pst", 300);
        let (at_half, go) = halted_halfway(&mut bench, 300);
        let id = bench.library().import(&[path]).remove(0).1.unwrap();
        at_half.recv().unwrap();
        if cancelled {
            bench.library().cancel(id).unwrap();
        }
        drop(go);
        if cancelled {
            bench.library().wait_idle();
        }
        bench.open();
        let jobs = bench.library().resume_unfinished().unwrap();
        assert_eq!(jobs.len(), usize::from(!cancelled));
        bench.library().wait_idle();
        assert_eq!(bench.find("").total == 300, !cancelled);
    }
}

#[test]
fn a_copy_beside_its_original_is_told() {
    let bench = Bench::new();
    let original = bench.small("original.pst", Variant::default());
    let copy = bench.path("copy.pst");
    std::fs::copy(&original, &copy).unwrap();
    assert_eq!(bench.import_well(&original).same_as, None);
    let second = bench.import_well(&copy);
    let sources = bench.library().sources().unwrap();
    assert_eq!(second.same_as, Some(sources[0].id));
    assert_eq!(bench.library().twins().unwrap(), [(sources[1].id, sources[0].id)]);
    let hit = bench.find("").hits.remove(0);
    assert_eq!(bench.library().show(hit.row.id, &[], None).unwrap().facts.duplicates, 1);
    // Without the original the copy is nobody's.
    bench.library().remove(sources[0].id).unwrap();
    assert_eq!(bench.library().twins().unwrap(), []);
    assert_eq!(bench.import_well(&copy).same_as, None);
}

#[test]
fn a_report_says_what_became_of_a_file() {
    let bench = Bench::new();
    let path = bench.small("mail <1>.pst", Variant::default());
    let job = bench.import_well(&path);
    let source = job.source.unwrap();
    let made = bench.library().report(source, &|_, _| {}).unwrap();
    let digests = made.digests.clone().unwrap();
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(digests.blake3, blake3::hash(&bytes).as_bytes());
    let (sum, gone) = made.sum();
    assert_eq!((sum, gone), (job.account, 0));
    let (page, table) = (report::html(&made), report::csv(&made));
    let hash = blake3::hash(&bytes).to_hex().to_string();
    assert!(page.contains(&hash) && table.contains(&hash));
    assert!(page.contains("mail &lt;1&gt;.pst") && !page.contains("mail <1>"));
    for folder in &made.folders {
        assert!(table.contains(&format!("folder,{},{},", folder.path, folder.expected)), "{}", folder.path);
    }

    // The second time nothing is read; a file that is away has no digests, and says so.
    let read = std::sync::atomic::AtomicU64::new(0);
    let count = |done, _| read.store(done, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(bench.library().report(source, &count).unwrap().digests.unwrap(), digests);
    assert_eq!(read.into_inner(), 0);
    std::fs::remove_file(&path).unwrap();
    let to = bench.path("report.csv");
    let away = bench.library().write_report(source, &to, &|_, _| {}).unwrap();
    assert!(away.digests.is_err());
    assert!(std::fs::read_to_string(&to).unwrap().contains("file,digests,none"));
}

#[test]
fn a_report_never_takes_the_place_of_a_source() {
    let bench = Bench::new();
    let path = bench.small("mail.pst", Variant::default());
    let source = bench.import_well(&path).source.unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(bench.library().write_report(source, &path, &|_, _| {}).is_err());
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

/// Waits for something that another thread brings about.
pub fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..600 {
        if holds() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("never: {what}");
}

#[test]
fn what_is_watched_is_taken_in_when_it_changes() {
    let mut bench = Bench::new();
    let folder = bench.path("mail");
    std::fs::create_dir(&folder).unwrap();
    bench.library().watch(&folder, true).unwrap();
    let name = bench.path("elsewhere.pst");
    super::write_numbered(&name, 3);
    std::fs::copy(&name, folder.join("one.pst")).unwrap();
    std::fs::write(folder.join("notes.txt"), "no mail").unwrap();
    until("the new file is taken in", || bench.find("").total == 3);

    // Remembered over the end, with what happened meanwhile.
    bench.close();
    super::write_numbered(&folder.join("one.pst"), 5);
    bench.open();
    assert_eq!(bench.library().watched().unwrap(), [folder.canonicalize().unwrap()]);
    bench.library().resume_watching().unwrap();
    until("what changed meanwhile is taken in", || bench.find("").total == 5);

    bench.library().watch(&folder, false).unwrap();
    assert!(bench.library().watched().unwrap().is_empty());
    assert!(bench.library().watch(&bench.path("nothing"), true).is_err());
}
