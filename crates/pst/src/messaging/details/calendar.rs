//! Appointments and meetings ([MS-OXOCAL] 2.2).

use super::fields::{Fields, Named};
use super::recurrence::Recurrence;
use super::time_zone::TimeZone;
use crate::error::{Consequence, Fault, Place};
use crate::ltp::FileTime;
use crate::messaging::item::Address;
use crate::messaging::names::{APPOINTMENT, COMMON, MEETING};
use crate::messaging::tags;

/// `PidLidBusyStatus`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BusyStatus {
    /// 0
    Free,
    /// 1
    Tentative,
    /// 2
    Busy,
    /// 3
    OutOfOffice,
    /// 4
    WorkingElsewhere,
    /// Any other value.
    Other(i32),
}

impl BusyStatus {
    fn of(value: i32) -> Self {
        match value {
            0 => Self::Free,
            1 => Self::Tentative,
            2 => Self::Busy,
            3 => Self::OutOfOffice,
            4 => Self::WorkingElsewhere,
            other => Self::Other(other),
        }
    }
}

/// `PidLidResponseStatus`, `PidTagRecipientTrackStatus`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ResponseStatus {
    /// 0: no answer is called for.
    #[default]
    None,
    /// 1: the organizer itself.
    Organizer,
    /// 2
    Tentative,
    /// 3
    Accepted,
    /// 4
    Declined,
    /// 5
    NotResponded,
    /// Any other value.
    Other(i32),
}

impl ResponseStatus {
    fn of(value: i32) -> Self {
        match value {
            0 => Self::None,
            1 => Self::Organizer,
            2 => Self::Tentative,
            3 => Self::Accepted,
            4 => Self::Declined,
            5 => Self::NotResponded,
            other => Self::Other(other),
        }
    }
}

/// What an attendee is to a meeting, by `PidTagRecipientType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttendeeKind {
    /// 0, or the flag `recipOrganizer`
    Organizer,
    /// 1
    Required,
    /// 2
    Optional,
    /// 3: a room or thing.
    Resource,
}

/// Somebody who takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attendee {
    /// Who it is.
    pub who: Address,
    /// What part it has.
    pub kind: AttendeeKind,
    /// What it answered, as far as the organizer's copy knows.
    pub response: ResponseStatus,
    /// When.
    pub responded: Option<FileTime>,
}

/// A calendar entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    /// `PidLidAppointmentStartWhole`
    pub starts: Option<FileTime>,
    /// `PidLidAppointmentEndWhole`
    pub ends: Option<FileTime>,
    /// `PidLidAppointmentSubType`
    pub all_day: bool,
    /// `PidLidLocation`
    pub location: String,
    /// `PidLidBusyStatus`
    pub busy: Option<BusyStatus>,
    /// Who called it: the representing sender of a meeting; empty for entries of one's own.
    pub organizer: Address,
    /// Who takes part.
    pub attendees: Vec<Attendee>,
    /// `PidLidAppointmentStateFlags`: whether others take part.
    pub is_meeting: bool,
    /// `PidLidAppointmentStateFlags`: whether it was called off.
    pub is_canceled: bool,
    /// `PidLidResponseStatus`: what the owner of the mailbox answered.
    pub response: ResponseStatus,
    /// `PidLidReminderDelta` in minutes before the start, where `PidLidReminderSet` is true.
    pub reminder_minutes: Option<i32>,
    /// `PidLidAppointmentRecur`
    pub recurrence: Option<Recurrence>,
    /// `PidLidRecurrencePattern`: the same in words.
    pub recurrence_text: String,
    /// The time zone of a series, or else that of the start.
    pub time_zone: Option<TimeZone>,
    /// `PidLidTimeZoneDescription`
    pub time_zone_text: String,
    /// `PidLidGlobalObjectId`: the same for everybody who was invited.
    pub global_id: Vec<u8>,
    /// `PidLidAppointmentSequence`
    pub sequence: i32,
}

const fn of(number: u32) -> Named {
    (APPOINTMENT, number)
}

impl Appointment {
    pub(super) fn read(fields: &mut Fields<'_, '_, '_>) -> Self {
        let state = fields.named_int(of(0x8217)).unwrap_or(0);
        let is_meeting = state & 1 != 0;
        let attendees = fields.attendees();
        let organizer = attendees
            .iter()
            .find(|attendee| attendee.kind == AttendeeKind::Organizer)
            .map(|attendee| attendee.who.clone());
        Self {
            starts: fields.named_time(of(0x820D)).or_else(|| fields.time(tags::START_DATE)),
            ends: fields.named_time(of(0x820E)).or_else(|| fields.time(tags::END_DATE)),
            all_day: fields.named_flag(of(0x8215)),
            location: fields.named_text(of(0x8208)),
            busy: fields.named_int(of(0x8205)).map(BusyStatus::of),
            organizer: organizer.unwrap_or_else(|| {
                if is_meeting || !attendees.is_empty() { fields.representing() } else { Address::default() }
            }),
            attendees,
            is_meeting,
            is_canceled: state & 4 != 0,
            response: ResponseStatus::of(fields.named_int(of(0x8218)).unwrap_or(0)),
            reminder_minutes: fields
                .named_int((COMMON, 0x8501))
                .filter(|_| fields.named_flag((COMMON, 0x8503))),
            recurrence: fields.recurrence(),
            recurrence_text: fields.named_text(of(0x8232)),
            time_zone: fields.time_zone(),
            time_zone_text: fields.named_text(of(0x8234)),
            global_id: fields.named_binary((MEETING, 0x0003)).unwrap_or_default(),
            sequence: fields.named_int(of(0x8201)).unwrap_or(0),
        }
    }
}

