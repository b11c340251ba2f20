//! Writes the files that tests use: `make DIR` fills a directory with every variant; `make DIR COUNT` writes one mailbox
//! of so many short messages.

use std::{env, error::Error, path::PathBuf};

use mailscope_pst::write::{
    sample::write_sample,
    small::{Variant, write_large, write_many, write_small},
};

fn main() -> Result<(), Box<dyn Error>> {
    let directory = PathBuf::from(env::args().nth(1).ok_or("usage: make DIR")?);
    std::fs::create_dir_all(&directory)?;
    if let Some(count) = env::args().nth(2) {
        write_many(directory.join("many.pst"), Variant::default(), count.parse()?)?;
        return Ok(());
    }
    for variant in Variant::all() {
        let name = format!("{:?}-{:?}", variant.format, variant.encryption).to_lowercase();
        write_small(directory.join(format!("small-{name}.pst")), variant)?;
    }
    write_sample(directory.join("sample.pst"))?;
    write_large(directory.join("large.pst"), Variant::default(), 20_000_000)?;
    write_many(directory.join("many.pst"), Variant::default(), 5_000)?;
    Ok(())
}
