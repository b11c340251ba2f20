use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What the process and its work look like at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Sample {
    /// When it was taken.
    pub at: i64,
    /// Items taken in per second, over the last sampling period.
    pub items_per_second: f64,
    /// Bytes of source files read per second, over the last sampling period.
    pub bytes_per_second: f64,
    /// Resident memory of the process, in bytes.
    pub memory: u64,
    /// The memory budget, in bytes.
    pub memory_budget: u64,
    /// Processor use of the process: 1.0 is one core busy.
    pub processor: f64,
    /// Cores of the machine.
    pub cores: u32,
    /// Bytes waiting between readers and writer.
    pub queue_bytes: u64,
    /// The most that may wait there.
    pub queue_capacity: u64,
    /// Imports that run or wait.
    pub jobs_active: u32,
    /// How long searches took.
    pub search: Latency,
    /// Questions that were answered from memory, since the service started.
    pub cache_hits: u64,
    /// Questions that had to be answered anew, since the service started.
    pub cache_misses: u64,
    /// What imports do, in the way of the data.
    pub stages: Vec<StageLoad>,
    /// What is not as it should be at this moment; empty for samples of the past.
    pub warnings: Vec<Warning>,
}

/// One stage of the imports: `read` and `prepare` (readers), `queue_full` (readers wait for the writer), `queue_empty` (the writer
/// waits for readers), `store` and `index` (the writer), `commit_store` and `commit_index` (the writer makes a batch durable).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct StageLoad {
    /// Its name.
    pub name: String,
    /// Threads in it, over the last sampling period.
    pub threads: f64,
}

/// Latencies in milliseconds, since the service started.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, TS)]
pub struct Latency {
    /// How many were measured.
    pub count: u64,
    /// Half were faster.
    pub p50: f64,
    /// 95 of 100 were faster.
    pub p95: f64,
    /// 99 of 100 were faster.
    pub p99: f64,
    /// The slowest.
    pub max: f64,
    /// All of them together.
    pub sum: f64,
}

/// What a [`Warning`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WarningKind {
    /// Memory nears its budget, or exceeds it.
    Memory,
    /// An operation takes longer than it should.
    Slow,
}

/// Something that is not as it should be, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Warning {
    /// What it is about.
    pub kind: WarningKind,
    /// The command concerned, where it is one.
    pub operation: Option<String>,
    /// A sentence.
    pub message: String,
    /// What can be done about it.
    pub advice: String,
}

/// The last two minutes, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct MonitorHistory {
    /// The samples.
    pub samples: Vec<Sample>,
}

/// Everything that is measured, at one moment. Counts are since the service started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Snapshot {
    /// When it was taken.
    pub at: i64,
    /// Version of Mailscope.
    pub version: String,
    /// Folder of the library.
    pub library: String,
    /// Seconds since the service started.
    pub uptime_seconds: f64,
    /// Process and work at this moment, with warnings.
    pub now: Sample,
    /// The most resident memory that the process ever had, in bytes; absent where the system does not tell.
    pub memory_peak: Option<u64>,
    /// Processor time of the process so far, in seconds.
    pub processor_seconds: f64,
    /// The commands that were called, in the order of the list of commands.
    pub operations: Vec<Operation>,
    /// Answers kept in memory, by kind.
    pub cache: Vec<CacheShelf>,
    /// Connections for reading the database.
    pub pool: Pool,
    /// Seconds that imports spent in each stage, all threads together, in the way of the data.
    pub stages: Vec<StageTime>,
    /// What the library holds.
    pub holds: Holdings,
    /// Its database.
    pub database: Database,
    /// Its index.
    pub index: SearchIndex,
    /// What it takes on its disk.
    pub disk: DiskUse,
}

/// How one command did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Operation {
    /// Its name.
    pub name: String,
    /// How long it took, failures included.
    pub latency: Latency,
    /// How often it failed.
    pub errors: u64,
    /// How often it runs at this moment.
    pub running: u32,
    /// Runs per second, over the last one to two minutes.
    pub per_second: f64,
    /// Milliseconds that it is to take at most, where that can be said.
    pub target: Option<f64>,
    /// Whether lately it took longer than that, too often to be chance.
    pub slow: bool,
}

/// Answers of one kind that are kept in memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct CacheShelf {
    /// What is kept: `results`, `related`, `items`, `bodies`, `insights` or `people`.
    pub name: String,
    /// Answers.
    pub entries: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The most bytes they may take; 0 when nothing is kept.
    pub capacity: u64,
    /// Seconds that an answer is given at most.
    pub lives_seconds: u64,
    /// Questions that were answered from memory.
    pub hits: u64,
    /// Questions that had to be answered anew.
    pub misses: u64,
    /// Answers dropped because something had changed, or for their age.
    pub stale: u64,
    /// Answers dropped to make room.
    pub evicted: u64,
}

/// Connections for reading the database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Pool {
    /// The most there can be.
    pub size: u32,
    /// Those that are open.
    pub open: u32,
    /// Those in use at this moment.
    pub in_use: u32,
    /// How long it took to get one.
    pub waits: Latency,
}

/// Time spent in one stage of the imports; see [`StageLoad`] for their names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct StageTime {
    /// Its name.
    pub name: String,
    /// Seconds of all threads together.
    pub seconds: f64,
}

/// What a library holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Holdings {
    /// Files.
    pub sources: u64,
    /// Folders.
    pub folders: u64,
    /// Items that the files name.
    pub expected: u64,
    /// Items of them that were read.
    pub items: u64,
    /// Items of them that could not be read.
    pub failed: u64,
    /// Items found beyond them.
    pub recovered: u64,
    /// Items that their file no longer has.
    pub gone: u64,
    /// Attachments.
    pub attachments: u64,
}

/// The database of a library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Database {
    /// Number of its schema.
    pub schema: u64,
    /// Bytes of its pages.
    pub bytes: u64,
    /// Bytes of them that are free to be filled.
    pub free: u64,
    /// Batches that it holds.
    pub batch: i64,
}

/// The index of a library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SearchIndex {
    /// Items that can be found.
    pub documents: u64,
    /// Items that are gone and still take room.
    pub deleted: u64,
    /// Its parts.
    pub segments: u64,
    /// Batches of the database that it lacks.
    pub behind: u64,
}

/// What a library takes on its disk, in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DiskUse {
    /// The database.
    pub database: u64,
    /// Its log of what is not yet within it.
    pub log: u64,
    /// The index.
    pub index: u64,
    /// Everything else in its folder.
    pub other: u64,
    /// What is free on the disk; absent where the system does not tell.
    pub free: Option<u64>,
}

/// Answers that were forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Forgotten {
    /// How many.
    pub answers: u64,
    /// Bytes that they took.
    pub bytes: u64,
}
