//! Delivery reports and receipts ([MS-OXOMSG] 2.2.2).

use super::fields::Fields;
use crate::ltp::FileTime;
use crate::messaging::item::Recipient;
use crate::messaging::tags;

/// What a report says, by the last part of its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReportKind {
    /// `REPORT.*.DR`
    Delivered,
    /// `REPORT.*.NDR`
    NotDelivered,
    /// `REPORT.*.IPNRN`
    Read,
    /// `REPORT.*.IPNNRN`
    NotRead,
    /// Any other class.
    Other,
}

/// A recipient of the original message, with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedRecipient {
    /// Who it is.
    pub recipient: Recipient,
    /// `PidTagNonDeliveryReportReasonCode`
    pub reason: Option<i32>,
    /// `PidTagNonDeliveryReportDiagCode`
    pub diagnostic: Option<i32>,
    /// `PidTagNonDeliveryReportStatusCode`: 511 stands for 5.1.1.
    pub status: Option<i32>,
    /// `PidTagReportText` of the recipient, or else `PidTagSupplementaryInfo`.
    pub text: String,
}

/// A delivery report or receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What it says.
    pub kind: ReportKind,
    /// The class of the original message.
    pub original_class: String,
    /// `PidTagOriginalSubject`, or else that of the conversation.
    pub original_subject: String,
    /// `PidTagOriginalSubmitTime`: when the original was sent.
    pub original_submitted: Option<FileTime>,
    /// `PidTagOriginalDeliveryTime`: when the original arrived.
    pub original_delivered: Option<FileTime>,
    /// `PidTagOriginalDisplayTo`
    pub original_to: String,
    /// `PidTagOriginalSenderName`
    pub original_sender: String,
    /// `PidTagOriginalMessageId`
    pub original_message_id: String,
    /// `PidTagReportTime`: when what it says came to pass.
    pub reported: Option<FileTime>,
    /// `PidTagReportText`
    pub text: String,
    /// Whom it is about. In a report, the recipient table has those of the original message.
    pub recipients: Vec<ReportedRecipient>,
}

impl Report {
    pub(super) fn read(fields: &mut Fields<'_, '_, '_>, class: &str) -> Self {
        let (kind, original_class) = kind(class);
        let mut original_subject = fields.text(tags::ORIGINAL_SUBJECT);
        if original_subject.is_empty() {
            original_subject = fields.text(tags::CONVERSATION_TOPIC);
        }
        let message = fields.message;
        let recipients = message.recipient_rows_as(fields.reader, |table, reader, row, recipient| {
            let text = table.text(reader, row, tags::REPORT_TEXT).filter(|text| !text.is_empty());
            ReportedRecipient {
                recipient,
                reason: table.int(reader, row, tags::NDR_REASON_CODE),
                diagnostic: table.int(reader, row, tags::NDR_DIAG_CODE),
                status: table.int(reader, row, tags::NDR_STATUS_CODE),
                text: text.or_else(|| table.text(reader, row, tags::SUPPLEMENTARY_INFO)).unwrap_or_default(),
            }
        });
        Self {
            kind,
            original_class: original_class.to_owned(),
            original_subject,
            original_submitted: fields.time(tags::ORIGINAL_SUBMIT_TIME),
            original_delivered: fields.time(tags::ORIGINAL_DELIVERY_TIME),
            original_to: fields.text(tags::ORIGINAL_DISPLAY_TO),
            original_sender: fields.text(tags::ORIGINAL_SENDER_NAME),
            original_message_id: fields.text(tags::ORIGINAL_MESSAGE_ID),
            reported: fields.time(tags::REPORT_TIME),
            text: fields.text(tags::REPORT_TEXT),
            recipients,
        }
    }
}

/// `REPORT.`, the original's class, and a last part that says what happened.
fn kind(class: &str) -> (ReportKind, &str) {
    let (front, last) = class.rsplit_once('.').unwrap_or((class, ""));
    let kind = match last.to_ascii_uppercase().as_str() {
        "DR" => ReportKind::Delivered,
        "NDR" => ReportKind::NotDelivered,
        "IPNRN" => ReportKind::Read,
        "IPNNRN" => ReportKind::NotRead,
        _ => ReportKind::Other,
    };
    (kind, front.split_once('.').map_or("", |(_, original)| original))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        let check = |class, want| assert_eq!(kind(class), want, "{class}");
        check("REPORT.IPM.Note.NDR", (ReportKind::NotDelivered, "IPM.Note"));
        check("REPORT.IPM.Note.IPNRN", (ReportKind::Read, "IPM.Note"));
        check(
            "report.ipm.schedule.meeting.request.ipnnrn",
            (ReportKind::NotRead, "ipm.schedule.meeting.request"),
        );
        check("REPORT.IPM.Note.DR", (ReportKind::Delivered, "IPM.Note"));
        check("REPORT", (ReportKind::Other, ""));
    }
}
