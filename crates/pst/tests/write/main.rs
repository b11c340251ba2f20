//! What the writer writes, read by others: by its allocation maps, by the crate `outlook-pst`, and by `readpst` and
//! `pffexport` where these programs are installed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod maps;
mod ours;
mod outlook;
mod programs;
mod random;

use std::io::Cursor;

use mailscope_pst::write::{
    Content, Format, NewAttachment, NewMessage, Options, PstWriter,
    small::{Variant, noise},
};

/// Writes a file into memory.
fn in_memory(options: Options, messages: &[NewMessage]) -> Vec<u8> {
    let mut writer = PstWriter::new(Cursor::new(Vec::new()), options).unwrap();
    let folder = writer.add_folder(writer.top(), "Inbox").unwrap();
    for message in messages {
        writer.add_message(folder, message).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn with_attachment(size: usize) -> NewMessage {
    NewMessage {
        subject: format!("{size} bytes"),
        attachments: vec![NewAttachment {
            name: "noise.bin".into(),
            content: Content::Bytes(noise(size as u64, size)),
            ..NewAttachment::default()
        }],
        ..NewMessage::default()
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for variant in Variant::all() {
        let make = || in_memory(variant.options(), &[with_attachment(10_000)]);
        assert!(make() == make(), "{variant:?}");
    }
}

#[test]
fn an_ansi_file_does_not_grow_beyond_its_offsets() {
    // 2 GB of attachment, made while it is read, into a destination that keeps nothing.
    let options = Options { format: Format::Ansi, ..Options::default() };
    let mut writer = PstWriter::new(Nowhere::default(), options).unwrap();
    let folder = writer.add_folder(writer.top(), "Inbox").unwrap();
    let content = Content::Source(std::sync::Arc::new(Zeros(3 << 30)));
    let message = NewMessage {
        attachments: vec![NewAttachment { content, ..NewAttachment::default() }],
        ..NewMessage::default()
    };
    let error = writer.add_message(folder, &message).unwrap_err().to_string();
    assert!(error.contains("the file is"), "{error}");
}

#[derive(Debug)]
struct Zeros(u64);

impl mailscope_pst::write::ContentSource for Zeros {
    fn open(&self) -> std::io::Result<Box<dyn std::io::Read + '_>> {
        Ok(Box::new(std::io::Read::take(std::io::repeat(0), self.0)))
    }
}

#[derive(Default)]
struct Nowhere(u64);

impl std::io::Write for Nowhere {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl std::io::Seek for Nowhere {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        if let std::io::SeekFrom::Start(place) = to {
            self.0 = place;
        }
        Ok(self.0)
    }
}
