//! Makes the first inputs of every target from files that the project writes itself: `seeds DIR` fills
//! `DIR/<target>/`. They are small, and the same every time.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use mailscope_pst::write::small::{Variant, write_codepage, write_small};
use mailscope_pst::write::{NewMessage, Person, PstWriter, RtfBody, RtfForm, one_off_entry_id};
use mailscope_pst::{MemorySource, PstFile, fuzzing};

fn put(folder: &Path, target: &str, name: &str, data: &[u8]) -> Result<(), Box<dyn Error>> {
    let folder = folder.join(target);
    fs::create_dir_all(&folder)?;
    Ok(fs::write(folder.join(name), data)?)
}

/// A file with two messages, one of which carries the other.
fn tiny(variant: Variant) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut writer = PstWriter::new(std::io::Cursor::new(Vec::new()), variant.options())?;
    let folder = writer.add_folder(writer.top(), "Inbox")?;
    let rtf = b"{\\rtf1\\ansi\\fromhtml1{\\*\\htmltag <p>}text{\\*\\htmltag </p>}}".to_vec();
    let message = NewMessage {
        subject: "Re: seed".into(),
        sender: Some(Person::new("Ada", "ada@example.org")),
        text: Some("text".into()),
        html: Some(b"<p>text".to_vec()),
        rtf: Some(RtfBody { bytes: rtf, form: RtfForm::Compressed }),
        ..NewMessage::default()
    };
    writer.add_message(folder, &message)?;
    writer.add_message(folder, &NewMessage { class: "IPM.Appointment".into(), ..message })?;
    let mut data = writer.finish()?.into_inner();
    // The unused space at the end of the first map's reach.
    let used = data.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    data.truncate(used.next_multiple_of(4096));
    Ok(data)
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("usage: seeds DIR")?;
    let folder = Path::new(&folder);
    for variant in Variant::all() {
        let name = format!("{:?}-{:?}", variant.format, variant.encryption).to_lowercase();
        let data = tiny(variant)?;
        put(folder, "file", &name, &data)?;
        let file = PstFile::from_source(Arc::new(MemorySource(data.clone())))?;
        for (number, seed) in fuzzing::node_seeds(&file).iter().enumerate() {
            put(folder, "properties", &format!("{name}-{number}"), seed)?;
            put(folder, "table", &format!("{name}-{number}"), seed)?;
        }
        put(folder, "pages", &name, &data[..564.min(data.len())])?;
        let size = if name.starts_with("unicode4k") { 4096 } else { 512 };
        for (number, page) in data.chunks_exact(size).enumerate() {
            let trailer = page.get(size - 24..).unwrap_or_default();
            if trailer.windows(2).any(|pair| pair == [0x80, 0x80] || pair == [0x81, 0x81]) {
                put(folder, "pages", &format!("{name}-{number}"), page)?;
            }
        }
    }
    let work = folder.join("work.pst");
    write_small(&work, Variant::default())?;
    let file = PstFile::open(&work)?;
    let mut reader = file.reader();
    for (number, item) in reader.census()?.items.iter().enumerate() {
        for property in reader.properties(item, 1 << 16)? {
            if let (0x1009, Ok(mailscope_pst::Value::Binary { data, .. })) = (property.id, &property.value) {
                put(folder, "rtf", &format!("compressed-{number}"), data)?;
            }
        }
        if let Some(rtf) = reader.bodies(item, 1 << 16)?.rtf {
            put(folder, "rtf", &format!("plain-{number}"), &rtf)?;
        }
    }
    for (page, text) in [(932u16, "日本語"), (1251, "Привет"), (50220, "日本語"), (65000, "+ZeVnLIqe-")]
    {
        if page < 2000 {
            write_codepage(&work, page, text)?;
        }
        put(folder, "charset", &page.to_string(), &[&page.to_le_bytes()[..], text.as_bytes()].concat())?;
    }
    fs::remove_file(work)?;
    put(folder, "blobs", "one-off", &one_off_entry_id(&Person::new("Ada", "ada@example.org")))?;
    let halves = |all: &[u16]| all.iter().flat_map(|half| half.to_le_bytes()).collect::<Vec<u8>>();
    let words = |all: &[u32]| all.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    let series = [
        halves(&[0x3004, 0x3004, 0x200B, 1, 0]),
        words(&[0, 1, 0, 2, 0x2022, 6, 1, 1, 1440, 1, 1440, 1440, 10_080, 0x3006, 0x3009, 540, 600]),
        halves(&[1]),
        words(&[1980, 2040, 1980]),
        halves(&[0x0001, 3, 2, 0x4241]),
        words(&[0, 4, 0, 0, 1980, 2040, 1980]),
        halves(&[2, 0x41, 0x42]),
        words(&[0, 0]),
    ];
    put(folder, "blobs", "series", &series.concat())?;
    let zone = [vec![2, 1], halves(&[12, 2, 3, 0x43, 0x45, 0x54, 1]), vec![2, 1, 0x3E, 0], vec![0; 62]];
    put(folder, "blobs", "zone", &zone.concat())?;
    Ok(())
}
