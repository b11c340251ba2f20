//! One run of a program: how long it took and how much memory it had at most.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

/// What a run of a program came to.
pub struct Measured {
    /// From start to end.
    pub seconds: f64,
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
pub struct Run {
    /// From start to end.
    pub seconds: f64,
    /// The most resident memory, in bytes.
    pub peak: Option<u64>,
    /// Whether it ended with success (with or without losses) and wrote a file.
    pub wrote: bool,
}

impl Measured {
    /// The part that is compared; `wrote` tells whether the run left a file behind.
    pub fn into_run(self, wrote: bool) -> Run {
        Run { seconds: self.seconds, peak: self.peak, wrote }
    }
}

/// Runs `command` to its end.
///
/// The memory is the kernel's own high-water mark of the process (`VmHWM`), read every few milliseconds until it ends; what
/// a program takes in its very last moment may be missed, alike for all.
///
/// # Errors
/// When it cannot be started.
pub fn measure(command: &mut Command) -> io::Result<Measured> {
    const PAUSE: Duration = Duration::from_millis(3);

    let start = Instant::now();
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut peak = None;
            while !ended.load(Ordering::Acquire) {
                peak = fs::read_to_string(&status).ok().and_then(|text| high_water(&text)).max(peak);
                thread::sleep(PAUSE);
            }
            peak
        });
        let output = child.wait_with_output();
        let seconds = start.elapsed().as_secs_f64();
        ended.store(true, Ordering::Release);
        let peak = watcher.join().unwrap_or(None);
        let output = output?;
        Ok(Measured {
            seconds,
            peak,
            success: output.status.success(),
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    })
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
    fn a_run_is_measured() {
        let run = measure(Command::new("cargo").arg("--version")).unwrap();
        assert!(run.success && run.code == Some(0) && run.stdout.starts_with("cargo "));
        assert!(run.seconds > 0.0);
        let failed = measure(Command::new("cargo").arg("frobnicate-nothing")).unwrap();
        assert!(!failed.success && !failed.stderr.is_empty());
        assert!(measure(&mut Command::new("no-such-program-here")).is_err());
    }
}
