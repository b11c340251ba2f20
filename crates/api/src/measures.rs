//! Everything that is measured, put together.

use crate::convert::latency;
use crate::meter::Meter;
use crate::types as t;
use mailscope_engine as e;
use mailscope_engine::monitor::{OperationView, Stage};

/// The snapshot of a service; `now` is its sample of this moment.
///
/// # Errors
/// The stores'.
pub fn snapshot(library: &e::Library, meter: &Meter, now: t::Sample) -> e::Result<t::Snapshot> {
    let measures = library.measures()?;
    let (pool, store, index, disk) = (measures.pool, measures.store, measures.index, measures.disk);
    Ok(t::Snapshot {
        at: now.at,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        library: library.folder().to_string_lossy().into_owned(),
        uptime_seconds: meter.uptime().as_secs_f64(),
        now,
        memory_peak: measures.process.peak,
        processor_seconds: measures.process.processor_seconds,
        operations: meter.views().iter().map(operation).collect(),
        cache: measures.cache.iter().map(shelf).collect(),
        pool: t::Pool { size: pool.size, open: pool.open, in_use: pool.in_use, waits: latency(pool.waits) },
        stages: Stage::ALL
            .iter()
            .zip(library.stages())
            .map(|(stage, seconds)| t::StageTime { name: stage.name().to_owned(), seconds })
            .collect(),
        holds: holdings(library)?,
        database: t::Database {
            schema: store.schema,
            bytes: store.bytes,
            free: store.free,
            batch: store.batch,
        },
        index: t::SearchIndex {
            documents: index.documents,
            deleted: index.deleted,
            segments: index.segments,
            behind: store.batch.saturating_sub(index.batch).max(0).unsigned_abs(),
        },
        disk: t::DiskUse {
            database: disk.database,
            log: disk.log,
            index: disk.index,
            other: disk.other,
            free: disk.free,
        },
    })
}

fn operation(view: &OperationView) -> t::Operation {
    t::Operation {
        name: view.name.to_owned(),
        latency: latency(view.latency),
        errors: view.errors,
        running: view.running,
        per_second: view.per_second,
        target: view.target,
        slow: view.is_slow(),
    }
}

fn shelf(view: &e::ShelfView) -> t::CacheShelf {
    t::CacheShelf {
        name: view.name.to_owned(),
        entries: view.entries,
        bytes: view.bytes,
        capacity: view.capacity,
        lives_seconds: view.lives,
        hits: view.hits,
        misses: view.misses,
        stale: view.stale,
        evicted: view.evicted,
    }
}

fn holdings(library: &e::Library) -> e::Result<t::Holdings> {
    let folders = library.folders(None)?;
    let (mut account, mut gone) = (e::Account::default(), 0);
    for folder in &folders {
        account.add(&folder.account());
        gone += folder.gone;
    }
    Ok(t::Holdings {
        sources: library.sources()?.len() as u64,
        folders: folders.len() as u64,
        expected: account.expected,
        items: account.items,
        failed: account.failed,
        recovered: account.recovered,
        gone,
        attachments: account.attachments,
    })
}
