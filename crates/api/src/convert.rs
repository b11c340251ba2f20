//! The engine's plain data as its serialisable twins.

use crate::errors::{number, to_api};
use crate::types as t;
use mailscope_engine as e;
use mailscope_engine::monitor;
use mailscope_engine::search::Hit;
use mailscope_engine::source::{AttachmentFacts, ItemKind, Person, Role};
use mailscope_engine::text::marks::to_utf16;
use std::ops::Range;

pub fn counts(account: &e::Account) -> t::Counts {
    t::Counts {
        expected: account.expected,
        items: account.items,
        failed: account.failed,
        recovered: account.recovered,
        partial: account.partial,
        hidden_items: account.hidden,
        attachments: account.attachments,
        embedded_messages: account.embedded,
    }
}

pub fn question(
    query: String,
    source: Option<t::SourceId>,
    folder: Option<t::FolderId>,
    as_you_type: bool,
    zone: Option<&str>,
) -> Result<e::search::Question, t::ApiError> {
    Ok(e::search::Question {
        query,
        source: source.map(|id| e::SourceId(id.0)),
        folder: folder.map(|id| e::FolderId(id.0)),
        as_you_type,
        zone: self::zone(zone)?,
    })
}

/// The zone of whoever asks; UTC where none is said.
pub fn zone(name: Option<&str>) -> Result<e::Zone, t::ApiError> {
    let Some(name) = name else { return Ok(e::Zone::default()) };
    e::Zone::named(name).ok_or_else(|| t::ApiError {
        code: t::ErrorCode::BadRequest,
        message: format!("There is no time zone called \"{name}\"."),
        advice: "Name one as in \"Europe/Vienna\", or say how far it is from UTC, as in \"+02:00\".".into(),
        detail: None,
    })
}

pub fn kind(kind: ItemKind) -> t::ItemKind {
    match kind {
        ItemKind::Mail => t::ItemKind::Mail,
        ItemKind::Appointment => t::ItemKind::Appointment,
        ItemKind::Meeting => t::ItemKind::Meeting,
        ItemKind::Contact => t::ItemKind::Contact,
        ItemKind::DistList => t::ItemKind::DistList,
        ItemKind::Task => t::ItemKind::Task,
        ItemKind::Note => t::ItemKind::Note,
        ItemKind::Journal => t::ItemKind::Journal,
        ItemKind::Post => t::ItemKind::Post,
        ItemKind::Report => t::ItemKind::Report,
        ItemKind::Document => t::ItemKind::Document,
        ItemKind::Other => t::ItemKind::Other,
    }
}

pub fn marked(text: String, marks: &[Range<usize>]) -> t::Marked {
    let marks = to_utf16(&text, marks);
    t::Marked { text, marks }
}

pub fn hit(hit: Hit) -> t::Hit {
    let row = hit.row;
    t::Hit {
        id: t::ItemId(row.id.0),
        kind: kind(row.kind),
        date: row.date,
        from_marks: to_utf16(row.from.display(), &hit.from_marks),
        from: row.from.display().to_owned(),
        to: row.to_line,
        subject: marked(row.subject, &hit.subject_marks),
        folder: row.folder,
        source: row.source,
        has_attachments: row.has_attachments,
        size: row.size,
        snippet: marked(hit.snippet, &hit.snippet_marks),
        recovered: row.recovered,
        gone: row.gone,
        stands_for: hit.stands_for,
        conversation: row.conversation,
        thread: hit.thread.map(thread),
        marked: row.review.flagged,
        reviewed: row.review.reviewed,
        noted: !row.review.note.is_empty(),
        tags: row.review.tags,
    }
}

/// Names of a conversation that a row of a list shows.
const MAX_NAMES: usize = 8;

fn thread(thread: e::Thread) -> t::Thread {
    let e::Thread { messages, mut people, first, last } = thread;
    let senders = people.len() as u64;
    people.truncate(MAX_NAMES);
    t::Thread { messages, people, senders, first, last }
}

pub fn change(change: t::Change) -> e::Change {
    match change {
        t::Change::Flag(yes) => e::Change::Flag(yes),
        t::Change::Reviewed(yes) => e::Change::Reviewed(yes),
        t::Change::Tag(name) => e::Change::Tag(name),
        t::Change::Untag(name) => e::Change::Untag(name),
        t::Change::Note(text) => e::Change::Note(text),
    }
}

