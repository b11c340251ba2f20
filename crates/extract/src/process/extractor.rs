//! The parent's side.

use super::ARGUMENT;
use super::protocol::{Answer, Hello, Mark, Request};
use crate::{Extracted, Limits, Reason};
use std::ffi::OsString;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often a child at work is looked at.
const LOOK: Duration = Duration::from_millis(25);
/// How long a new child may take until it can be asked.
const START: Duration = Duration::from_secs(30);
/// After so many files a child is replaced: memory in pieces and leaks go with it.
const MAX_SERVED: u32 = 2000;
/// Of what a child says on its standard error, the last is kept.
const MAX_LAST_WORDS: usize = 4096;

/// Which program is the child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Where it lies.
    pub path: PathBuf,
    /// How it is started.
    pub arguments: Vec<OsString>,
}

impl Program {
    /// The running program, started anew with [`ARGUMENT`]. Its `main` must begin with [`super::serve_if_asked`].
    ///
    /// # Errors
    /// When the system does not know where the program lies.
    pub fn this() -> io::Result<Self> {
        Ok(Self { path: std::env::current_exe()?, arguments: vec![ARGUMENT.into()] })
    }
}

/// Why a file was neither read nor refused.
#[derive(Debug)]
pub enum Trouble {
    /// It was asked to stop.
    Stopped,
    /// No child can be had; the file is as good as any.
    NoChild(io::Error),
    /// The file's content could not be had.
    Content(io::Error),
}

/// Asks a child for the text of files, one after the other. A child that dies is replaced.
pub struct Extractor {
    program: Program,
    limits: Limits,
    stop: Arc<AtomicBool>,
    running: Option<Running>,
}

/// Why a child was ended.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Ended {
    Time,
    Memory,
    Stop,
}

struct Running {
    watched: Arc<Watched>,
    watcher: Option<JoinHandle<()>>,
    input: Option<BufWriter<ChildStdin>>,
    output: BufReader<ChildStdout>,
    last_words: Option<JoinHandle<String>>,
    mark: Mark,
    served: u32,
}

struct Watched {
    child: Mutex<Child>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    deadline: Option<Instant>,
    ended: Option<Ended>,
    over: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Extractor {
    /// An extractor that starts `program` when it is first asked, and gives up when `stop` becomes true.
    pub fn new(program: Program, limits: Limits, stop: Arc<AtomicBool>) -> Self {
        Self { program, limits, stop, running: None }
    }

    /// What a file may cost.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The number of the child process, while there is one.
    pub fn child(&self) -> Option<u32> {
        self.running.as_ref().map(|running| lock(&running.watched.child).id())
    }

    /// Ends the child; the next file gets a new one.
    pub fn rest(&mut self) {
        self.running = None;
    }

    /// The text of a file of `size` bytes, or why there is none.
    ///
    /// # Errors
    /// [`Trouble`], where it is not the file that is to blame.
    pub fn text_of(
        &mut self,
        name: &str,
        mime: &str,
        size: u64,
        content: &mut (impl Read + Seek),
    ) -> Result<Result<Extracted, Reason>, Trouble> {
        if size > self.limits.input {
            return Ok(Err(Reason::TooLarge(size)));
        }
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return Err(Trouble::Stopped);
            }
            content.seek(SeekFrom::Start(0)).map_err(Trouble::Content)?;
            let mut running = match self.running.take() {
                Some(running) => running,
                None => Running::start(&self.program, &self.limits, &self.stop)?,
            };
            let request = Request { name: name.to_owned(), mime: mime.to_owned(), size };
            match running.ask(&request, content, &self.limits) {
                Ok(answer) => {
                    running.served += 1;
                    if running.served < MAX_SERVED {
                        self.running = Some(running);
                    }
                    return Ok(match answer {
                        Answer::Text(found) => Ok(found),
                        Answer::None(reason) => Err(reason),
                        Answer::Ready => Err(Reason::Died("it answered what it was not asked".into())),
                    });
                }
                Err(Failed::Content(error)) => return Err(Trouble::Content(error)),
                Err(Failed::Child) => {
                    let (served, reason) = (running.served, running.autopsy(self.limits.time)?);
                    // What files before it left behind may have killed the child: a fresh one shows whether it is the file.
                    if served == 0 || matches!(reason, Reason::TimedOut(_)) {
                        return Ok(Err(reason));
                    }
                }
            }
        }
    }
}

enum Failed {
    Child,
    Content(io::Error),
}

impl Running {
    fn start(program: &Program, limits: &Limits, stop: &Arc<AtomicBool>) -> Result<Self, Trouble> {
        let mut child = Command::new(&program.path)
            .args(&program.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(Trouble::NoChild)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(output), Some(mut errors)) = pipes else {
            return Err(Trouble::NoChild(io::Error::other("the child has no pipes")));
        };
        let id = child.id();
        let state = State { deadline: Some(Instant::now() + START), ..State::default() };
        let watched = Arc::new(Watched { child: Mutex::new(child), state: Mutex::new(state) });
        let spawn = std::thread::Builder::new;
        let watcher = spawn().name("watch-child".into()).spawn({
            let (watched, stop, memory) = (watched.clone(), stop.clone(), limits.memory);
            move || watched.watch(id, memory, &stop)
        });
        let last_words = spawn().name("hear-child".into()).spawn(move || last_words(&mut errors));
        let mut running = Self {
            watched,
            watcher: None,
            input: Some(BufWriter::with_capacity(64 * 1024, input)),
            output: BufReader::new(output),
            last_words: None,
            mark: mark(),
            served: 0,
        };
        running.watcher = Some(watcher.map_err(Trouble::NoChild)?);
        running.last_words = Some(last_words.map_err(Trouble::NoChild)?);
        let hello = Hello { mark: running.mark, limits: *limits };
        let greeted = running.input.as_mut().map_or(Ok(()), |input| hello.write(input)).and_then(|()| {
            match Answer::read(&running.mark, &mut running.output, 0)? {
                Answer::Ready => Ok(()),
                _ => Err(io::Error::other("it is not ready")),
            }
        });
        lock(&running.watched.state).deadline = None;
        match greeted {
            Ok(()) => Ok(running),
            Err(_) if lock(&running.watched.state).ended == Some(Ended::Stop) => Err(Trouble::Stopped),
            Err(error) => {
                let why =
                    running.autopsy(START).map_or_else(|_| error.to_string(), |reason| reason.to_string());
                Err(Trouble::NoChild(io::Error::other(format!(
                    "{} does not serve: {why}",
                    program.path.display()
                ))))
            }
        }
    }

