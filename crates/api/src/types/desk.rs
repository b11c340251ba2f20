use super::ItemId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A library that a person has worked with: one collection of files, such as a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct KnownLibrary {
    /// What to call it: the name of its folder.
    pub name: String,
    /// Its folder.
    pub path: String,
    /// Whether the window works with it now (or tried to, where it could not be opened).
    pub current: bool,
    /// Whether it is the one that a person begins with.
    pub first: bool,
    /// Whether its folder is there.
    pub available: bool,
    /// When it was last opened.
    pub opened_at: Option<i64>,
}

/// The libraries that a person has worked with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LibraryList {
    /// Those that were opened last come first.
    pub libraries: Vec<KnownLibrary>,
    /// The folder in which libraries are made that are only given a name.
    pub kept_in: String,
}

/// Which library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OpenLibraryRequest {
    /// Its folder. A folder that holds other things and no library gets one in a folder of its own.
    pub path: String,
}

/// What to call a new library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CreateLibraryRequest {
    /// Its name, which becomes that of its folder.
    pub name: String,
}

/// A file that was imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RecentFile {
    /// Its name.
    pub name: String,
    /// Where it was.
    pub path: String,
    /// When it was last imported.
    pub at: i64,
}

/// Files that were imported last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RecentFiles {
    /// The last one first; only those that are still there.
    pub files: Vec<RecentFile>,
}

/// How a person wants the program to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Preferences {
    /// Megabytes that queues and caches share; `None` for what Mailscope chooses.
    pub memory_mb: Option<u32>,
    /// Workers that read items; `None` for one per core.
    pub threads: Option<u32>,
    /// Whether the end of a long import is told outside of the window.
    pub notify: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self { memory_mb: None, threads: None, notify: true }
    }
}

/// The file in which is written down what happens: warnings, and each command with the time that it took. No text of mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogState {
    /// Whether it is written.
    pub on: bool,
    /// The file.
    pub path: String,
    /// Whether the start of the program named the file: then the program alone ends what it asked for.
    pub named: bool,
    /// Bytes that it takes on the disk, with the older part that is beside it.
    pub bytes: u64,
    /// Bytes that it takes at most.
    pub most: u64,
}

/// Whether to write down what happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SwitchLogRequest {
    /// Whether to write it, now and at later starts.
    pub on: bool,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the system.
    #[default]
    System,
    /// Light, whatever the system has.
    Light,
    /// Dark, whatever the system has.
    Dark,
}

/// What the window shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct Showing {
    /// A library with something in it.
    pub working: bool,
    /// A message.
    pub reading: bool,
    /// What was chosen for it, which menus and dialogs of the system follow.
    pub theme: Theme,
}

/// What to drag out of the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DragRequest {
    /// The files to make of it.
    pub files: Vec<DragFile>,
}

/// A file that is made when it is dragged out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DragFile {
    /// The item.
    pub id: ItemId,
    /// A place in it: see `Attachment::path`.
    pub path: Vec<u32>,
    /// Whether the message at that place is meant, as RFC 5322; else the file attached there.
    pub message: bool,
    /// What to call the file.
    pub name: String,
}

/// A page to write into a PDF file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SavePdfRequest {
    /// The page, as HTML whose own policy lets nothing load.
    pub page: String,
    /// The file; one that is there is replaced.
    pub to: String,
}
