//! What names a person or an object ([MS-OXCDATA] 2.2).

use super::Front;
use crate::messaging::{Charset, utf16};
use crate::ndb::ids::NodeId;

/// A decoded entry id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum EntryId {
    /// A person outside of any address book, with all there is to know ([MS-OXCDATA] 2.2.5.1).
    OneOff {
        /// The display name.
        name: String,
        /// `SMTP` and so on.
        address_type: String,
        /// The address.
        address: String,
    },
    /// An entry of an organisation's directory ([MS-OXCDATA] 2.2.5.2).
    Directory {
        /// Its path in the directory.
        path: String,
        /// What it is: 0 a person, 1 a list.
        kind: u32,
    },
    /// An entry of a folder of contacts: which of its addresses, and the object itself.
    Contact {
        /// 0 to 2 for the e-mail addresses, 3 to 5 for the fax numbers; `None` when it is not said.
        index: Option<u32>,
        /// Whether it is a distribution list.
        is_list: bool,
        /// The contact or list, or the person as it was then.
        object: Box<EntryId>,
    },
    /// An object of a PST file ([MS-PST] 2.4.3.2).
    Object {
        /// The record key of its file.
        store: [u8; 16],
        /// Its node there.
        node: NodeId,
    },
    /// Anything else.
    Other {
        /// Who can read it.
        provider: [u8; 16],
        /// The bytes behind.
        data: Vec<u8>,
    },
}

const ONE_OFF: [u8; 16] =
    [0x81, 0x2B, 0x1F, 0xA4, 0xBE, 0xA3, 0x10, 0x19, 0x9D, 0x6E, 0x00, 0xDD, 0x01, 0x0F, 0x54, 0x02];
const DIRECTORY: [u8; 16] =
    [0xDC, 0xA7, 0x40, 0xC8, 0xC0, 0x42, 0x10, 0x1A, 0xB4, 0xB9, 0x08, 0x00, 0x2B, 0x2F, 0xE1, 0x82];
/// Members of distribution lists ([MS-OXOCNTC] 2.2.2.2.4.1).
const WRAPPED: [u8; 16] =
    [0xC0, 0x91, 0xAD, 0xD3, 0x51, 0x9D, 0xCF, 0x11, 0xA4, 0xA9, 0x00, 0xAA, 0x00, 0x47, 0xFA, 0xA4];
const CONTACT: [u8; 16] =
    [0xFE, 0x42, 0xAA, 0x0A, 0x18, 0xC7, 0x1A, 0x10, 0xE8, 0x85, 0x0B, 0x65, 0x1C, 0x24, 0x00, 0x00];

/// A wrapped id may hold one more wrapping, not a chain of them.
const DEPTH: u8 = 3;

impl EntryId {
    /// Reads an entry id; `charset` is that of the message. `None` when it is too short for what it claims to be.
    pub fn parse(data: &[u8], charset: &Charset) -> Option<Self> {
        Self::nested(data, charset, DEPTH)
    }

    fn nested(data: &[u8], charset: &Charset, depth: u8) -> Option<Self> {
        let depth = depth.checked_sub(1)?;
        let front = &mut Front(data);
        // rgbFlags
        front.u32()?;
        let provider: [u8; 16] = front.array()?;
        match provider {
            ONE_OFF => {
                // Version
                front.u16()?;
                let wide = front.u16()? & 0x8000 != 0;
                let name = string(front, wide, charset)?;
                let address_type = string(front, wide, charset)?;
                // The last one may lack its NUL.
                let address = string(front, wide, charset)?;
                Some(Self::OneOff { name, address_type, address })
            }
            DIRECTORY => {
                // Version
                front.u32()?;
                let kind = front.u32()?;
                Some(Self::Directory { path: string(front, false, charset)?, kind })
            }
            WRAPPED => {
                let [kind] = front.array::<1>()?;
                let index = match (kind & 0xF, kind >> 4 & 7) {
                    (3, email @ 4..=6) => Some(u32::from(email) - 4),
                    (3, fax @ 0..=2) => Some(u32::from(fax) + 3),
                    _ => None,
                };
                let object = Box::new(Self::nested(front.0, charset, depth)?);
                let is_list = matches!(kind & 0xF, 4 | 6);
                Some(Self::Contact { index, is_list, object })
            }
            CONTACT => {
                // Version
                front.u32()?;
                let kind = front.u32()?;
                let index = front.u32()?;
                let object = Box::new(Self::nested(front.sized()?, charset, depth)?);
                Some(Self::Contact { index: (index <= 5).then_some(index), is_list: kind == 5, object })
            }
            _ if front.0.len() == 4 => {
                front.u32().map(|node| Self::Object { store: provider, node: NodeId(node) })
            }
            _ => Some(Self::Other { provider, data: front.0.to_vec() }),
        }
    }

