//! What each version of this crate reads that the one before did not, so that a library tries again what can be had now.

use crate::Reason;

/// Grows whenever files of some kind may give more text than before; [`may_read_more`] says of which.
pub const VERSION: u32 = 2;

/// Kinds that carry files of other kinds.
const CARRIERS: &[&str] = &[
    "ZIP archive",
    "mail",
    "Outlook message",
    "Word document",
    "Excel workbook",
    "PowerPoint presentation",
    "Office document",
];
/// What version 1 said of the documents that version 2 reads: Word, Excel and PowerPoint of 2003 and before.
const UNREAD_BY_1: &[&str] = &["compound file of an unknown kind", "bytes of an unknown kind"];

/// Whether a file may give more text now than to the earlier `version`, which told that it is of `kind`, or (with an empty one) the
/// `reason` why it has no text.
pub fn may_read_more(version: u32, kind: &str, reason: &str) -> bool {
    let told = |kinds: &[&str]| {
        kinds.contains(&kind) || kinds.iter().any(|kind| reason == Reason::NoText((*kind).into()).to_string())
    };
    version < 2 && (told(CARRIERS) || told(UNREAD_BY_1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_give_more_is_read_again() {
        for (version, kind, reason, again) in [
            (1, "", "no text in it (compound file of an unknown kind)", true),
            (1, "", "no text in it (bytes of an unknown kind)", true),
            (1, "", "no text in it (Outlook message)", true),
            (1, "ZIP archive", "", true),
            (1, "mail", "logo.rar: its kind is not read (RAR archive)", true),
            (1, "PDF", "", false),
            (1, "text", "", false),
            (1, "", "no text in it (JPEG picture)", false),
            (1, "", "it is protected by a password", false),
            (VERSION, "", "no text in it (compound file of an unknown kind)", false),
            (VERSION, "ZIP archive", "", false),
        ] {
            assert_eq!(may_read_more(version, kind, reason), again, "{version} {kind:?} {reason:?}");
        }
    }
}
