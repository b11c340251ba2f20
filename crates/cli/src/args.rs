//! What can be typed.

use clap::{Args, Parser, Subcommand, ValueEnum};
use mailscope_engine::Zone;
use std::path::PathBuf;

/// Reads Outlook data files (PST and OST) without Outlook, and searches them.
#[derive(Debug, Parser)]
#[command(
    name = "mailscope",
    version,
    about,
    after_help = "Exit status: 0 all well, 3 done with losses, 2 wrong usage, 1 could not do it."
)]
pub struct Arguments {
    /// Folder of the library [default: the platform's data folder].
    #[arg(long, global = true, value_name = "DIR", env = "MAILSCOPE_LIBRARY")]
    pub library: Option<PathBuf>,
    /// One JSON object a line; the last one is the summary.
    #[arg(long, global = true)]
    pub json: bool,
    /// Workers that read items [default: one per core].
    #[arg(long, global = true, value_name = "N", value_parser = workers)]
    pub threads: Option<usize>,
    /// Memory for the whole process, in MB [default: 512].
    #[arg(long, global = true, value_name = "MB", value_parser = clap::value_parser!(u64).range(64..=1_048_576))]
    pub memory_budget: Option<u64>,
    /// Zone of time in which days and hours are meant and told: a name (Europe/Vienna) or a distance from UTC (+02:00) [default: that of
    /// this computer].
    #[arg(long, global = true, value_name = "ZONE", env = "MAILSCOPE_ZONE", value_parser = zone, allow_hyphen_values = true)]
    pub zone: Option<Zone>,
    /// Write what happens to this file, or to standard error ("-"); how much, MAILSCOPE_LOG says [default there: info].
    #[arg(long, global = true, value_name = "FILE", env = "MAILSCOPE_LOG_FILE")]
    pub log: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// A number of workers that is of use.
fn workers(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=256) => Ok(number),
        _ => Err("a number from 1 to 256 is wanted".into()),
    }
}

