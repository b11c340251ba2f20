//! The log of the window: begun by the command line, the environment or the settings, and never larger than it may be.

use crate::arguments::Arguments;
use crate::failure;
use crate::preferences::{Memory, log_folder};
use mailscope_api::{ApiError, ErrorCode, Log, LogState, log_size};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Of the log, so many bytes are kept at most: a window stays open for weeks.
const MOST: u64 = 8 * 1024 * 1024;

/// The log of this program.
pub struct Logging {
    log: Log,
    /// The file that the start named.
    named: Option<PathBuf>,
}

impl Logging {
    /// Begins the log where the start or the settings want one.
    ///
    /// # Errors
    /// A sentence and an exit status, where the one that the start named cannot be begun.
    pub fn begin(arguments: &Arguments, memory: &Memory) -> Result<Self, (String, u8)> {
        let named = arguments.log();
        let logging = Self { log: Log::start(named.as_deref(), MOST)?, named };
        if logging.named.is_none()
            && memory.kept().log
            && let Err(error) = logging.write()
        {
            // That is no reason to have no window.
            failure::say(&format!("{} cannot be written: {error}.", own_file().display()));
        }
        Ok(logging)
    }

    /// Whether it is written, and where.
    pub fn state(&self) -> LogState {
        let path = self.named.clone().unwrap_or_else(own_file);
        LogState {
            on: self.named.is_some() || self.log.file().is_some(),
            named: self.named.is_some(),
            bytes: log_size(&path),
            most: MOST,
            path: path.to_string_lossy().into_owned(),
        }
    }

    /// Begins or ends it, and remembers that. One that the start named stays as it is.
    ///
    /// # Errors
    /// [`ErrorCode::Io`] where the file cannot be written; nothing is remembered then.
    pub fn switch(&self, on: bool, memory: &Memory) -> Result<LogState, ApiError> {
        if self.named.is_none() {
            if on { self.write().map_err(|error| refused(&own_file(), &error))? } else { self.log.stop() }
        }
        memory.change(|kept| kept.log = on);
        Ok(self.state())
    }

    fn write(&self) -> io::Result<()> {
        let file = own_file();
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        self.log.write_to(&file)?;
        tracing::info!(version = env!("CARGO_PKG_VERSION"), system = std::env::consts::OS, "the log begins");
        Ok(())
    }
}

fn own_file() -> PathBuf {
    log_folder().join("mailscope.log")
}

fn refused(file: &Path, error: &io::Error) -> ApiError {
    ApiError {
        code: ErrorCode::Io,
        message: format!("{} cannot be written.", file.display()),
        advice: "See whether its folder can be written to, then try again.".into(),
        detail: Some(error.to_string()),
    }
}
