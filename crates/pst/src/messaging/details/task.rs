//! Tasks, notes and journal entries ([MS-OXOTASK] 2.2, [MS-OXONOTE] 2.2, [MS-OXOJRNL] 2.2).

use super::fields::{Fields, Named};
use super::recurrence::RecurrencePattern;
use crate::ltp::FileTime;
use crate::messaging::names::{LOG, NOTE, TASK};

/// `PidLidTaskStatus`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaskStatus {
    /// 0
    NotStarted,
    /// 1
    InProgress,
    /// 2
    Complete,
    /// 3
    Waiting,
    /// 4
    Deferred,
    /// Any other value.
    Other(i32),
}

/// A task.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// `PidLidTaskStatus`
    pub status: Option<TaskStatus>,
    /// `PidLidPercentComplete`: 0 to 1.
    pub done: Option<f64>,
    /// `PidLidTaskStartDate`: midnight of the day, in local time.
    pub starts: Option<FileTime>,
    /// `PidLidTaskDueDate`: likewise.
    pub due: Option<FileTime>,
    /// `PidLidTaskDateCompleted`: likewise.
    pub completed: Option<FileTime>,
    /// `PidLidTaskComplete`
    pub is_complete: bool,
    /// `PidLidTaskOwner`
    pub owner: String,
    /// `PidLidTaskAssigner`
    pub assigner: String,
    /// `PidLidTaskActualEffort` in minutes.
    pub actual_minutes: Option<i32>,
    /// `PidLidTaskEstimatedEffort` in minutes.
    pub estimated_minutes: Option<i32>,
    /// `PidLidTaskRecurrence`
    pub recurrence: Option<RecurrencePattern>,
}

impl Task {
    pub(super) fn read(fields: &mut Fields<'_, '_, '_>) -> Self {
        let of = |number| -> Named { (TASK, number) };
        Self {
            status: fields.named_int(of(0x8101)).map(|status| match status {
                0 => TaskStatus::NotStarted,
                1 => TaskStatus::InProgress,
                2 => TaskStatus::Complete,
                3 => TaskStatus::Waiting,
                4 => TaskStatus::Deferred,
                other => TaskStatus::Other(other),
            }),
            done: fields.named_float(of(0x8102)).filter(|done| done.is_finite()),
            starts: fields.named_time(of(0x8104)),
            due: fields.named_time(of(0x8105)),
            completed: fields.named_time(of(0x810F)),
            is_complete: fields.named_flag(of(0x811C)),
            owner: fields.named_text(of(0x811F)),
            assigner: fields.named_text(of(0x8121)),
            actual_minutes: fields.named_int(of(0x8110)),
            estimated_minutes: fields.named_int(of(0x8111)),
            recurrence: fields.structure(of(0x8116), "RecurrencePattern", RecurrencePattern::parse),
        }
    }
}

/// `PidLidNoteColor`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoteColor {
    /// 0
    Blue,
    /// 1
    Green,
    /// 2
    Pink,
    /// 3
    Yellow,
    /// 4
    White,
    /// Any other value.
    Other(i32),
}

/// A sticky note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its colour.
    pub color: Option<NoteColor>,
    /// Width and height of its window in pixels.
    pub size: Option<(i32, i32)>,
    /// Where the window lay, from the left and from the top.
    pub place: Option<(i32, i32)>,
}

impl Note {
    pub(super) fn read(fields: &mut Fields<'_, '_, '_>) -> Self {
        let int = |number| fields.named_int((NOTE, number));
        Self {
            color: int(0x8B00).map(|color| match color {
                0 => NoteColor::Blue,
                1 => NoteColor::Green,
                2 => NoteColor::Pink,
                3 => NoteColor::Yellow,
                4 => NoteColor::White,
                other => NoteColor::Other(other),
            }),
            size: int(0x8B02).zip(int(0x8B03)),
            place: int(0x8B04).zip(int(0x8B05)),
        }
    }
}

/// A journal entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    /// `PidLidLogType`: "Phone call" and the like, in the language of the program.
    pub kind: String,
    /// `PidLidLogTypeDesc`
    pub description: String,
    /// `PidLidLogStart`
    pub starts: Option<FileTime>,
    /// `PidLidLogEnd`
    pub ends: Option<FileTime>,
    /// `PidLidLogDuration` in minutes.
    pub minutes: Option<i32>,
}

impl Journal {
    pub(super) fn read(fields: &mut Fields<'_, '_, '_>) -> Self {
        let of = |number| -> Named { (LOG, number) };
        Self {
            kind: fields.named_text(of(0x8700)),
            description: fields.named_text(of(0x8712)),
            starts: fields.named_time(of(0x8706)),
            ends: fields.named_time(of(0x8708)),
            minutes: fields.named_int(of(0x8707)),
        }
    }
}
