//! What people try that cannot work. Nothing that is in the library may suffer from it.

use super::Bench;
use mailscope_engine::export::Which;
use mailscope_engine::search::Request;
use mailscope_engine::{Access, Change, Error, JobState, Library, LibraryOptions, SourceProblem};
use std::path::PathBuf;

/// Tries to import `path` into a library that holds ten messages, and gives the refusal.
fn refused(bench: &Bench, path: PathBuf) -> Error {
    bench.import_well(&bench.numbered("good.pst", 10));
    let answers = bench.library().import(&[path]);
    bench.library().wait_idle();
    assert_eq!(bench.find("").total, 10, "what was there is untouched");
    assert_eq!(bench.library().sources().unwrap().len(), 1, "no trace of what was refused");
    assert_eq!(answers.len(), 1);
    answers.into_iter().next().unwrap().1.unwrap_err()
}

fn check(name: &str, content: &[u8], expected: impl Fn(&SourceProblem) -> bool) {
    let bench = Bench::new();
    let path = bench.path(name);
    std::fs::write(&path, content).unwrap();
    match refused(&bench, path) {
        Error::Source { problem, .. } => assert!(expected(&problem), "{name}: {problem:?}"),
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn files_that_are_none() {
    check("letter.pst", b"Dear Sir or Madam", |p| matches!(p, SourceProblem::NotOutlook { .. }));
    check("short.pst", b"PK", |p| matches!(p, SourceProblem::NotOutlook { .. }));
    check("empty.pst", b"", |p| matches!(p, SourceProblem::Empty));
    check("magic.pst", b"!BDN", |p| matches!(p, SourceProblem::Truncated { .. }));
}

#[test]
fn a_file_that_is_cut_off() {
    let bench = Bench::new();
    let whole = std::fs::read(bench.numbered("whole.pst", 5)).unwrap();
    for length in [100, 500, 600] {
        check("cut.pst", &whole[..length], |p| {
            matches!(p, SourceProblem::Truncated { .. } | SourceProblem::Unreadable { .. })
        });
    }
}

/// Whether anything of a large file can be saved shows by looking through it, which is an import like any other: it is seen, and can
/// be stopped.
#[test]
fn a_large_file_of_which_nothing_is_left() {
    let bench = Bench::new();
    let path = bench.path("large.pst");
    let head = std::fs::read(bench.numbered("whole.pst", 5)).unwrap();
    std::fs::write(&path, &head[..1024]).unwrap();
    std::fs::File::options().write(true).open(&path).unwrap().set_len(20 << 20).unwrap();
    let job = bench.import(&path);
    assert_eq!(job.state, JobState::Failed);
    let error = job.error.unwrap().to_string();
    assert!(error.contains("large.pst"), "{error}");
    assert_eq!(bench.library().sources().unwrap().len(), 0, "no trace of it");
    assert!(bench.library().resume_unfinished().unwrap().is_empty());
}

#[test]
fn paths_that_lead_nowhere() {
    let bench = Bench::new();
    let missing = bench.path("missing.pst");
    assert!(matches!(refused(&bench, missing), Error::Source { problem: SourceProblem::NotFound, .. }));
    let bench = Bench::new();
    let folder = bench.path("folder");
    std::fs::create_dir_all(folder.join("deeper")).unwrap();
    std::fs::write(folder.join("deeper/notes.txt"), "x").unwrap();
    assert!(matches!(refused(&bench, folder), Error::Source { problem: SourceProblem::NoOutlookFiles, .. }));
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_refused_unopened() {
    let bench = Bench::new();
    let pipe = bench.path("pipe.pst");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert!(mailscope_engine::tree(&pipe, &|_, _| ()).is_err());
    for path in [pipe, PathBuf::from("/dev/zero")] {
        let answers = bench.library().import(std::slice::from_ref(&path));
        let problem = answers.into_iter().next().unwrap().1.unwrap_err();
        assert!(
            matches!(problem, Error::Source { problem: SourceProblem::NotOutlook { .. }, .. }),
            "{problem:?}"
        );
    }
}

#[test]
fn a_folder_gives_its_files_and_says_which_are_none() {
    let bench = Bench::new();
    let folder = bench.path("folder");
    std::fs::create_dir_all(folder.join("deeper")).unwrap();
    super::write_numbered(&folder.join("one.PST"), 3);
    // By its content, whatever its name.
    super::write_numbered(&folder.join("deeper/backup.bak"), 4);
    std::fs::write(folder.join("deeper/notes.txt"), "x").unwrap();
    std::fs::write(folder.join("fake.ost"), "x").unwrap();
    let answers = bench.library().import(&[folder]);
    bench.library().wait_idle();
    assert_eq!(answers.iter().filter(|(_, answer)| answer.is_ok()).count(), 2);
    assert_eq!(answers.iter().filter(|(_, answer)| answer.is_err()).count(), 1);
    assert_eq!(bench.find("").total, 7);
}

#[test]
fn the_same_file_twice_at_once() {
    let bench = Bench::new();
    let path = bench.numbered("mail.pst", 3000);
    // Named twice in one breath it is one file; asked for again while it is read, it is refused.
    let roundabout = path.parent().unwrap().join(".").join("mail.pst");
    let answers = bench.library().import(&[path.clone(), roundabout, path.clone()]);
    assert_eq!(answers.iter().map(|(_, answer)| answer.is_ok()).collect::<Vec<_>>(), [true]);
    let again = bench.library().import(&[path]);
    assert!(matches!(again[0].1, Err(Error::AlreadyImporting { .. })));
    bench.library().wait_idle();
    assert_eq!(bench.find("").total, 3000);
}

#[test]
fn a_library_that_is_in_use() {
    let mut bench = Bench::new();
    assert!(matches!(Library::open(bench.options()), Err(Error::LibraryInUse { .. })));
    bench.close();
    assert!(Library::open(bench.options()).is_ok());
}

#[test]
fn a_library_is_read_beside_who_writes_it() {
    let bench = Bench::new();
    bench.import_well(&bench.numbered("mail.pst", 30));
    let beside = || Library::open(LibraryOptions { beside: true, ..bench.options() });
    let reader = beside().unwrap();
    assert!(reader.access() == Access::Beside && bench.library().access() == Access::Writes);
    reader.settle().unwrap();
    let page = |library: &Library| {
        let page = library.search(&Request { limit: 100, ..Request::default() }).unwrap();
        (page.total, page.hits.iter().map(|hit| hit.row.id).collect::<Vec<_>>())
    };
    let (total, ids) = page(&reader);
    assert_eq!((total, &ids), (30, &page(bench.library()).1));
    assert!(reader.show(ids[0], &[], None).unwrap().detail.is_some());
    assert_eq!(reader.insights(&Default::default()).unwrap().total, 30);
    // Nothing can be changed.
    let flag = |library: &Library| library.review(&Which::Ids(vec![ids[0]]), Change::Flag(true));
    assert!(matches!(flag(&reader), Err(Error::LibraryInUse { .. })));
    let other = bench.numbered("other.pst", 5);
    assert!(matches!(reader.import(std::slice::from_ref(&other))[0].1, Err(Error::LibraryInUse { .. })));
    assert!(matches!(reader.remove(reader.sources().unwrap()[0].id), Err(Error::LibraryInUse { .. })));
    // Whoever writes goes on, and what the reader has stays as it was until it opens the library again.
    bench.import_well(&other);
    assert_eq!(flag(bench.library()).unwrap().items, 1);
    assert_eq!(page(&reader).0, 30);
    drop(reader);
    assert_eq!(page(&beside().unwrap()).0, 35);
    // Nobody has it open: then it is opened as ever.
    let mut bench = bench;
    bench.close();
    let again = Library::open(LibraryOptions { beside: true, ..bench.options() }).unwrap();
    assert_eq!(again.access(), Access::Writes);
    assert!(matches!(Library::open(bench.options()), Err(Error::LibraryInUse { .. })));
}

#[test]
fn a_library_that_is_none() {
    let mut bench = Bench::new();
    bench.close();
    std::fs::write(bench.path("library/library.sqlite"), vec![b'x'; 8192]).unwrap();
    let error = Library::open(bench.options()).err();
    assert!(matches!(error, Some(Error::LibraryUnusable { .. })), "{error:?}");
    let file = bench.path("file");
    std::fs::write(&file, "x").unwrap();
    assert!(matches!(Library::open(LibraryOptions::new(file)), Err(Error::Io { .. })));
}

#[test]
fn a_full_disk() {
    let mut bench = Bench::new();
    bench.import_well(&bench.numbered("good.pst", 10));
    bench.close();
    let options = LibraryOptions { max_pages: Some(60), ..bench.options() };
    bench.library = Some(Library::open(options).unwrap());
    let path = bench.numbered("large.pst", 3000);
    let job = bench.import(&path);
    assert_eq!(job.state, JobState::Failed);
    assert!(matches!(job.error.as_deref(), Some(Error::NoSpace { .. })), "{:?}", job.error);
    assert_eq!(bench.subjects("source:good").len(), 10, "what was there is untouched");

    // With room again, the import goes on.
    bench.open();
    bench.import_well(&path);
    assert_eq!(bench.find("").total, 3010);
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new();
    let path = bench.numbered("closed.pst", 3);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::File::open(&path).is_ok() {
        eprintln!("skipped: a_file_that_may_not_be_read (this user may read everything)");
        return;
    }
    assert!(matches!(refused(&bench, path), Error::Source { problem: SourceProblem::PermissionDenied, .. }));
}