pub fn tag(tag: e::Tag) -> t::TagCount {
    use t::TagColour as C;
    let colour = tag.colour.map(|colour| match colour {
        e::Colour::Red => C::Red,
        e::Colour::Orange => C::Orange,
        e::Colour::Yellow => C::Yellow,
        e::Colour::Green => C::Green,
        e::Colour::Teal => C::Teal,
        e::Colour::Blue => C::Blue,
        e::Colour::Purple => C::Purple,
        e::Colour::Pink => C::Pink,
    });
    t::TagCount { name: tag.name, count: tag.items, colour }
}

pub fn colour(colour: t::TagColour) -> e::Colour {
    use e::Colour as C;
    match colour {
        t::TagColour::Red => C::Red,
        t::TagColour::Orange => C::Orange,
        t::TagColour::Yellow => C::Yellow,
        t::TagColour::Green => C::Green,
        t::TagColour::Teal => C::Teal,
        t::TagColour::Blue => C::Blue,
        t::TagColour::Purple => C::Purple,
        t::TagColour::Pink => C::Pink,
    }
}

pub fn done(done: e::Done) -> t::ReviewDone {
    t::ReviewDone { action: done.action, items: done.items }
}

pub fn action(action: e::Action) -> t::Action {
    let e::Action { id, at, who, what, value, query, items, undoes } = action;
    t::Action { id, at, who, what, value, query, items, undoes }
}

pub fn saved(saved: Vec<e::Saved>) -> t::SavedList {
    let search = |e::Saved { name, query, made_at }| t::SavedSearch { name, query, made_at };
    t::SavedList { saved: saved.into_iter().map(search).collect() }
}

pub fn conversation(found: e::Conversation) -> t::Conversation {
    let message = |message: e::ConversationMessage| t::ConversationMessage {
        hit: hit(message.hit),
        parent: message.parent.map(|id| t::ItemId(id.0)),
        depth: message.depth,
        copies: message.copies.into_iter().map(|id| t::ItemId(id.0)).collect(),
        matches: message.matches,
        gap: message.gap,
    };
    t::Conversation { total: found.total, messages: found.messages.into_iter().map(message).collect() }
}

pub fn job(view: &e::JobView) -> t::Job {
    let name = view.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let unread = view.planned.saturating_sub(view.processed);
    let seconds_left = (view.state == e::JobState::Reading && view.processed > 0 && view.seconds > 0.5)
        .then(|| unread as f64 * view.seconds / view.processed as f64);
    let nothing_new = view.state == e::JobState::Done
        && view.known_before
        && view.new + view.updated + view.removed + view.account.failed == 0;
    let note = nothing_new.then(|| t::ApiError {
        code: t::ErrorCode::AlreadyInLibrary,
        message: format!("{name} is already in the library, and nothing in it has changed."),
        advice: "There is nothing to do.".into(),
        detail: None,
    });
    let copied = (view.state == e::JobState::Done && view.same_as.is_some()).then(|| t::ApiError {
        code: t::ErrorCode::AlreadyInLibrary,
        message: format!("{name} is the same mailbox as another file of the library: a copy of it, or another state."),
        advice: "The two are kept apart, so that nothing of either is lost. Fold the list to see each item once, or remove one of them.".into(),
        detail: None,
    });
    let cut_off = (view.state == e::JobState::Done && view.missing > 0).then(|| t::ApiError {
        code: t::ErrorCode::Truncated,
        message: format!(
            "{name} is cut off: of the {} bytes that it should have, the last {} are missing, and with them what they held.",
            number(view.size.saturating_add(view.missing)),
            number(view.missing)
        ),
        advice: "Copy the file again from where it came from, and compare the sizes. What could be read is in the library.".into(),
        detail: None,
    });
    let note = cut_off.or(note).or(copied);
    t::Job {
        id: t::JobId(view.id.0),
        same_as: view.same_as.map(|id| t::SourceId(id.0)),
        source: view.source.map(|id| t::SourceId(id.0)),
        name,
        path: view.path.to_string_lossy().into_owned(),
        state: match view.state {
            e::JobState::Queued => t::JobState::Queued,
            e::JobState::Planning => t::JobState::Planning,
            e::JobState::Reading => t::JobState::Reading,
            e::JobState::Paused => t::JobState::Paused,
            e::JobState::Done => t::JobState::Done,
            e::JobState::Cancelled => t::JobState::Cancelled,
            e::JobState::Failed => t::JobState::Failed,
        },
        planned: view.planned,
        processed: view.processed,
        counts: counts(&view.account),
        new: view.new,
        updated: view.updated,
        removed: view.removed,
        unchanged: view.unchanged,
        bytes: view.bytes,
        size: view.size,
        seconds: view.seconds,
        format: view.format.clone(),
        encryption: view.encryption.clone(),
        folders: view.folders,
        anomalies: view.anomalies,
        seconds_left,
        note,
        error: view.error.as_deref().map(to_api),
    }
}