    fn ask(&mut self, request: &Request, content: &mut impl Read, limits: &Limits) -> Result<Answer, Failed> {
        lock(&self.watched.state).deadline = Some(Instant::now() + limits.time);
        let answer = self.send(request, content).and_then(|()| {
            Answer::read(&self.mark, &mut self.output, limits.text).map_err(|_| Failed::Child)
        });
        lock(&self.watched.state).deadline = None;
        answer
    }

    fn send(&mut self, request: &Request, content: &mut impl Read) -> Result<(), Failed> {
        let Some(input) = &mut self.input else { return Err(Failed::Child) };
        request.write(input).map_err(|_| Failed::Child)?;
        let mut buffer = vec![0; 64 * 1024];
        let mut left = request.size;
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            let count = content.read(&mut buffer[..most]).map_err(Failed::Content)?;
            if count == 0 {
                return Err(Failed::Content(io::ErrorKind::UnexpectedEof.into()));
            }
            input.write_all(&buffer[..count]).map_err(|_| Failed::Child)?;
            left -= count as u64;
        }
        input.flush().map_err(|_| Failed::Child)
    }

    /// Ends the child and says what it died of.
    fn autopsy(mut self, time: Duration) -> Result<Reason, Trouble> {
        let status = self.end();
        let ended = lock(&self.watched.state).ended;
        let words = self.last_words.take().and_then(|heard| heard.join().ok()).unwrap_or_default();
        Ok(match ended {
            Some(Ended::Stop) => return Err(Trouble::Stopped),
            Some(Ended::Time) => Reason::TimedOut(time),
            Some(Ended::Memory) => Reason::OutOfMemory,
            None if words.contains("memory allocation of") => Reason::OutOfMemory,
            None if words.contains("has overflowed its stack") => {
                Reason::Died("its parts nest too deep".into())
            }
            None => {
                Reason::Died(status.map_or_else(|| "no one knows how".into(), |status| status.to_string()))
            }
        })
    }

    /// Ends the child if it lives, and its watcher.
    fn end(&mut self) -> Option<ExitStatus> {
        // Without input a sound child ends by itself; one whose answer broke off has ended already or never will.
        self.input = None;
        let gone = || {
            let started = Instant::now();
            loop {
                match lock(&self.watched.child).try_wait() {
                    Ok(Some(status)) => return Some(status),
                    Ok(None) if started.elapsed() < LOOK * 4 => {}
                    _ => return None,
                }
                std::thread::sleep(LOOK / 10);
            }
        };
        let status = gone().or_else(|| {
            let mut child = lock(&self.watched.child);
            let _ = child.kill();
            child.wait().ok()
        });
        lock(&self.watched.state).over = true;
        if let Some(watcher) = self.watcher.take() {
            watcher.thread().unpark();
            let _ = watcher.join();
        }
        status
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

impl Watched {
    /// Ends the child when it works for longer than it may, takes more memory, or is no longer wanted.
    fn watch(&self, id: u32, memory: u64, stop: &AtomicBool) {
        let mut system = sysinfo::System::new().ok();
        let id = sysinfo::Pid::from_u32(id);
        loop {
            std::thread::park_timeout(LOOK);
            let (deadline, over) = {
                let state = lock(&self.state);
                (state.deadline, state.over)
            };
            if over {
                return;
            }
            let Some(deadline) = deadline else { continue };
            let why = if stop.load(Ordering::Relaxed) {
                Some(Ended::Stop)
            } else if Instant::now() >= deadline {
                Some(Ended::Time)
            } else {
                let kind = sysinfo::ProcessRefreshKind::nothing().with_memory();
                let taken = system.as_mut().and_then(|system| {
                    system.refresh_processes_specifics(sysinfo::ProcessesToUpdate::Some(&[id]), true, kind);
                    system.process(id).map(sysinfo::Process::memory)
                });
                taken.is_some_and(|taken| taken > memory).then_some(Ended::Memory)
            };
            if let Some(why) = why {
                lock(&self.state).ended.get_or_insert(why);
                let _ = lock(&self.child).kill();
                return;
            }
        }
    }
}

/// The last of what a child says before it ends.
fn last_words(errors: &mut impl Read) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0; 1024];
    while let Ok(count @ 1..) = errors.read(&mut buffer) {
        kept.extend_from_slice(&buffer[..count]);
        let beyond = kept.len().saturating_sub(MAX_LAST_WORDS);
        kept.drain(..beyond);
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// What no file can guess: the keys of hash maps are as random as the system can make them.
fn mark() -> Mark {
    let mut mark = Mark::default();
    for half in mark.chunks_exact_mut(8) {
        half.copy_from_slice(&RandomState::new().hash_one(0_u8).to_le_bytes());
    }
    mark
}
