//! Indexes the text of an Outlook data file with tantivy and nothing else, and says how long that took, as one line of
//! JSON: the least that any import can take which makes mail searchable. `tantivy_alone FILE FOLDER [THREADS]`.
//!
//! The texts are read before the clock starts. Fields, positions, threads (unless they are named) and memory are those of an
//! import with the default budget; words are split by tantivy's own simple tokenizer.
#![allow(clippy::print_stdout)]
#![forbid(unsafe_code)]

use mailscope_pst::PstFile;
use std::error::Error;
use std::time::Instant;
use tantivy::schema::{INDEXED, NumericOptions, STRING, Schema, TEXT};
use tantivy::{Index, TantivyDocument};

// As in the programs, so that it is not the allocator that is compared.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// 18 hundredths of the default budget of 512 MB, as in an import.
const MEMORY: usize = (512 << 20) / 100 * 18;
const LIMIT: usize = 16 << 20;

struct Text {
    subject: String,
    from: String,
    to: String,
    body: String,
    files: String,
    date: i64,
    size: u64,
}

fn texts(path: &str) -> Result<Vec<Text>, Box<dyn Error>> {
    let file = PstFile::open(path)?;
    let mut reader = file.reader();
    let census = reader.census()?;
    let mut out = Vec::new();
    for entry in census.items.iter().filter(|entry| !entry.hidden) {
        let Ok((item, bodies)) = reader.item_with_bodies(entry, LIMIT) else { continue };
        let text = bodies.best_text().or_else(|| {
            let html = bodies.best_html()?;
            Some(mailscope_engine::text::html::to_text(&html, LIMIT))
        });
        let people = item.recipients.iter().map(|to| format!("{} {}", to.who.name, to.who.address));
        let names = item.attachments.iter().map(|attachment| attachment.name.clone());
        out.push(Text {
            from: format!("{} {}", item.sender.name, item.sender.address),
            to: people.collect::<Vec<_>>().join(" "),
            body: text.unwrap_or_default(),
            files: names.collect::<Vec<_>>().join(" "),
            date: item.date().map_or(0, |date| date.unix_millis()),
            size: item.size.unwrap_or(0).into(),
            subject: item.subject,
        });
    }
    Ok(out)
}

fn main() -> Result<(), Box<dyn Error>> {
    const USAGE: &str = "usage: tantivy_alone FILE FOLDER [THREADS]";
    let mut arguments = std::env::args().skip(1);
    let (path, folder) = (arguments.next().ok_or(USAGE)?, arguments.next().ok_or(USAGE)?);
    let texts = texts(&path)?;
    let bytes: usize = texts.iter().map(|text| text.body.len()).sum();
    let threads = match arguments.next() {
        Some(threads) => threads.parse()?,
        None => std::thread::available_parallelism().map_or(1, usize::from).div_ceil(2).min(4),
    };

    let start = Instant::now();
    let mut builder = Schema::builder();
    let number = NumericOptions::default() | INDEXED;
    let id = builder.add_u64_field("id", number.clone().set_fast());
    let date = builder.add_i64_field("date", number.clone().set_fast());
    let size = builder.add_u64_field("size", number.set_fast());
    let sender = builder.add_text_field("sender", STRING);
    let [subject, from, to, body, files] =
        ["subject", "from", "to", "body", "files"].map(|name| builder.add_text_field(name, TEXT));
    let index = Index::create_in_dir(&folder, builder.build())?;
    let mut writer = index.writer_with_num_threads::<TantivyDocument>(threads, MEMORY)?;
    let count = texts.len();
    for (number, text) in (0u64..).zip(texts) {
        let mut document = TantivyDocument::new();
        document.add_u64(id, number);
        document.add_i64(date, text.date);
        document.add_u64(size, text.size);
        document.add_text(sender, &text.from);
        for (field, words) in [
            (subject, text.subject),
            (from, text.from),
            (to, text.to),
            (body, text.body),
            (files, text.files),
        ] {
            document.add_text(field, words);
        }
        writer.add_document(document)?;
    }
    writer.commit()?;
    writer.wait_merging_threads()?;
    println!(
        "{{\"items\":{count},\"text_bytes\":{bytes},\"threads\":{threads},\"seconds\":{:.3}}}",
        start.elapsed().as_secs_f64()
    );
    Ok(())
}
