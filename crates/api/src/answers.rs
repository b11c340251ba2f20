//! Insights, people, exports and completions as their serialisable twins.

use crate::convert::kind;
use crate::errors::to_api;
use crate::types as t;
use mailscope_engine::export::{ExportState, ExportView, Format};
use mailscope_engine::insights as e;
use mailscope_engine::query::{self, Completion, CompletionKind};
use mailscope_engine::text::marks::to_utf16;
use std::ops::Range;
use std::time::Duration;

fn millis(took: Duration) -> f64 {
    took.as_secs_f64() * 1000.0
}

pub fn insights(found: e::Insights, took: Duration, generation: u64) -> t::Insights {
    t::Insights {
        total: found.total,
        undated: found.undated,
        first: found.span.map(|span| span.0),
        last: found.span.map(|span| span.1),
        by_month: months(found.by_month),
        by_day: found
            .by_day
            .into_iter()
            .map(|(day, count)| t::DayCount { day: e::day_name(day), count })
            .collect(),
        by_weekday_hour: hours(&found.by_hour),
        by_sender_hour: hours(&found.by_sender_hour),
        without_sender_zone: found.without_sender_zone,
        top_senders: people_counts(found.senders),
        top_recipients: people_counts(found.recipients),
        top_domains: found
            .domains
            .into_iter()
            .map(|d| t::DomainCount { domain: d.domain, count: d.count, sent: d.sent })
            .collect(),
        people: found.people,
        attachment_types: attachment_types(found.attachment_types),
        attachments: found.attachments.0,
        attachment_bytes: found.attachments.1,
        sizes: sizes(&found.sizes, found.total),
        largest: found
            .largest
            .into_iter()
            .map(|item| t::LargeItem {
                id: t::ItemId(item.id.0),
                subject: item.subject,
                from: item.from,
                date: item.date,
                size: item.size,
            })
            .collect(),
        kinds: kinds(found.kinds),
        folders: folders(found.folders),
        sources: sources(found.sources),
        languages: languages(found.languages),
        duplicates: t::Duplicates {
            groups: found.duplicates.groups,
            copies: found.duplicates.copies,
            within_files: found.duplicates.within,
            across_files: found.duplicates.across,
        },
        conversations: Some(found.conversations),
        took_ms: millis(took),
        generation,
    }
}

pub fn replies(found: e::Replies, took: Duration, generation: u64) -> t::ReplyTimes {
    let person = |person: e::Answerer| t::ReplyPerson {
        name: person.name,
        address: person.address,
        count: person.times.count,
        median_seconds: person.times.median,
        p90_seconds: person.times.ninety,
    };
    t::ReplyTimes {
        count: found.times.count,
        quarter_seconds: found.times.quarter,
        median_seconds: found.times.median,
        three_quarters_seconds: found.times.three_quarters,
        p90_seconds: found.times.ninety,
        people: found.people.into_iter().map(person).collect(),
        looked_at: found.looked_at.0,
        of: found.looked_at.1,
        took_ms: millis(took),
        generation,
    }
}

fn hours(table: &[[u64; 24]; 7]) -> Vec<t::HourCount> {
    let all = table.iter().enumerate().flat_map(|(weekday, hours)| {
        hours.iter().enumerate().map(move |(hour, count)| t::HourCount {
            weekday: u8::try_from(weekday).unwrap_or_default(),
            hour: u8::try_from(hour).unwrap_or_default(),
            count: *count,
        })
    });
    all.collect()
}

fn months(months: Vec<((i64, i64), u64)>) -> Vec<t::MonthCount> {
    months.into_iter().map(|(month, count)| t::MonthCount { month: e::month_name(month), count }).collect()
}

fn people_counts(people: Vec<e::PersonCount>) -> Vec<t::PersonCount> {
    people.into_iter().map(|p| t::PersonCount { name: p.name, address: p.address, count: p.count }).collect()
}

fn attachment_types(types: Vec<e::AttachmentCount>) -> Vec<t::AttachmentType> {
    types.into_iter().map(|a| t::AttachmentType { kind: a.kind, count: a.count, bytes: a.bytes }).collect()
}

fn kinds(kinds: Vec<(mailscope_engine::source::ItemKind, u64)>) -> Vec<t::KindCount> {
    kinds.into_iter().map(|(which, count)| t::KindCount { kind: kind(which), count }).collect()
}

fn folders(folders: Vec<e::FolderCount>) -> Vec<t::FolderCount> {
    let folder = |f: e::FolderCount| t::FolderCount {
        folder: t::FolderId(f.folder.0),
        path: f.path,
        source: t::SourceId(f.source.0),
        count: f.count,
    };
    folders.into_iter().map(folder).collect()
}

fn sources(sources: Vec<(mailscope_engine::SourceId, String, u64)>) -> Vec<t::SourceCount> {
    let source = |(id, name, count): (mailscope_engine::SourceId, String, u64)| t::SourceCount {
        source: t::SourceId(id.0),
        name,
        count,
    };
    sources.into_iter().map(source).collect()
}

fn languages(languages: Vec<(mailscope_engine::language::Language, u64)>) -> Vec<t::LanguageCount> {
    let count = |(language, count): (mailscope_engine::language::Language, u64)| t::LanguageCount {
        language: language.code().to_owned(),
        count,
    };
    languages.into_iter().map(count).collect()
}

pub fn facets(found: e::Insights) -> t::Facets {
    t::Facets {
        folders: folders(found.folders),
        sources: sources(found.sources),
        senders: people_counts(found.senders),
        months: months(found.by_month),
        kinds: kinds(found.kinds),
        attachment_types: attachment_types(found.attachment_types),
        languages: languages(found.languages),
    }
}