pub fn sources(library: &e::Library) -> e::Result<t::SourceList> {
    let rows = library.sources()?;
    let mut folders = library.folders(None)?.into_iter().peekable();
    let twins: std::collections::HashMap<_, _> = library.twins()?.into_iter().collect();
    let mut reading = library.texts()?;
    let jobs = library.jobs();
    let mut total_items = 0;
    let sources = rows
        .into_iter()
        .map(|row| {
            let mut account = e::Account::default();
            let (mut list, mut gone) = (Vec::new(), 0);
            while let Some(folder) = folders.next_if(|folder| folder.source == row.id) {
                account.add(&folder.account());
                gone += folder.gone;
                list.push(t::Folder {
                    id: t::FolderId(folder.id.0),
                    parent: folder.parent.map(|id| t::FolderId(id.0)),
                    counts: counts(&folder.account()),
                    gone: folder.gone,
                    name: folder.name,
                    path: folder.path,
                    depth: folder.depth,
                });
            }
            total_items += account.items + account.recovered + gone;
            let job = jobs.iter().find(|job| job.source == Some(row.id) && !job.state.is_final());
            t::Source {
                id: t::SourceId(row.id.0),
                same_as: twins.get(&row.id).map(|id| t::SourceId(id.0)),
                available: row.path.is_file(),
                path: row.path.to_string_lossy().into_owned(),
                name: row.name,
                format: row.format,
                kind: row.kind,
                encryption: row.encryption,
                size: row.size,
                imported_at: row.imported_at,
                complete: row.complete,
                counts: counts(&account),
                texts: texts(&reading.sources.get(&row.id).copied().unwrap_or_default()),
                gone,
                anomalies: row.anomalies,
                missing: row.missing,
                folders: list,
                job: job.map(|job| t::JobId(job.id.0)),
            }
        })
        .collect();
    let reading = t::Reading {
        enabled: reading.enabled,
        texts: texts(&reading.counts()),
        current: reading.current.take(),
        problem: reading.problem.take(),
    };
    Ok(t::SourceList { sources, total_items, reading })
}

fn texts(counts: &e::contents::TextCounts) -> t::Texts {
    let e::contents::TextCounts { waiting, read, nothing, failed } = *counts;
    t::Texts { waiting, read, nothing, failed }
}

pub fn person(person: &Person) -> t::Person {
    t::Person { name: person.name.clone(), address: person.address.clone() }
}

fn attachment(facts: &AttachmentFacts, matched: &[Vec<u32>]) -> t::Attachment {
    t::Attachment {
        path: facts.path.clone(),
        name: facts.name.clone(),
        size: facts.size,
        mime_type: facts.mime_type.clone(),
        method: facts.method.to_owned(),
        inline: facts.inline,
        matched: matched.iter().any(|path| path.starts_with(&facts.path)),
    }
}

