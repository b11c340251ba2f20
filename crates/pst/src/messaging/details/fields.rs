//! Properties of one message by their names, with nothing in place of what is missing.

use crate::error::{Consequence, Fault, Place};
use crate::ltp::{FileTime, Value};
use crate::messaging::message::Message;
use crate::messaging::names::NameMap;
use crate::ndb::NdbReader;

/// Longer than any structure that Outlook puts into a property.
const BLOB_LIMIT: usize = 1 << 20;

/// A message whose properties are asked for.
pub(crate) struct Fields<'m, 'r, 'a> {
    pub message: &'m Message,
    pub names: &'m NameMap,
    pub reader: &'r mut NdbReader<'a>,
}

/// A named property: its set and its number in it.
pub(crate) type Named = ([u8; 16], u32);

impl Fields<'_, '_, '_> {
    pub(crate) fn id(&self, (set, number): Named) -> Option<u16> {
        self.names.id(set, number)
    }

    pub(crate) fn text(&mut self, tag: u16) -> String {
        self.message.properties.text(self.reader, tag).unwrap_or_default()
    }

    pub(crate) fn named_text(&mut self, name: Named) -> String {
        self.id(name).map(|id| self.text(id)).unwrap_or_default()
    }

    pub(crate) fn time(&mut self, tag: u16) -> Option<FileTime> {
        self.message.properties.time(self.reader, tag)
    }

    pub(crate) fn named_time(&mut self, name: Named) -> Option<FileTime> {
        let id = self.id(name)?;
        self.time(id)
    }

    pub(crate) fn int(&self, tag: u16) -> Option<i32> {
        self.message.properties.int(tag)
    }

    pub(crate) fn named_int(&self, name: Named) -> Option<i32> {
        self.int(self.id(name)?)
    }

    pub(crate) fn named_flag(&self, name: Named) -> bool {
        self.named_int(name).is_some_and(|value| value != 0)
    }

    pub(crate) fn named_float(&mut self, name: Named) -> Option<f64> {
        match self.named_value(name)? {
            Value::Float64(value) => Some(value),
            Value::Float32(value) => Some(value.into()),
            _ => None,
        }
    }

    pub(crate) fn named_binary(&mut self, name: Named) -> Option<Vec<u8>> {
        match self.named_value(name)? {
            Value::Binary { data, .. } => Some(data),
            _ => None,
        }
    }

    /// The entries of a multiple-valued binary property.
    pub(crate) fn named_binaries(&mut self, name: Named) -> Vec<Vec<u8>> {
        let Some(Value::List(all)) = self.named_value(name) else { return Vec::new() };
        let binary = |value| match value {
            Value::Binary { data, .. } => Some(data),
            _ => None,
        };
        all.into_iter().filter_map(binary).collect()
    }

    fn named_value(&mut self, name: Named) -> Option<Value> {
        let id = self.id(name)?;
        let record = self.message.properties.record(id)?;
        match self.message.properties.value(self.reader, record, BLOB_LIMIT) {
            Ok(value) => Some(value),
            Err(reason) => {
                let fault = Fault::Unreadable { what: "a property", reason };
                self.reader.anomalies.push(fault, Place::Property(id), Consequence::Lost);
                None
            }
        }
    }

    /// Reads a structure; one that does not hold what it should is noted with its size.
    pub(crate) fn structure<T>(
        &mut self,
        name: Named,
        field: &'static str,
        parse: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Option<T> {
        let data = self.named_binary(name).filter(|data| !data.is_empty())?;
        let parsed = parse(&data);
        if parsed.is_none() {
            let fault = Fault::Field { field, value: data.len() as u64 };
            let place = self.id(name).map_or(Place::Node(self.message.node), Place::Property);
            self.reader.anomalies.push(fault, place, Consequence::Lost);
        }
        parsed
    }
}
