//! Small files of one case each, and what they give.

use std::io::Cursor;

use mailscope_pst::write::small::{Variant, write_many, write_small};
use mailscope_pst::write::{NewMessage, PstWriter};
use mailscope_pst::{Census, CensusOptions, Encryption, Format, NodeId};

use super::image::Image;
use super::read_whole;

pub const PLAIN: Variant = Variant { format: Format::Unicode, encryption: Encryption::None };
pub fn small(variant: Variant) -> Image {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.pst");
    write_small(&path, variant).unwrap();
    Image::new(std::fs::read(&path).unwrap(), variant.format)
}

pub fn many(variant: Variant, count: usize) -> Image {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.pst");
    write_many(&path, variant, count).unwrap();
    Image::new(std::fs::read(&path).unwrap(), variant.format)
}

/// A file with one folder and these messages in it.
pub fn with(messages: &[NewMessage]) -> Image {
    let mut writer = PstWriter::new(Cursor::new(Vec::new()), PLAIN.options()).unwrap();
    let folder = writer.add_folder(writer.top(), "Case").unwrap();
    for message in messages {
        writer.add_message(folder, message).unwrap();
    }
    Image::new(writer.finish().unwrap().into_inner(), Format::Unicode)
}

pub fn subject(text: &str) -> NewMessage {
    NewMessage { subject: text.into(), ..NewMessage::default() }
}

pub fn census(image: &Image) -> Census {
    image.open().reader().census().unwrap()
}

/// How many items the file names, and how many of them are read whole.
pub fn counts(image: &Image) -> (u64, u64) {
    let file = image.open();
    let mut reader = file.reader();
    let census = reader.census_with(CensusOptions { recover: true }).unwrap();
    let sum: u64 = census.folders.iter().map(|folder| u64::from(folder.expected)).sum();
    assert_eq!(sum, census.expected(), "the sums agree");
    let items = census.items.iter().filter(|item| !item.hidden && !item.origin.is_recovered());
    let whole = items.filter(|item| read_whole(&mut reader, item, u64::MAX).failures.is_empty()).count();
    (census.expected(), whole as u64)
}

pub fn first(image: &Image) -> NodeId {
    census(image).items.iter().find(|item| !item.hidden).unwrap().node
}

/// The node of the folder with this name.
pub fn folder(image: &Image, name: &str) -> NodeId {
    census(image).folders.iter().find(|folder| folder.name == name).unwrap().id
}
