//! Message classes ([MS-OXCMSG] 2.2.1.3 and others).

/// What kind of thing an item is, by its message class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemKind {
    /// `IPM.Note` and what belongs to it, signed and encrypted mail included.
    Mail,
    /// `IPM.Appointment`
    Appointment,
    /// `IPM.Schedule.Meeting.*`
    Meeting,
    /// `IPM.Contact`
    Contact,
    /// `IPM.DistList`
    DistributionList,
    /// `IPM.Task`
    Task,
    /// `IPM.TaskRequest*`
    TaskRequest,
    /// `IPM.StickyNote`
    Note,
    /// `IPM.Activity`
    Journal,
    /// `IPM.Post*`
    Post,
    /// `REPORT.*`: delivery and read receipts.
    Report,
    /// `IPM.Document.*`
    Document,
    /// `IPM.Recall.*`, `IPM.Outlook.Recall`
    Recall,
    /// Any other class.
    Other,
}

impl ItemKind {
    /// The kind of an item of class `class`, letter case aside.
    pub fn of(class: &str) -> Self {
        const KINDS: &[(&str, ItemKind)] = &[
            ("IPM.Note", ItemKind::Mail),
            ("IPM.Appointment", ItemKind::Appointment),
            ("IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}", ItemKind::Appointment),
            ("IPM.Schedule", ItemKind::Meeting),
            ("IPM.Contact", ItemKind::Contact),
            ("IPM.AbchPerson", ItemKind::Contact),
            ("IPM.DistList", ItemKind::DistributionList),
            ("IPM.Task", ItemKind::Task),
            ("IPM.TaskRequest", ItemKind::TaskRequest),
            ("IPM.StickyNote", ItemKind::Note),
            ("IPM.Activity", ItemKind::Journal),
            ("IPM.Post", ItemKind::Post),
            ("REPORT", ItemKind::Report),
            ("IPM.Document", ItemKind::Document),
            ("IPM.Recall", ItemKind::Recall),
            ("IPM.Outlook.Recall", ItemKind::Recall),
        ];
        // What says nothing is opened as mail by Outlook too.
        if class.is_empty() || class.eq_ignore_ascii_case("IPM") {
            return Self::Mail;
        }
        let matches = |prefix: &str| {
            class.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
                && matches!(class.as_bytes().get(prefix.len()), None | Some(b'.'))
        };
        KINDS.iter().find(|(prefix, _)| matches(prefix)).map_or(Self::Other, |(_, kind)| *kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes() {
        let check = |class, want| assert_eq!(ItemKind::of(class), want, "{class}");
        check("IPM.Note", ItemKind::Mail);
        check("ipm.note.SMIME.MultipartSigned", ItemKind::Mail);
        check("IPM.NoteX", ItemKind::Other);
        check("IPM.Schedule.Meeting.Request", ItemKind::Meeting);
        check("IPM.TaskRequest.Accept", ItemKind::TaskRequest);
        check("IPM.Task", ItemKind::Task);
        check("REPORT.IPM.Note.NDR", ItemKind::Report);
        check("IPM.Post.Rss", ItemKind::Post);
        check("IPM.Document.txtfile", ItemKind::Document);
        check("IPM.Äöü", ItemKind::Other);
        check("", ItemKind::Mail);
    }
}
