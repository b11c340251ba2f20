//! One window for each library of a person: a second start hands its files to the first, and ends.
//!
//! The first start holds a locked file, which the system takes from it however it ends, and listens at an address beside that
//! file. Who finds the file locked says at the address what it wants. Only the answer of a window that did come to the front
//! ends the second start; where none comes, because the first hangs, is stopped or is just ending, the second opens a window
//! of its own, in which the library's lock decides.
//!
//! Invariants: no start ends without a window in sight; files go to one of the two windows, never to both.

use interprocess::local_socket::tokio::{Listener, Stream, prelude::*};
use interprocess::local_socket::{GenericFilePath, ListenerOptions, Name};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, sleep, timeout};

/// How long a second start waits for the first to answer. A window that does not come to the front in that time will hardly do so.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// How long the first start listens to a second that says nothing.
const HEARING: Duration = Duration::from_secs(10);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(50);
/// The longest message, in bytes: more than a command line holds.
const MOST: u32 = 16 * 1024 * 1024;
/// The answer of a window that came to the front.
const TAKEN: u8 = 1;

/// What a start turned out to be.
pub enum Standing {
    /// The first: whatever starts later comes to it.
    First(Place),
    /// A second, whose files the first has taken.
    HandedOver,
    /// One that opens a window without being found by others: the first does not answer, or nothing can be locked here.
    Alone,
}

/// The place of the first start. Whoever drops it gives it up.
pub struct Place {
    // Closed in this order: the next to hold the lock must not lose the address that it made anew.
    listener: Listener,
    _lock: File,
}

/// What a second start wants.
#[derive(Serialize, Deserialize)]
struct Wish {
    /// Files and folders to import, absolute.
    files: Vec<OsString>,
}

/// A window that others can be handed over to.
pub trait Front: Clone + Send + Sync + 'static {
    /// Comes to the front; whether it did.
    fn come(&self) -> impl Future<Output = bool> + Send;
    /// Imports files.
    fn take(&self, files: Vec<PathBuf>);
}

/// Takes the place `name` in `folder`, or hands `files` to whoever has it. Waits as long as `patience` for an answer.
pub async fn take_place(folder: &Path, name: &str, files: &[PathBuf], patience: Duration) -> Standing {
    let end = Instant::now() + patience;
    let files = files.iter().map(|file| file.clone().into_os_string()).collect();
    let (Ok(address), Ok(message)) = (address(folder, name), serde_json::to_vec(&Wish { files })) else {
        return Standing::Alone;
    };
    loop {
        match lock(folder, name) {
            Ok(Some(lock)) => {
                // Left behind by one that was killed; nobody else can be listening there.
                let _ = fs::remove_file(socket(folder, name));
                return match ListenerOptions::new().name(address).create_tokio() {
                    Ok(listener) => Standing::First(Place { listener, _lock: lock }),
                    Err(_) => Standing::Alone,
                };
            }
            Ok(None) => {}
            Err(_) => return Standing::Alone,
        }
        let left = end.saturating_duration_since(Instant::now());
        if let Ok(Ok(())) = timeout(left, offer(address.borrow(), &message)).await {
            return Standing::HandedOver;
        }
        // It may be gone by now, or not yet be listening.
        if Instant::now() + PAUSE >= end {
            return Standing::Alone;
        }
        sleep(PAUSE).await;
    }
}

impl Place {
    /// Lets `front` answer whoever comes. Never ends by itself; the place is given up when the task that runs it is aborted.
    pub async fn answer(self, front: impl Front) {
        loop {
            match self.listener.accept().await {
                Ok(stream) => {
                    let front = front.clone();
                    // Whoever got no answer opens a window of its own.
                    tokio::spawn(async move { timeout(HEARING, hear(stream, front)).await.ok() });
                }
                // Such as too many open files: that passes.
                Err(_) => sleep(PAUSE).await,
            }
        }
    }
}