impl Fields<'_, '_, '_> {
    fn recurrence(&mut self) -> Option<Recurrence> {
        let (name, charset) = (of(0x8216), self.message.properties.charset);
        let found = self.structure(name, "RecurrencePattern", |data| Recurrence::parse(data, &charset))?;
        if !found.complete {
            let fault = Fault::Cut { what: "a recurrence", kept: found.changes.len() as u64 };
            let place = self.id(name).map_or(Place::Node(self.message.node), Place::Property);
            self.reader.anomalies.push(fault, place, Consequence::Lost);
        }
        Some(found)
    }

    fn time_zone(&mut self) -> Option<TimeZone> {
        // That of the series, of the start, and in the form of older programs.
        self.structure(of(0x8260), "TimeZoneDefinition", TimeZone::parse_definition)
            .or_else(|| self.structure(of(0x825E), "TimeZoneDefinition", TimeZone::parse_definition))
            .or_else(|| self.structure(of(0x8233), "TimeZoneStruct", TimeZone::parse_struct))
    }

    fn representing(&mut self) -> Address {
        self.message.address(
            self.reader,
            [
                tags::SENT_REPRESENTING_NAME,
                tags::SENT_REPRESENTING_EMAIL,
                tags::SENT_REPRESENTING_ADDRESS_TYPE,
                tags::SENT_REPRESENTING_SMTP,
            ],
        )
    }

    fn attendees(&mut self) -> Vec<Attendee> {
        let message = self.message;
        message.recipient_rows_as(self.reader, |table, reader, row, recipient| {
            let flags = table.int(reader, row, tags::RECIPIENT_FLAGS).unwrap_or(0);
            let kind = match table.int(reader, row, tags::RECIPIENT_TYPE).unwrap_or(1) & 0x0FFF_FFFF {
                _ if flags & 2 != 0 => AttendeeKind::Organizer,
                0 => AttendeeKind::Organizer,
                2 => AttendeeKind::Optional,
                3 => AttendeeKind::Resource,
                _ => AttendeeKind::Required,
            };
            Attendee {
                who: recipient.who,
                kind,
                response: ResponseStatus::of(
                    table.int(reader, row, tags::RECIPIENT_TRACK_STATUS).unwrap_or(0),
                ),
                responded: table.time(reader, row, tags::RECIPIENT_TRACK_STATUS_TIME),
            }
        })
    }
}

/// What a meeting message says, by its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MeetingStep {
    /// `IPM.Schedule.Meeting.Request`
    Request,
    /// `IPM.Schedule.Meeting.Canceled`
    Canceled,
    /// `IPM.Schedule.Meeting.Resp.Pos`
    Accepted,
    /// `IPM.Schedule.Meeting.Resp.Tent`
    Tentative,
    /// `IPM.Schedule.Meeting.Resp.Neg`
    Declined,
    /// `IPM.Schedule.Meeting.Notification.Forward`
    Forwarded,
    /// Any other class.
    Other,
}

impl MeetingStep {
    /// What a message of class `class` says.
    pub fn of(class: &str) -> Self {
        const STEPS: &[(&str, MeetingStep)] = &[
            ("IPM.SCHEDULE.MEETING.REQUEST", MeetingStep::Request),
            ("IPM.SCHEDULE.MEETING.CANCELED", MeetingStep::Canceled),
            ("IPM.SCHEDULE.MEETING.RESP.POS", MeetingStep::Accepted),
            ("IPM.SCHEDULE.MEETING.RESP.TENT", MeetingStep::Tentative),
            ("IPM.SCHEDULE.MEETING.RESP.NEG", MeetingStep::Declined),
            ("IPM.SCHEDULE.MEETING.NOTIFICATION.FORWARD", MeetingStep::Forwarded),
        ];
        let class = class.to_ascii_uppercase();
        let matches = |step: &str| {
            class.strip_prefix(step).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        STEPS.iter().find(|(step, _)| matches(step)).map_or(Self::Other, |(_, step)| *step)
    }
}

/// A request, an answer or a cancellation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meeting {
    /// What it says.
    pub step: MeetingStep,
    /// The meeting as the message has it.
    pub appointment: Appointment,
    /// `PidLidAppointmentProposedStartWhole` and `...EndWhole`: the times that an answer asks for.
    pub proposed: Option<(FileTime, FileTime)>,
}

impl Meeting {
    pub(super) fn read(fields: &mut Fields<'_, '_, '_>, class: &str) -> Self {
        let proposed = fields.named_time(of(0x8250)).zip(fields.named_time(of(0x8251)));
        Self { step: MeetingStep::of(class), appointment: Appointment::read(fields), proposed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps() {
        let check = |class, want| assert_eq!(MeetingStep::of(class), want, "{class}");
        check("IPM.Schedule.Meeting.Request", MeetingStep::Request);
        check("ipm.schedule.meeting.resp.neg", MeetingStep::Declined);
        check("IPM.Schedule.Meeting.Resp.Pos.X", MeetingStep::Accepted);
        check("IPM.Schedule.Meeting.Resp.Posx", MeetingStep::Other);
        check("IPM.Schedule.Meeting", MeetingStep::Other);
        check("ä", MeetingStep::Other);
    }
}
