//! What an item says, as plain data.

use super::attachment::Attachment;
use super::class::ItemKind;
use crate::error::Anomaly;
use crate::ltp::FileTime;
use crate::ndb::ids::NodeId;

/// A person or mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Address {
    /// The display name.
    pub name: String,
    /// The address as stored: SMTP, or a directory path of an Exchange server.
    pub address: String,
    /// `SMTP`, `EX` and so on.
    pub address_type: String,
    /// The SMTP address, where it is known.
    pub smtp: Option<String>,
}

impl Address {
    /// Whether it says nothing at all.
    pub fn is_empty(&self) -> bool {
        self.name.is_empty() && self.address.is_empty() && self.smtp.is_none()
    }
}

/// What part a recipient has (`PidTagRecipientType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecipientKind {
    /// 0: the sender itself, or the organiser of a meeting.
    Originator,
    /// 1
    To,
    /// 2
    Cc,
    /// 3
    Bcc,
    /// Anything else.
    Other(i32),
}

/// A recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// What part it has.
    pub kind: RecipientKind,
    /// Who it is.
    pub who: Address,
}

/// An item, read whole but for its bodies and the content of its attachments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its node; for an embedded message, its sub-node within the attachment.
    pub node: NodeId,
    /// `PidTagMessageClass`
    pub class: String,
    /// What the class means.
    pub kind: ItemKind,
    /// `PidTagSubject`, without its prefix bytes.
    pub subject: String,
    /// The subject without `RE:` and the like.
    pub topic: String,
    /// `PidTagConversationTopic`
    pub conversation_topic: String,
    /// `PidTagConversationIndex`
    pub conversation_index: Vec<u8>,
    /// Who sent it.
    pub sender: Address,
    /// On whose behalf, where that is someone else or there is no sender.
    pub representing: Address,
    /// All recipients, in the order of the table.
    pub recipients: Vec<Recipient>,
    /// `PidTagDisplayTo`
    pub display_to: String,
    /// `PidTagDisplayCc`
    pub display_cc: String,
    /// `PidTagDisplayBcc`
    pub display_bcc: String,
    /// `PidTagClientSubmitTime`: when it was sent.
    pub submitted: Option<FileTime>,
    /// `PidTagMessageDeliveryTime`: when it arrived.
    pub delivered: Option<FileTime>,
    /// `PidTagCreationTime`
    pub created: Option<FileTime>,
    /// `PidTagLastModificationTime`
    pub modified: Option<FileTime>,
    /// The start of an appointment, or the start date of a task.
    pub starts: Option<FileTime>,
    /// The end of an appointment, or the due date of a task.
    pub ends: Option<FileTime>,
    /// Where an appointment takes place.
    pub location: String,
    /// `PidTagInternetMessageId`
    pub message_id: String,
    /// `PidTagInReplyToId`
    pub in_reply_to: String,
    /// `PidTagInternetReferences`
    pub references: String,
    /// `PidTagTransportMessageHeaders`
    pub headers: String,
    /// `PidTagImportance`: 0 low, 1 normal, 2 high.
    pub importance: i32,
    /// `PidTagSensitivity`: 0 normal, 1 personal, 2 private, 3 confidential.
    pub sensitivity: i32,
    /// `PidTagMessageFlags`; bit 0 says that it was read.
    pub flags: u32,
    /// `PidTagFlagStatus`: 0 none, 1 flagged and done, 2 flagged.
    pub flag_status: i32,
    /// `PidLidTaskDueDate`: the day by which a task, or what a flag stands for, is to be done.
    pub due: Option<FileTime>,
    /// `PidNameKeywords`: the categories that it was given, at most 100.
    pub categories: Vec<String>,
    /// `PidTagMessageSize` in bytes.
    pub size: Option<u32>,
    /// E-mail addresses of a contact.
    pub contact_addresses: Vec<String>,
    /// Its attachments.
    pub attachments: Vec<Attachment>,
    /// Whether its own node cannot be read, so that all this comes from its row in the folder's contents table
    /// ([MS-PST] 2.4.4.5): the names of its people, but not their addresses, and neither bodies nor attachments.
    pub from_row: bool,
    /// What was found wrong with it.
    pub anomalies: Vec<Anomaly>,
}

impl Item {
    /// `PidTagImportance` where nothing is said of it.
    pub(crate) const NORMAL_IMPORTANCE: i32 = 1;

    /// An item that says nothing.
    pub(crate) fn empty(node: NodeId) -> Self {
        Self {
            node,
            kind: ItemKind::Other,
            class: String::new(),
            subject: String::new(),
            topic: String::new(),
            conversation_topic: String::new(),
            conversation_index: Vec::new(),
            sender: Address::default(),
            representing: Address::default(),
            recipients: Vec::new(),
            display_to: String::new(),
            display_cc: String::new(),
            display_bcc: String::new(),
            submitted: None,
            delivered: None,
            created: None,
            modified: None,
            starts: None,
            ends: None,
            location: String::new(),
            message_id: String::new(),
            in_reply_to: String::new(),
            references: String::new(),
            headers: String::new(),
            importance: Self::NORMAL_IMPORTANCE,
            sensitivity: 0,
            flags: 0,
            flag_status: 0,
            due: None,
            categories: Vec::new(),
            size: None,
            contact_addresses: Vec::new(),
            attachments: Vec::new(),
            from_row: false,
            anomalies: Vec::new(),
        }
    }

    /// When the item came to be, by the best time it has: sent, arrived, begins, created, changed.
    pub fn date(&self) -> Option<FileTime> {
        let calendar = matches!(self.kind, ItemKind::Appointment);
        let begins = if calendar { self.starts } else { None };
        begins.or(self.submitted).or(self.delivered).or(self.starts).or(self.created).or(self.modified)
    }

    /// All attachments, those of embedded messages included, at any depth.
    pub fn attachment_count(&self) -> u64 {
        self.attachments
            .iter()
            .map(|attachment| 1 + attachment.embedded.as_ref().map_or(0, |item| item.attachment_count()))
            .sum()
    }

    /// All embedded messages, at any depth.
    pub fn embedded_count(&self) -> u64 {
        self.attachments
            .iter()
            .filter_map(|attachment| attachment.embedded.as_ref())
            .map(|item| 1 + item.embedded_count())
            .sum()
    }
}

/// Splits the prefix bytes off a subject ([MS-PST] 2.5.3.1.1.1): 0x01, then the length of the prefix and one.
/// Returns the whole subject and the part behind the prefix.
pub(crate) fn split_subject(raw: &str) -> (&str, &str) {
    let mut chars = raw.chars();
    if chars.next() != Some('\u{1}') {
        return (raw, raw);
    }
    let Some(length) = chars.next() else { return ("", "") };
    let subject = chars.as_str();
    let skip = (length as usize).saturating_sub(1);
    let rest = subject.char_indices().nth(skip).map_or("", |(at, _)| &subject[at..]);
    (subject, if skip == 0 { subject } else { rest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subject_prefixes() {
        let check = |raw, want| assert_eq!(split_subject(raw), want, "{raw:?}");
        check("plain", ("plain", "plain"));
        check("\u{1}\u{5}RE: plain", ("RE: plain", "plain"));
        check("\u{1}\u{1}plain", ("plain", "plain"));
        check("\u{1}\u{1}", ("", ""));
        check("\u{1}", ("", ""));
        check("\u{1}\u{80}RE: x", ("RE: x", ""));
        check("\u{1}\u{4}äö: ü", ("äö: ü", " ü"));
        check("", ("", ""));
    }
}