/// A zone that is known.
fn zone(text: &str) -> Result<Zone, String> {
    Zone::named(text).ok_or_else(|| "a zone such as Europe/Vienna or +02:00 is wanted".into())
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Take Outlook data files, or all below a folder, into the library.
    Import {
        /// Files and folders.
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// Read the text of attached files too, and wait for it.
        #[arg(long)]
        attachments_text: bool,
        /// Watch these paths from now on, and stay: what changes is taken in again, until Ctrl-C.
        #[arg(long)]
        watch: bool,
    },
    /// Watch files and folders: when they change and rest, they are taken in again.
    #[command(subcommand)]
    Watch(Watch),
    /// Show a file's folders and what can be read of each. Nothing is imported.
    Tree {
        /// The file.
        path: PathBuf,
    },
    /// Find items.
    Search(Search),
    /// Show one item.
    Show {
        /// Its id, as search shows it.
        id: i64,
        /// Show the embedded message with this place, as the item itself shows it.
        #[arg(long, value_delimiter = '/', value_name = "N/N")]
        path: Vec<u32>,
        /// Print the message as RFC 5322.
        #[arg(long)]
        eml: bool,
    },
    /// Show the conversation that an item is in.
    Thread {
        /// The id of any item of it, as search shows it.
        id: i64,
    },
    /// Find items like another.
    Related {
        /// Its id, as search shows it.
        id: i64,
        /// How many results.
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Give a tag to all items that match, or list the tags.
    Tag(Tag),
    /// Write a note to all items that match; an empty one ("") takes it away.
    Note(Note),
    /// Flag all items that match; what their file says of flags stays as it is.
    Flag(Mark),
    /// Tell that all items that match are looked through.
    Reviewed(Mark),
    /// Take a change of tags, notes and flags back.
    Undo {
        /// Its number, as the change and `audit` show it [default: the last change].
        action: Option<i64>,
    },
    /// Save a search under a name, or list the saved ones.
    Saved(Saved),
    /// Who changed tags, notes and flags, when, and of what.
    Audit(Audit),
    /// What items have in common: when, who, with what.
    Stats(Stats),
    /// Who wrote to whom, how often, and from when to when; people who write to each other more than to others are a group.
    People(People),
    /// Write items out: as messages, mailboxes, a table or a new Outlook data file.
    Export(Export),
    /// What the library holds.
    Sources,
    /// Write what became of a file: its account, every loss, and digests of its bytes.
    Report {
        /// Number, name or path of the source, as `sources` shows them.
        source: String,
        /// The file to write: a page if its name ends in .html, a table if in .csv.
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Forget a file: its items leave the library, the file stays as it is.
    Remove {
        /// Number, name or path of the source, as `sources` shows them.
        source: String,
    },
    /// Measure the library and this process: sizes, counts, room on the disk, times.
    Monitor {
        /// As OpenMetrics text, for programs that collect it.
        #[arg(long)]
        openmetrics: bool,
    },
    /// Check that both stores of the library and all accounts agree.
    Verify {
        /// Build the index anew where that mends what was found.
        #[arg(long)]
        repair: bool,
    },
    /// Write the sample mailbox to a file.
    Sample {
        /// The file to make; it must not exist.
        out: PathBuf,
    },
    /// Print what lets a shell complete the commands and options of mailscope.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Write the manual pages into a folder.
    Manual {
        /// The folder; made if absent.
        out: PathBuf,
    },
}

impl Command {
    /// Whether it changes nothing, so that a library that another process writes can be asked too.
    pub fn only_asks(&self) -> bool {
        match self {
            Self::Search(_)
            | Self::Show { .. }
            | Self::Thread { .. }
            | Self::Related { .. }
            | Self::Stats(_)
            | Self::People(_)
            | Self::Export(_)
            | Self::Sources
            | Self::Report { .. }
            | Self::Audit(_)
            | Self::Monitor { .. } => true,
            Self::Tag(tag) => tag.name.is_none(),
            Self::Saved(saved) => saved.name.is_none(),
            _ => false,
        }
    }
}

/// What to do about watching.
#[derive(Debug, Subcommand)]
pub enum Watch {
    /// Watch files, or folders with all below them. The library remembers it.
    Add {
        /// Files and folders.
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Watch them no longer. What was taken in stays.
    Remove {
        /// Files and folders, as `watch list` shows them.
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// What is watched.
    List,
    /// Take in what is watched, and again whenever it changes, until Ctrl-C.
    Run,
}

/// What to find and how to show it.
#[derive(Debug, Args)]
#[command(after_long_help = crate::manual_of_queries())]
pub struct Search {
    /// The query: words, "phrases", -not, OR, from: to: subject: has:attachment before: lang: …
    ///
    /// A word is found in its other forms too ("meeting" in "meetings"); in quotes of its own ('"meeting"') only as it stands.
    #[arg(required = true, num_args = 1..)]
    pub query: Vec<String>,
    /// How many results.
    #[arg(long, default_value_t = 20)]
    pub limit: u32,
    /// How many to pass over.
    #[arg(long, default_value_t = 0)]
    pub offset: u32,
    /// Go on behind an earlier page, by the "next" of its summary; the order must be the same. By relevance an item may come twice or not
    /// at all if items were imported between the pages.
    #[arg(long, value_name = "NEXT", conflicts_with = "offset")]
    pub after: Option<String>,
    /// The order.
    #[arg(long, value_enum, default_value_t = Sort::Newest)]
    pub sort: Sort,
    /// Count what is found by folder, file, sender, month, kind, type of attachment and language too.
    #[arg(long)]
    pub counts: bool,
    /// Show once what belongs together.
    #[arg(long, value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "duplicates", value_name = "WHAT")]
    pub fold: Option<Fold>,
}

/// What is shown once.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Fold {
    /// Items that say the same: the first by date stands for all.
    Duplicates,
    /// Conversations: the item that comes first in the order stands for all.
    Conversations,
}

/// Which tag, and of which items.
#[derive(Debug, Args)]
pub struct Tag {
    /// The tag; without one, all tags are listed.
    pub name: Option<String>,
    /// The query; an empty one ("") for all items.
    #[arg(num_args = 0..)]
    pub query: Vec<String>,
    /// Take the tag away.
    #[arg(long)]
    pub remove: bool,
}

/// Which note, and of which items.
#[derive(Debug, Args)]
pub struct Note {
    /// The note.
    pub text: String,
    /// The query; an empty one ("") for all items.
    #[arg(required = true, num_args = 1..)]
    pub query: Vec<String>,
}

/// Which items.
#[derive(Debug, Args)]
pub struct Mark {
    /// The query; an empty one ("") for all items.
    #[arg(required = true, num_args = 1..)]
    pub query: Vec<String>,
    /// Take it back from them.
    #[arg(long)]
    pub remove: bool,
}

/// Which search.
#[derive(Debug, Args)]
pub struct Saved {
    /// Its name; without one, all are listed.
    pub name: Option<String>,
    /// The query to save.
    #[arg(num_args = 0..)]
    pub query: Vec<String>,
    /// Forget it.
    #[arg(long)]
    pub remove: bool,
}

/// Which entries of the record.
#[derive(Debug, Args)]
pub struct Audit {
    /// How many, at most 1,000.
    #[arg(long, default_value_t = 100)]
    pub limit: u32,
    /// Only entries before this one.
    #[arg(long, value_name = "ENTRY")]
    pub before: Option<i64>,
}

/// Orders of results.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[allow(missing_docs)]
pub enum Sort {
    Newest,
    Oldest,
    Relevance,
    Size,
    Sender,
}

/// Which items to count, and how.
#[derive(Debug, Args)]
pub struct Stats {
    /// The query; all items without one.
    #[arg(num_args = 0..)]
    pub query: Vec<String>,
    /// Entries of each list.
    #[arg(long, default_value_t = 20)]
    pub top: u32,
}

/// Whose mail to look at.
#[derive(Debug, Args)]
pub struct People {
    /// The query; all items without one.
    #[arg(num_args = 0..)]
    pub query: Vec<String>,
    /// How many people, those with the most items first.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
}

/// What to write out, and where.
#[derive(Debug, Args)]
#[command(after_long_help = crate::manual_of_columns())]
pub struct Export {
    /// The query; an empty one ("") for all items.
    #[arg(required = true, num_args = 1..)]
    pub query: Vec<String>,
    /// The form.
    #[arg(long, value_enum)]
    pub format: ExportFormat,
    /// Of items that say the same, write only the first by date.
    #[arg(long)]
    pub once: bool,
    /// The folder to write into; made if absent. What an earlier run wrote there is not written again.
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
}

/// Forms of exports.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ExportFormat {
    /// One message file an item.
    Eml,
    /// One mbox file a folder.
    Mbox,
    /// One table; its columns are told at the end of --help.
    Csv,
    /// The same as one JSON object a line.
    Jsonl,
    /// The same as a table of columns with types (Apache Parquet).
    Parquet,
    /// One Outlook data file.
    Pst,
    /// The attachments alone.
    Attachments,
}
