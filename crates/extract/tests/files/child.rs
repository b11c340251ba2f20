//! The child process: what it gives, and what becomes of files that break it.

use super::make::{docx, zip};
use mailscope_extract::process::{Extractor, Program, Trouble, serve};
use mailscope_extract::{Extracted, Limits, Reason};
use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How this test program is started to become a child.
const AS_CHILD: [&str; 4] = ["--exact", "child::serves", "--nocapture", "--test-threads=1"];

/// No test of its own: the child of the others, when the program is started as they start it.
#[test]
fn serves() {
    if std::env::args().skip(1).eq(AS_CHILD) {
        serve().unwrap();
        std::process::exit(0);
    }
}

fn extractor(limits: Limits) -> Extractor {
    let path = std::env::current_exe().unwrap();
    let program = Program { path, arguments: AS_CHILD.map(Into::into).into() };
    Extractor::new(program, limits, Arc::default())
}

fn ask(extractor: &mut Extractor, name: &str, bytes: &[u8]) -> Result<Extracted, Reason> {
    extractor.text_of(name, "", bytes.len() as u64, &mut Cursor::new(bytes)).unwrap()
}

#[test]
fn one_child_serves_many_files() {
    let mut extractor = extractor(Limits::default());
    let document = docx(&["Words of a document"]);
    for n in 0..50 {
        assert_eq!(ask(&mut extractor, "a.docx", &document).unwrap().text, "Words of a document");
        let text = format!("text {n}{}", "x".repeat(n * 10_000));
        assert_eq!(ask(&mut extractor, "a.txt", text.as_bytes()).unwrap().text, text);
        assert_eq!(ask(&mut extractor, "a.jpg", b"\xff\xd8\xff"), Err(Reason::NoText("JPEG picture".into())));
    }
    let first = extractor.child();
    assert!(first.is_some());
    assert_eq!(ask(&mut extractor, "a.zip", &zip(&[("a.txt", b"alpha")])).unwrap().text, "a.txt\nalpha");
    assert_eq!(extractor.child(), first);
}

/// A workbook whose reading takes memory without end: every cell is a string of its own.
fn hungry() -> Vec<u8> {
    let strings = format!("<sst>{}</sst>", "<si/>".repeat(2_000_000));
    super::make::office(&[("xl/sharedStrings.xml", &strings)])
}

#[test]
fn a_file_that_takes_too_much_memory_costs_itself() {
    let mut extractor = extractor(Limits { memory: 96 << 20, ..Limits::default() });
    assert_eq!(ask(&mut extractor, "a.txt", b"before").unwrap().text, "before");
    assert_eq!(ask(&mut extractor, "a.xlsx", &hungry()), Err(Reason::OutOfMemory));
    assert_eq!(ask(&mut extractor, "a.txt", b"after").unwrap().text, "after");
}

#[test]
fn a_file_that_takes_too_long_costs_itself() {
    const SHORT: Duration = Duration::from_millis(300);
    let mut extractor = extractor(Limits { time: SHORT, ..Limits::default() });
    // On a machine that does much else, a child may take as long to be started.
    let line = |extractor: &mut Extractor, text: &[u8]| {
        let mut answers = (0..100).map(|_| ask(extractor, "a.txt", text));
        answers.find(|answer| *answer != Err(Reason::TimedOut(SHORT))).unwrap().unwrap().text
    };
    assert_eq!(line(&mut extractor, b"before"), "before");
    // Drawing a page of millions of steps takes longer than any person would wait.
    let steps = "BT /F1 10 Tf ET ".repeat(3_000_000);
    let slow = super::make::pdf(&[&steps]);
    assert_eq!(ask(&mut extractor, "a.pdf", &slow), Err(Reason::TimedOut(SHORT)));
    assert_eq!(line(&mut extractor, b"after"), "after");
}

#[test]
fn a_child_that_was_killed_is_replaced() {
    let mut extractor = extractor(Limits::default());
    for _ in 0..5 {
        assert_eq!(ask(&mut extractor, "a.txt", b"words").unwrap().text, "words");
        let child = extractor.child().unwrap().to_string();
        assert!(std::process::Command::new("kill").args(["-9", &child]).status().unwrap().success());
    }
    assert_eq!(ask(&mut extractor, "a.txt", b"words").unwrap().text, "words");
}

#[test]
fn nothing_is_read_once_asked_to_stop() {
    let stop = Arc::new(AtomicBool::new(false));
    let path = std::env::current_exe().unwrap();
    let program = Program { path, arguments: AS_CHILD.map(Into::into).into() };
    let mut extractor = Extractor::new(program, Limits::default(), stop.clone());
    let stopper = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(500));
        stop.store(true, Ordering::Relaxed);
    });
    let steps = "BT /F1 10 Tf ET ".repeat(3_900_000);
    let slow = super::make::pdf(&[&steps, &steps[..1]]);
    let mut stopped = false;
    // However fast the machine is, some file is being read when it is told to stop.
    for _ in 0..1000 {
        let answer = extractor.text_of("a.pdf", "", slow.len() as u64, &mut Cursor::new(&slow));
        stopped = matches!(answer, Err(Trouble::Stopped));
        if stopped {
            break;
        }
    }
    stopper.join().unwrap();
    assert!(stopped);
}

#[test]
fn a_program_that_is_no_child_is_told_apart_from_a_bad_file() {
    for (path, arguments) in
        [("/nowhere/at/all", vec![]), ("/bin/true", vec![]), ("/bin/cat", vec!["/dev/null".into()])]
    {
        let program = Program { path: path.into(), arguments };
        let mut extractor = Extractor::new(program, Limits::default(), Arc::default());
        let answer = extractor.text_of("a.txt", "", 5, &mut Cursor::new(b"words"));
        assert!(matches!(answer, Err(Trouble::NoChild(_))), "{path}: {answer:?}");
    }
}
