//! The database in numbers.

use super::Store;
use crate::error::Result;
use crate::monitor::Latency;

/// The connections for reading.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PoolView {
    /// The most there can be.
    pub size: u32,
    /// Those that are open.
    pub open: u32,
    /// Those that are being used.
    pub in_use: u32,
    /// How long it took to get one.
    pub waits: Latency,
}

/// The database file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoreView {
    /// Number of its schema.
    pub schema: u64,
    /// Bytes of its pages.
    pub bytes: u64,
    /// Bytes of pages that are free to be filled.
    pub free: u64,
    /// The last batch that it holds.
    pub batch: i64,
}

impl Store {
    /// How the connections are used.
    pub fn pool(&self) -> PoolView {
        let state = self.pool.state();
        PoolView {
            size: self.pool.max_size(),
            open: state.connections,
            in_use: state.connections.saturating_sub(state.idle_connections),
            waits: self.waits.latency(),
        }
    }

    /// How large the database is.
    ///
    /// # Errors
    /// SQLite's.
    pub fn measure(&self) -> Result<StoreView> {
        let batch = self.last_batch()?;
        let reader = self.reader()?;
        let pragma = |name| -> Result<u64> {
            let value: i64 = reader.pragma_query_value(None, name, |row| row.get(0))?;
            Ok(value.max(0).unsigned_abs())
        };
        let page = pragma("page_size")?;
        Ok(StoreView {
            schema: pragma("user_version")?,
            bytes: pragma("page_count")?.saturating_mul(page),
            free: pragma("freelist_count")?.saturating_mul(page),
            batch,
        })
    }
}