    /// The display name, where the id itself says it.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::OneOff { name, .. } => Some(name),
            Self::Contact { object, .. } => object.name(),
            _ => None,
        }
    }

    /// The address or directory path, where the id itself says it.
    pub fn address(&self) -> Option<&str> {
        match self {
            Self::OneOff { address, .. } => Some(address),
            Self::Directory { path, .. } => Some(path),
            Self::Contact { object, .. } => object.address(),
            _ => None,
        }
    }
}

/// A string that ends with NUL, or with the data.
fn string(front: &mut Front<'_>, wide: bool, charset: &Charset) -> Option<String> {
    if front.0.is_empty() {
        return None;
    }
    let width = if wide { 2 } else { 1 };
    let end = front.0.chunks_exact(width).position(|unit| unit.iter().all(|&byte| byte == 0));
    let text = match end {
        Some(end) => {
            let text = front.take(end * width)?;
            front.take(width)?;
            text
        }
        None => front.take(front.0.len())?,
    };
    Some(if wide { utf16(text) } else { charset.decode(text) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::{Person, one_off_entry_id};

    fn parse(data: &[u8]) -> Option<EntryId> {
        EntryId::parse(data, &Charset::default())
    }

    fn head(provider: [u8; 16]) -> Vec<u8> {
        [&[0; 4][..], &provider].concat()
    }

    fn one_off() -> EntryId {
        EntryId::OneOff { name: "Ä B".into(), address_type: "SMTP".into(), address: "a@b.example".into() }
    }

    #[test]
    fn ids() {
        let check = |data: Vec<u8>, want: Option<EntryId>| assert_eq!(parse(&data), want, "{data:02x?}");
        let wide = one_off_entry_id(&Person::new("Ä B", "a@b.example"));
        check(wide.clone(), Some(one_off()));
        let narrow = [head(ONE_OFF), vec![0, 0, 1, 0], b"\xC4 B\0SMTP\0a@b.example\0".to_vec()].concat();
        check(narrow.clone(), Some(one_off()));
        check(narrow[..narrow.len() - 1].to_vec(), Some(one_off()));
        let directory = [head(DIRECTORY), vec![1, 0, 0, 0, 0, 0, 0, 0], b"/o=A/cn=B\0".to_vec()].concat();
        let path = EntryId::Directory { path: "/o=A/cn=B".into(), kind: 0 };
        check(directory.clone(), Some(path.clone()));
        let object = EntryId::Object { store: [7; 16], node: NodeId(0x20_0024) };
        let stored = [head([7; 16]), vec![0x24, 0, 0x20, 0]].concat();
        check(stored.clone(), Some(object.clone()));
        let contact = |index, is_list, object: &EntryId| {
            Some(EntryId::Contact { index, is_list, object: Box::new(object.clone()) })
        };
        check([head(WRAPPED), vec![0xD3], stored.clone()].concat(), contact(Some(1), false, &object));
        check([head(WRAPPED), vec![0xB4], stored.clone()].concat(), contact(None, true, &object));
        check([head(WRAPPED), vec![0xB5], directory].concat(), contact(None, false, &path));
        check([head(WRAPPED), vec![0], wide].concat(), contact(None, false, &one_off()));
        let of_contact = [3, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, stored.len() as u8, 0, 0, 0];
        check([head(CONTACT), of_contact.to_vec(), stored].concat(), contact(Some(2), false, &object));
        check(
            [head([9; 16]), vec![1, 2]].concat(),
            Some(EntryId::Other { provider: [9; 16], data: vec![1, 2] }),
        );
        check(head(ONE_OFF), None);
        check(vec![0; 19], None);
        check([head(WRAPPED), vec![0]].concat().repeat(50), None);
    }

    #[test]
    fn cut_ids() {
        let data = one_off_entry_id(&Person::new("A", "a@b.example"));
        for cut in 0..data.len() {
            // Nothing but the address may be shorter than it was.
            if let Some(id) = parse(&data[..cut]) {
                assert_eq!(id.name(), Some("A"), "{cut} bytes");
            }
        }
    }
}