fn sizes(sizes: &e::Sizes, items: u64) -> t::Sizes {
    let ends = sizes.buckets.iter().skip(1).map(|(from, _)| Some(*from)).chain([None]);
    t::Sizes {
        total: sizes.total,
        min: sizes.min,
        max: sizes.max,
        mean: sizes.total as f64 / items.max(1) as f64,
        median: sizes.median,
        buckets: sizes
            .buckets
            .iter()
            .zip(ends)
            .map(|((from, count), to)| t::SizeCount { from: *from, to, count: *count })
            .collect(),
    }
}

pub fn people(graph: e::PeopleGraph, took: Duration, generation: u64) -> t::People {
    let person = |p: e::Correspondent| t::Correspondent {
        name: p.name,
        address: p.address,
        sent: p.sent,
        received: p.received,
        first: p.span.map(|span| span.0),
        last: p.span.map(|span| span.1),
        community: p.community,
    };
    let link = |l: e::Link| t::Link {
        from: l.from,
        to: l.to,
        count: l.count,
        first: l.span.map(|span| span.0),
        last: l.span.map(|span| span.1),
    };
    t::People {
        people: graph.people.into_iter().map(person).collect(),
        links: graph.links.into_iter().map(link).collect(),
        total: graph.total,
        took_ms: millis(took),
        generation,
    }
}

pub fn format_of(format: t::ExportFormat) -> Format {
    match format {
        t::ExportFormat::Eml => Format::Eml,
        t::ExportFormat::Mbox => Format::Mbox,
        t::ExportFormat::Csv => Format::Csv,
        t::ExportFormat::Jsonl => Format::Jsonl,
        t::ExportFormat::Parquet => Format::Parquet,
        t::ExportFormat::Pst => Format::Pst,
        t::ExportFormat::Attachments => Format::Attachments,
    }
}

pub fn export(view: &ExportView) -> t::Export {
    t::Export {
        id: t::JobId(view.id.0),
        format: match view.format {
            Format::Eml => t::ExportFormat::Eml,
            Format::Mbox => t::ExportFormat::Mbox,
            Format::Csv => t::ExportFormat::Csv,
            Format::Jsonl => t::ExportFormat::Jsonl,
            Format::Parquet => t::ExportFormat::Parquet,
            Format::Pst => t::ExportFormat::Pst,
            Format::Attachments => t::ExportFormat::Attachments,
        },
        to: view.to.to_string_lossy().into_owned(),
        state: match view.state {
            ExportState::Running => t::ExportState::Running,
            ExportState::Done => t::ExportState::Done,
            ExportState::Cancelled => t::ExportState::Cancelled,
            ExportState::Failed => t::ExportState::Failed,
        },
        planned: view.planned,
        written: view.written,
        skipped: view.skipped,
        partial: view.partial,
        failed: view.failed,
        bytes: view.bytes,
        seconds: view.seconds,
        failures: view
            .failures
            .iter()
            .map(|(id, reason)| t::ExportFailure { id: t::ItemId(id.0), reason: reason.clone() })
            .collect(),
        error: view.error.as_deref().map(to_api),
    }
}

/// The byte at which the UTF-16 code unit `units` of `text` begins.
pub fn byte_at(text: &str, units: u32) -> usize {
    let mut seen = 0;
    for (at, c) in text.char_indices() {
        if seen >= units {
            return at;
        }
        seen += u32::try_from(c.len_utf16()).unwrap_or(1);
    }
    text.len()
}

fn units(text: &str, range: Range<usize>) -> (u32, u32) {
    to_utf16(text, &[range]).first().copied().unwrap_or_default()
}

pub fn completions(
    query: &str,
    replaces: Range<usize>,
    found: Vec<Completion>,
    took: Duration,
) -> t::Completions {
    let completion = |c: Completion| t::Completion {
        kind: match c.kind {
            CompletionKind::Field => t::CompletionKind::Field,
            CompletionKind::Person => t::CompletionKind::Person,
            CompletionKind::Domain => t::CompletionKind::Domain,
            CompletionKind::Folder => t::CompletionKind::Folder,
            CompletionKind::Source => t::CompletionKind::Source,
            CompletionKind::Value => t::CompletionKind::Value,
            CompletionKind::Date => t::CompletionKind::Date,
        },
        insert: c.insert,
        label: c.label,
        detail: c.detail,
        count: c.count,
    };
    t::Completions {
        replaces: units(query, replaces),
        completions: found.into_iter().map(completion).collect(),
        took_ms: millis(took),
    }
}

pub fn query_parts(text: &str) -> t::QueryParts {
    match query::parts(text) {
        Ok((tree, parts)) => t::QueryParts {
            parts: parts
                .into_iter()
                .map(|part| t::QueryPart {
                    text: text.get(part.at.clone()).unwrap_or_default().to_owned(),
                    at: units(text, part.at),
                    field: part.field,
                })
                .collect(),
            canonical: tree.to_string(),
            fault: None,
        },
        Err(error) => {
            // The engine counts characters; a window counts code units.
            let byte = |at: usize| text.char_indices().nth(at).map_or(text.len(), |(byte, _)| byte);
            let at = units(text, byte(error.at.start)..byte(error.at.end));
            let fault = Some(t::QueryFault { message: error.message, at });
            t::QueryParts { parts: Vec::new(), canonical: String::new(), fault }
        }
    }
}

pub fn fields() -> t::FieldList {
    let help = |field: &mailscope_engine::fields::Field| t::FieldHelp {
        name: field.name.to_owned(),
        aliases: field.aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        help: field.help.to_owned(),
        example: field.example.to_owned(),
        values: field.values().into_iter().map(|(value, _)| value.to_owned()).collect(),
    };
    t::FieldList { fields: mailscope_engine::fields::FIELDS.iter().map(help).collect() }
}
