//! The child's side.

use super::protocol::{Answer, Hello, Request, get_bytes};
use super::{ARGUMENT, walls};
use crate::{Limits, Reason, text_of};
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::Duration;

/// Stack of the thread that reads: some formats nest.
const STACK: usize = 64 << 20;
/// How much longer than the parent's limit the child waits before it ends itself: the parent may be gone.
const GRACE: Duration = Duration::from_secs(5);
/// How the child ends when its time is over.
const TIME_IS_OVER: i32 = 86;

/// Serves and gives how the program is to end, if it was started as a child: call it first of all in `main`.
pub fn serve_if_asked() -> Option<ExitCode> {
    let asked = std::env::args_os().nth(1).is_some_and(|argument| argument == ARGUMENT);
    asked.then(|| if serve().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Reads files as standard input asks for them, until it ends.
///
/// # Errors
/// When standard input or output break.
pub fn serve() -> io::Result<()> {
    let server = std::thread::Builder::new().name("read".into()).stack_size(STACK).spawn(run)?;
    server.join().unwrap_or_else(|_| Err(io::Error::other("the reading thread failed")))
}

fn run() -> io::Result<()> {
    let mut input = io::stdin().lock();
    let mut output = io::stdout().lock();
    let Hello { mark, limits } = Hello::read(&mut input)?;
    let watch = watch(limits.time + GRACE)?;
    walls::raise(limits.memory);
    Answer::Ready.write(&mark, &mut output)?;
    while let Some(request) = Request::read(&mut input)? {
        let _ = watch.send(true);
        let answer = answer(&request, &mut input, &limits)?;
        answer.write(&mark, &mut output)?;
        let _ = watch.send(false);
    }
    Ok(())
}

fn answer(request: &Request, input: &mut impl Read, limits: &Limits) -> io::Result<Answer> {
    let bytes = get_bytes(input, request.size, limits.input)?;
    // A fault of a parser must not cost the child, as long as it can be caught.
    let attempt = catch_unwind(AssertUnwindSafe(|| text_of(&request.name, &request.mime, &bytes, limits)));
    Ok(match attempt {
        Ok(Ok(found)) => Answer::Text(found),
        Ok(Err(reason)) => Answer::None(reason),
        Err(_) => Answer::None(Reason::Died("a fault of its reader".into())),
    })
}

/// Ends the process when a file takes longer than `time`: told true when one begins, false when it ends.
fn watch(time: Duration) -> io::Result<mpsc::Sender<bool>> {
    let (sender, receiver) = mpsc::channel();
    let wait = move || {
        while let Ok(begun) = receiver.recv() {
            if begun && receiver.recv_timeout(time) == Err(mpsc::RecvTimeoutError::Timeout) {
                std::process::exit(TIME_IS_OVER);
            }
        }
    };
    std::thread::Builder::new().name("watch".into()).spawn(wait)?;
    Ok(sender)
}