/// An item, or the message embedded in it that `depth` numbers lead to.
pub fn item(shown: e::Shown, depth: usize) -> t::Item {
    let e::Shown { row, facts, detail, away, html, remote_blocked, titles, highlights, matched } = shown;
    let detail = detail.unwrap_or_default();
    let live = detail.item;
    let by_role = |wanted: Role| -> Vec<t::Person> {
        match &live {
            Some(item) => {
                item.recipients.iter().filter(|(role, _)| *role == wanted).map(|(_, p)| person(p)).collect()
            }
            None => row.recipients.iter().filter(|r| r.role == wanted).map(|r| person(&r.person)).collect(),
        }
    };
    let (to, cc, bcc) = (by_role(Role::To), by_role(Role::Cc), by_role(Role::Bcc));
    let from = match &live {
        Some(item) => item.from.clone(),
        None => Some(row.hit.from.clone()),
    };
    // Those of embedded messages are listed where these are opened.
    let direct = |facts: &&AttachmentFacts| facts.path.len() == depth + 1;
    let listed = live.as_ref().map_or(&row.attachments, |item| &item.attachments);
    let attachments = listed.iter().filter(direct).map(|facts| attachment(facts, &matched)).collect();
    let mut anomalies = row.anomalies.clone();
    if let Some(item) = &live {
        anomalies.extend(item.anomalies.iter().filter(|a| !row.anomalies.contains(a)).cloned());
    }
    // Those of an embedded message are in the file alone.
    let (details, mail) = match &live {
        Some(item) => (item.details.clone(), item.mail.clone()),
        None => (facts.details, facts.mail),
    };
    let (subject, text, date, size, item_kind, class) = match live {
        Some(item) => (item.subject, item.text, item.date, item.size, item.kind, item.class),
        None => (
            row.hit.subject.clone(),
            row.hit.text.clone(),
            row.hit.date,
            row.hit.size,
            row.hit.kind,
            row.class.clone(),
        ),
    };
    let (subject_marks, marks) = (titles.find(&subject), highlights.find(&text));
    t::Item {
        id: t::ItemId(row.hit.id.0),
        kind: kind(item_kind),
        message_class: class,
        subject: marked(subject, &subject_marks),
        from: from.as_ref().filter(|p| !p.display().is_empty()).map(person),
        to,
        cc,
        bcc,
        date,
        source: t::SourceId(row.source_id.0),
        source_name: row.hit.source,
        folder: t::FolderId(row.folder_id.0),
        folder_path: row.hit.folder,
        size,
        headers: detail.headers,
        text: marked(text, &marks),
        html,
        remote_blocked,
        attachments,
        properties: detail
            .properties
            .into_iter()
            .map(|p| t::Property { tag: p.tag, name: p.name, kind: p.kind, value: p.value })
            .collect(),
        details: details.into_iter().map(detail_line).collect(),
        unread: mail.unread,
        flag: ["", "complete", "flagged"].get(usize::from(mail.flag)).copied().unwrap_or_default().to_owned(),
        importance: ["low", "", "high"]
            .get(usize::from(mail.importance))
            .copied()
            .unwrap_or_default()
            .to_owned(),
        sensitivity: ["", "personal", "private", "confidential"]
            .get(usize::from(mail.sensitivity))
            .copied()
            .unwrap_or_default()
            .to_owned(),
        protection: match mail.protection {
            e::Protection::None => "",
            e::Protection::Signed => "signed",
            e::Protection::Encrypted => "encrypted",
        }
        .to_owned(),
        recovered: facts.certainty.map(|certainty| certainty.word().to_owned()),
        gone: row.hit.gone,
        duplicates: facts.duplicates,
        conversation: facts.conversation,
        marked: row.hit.review.flagged,
        reviewed: row.hit.review.reviewed,
        tags: row.hit.review.tags,
        note: row.hit.review.note,
        mih: facts.mih.map(|mih| mih.iter().map(|byte| format!("{byte:02x}")).collect()),
        anomalies,
        source_available: away.is_none(),
    }
}

fn detail_line(line: e::DetailLine) -> t::DetailLine {
    let value = match line.value {
        e::DetailValue::Text(text) => t::DetailValue::Text(text),
        e::DetailValue::Time(time) => t::DetailValue::Time(time),
        e::DetailValue::Day(day) => t::DetailValue::Day(day),
        e::DetailValue::Number(number) => t::DetailValue::Number(number),
        e::DetailValue::Flag(set) => t::DetailValue::Flag(set),
        e::DetailValue::Person { name, address, note } => {
            t::DetailValue::Person(t::Participant { name, address, note })
        }
    };
    t::DetailLine { key: line.key, value }
}

pub fn sample(sample: &monitor::Sample, library: &e::Library) -> t::Sample {
    let (queued, capacity) = library.queue();
    let active = library.jobs().iter().filter(|job| !job.state.is_final()).count();
    t::Sample {
        at: sample.at,
        items_per_second: sample.items_per_second,
        bytes_per_second: sample.bytes_per_second,
        memory: sample.memory,
        memory_budget: library.memory_budget(),
        processor: sample.processor,
        cores: sample.cores,
        queue_bytes: queued as u64,
        queue_capacity: capacity as u64,
        jobs_active: u32::try_from(active).unwrap_or(u32::MAX),
        search: latency(sample.search),
        cache_hits: sample.cached.0,
        cache_misses: sample.cached.1,
        warnings: Vec::new(),
        stages: monitor::Stage::ALL
            .iter()
            .zip(sample.stages)
            .map(|(stage, threads)| t::StageLoad { name: stage.name().to_owned(), threads })
            .collect(),
    }
}

pub fn latency(l: monitor::Latency) -> t::Latency {
    t::Latency { count: l.count, p50: l.p50, p95: l.p95, p99: l.p99, max: l.max, sum: l.sum }
}