/// Says what is wanted, and waits for the answer.
async fn offer(address: Name<'_>, message: &[u8]) -> io::Result<()> {
    let length = u32::try_from(message.len()).ok().filter(|length| *length <= MOST);
    let length = length.ok_or(io::ErrorKind::InvalidInput)?;
    let mut stream = Stream::connect(address).await?;
    stream.write_all(&length.to_le_bytes()).await?;
    stream.write_all(message).await?;
    stream.flush().await?;
    match stream.read_u8().await? {
        TAKEN => Ok(()),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// Hears what one start wants, and answers once the window is in front.
async fn hear(mut stream: Stream, front: impl Front) -> io::Result<()> {
    let length = stream.read_u32_le().await?;
    if length > MOST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut message = Vec::new();
    (&mut stream).take(u64::from(length)).read_to_end(&mut message).await?;
    let wish: Wish = serde_json::from_slice(&message)?;
    if front.come().await {
        // Fails where the other has stopped waiting: it has a window by now, and its files in it.
        stream.write_u8(TAKEN).await?;
        stream.flush().await?;
        front.take(wish.files.into_iter().map(PathBuf::from).collect());
    }
    Ok(())
}

/// The lock, where nobody else has it.
fn lock(folder: &Path, name: &str) -> io::Result<Option<File>> {
    fs::create_dir_all(folder)?;
    let file =
        File::options().create(true).truncate(false).write(true).open(folder.join(format!("{name}.lock")))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn socket(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.sock"))
}

/// Where the first start listens: a socket in the folder; on Windows a pipe named after it.
fn address(folder: &Path, name: &str) -> io::Result<Name<'static>> {
    if cfg!(windows) {
        let mut hasher = DefaultHasher::new();
        folder.hash(&mut hasher);
        let pipe = format!(r"\\.\pipe\org.mailscope.desktop-{:016x}-{name}", hasher.finish());
        return pipe.to_fs_name::<GenericFilePath>();
    }
    socket(folder, name).to_fs_name::<GenericFilePath>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    /// A window that comes to the front, or does not, and keeps what it is given.
    #[derive(Clone, Default)]
    struct Seen {
        hidden: bool,
        files: Arc<Mutex<Vec<PathBuf>>>,
    }

    impl Front for Seen {
        async fn come(&self) -> bool {
            !self.hidden
        }

        fn take(&self, files: Vec<PathBuf>) {
            self.files.lock().unwrap().extend(files);
        }
    }

    impl Seen {
        /// The files once there are so many: they are taken after the answer.
        async fn given(&self, many: usize) -> Vec<PathBuf> {
            loop {
                let files = self.files.lock().unwrap().clone();
                if files.len() >= many {
                    return files;
                }
                sleep(Duration::from_millis(5)).await;
            }
        }
    }

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("mailscope-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    fn check(test: impl Future<Output = ()>) {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap()
            .block_on(test);
    }

    /// Waits as long as it takes for an answer that comes.
    async fn start(folder: &Path, name: &str, files: &[&str]) -> Standing {
        start_within(Duration::from_secs(60), folder, name, files).await
    }

    async fn start_within(patience: Duration, folder: &Path, name: &str, files: &[&str]) -> Standing {
        let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
        take_place(folder, name, &files, patience).await
    }

    async fn first(folder: &Path, name: &str) -> Place {
        match start(folder, name, &[]).await {
            Standing::First(place) => place,
            Standing::HandedOver => panic!("somebody took the files"),
            Standing::Alone => panic!("the place could not be taken"),
        }
    }

    #[test]
    fn a_second_start_hands_its_files_over() {
        check(async {
            let folder = folder("hands-over");
            let seen = Seen::default();
            let serving = tokio::spawn(first(&folder, "desk").await.answer(seen.clone()));
            assert!(matches!(start(&folder, "desk", &["/a b.pst", "/ü"]).await, Standing::HandedOver));
            assert!(matches!(start(&folder, "desk", &[]).await, Standing::HandedOver));
            assert_eq!(seen.given(2).await, [PathBuf::from("/a b.pst"), PathBuf::from("/ü")]);
            // Another library is another place.
            drop(first(&folder, "other").await);
            serving.abort();
            let _ = serving.await;
            // Given up, it is free for the next, who is found like the one before.
            let serving = tokio::spawn(first(&folder, "desk").await.answer(seen.clone()));
            assert!(matches!(start(&folder, "desk", &["/c"]).await, Standing::HandedOver));
            assert_eq!(seen.given(3).await.len(), 3);
            serving.abort();
        });
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_no_unicode_arrive_as_they_are() {
        use std::os::unix::ffi::OsStringExt as _;
        check(async {
            let folder = folder("bytes");
            let seen = Seen::default();
            let serving = tokio::spawn(first(&folder, "desk").await.answer(seen.clone()));
            let odd = PathBuf::from(OsString::from_vec(b"/caf\xe9.pst".to_vec()));
            let second =
                take_place(&folder, "desk", std::slice::from_ref(&odd), Duration::from_secs(60)).await;
            assert!(matches!(second, Standing::HandedOver));
            assert_eq!(seen.given(1).await, [odd]);
            serving.abort();
        });
    }

    #[test]
    fn who_gets_no_answer_stands_alone() {
        check(async {
            let folder = folder("alone");
            // Holds the place and never listens, as one that is stopped.
            let stopped = first(&folder, "desk").await;
            let brief = Duration::from_millis(400);
            assert!(matches!(start_within(brief, &folder, "desk", &["/a"]).await, Standing::Alone));
            drop(stopped);
            // Its window is gone while it ends.
            let ending = Seen { hidden: true, ..Seen::default() };
            let serving = tokio::spawn(first(&folder, "desk").await.answer(ending.clone()));
            assert!(matches!(start_within(brief, &folder, "desk", &["/a"]).await, Standing::Alone));
            assert!(ending.files.lock().unwrap().is_empty());
            serving.abort();
            let _ = serving.await;
            // Nothing can be locked where no folder can be made.
            let file = folder.join("desk.lock");
            assert!(matches!(start(&file.join("within"), "desk", &[]).await, Standing::Alone));
        });
    }

    #[test]
    fn what_was_left_behind_is_no_hindrance() {
        check(async {
            let folder = folder("left");
            fs::create_dir_all(&folder).unwrap();
            fs::write(socket(&folder, "desk"), "").unwrap();
            fs::write(folder.join("desk.lock"), "").unwrap();
            drop(first(&folder, "desk").await);
        });
    }

    #[test]
    fn nonsense_is_not_answered_and_harms_nothing() {
        check(async {
            let folder = folder("nonsense");
            let seen = Seen::default();
            let serving = tokio::spawn(first(&folder, "desk").await.answer(seen.clone()));
            for nonsense in [&b"\xff\xff\xff\xff"[..], b"\x02\0\0\0{}", b"\x09\0\0\0{\"files\":", b"\x01"] {
                let mut stream = Stream::connect(address(&folder, "desk").unwrap()).await.unwrap();
                stream.write_all(nonsense).await.unwrap();
                // Half a message is waited for; whatever else is said is hung up on.
                if nonsense.len() > 4 && !nonsense.ends_with(b":") {
                    let mut answer = Vec::new();
                    let _ = stream.read_to_end(&mut answer).await;
                    assert!(answer.is_empty(), "{nonsense:?} was answered");
                }
            }
            assert!(matches!(start(&folder, "desk", &["/a"]).await, Standing::HandedOver));
            assert_eq!(seen.given(1).await.len(), 1);
            serving.abort();
        });
    }
}
