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
    /// What imports do, in the way of the data.
    pub stages: Vec<StageLoad>,
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
}

/// The last two minutes, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct MonitorHistory {
    /// The samples.
    pub samples: Vec<Sample>,
}
