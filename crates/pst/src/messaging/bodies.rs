//! The bodies of an item: plain text, HTML and RTF ([MS-OXCMSG] 2.2.1.58, [MS-OXBBODY]).

use super::charset::{Charset, decode_html};
use super::message::Message;
use super::store::Reader;
use super::tags;
use crate::error::{Anomaly, Consequence, Fault, ItemError, Place};
use crate::ltp::kinds;
use crate::ndb::NdbReader;
use crate::ndb::ids::NodeId;
use crate::rtf::{self, Encapsulated};

/// An HTML body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Html {
    /// The document.
    pub text: String,
    /// As stored; empty when it was stored as text.
    pub raw: Vec<u8>,
    /// The code page it was decoded from; 0 when it has no number.
    pub code_page: u16,
}

/// The bodies that an item has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bodies {
    /// `PidTagBody`
    pub plain: Option<String>,
    /// `PidTagHtml`
    pub html: Option<Html>,
    /// `PidTagRtfCompressed`, decompressed.
    pub rtf: Option<Vec<u8>>,
    /// What was found wrong with them.
    pub anomalies: Vec<Anomaly>,
    limit: usize,
}

impl Bodies {
    /// The readable text: the plain body, or else the text of the RTF. `None` when there is neither; there may
    /// still be HTML.
    pub fn best_text(&self) -> Option<String> {
        match (&self.plain, &self.html, &self.rtf) {
            (Some(plain), ..) if !plain.trim().is_empty() => Some(plain.clone()),
            // Text that is made from the HTML is better than what the RTF wraps of it.
            (_, Some(html), _) if !html.text.trim().is_empty() => None,
            (_, _, Some(rtf)) => Some(rtf::to_text(rtf, self.limit)).filter(|text| !text.trim().is_empty()),
            _ => None,
        }
    }

    /// The HTML: the HTML body, or else what the RTF wraps.
    pub fn best_html(&self) -> Option<String> {
        match (&self.html, &self.rtf) {
            (Some(html), _) if !html.text.is_empty() => Some(html.text.clone()),
            (_, Some(rtf)) => rtf::unwrap_html(rtf, self.limit),
            _ => None,
        }
    }

    /// Whether the RTF is the original, rather than a wrapping of text or HTML.
    pub fn is_native_rtf(&self) -> bool {
        self.rtf.as_deref().is_some_and(|rtf| rtf::encapsulated(rtf) == Encapsulated::No)
    }
}

impl Message {
    pub(crate) fn bodies(&self, reader: &mut NdbReader<'_>, limit: usize) -> Bodies {
        let properties = &self.properties;
        let plain = properties
            .large(reader, tags::BODY, limit)
            .map(|(kind, data)| properties.decode_text(kind, &data));
        let html = properties.large(reader, tags::HTML, limit).map(|(kind, data)| match kind {
            kinds::STRING => {
                Html { text: properties.decode_text(kind, &data), raw: Vec::new(), code_page: 1200 }
            }
            _ => {
                let end = data.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
                let shown = data.get(..end).unwrap_or_default();
                let (text, charset): (String, Charset) =
                    decode_html(shown, self.internet, properties.charset);
                if let Some(stated) = self.internet.filter(|stated| *stated != charset && !shown.is_ascii()) {
                    let fault = Fault::CodePage { stated: stated.page(), used: charset.page() };
                    reader.anomalies.push(fault, Place::Property(tags::HTML), Consequence::Repaired);
                }
                Html { text, raw: data.to_vec(), code_page: charset.page() }
            }
        });
        let compressed =
            properties.large(reader, tags::RTF_COMPRESSED, limit).filter(|(_, data)| !data.is_empty());
        let mut rtf = None;
        if let Some((_, data)) = compressed {
            let place = Place::Property(tags::RTF_COMPRESSED);
            match rtf::decompress(&data, limit) {
                Ok(found) => {
                    if found.flawed {
                        let fault = Fault::Field { field: "RAWSIZE or CRC", value: found.data.len() as u64 };
                        reader.anomalies.push(fault, place, Consequence::Used);
                    }
                    if found.cut {
                        let fault = Fault::Cut { what: "the RTF body", kept: found.data.len() as u64 };
                        reader.anomalies.push(fault, place, Consequence::Lost);
                    }
                    rtf = Some(found.data);
                }
                // Some programs store RTF as it is.
                Err(_) if data.starts_with(b"{\\rtf") => rtf = Some(data.to_vec()),
                Err(rtf::RtfError::Short(length)) => {
                    let fault = Fault::Field { field: "COMPSIZE", value: length as u64 };
                    reader.anomalies.push(fault, place, Consequence::Lost);
                }
                Err(rtf::RtfError::Kind(kind)) => {
                    let fault = Fault::Field { field: "COMPTYPE", value: kind.into() };
                    reader.anomalies.push(fault, place, Consequence::Lost);
                }
            }
        }
        Bodies { plain, html, rtf, anomalies: Vec::new(), limit }
    }
}

impl Reader<'_> {
    /// The bodies of the item `node`, each at most `limit` bytes; a cut is among the anomalies.
    pub fn bodies(&mut self, node: impl Into<NodeId>, limit: usize) -> Result<Bodies, ItemError> {
        self.embedded_bodies(node, &[], limit)
    }

    /// The bodies of the embedded message at `path` below the item `node`.
    pub fn embedded_bodies(
        &mut self,
        node: impl Into<NodeId>,
        path: &[NodeId],
        limit: usize,
    ) -> Result<Bodies, ItemError> {
        let message = self.message_at(node.into(), path)?;
        self.ndb.anomalies.take();
        let mut bodies = message.bodies(&mut self.ndb, limit);
        bodies.anomalies = self.ndb.anomalies.take();
        Ok(bodies)
    }

    /// An item and its bodies, in one go; no bodies where all that is left is a row ([`super::Item::from_row`]).
    pub fn item_with_bodies(
        &mut self,
        node: impl Into<NodeId>,
        limit: usize,
    ) -> Result<(super::Item, Bodies), ItemError> {
        let node = node.into();
        let message = match self.message(node) {
            Ok(message) => message,
            Err(error) => return Ok((self.item_of_row(node, error)?, Bodies::default())),
        };
        let item = self.item_of(&message);
        let mut bodies = message.bodies(&mut self.ndb, limit);
        bodies.anomalies = self.ndb.anomalies.take();
        Ok((item, bodies))
    }
}
