//! The change walk: which nodes a file has and which blocks hold them, without reading any of them. Two walks that give
//! the same have found the same mail. `cargo run --release -p mailscope-pst --example ndb -- FILE...`
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Instant;

use mailscope_pst::{OpenOptions, PstFile};

fn main() -> Result<(), Box<dyn Error>> {
    for path in std::env::args().skip(1) {
        let started = Instant::now();
        let file: PstFile = OpenOptions::new().quick().open(&path)?;
        let nodes = file.reader().nodes()?;
        let took = started.elapsed();
        println!("{path}: {} nodes in {:.1} ms", nodes.len(), took.as_secs_f64() * 1000.0);
        let mut kinds: BTreeMap<_, usize> = BTreeMap::new();
        for node in &nodes {
            *kinds.entry(node.nid.kind()).or_default() += 1;
        }
        for (kind, count) in kinds {
            println!("  {count:8} {kind:?}");
        }
    }
    Ok(())
}
