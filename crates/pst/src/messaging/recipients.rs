//! Who sent an item and who received it ([MS-PST] 2.4.5.3).

use super::item::{Address, Recipient, RecipientKind};
use super::message::Message;
use super::tags;
use crate::error::{Consequence, Fault, Place, ReadError};
use crate::ltp::{Row, Table};
use crate::ndb::ids::{NidType, NodeId};
use crate::ndb::{NdbReader, SubNode};

fn smtp(address: &str, kind: &str, stated: Option<String>) -> Option<String> {
    let is_smtp =
        |address: &str| address.contains('@') && !address.starts_with('/') && !address.contains(' ');
    stated
        .filter(|stated| is_smtp(stated))
        .or_else(|| (!kind.eq_ignore_ascii_case("EX") && is_smtp(address)).then(|| address.to_owned()))
}

impl Message {
    pub(crate) fn address(
        &self,
        reader: &mut NdbReader<'_>,
        [name, address, kind, stated]: [u16; 4],
    ) -> Address {
        let mut text = |tag| self.properties.text(reader, tag);
        let (name, address) = (text(name).unwrap_or_default(), text(address).unwrap_or_default());
        let (address_type, stated) = (text(kind).unwrap_or_default(), text(stated));
        let smtp = smtp(&address, &address_type, stated);
        Address { name, address, address_type, smtp }
    }

    /// The recipients of the table.
    pub(crate) fn recipients(&self, reader: &mut NdbReader<'_>) -> Vec<Recipient> {
        self.recipient_rows_as(reader, |_, _, _, recipient| recipient)
    }

    /// What `read` makes of each row of the recipient table; nothing, which is noted, when it is broken.
    pub(crate) fn recipient_rows_as<T>(
        &self,
        reader: &mut NdbReader<'_>,
        mut read: impl FnMut(&Table, &mut NdbReader<'_>, &Row, Recipient) -> T,
    ) -> Vec<T> {
        let table = match reader.sub_node(self.sub, NodeId::RECIPIENT_TABLE) {
            Ok(Some(table)) => Ok(Some(table)),
            // Any other sub-node of the type will do.
            Ok(None) => reader
                .sub_nodes(self.sub)
                .map(|all| all.into_iter().find(|node| node.nid.kind() == NidType::RecipientTable)),
            Err(reason) => Err(reason),
        };
        let rows = table.and_then(|table| match table {
            Some(table) => self.recipient_rows(reader, table, &mut read),
            None => Ok(Vec::new()),
        });
        rows.unwrap_or_else(|reason| {
            let fault = Fault::Unreadable { what: "recipient table", reason };
            reader.anomalies.push(fault, Place::Node(self.node), Consequence::Lost);
            Vec::new()
        })
    }

    fn recipient_rows<T>(
        &self,
        reader: &mut NdbReader<'_>,
        node: SubNode,
        read: &mut impl FnMut(&Table, &mut NdbReader<'_>, &Row, Recipient) -> T,
    ) -> Result<Vec<T>, ReadError> {
        let mut table = Table::open(reader, node.nid, node.data, node.sub)?;
        table.charset = self.properties.charset;
        let rows = table.rows(reader)?;
        let mut all = Vec::with_capacity(rows.len());
        for row in &rows {
            // The high bits say that the recipient was reached, and the like.
            let kind = match table.int(reader, row, tags::RECIPIENT_TYPE).unwrap_or(1) & 0x0FFF_FFFF {
                0 => RecipientKind::Originator,
                1 => RecipientKind::To,
                2 => RecipientKind::Cc,
                3 => RecipientKind::Bcc,
                other => RecipientKind::Other(other),
            };
            let mut text = |tag| table.text(reader, row, tag).filter(|text| !text.is_empty());
            let name =
                text(tags::DISPLAY_NAME).or_else(|| text(tags::RECIPIENT_DISPLAY_NAME)).unwrap_or_default();
            let address = text(tags::EMAIL_ADDRESS).unwrap_or_default();
            let address_type = text(tags::ADDRESS_TYPE).unwrap_or_default();
            let smtp = smtp(&address, &address_type, text(tags::SMTP_ADDRESS));
            let recipient = Recipient { kind, who: Address { name, address, address_type, smtp } };
            all.push(read(&table, reader, row, recipient));
        }
        Ok(all)
    }

    /// The names that the display properties give, for items without a recipient table.
    pub(crate) fn shown_recipients(shown: [(RecipientKind, &str); 3]) -> Vec<Recipient> {
        let mut all = Vec::new();
        for (kind, names) in shown {
            for name in names.split(';').map(str::trim).filter(|name| !name.is_empty()) {
                let smtp = smtp(name.trim_matches('\''), "", None);
                let address = smtp.clone().unwrap_or_default();
                let who = Address { name: name.to_owned(), address, address_type: String::new(), smtp };
                all.push(Recipient { kind, who });
            }
        }
        all
    }
}
