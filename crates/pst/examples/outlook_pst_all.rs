//! Reads everything that the crate `outlook-pst` gives of a file and says how much that is, as one line of JSON: what
//! [`read_all`](../read_all.rs) is compared with. `outlook_pst_all FILE`.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::rc::Rc;
use std::time::Instant;

use outlook_pst::ltp::prop_context::PropertyValue;
use outlook_pst::messaging::attachment::{Attachment, AttachmentData, UnicodeAttachment};
use outlook_pst::messaging::folder::{Folder, UnicodeFolder};
use outlook_pst::messaging::message::{Message, UnicodeMessage};
use outlook_pst::messaging::store::{EntryId, Store, UnicodeStore};
use outlook_pst::messaging::{
    attachment::AnsiAttachment, folder::AnsiFolder, message::AnsiMessage, store::AnsiStore,
};
use outlook_pst::ndb::node_id::NodeId;
use outlook_pst::{AnsiPstFile, UnicodePstFile};

#[derive(Default)]
struct Sums {
    items: u64,
    hidden: u64,
    attachments: u64,
    bytes: u64,
    properties: u64,
    failed: u64,
    /// Items whose recipients it could not read to the end.
    incomplete: u64,
}

impl Sums {
    /// Counts a failure, and says of the first why.
    fn fail(&mut self, error: &dyn std::fmt::Display) {
        if self.failed == 0 {
            eprintln!("first failure: {error}");
        }
        self.failed += 1;
    }

    fn property(&mut self, value: &PropertyValue) {
        self.properties += 1;
        if let PropertyValue::Binary(value) = value {
            self.bytes += value.buffer().len() as u64;
        }
    }
}

macro_rules! reader {
    ($name:ident, $file:ty, $store:ty, $folder:ty, $message:ty, $attachment:ty) => {
        mod $name {
            use super::*;

            pub fn read(path: &str, sums: &mut Sums) -> Result<(), Box<dyn Error>> {
                let store = <$store>::read(Rc::new(<$file>::open(path)?))?;
                let top = store.properties().make_entry_id(NodeId::from(0x122))?;
                folder(&store, &top, sums);
                Ok(())
            }

            fn folder(store: &Rc<$store>, entry: &EntryId, sums: &mut Sums) {
                let Ok(folder) = <$folder>::read(store.clone(), entry) else {
                    sums.failed += 1;
                    return;
                };
                for (table, hidden) in [(folder.contents_table(), false), (folder.associated_table(), true)] {
                    for row in table.iter().flat_map(|table| table.rows_matrix()) {
                        match message(store, u32::from(row.id()), sums) {
                            Ok(()) if hidden => sums.hidden += 1,
                            Ok(()) => sums.items += 1,
                            Err(error) => sums.fail(&error),
                        }
                    }
                }
                for row in folder.hierarchy_table().iter().flat_map(|table| table.rows_matrix()) {
                    let child = NodeId::from(u32::from(row.id()));
                    match store.properties().make_entry_id(child) {
                        Ok(child) => self::folder(store, &child, sums),
                        Err(_) => sums.failed += 1,
                    }
                }
            }

            fn recipients(message: &Rc<$message>, sums: &mut Sums) -> Result<(), Box<dyn Error>> {
                let Some(table) = message.recipient_table() else { return Ok(()) };
                let context = table.context();
                for row in table.rows_matrix() {
                    for (column, value) in context.columns().iter().zip(row.columns(context)?) {
                        if let Some(value) = value {
                            sums.property(&table.read_column(&value, column.prop_type())?);
                        }
                    }
                }
                Ok(())
            }

            fn message(store: &Rc<$store>, node: u32, sums: &mut Sums) -> Result<(), Box<dyn Error>> {
                let entry = store.properties().make_entry_id(NodeId::from(node))?;
                let message = <$message>::read(store.clone(), &entry, None)?;
                message.properties().iter().for_each(|(_, value)| sums.property(value));
                if recipients(&message, sums).is_err() {
                    sums.incomplete += 1;
                }
                let Some(table) = message.attachment_table() else { return Ok(()) };
                for row in table.rows_matrix() {
                    let id = NodeId::from(u32::from(row.id()));
                    // Those without content, and embedded messages, it refuses.
                    let Ok(attachment) = <$attachment>::read(message.clone(), id, None) else { continue };
                    sums.attachments += 1;
                    attachment.properties().iter().for_each(|(_, value)| sums.property(value));
                    if let Some(AttachmentData::Binary(value)) = attachment.data() {
                        sums.bytes += value.buffer().len() as u64;
                    }
                }
                Ok(())
            }
        }
    };
}

reader!(unicode, UnicodePstFile, UnicodeStore, UnicodeFolder, UnicodeMessage, UnicodeAttachment);
reader!(ansi, AnsiPstFile, AnsiStore, AnsiFolder, AnsiMessage, AnsiAttachment);

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: outlook_pst_all FILE")?;
    let start = Instant::now();
    let mut sums = Sums::default();
    if let Err(refused) = unicode::read(&path, &mut sums) {
        ansi::read(&path, &mut sums).map_err(|_| refused)?;
    }
    println!(
        "{{\"items\":{},\"hidden\":{},\"failed\":{},\"incomplete\":{},\"properties\":{},\"attachments\":{},\"attachment_bytes\":{},\
         \"seconds\":{:.3}}}",
        sums.items,
        sums.hidden,
        sums.failed,
        sums.incomplete,
        sums.properties,
        sums.attachments,
        sums.bytes,
        start.elapsed().as_secs_f64()
    );
    Ok(())
}
