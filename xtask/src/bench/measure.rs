//! One run of a program: how long it took, how much of the processors, and how much memory it had at most.

use std::fs::File;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

/// What a run of a program came to.
pub struct Measured {
    /// From start to end.
    pub seconds: f64,
    /// Time of the processors, of itself and of the helpers that it waited for; `None` where the system does not tell.
    pub processor: Option<f64>,
    /// The most resident memory, in bytes; `None` where the system does not tell.
    pub peak: Option<u64>,
    /// Whether it ended with status 0.
    pub success: bool,
    /// Its exit status, if it was not killed.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it complained.
    pub stderr: String,
}

/// What of a run goes into the comparison.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// From start to end.
    pub seconds: f64,
    /// Time of the processors.
    pub processor: Option<f64>,
    /// The most resident memory, in bytes.
    pub peak: Option<u64>,
    /// Whether it did its work: ended with success (with or without losses), or left files behind.
    pub worked: bool,
}

impl Measured {
    /// The part that is compared.
    pub fn into_run(self, worked: bool) -> Run {
        Run { seconds: self.seconds, processor: self.processor, peak: self.peak, worked }
    }
}

/// Runs `command` to its end.
///
/// The memory is the kernel's own high-water mark of the process (`VmHWM`), read now and then until it ends; what
/// a program takes in the last fifth of its time, or the last second of it, may be missed, alike for all. The processor's time is read from the process
/// once it has ended and before it is gone.
///
/// # Errors
/// When it cannot be started.
pub fn measure(command: &mut Command) -> io::Result<Measured> {
    // Each look takes the processor from what is measured: one every 20 ms made an import of 1.4 s a tenth longer. So they come at
    // longer and longer intervals, and a run of any length has some twenty and what its seconds bring.
    const FIRST: Duration = Duration::from_millis(10);
    const LAST: Duration = Duration::from_secs(1);

    // Files, not pipes: nobody has to read while the program runs, so that its end can be awaited without reaping it.
    let (out, err) = (Scratch::new()?, Scratch::new()?);
    let start = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(out.handle()?).stderr(err.handle()?).spawn()?;
    let folder = format!("/proc/{}", child.id());
    let (status, stat) = (format!("{folder}/status"), format!("{folder}/stat"));
    let ended = AtomicBool::new(false);
    let (outcome, seconds, processor, peak) = thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut peak = None;
            while !ended.load(Ordering::Acquire) {
                peak = fs::read_to_string(&status).ok().and_then(|text| high_water(&text)).max(peak);
                thread::park_timeout((start.elapsed() / 4).clamp(FIRST, LAST));
            }
            peak
        });
        let (seconds, processor) = until_ended(&child, &stat, start);
        let outcome: io::Result<ExitStatus> = child.wait();
        let seconds = seconds.unwrap_or_else(|| start.elapsed().as_secs_f64());
        ended.store(true, Ordering::Release);
        watcher.thread().unpark();
        (outcome, seconds, processor, watcher.join().unwrap_or(None))
    });
    let outcome = outcome?;
    Ok(Measured {
        seconds,
        processor,
        peak,
        success: outcome.success(),
        code: outcome.code(),
        stdout: out.text()?,
        stderr: err.text()?,
    })
}

/// Waits until a process has ended but is not gone; gives the time since `start`, and that of the processors from its
/// `/proc/…/stat`. Nothing where the system cannot do that.
#[cfg(target_os = "linux")]
fn until_ended(child: &Child, stat: &str, start: Instant) -> (Option<f64>, Option<f64>) {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
    let Some(process) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else { return (None, None) };
    while let Err(error) = waitid(WaitId::Pid(process), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
        if error != rustix::io::Errno::INTR {
            return (None, None);
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    (Some(seconds), fs::read_to_string(stat).ok().and_then(|text| processor_time(&text)))
}

#[cfg(not(target_os = "linux"))]
fn until_ended(_: &Child, _: &str, _: Instant) -> (Option<f64>, Option<f64>) {
    (None, None)
}

/// Out of `/proc/…/stat`: the seconds of processor that a process and its helpers took.
fn processor_time(stat: &str) -> Option<f64> {
    /// `USER_HZ`, which Linux shows to programs on every machine.
    const TICKS: f64 = 100.0;
    // The name stands in brackets and may hold anything.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: Option<u64> =
        fields.get(11..15)?.iter().map(|field| field.parse::<u64>().ok()).sum::<Option<u64>>();
    Some(ticks? as f64 / TICKS)
}

/// A file for what a program says, gone when it is no longer wanted.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new() -> io::Result<Self> {
        static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("mailscope-bench-{}-{number}", std::process::id()));
        File::create(&path)?;
        Ok(Self(path))
    }

    fn handle(&self) -> io::Result<File> {
        File::options().append(true).open(&self.0)
    }

    fn text(&self) -> io::Result<String> {
        Ok(String::from_utf8_lossy(&fs::read(&self.0)?).into_owned())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A scratch file that stays behind harms nobody.
        let _ = fs::remove_file(&self.0);
    }
}

/// The high-water mark of resident memory out of `/proc/…/status`, in bytes.
fn high_water(status: &str) -> Option<u64> {
    let value = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = value.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read() {
        let check = |text, expected| assert_eq!(high_water(text), expected, "{text:?}");
        check("Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n", Some(2048 * 1024));
        check("Name:\tx\n", None);
        check("VmHWM:\tmany kB\n", None);
        check("VmHWM:\t99999999999999999999 kB\n", None);
    }

    #[test]
    fn times_of_processors_are_read() {
        let check = |text, expected| assert_eq!(processor_time(text), expected, "{text:?}");
        check("7 (a b) c) R 1 7 7 0 -1 4 0 0 0 0 150 50 0 0 20 0 1", Some(2.0));
        check("7 (x) Z 1 7 7 0 -1 4 0 0 0 0 10 5 3 2 20 0 1", Some(0.2));
        check("7 (x) Z 1 7", None);
        check("", None);
    }

    #[test]
    fn a_run_is_measured() {
        let run = measure(Command::new("cargo").arg("--version")).unwrap();
        assert!(run.success && run.code == Some(0) && run.stdout.starts_with("cargo "));
        assert!(run.seconds > 0.0);
        let failed = measure(Command::new("cargo").arg("frobnicate-nothing")).unwrap();
        assert!(!failed.success && !failed.stderr.is_empty());
        assert!(measure(&mut Command::new("no-such-program-here")).is_err());
    }
}
