//! `mailscope stats [QUERY]`

use super::settle;
use crate::args::Stats;
use crate::output::say;
use crate::output::{self, number, plain, size};
use crate::{CommandResult, Outcome};
use mailscope_api::{
    AttachmentType, Commands, DayCount, DomainCount, Duplicates, Facets, FolderCount, HourCount, Insights,
    InsightsRequest, ItemKind, KindCount, LanguageCount, LargeItem, MonthCount, PersonCount, RepliesRequest,
    ReplyTimes, Service, Sizes, SourceCount,
};
use serde::Serialize;

/// The fields of the contract.
#[derive(Serialize)]
struct Summary<'a> {
    total: u64,
    undated: u64,
    first: Option<i64>,
    last: Option<i64>,
    by_year: &'a [YearCount],
    by_month: &'a [MonthCount],
    by_day: &'a [DayCount],
    by_weekday_hour: &'a [HourCount],
    by_sender_hour: &'a [HourCount],
    without_sender_zone: u64,
    zone: Option<String>,
    top_senders: &'a [PersonCount],
    top_recipients: &'a [PersonCount],
    top_domains: &'a [DomainCount],
    attachment_types: &'a [AttachmentType],
    languages: &'a [LanguageCount],
    kinds: &'a [KindCount],
    folders: &'a [FolderCount],
    sources: &'a [SourceCount],
    sizes: &'a Sizes,
    largest: &'a [LargeItem],
    duplicates: &'a Duplicates,
    replies: &'a ReplyTimes,
    conversations: Option<u64>,
}

/// Items of a year.
#[derive(Serialize)]
struct YearCount {
    year: String,
    count: u64,
}

/// Years, ascending, out of their months.
fn years(months: &[MonthCount]) -> Vec<YearCount> {
    let of = |month: &MonthCount| month.month.split('-').next().unwrap_or_default().to_owned();
    let year = |months: &[MonthCount]| YearCount {
        year: months.first().map(of).unwrap_or_default(),
        count: months.iter().map(|month| month.count).sum(),
    };
    months.chunk_by(|a, b| of(a) == of(b)).map(year).collect()
}

/// Weekdays as they are numbered.
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// More days than these are not listed one by one.
const MAX_DAYS: usize = 62;
/// Width of the longest bar, in characters.
const BAR: u64 = 40;

/// Prints what the items that match have in common.
pub fn run(service: &Service, stats: Stats, json: bool) -> CommandResult {
    let behind = settle(service);
    let query = stats.query.join(" ");
    let replies = service.replies(RepliesRequest {
        query: query.clone(),
        zone: output::zone(),
        top: stats.top,
        ..RepliesRequest::default()
    })?;
    let found = service.insights(InsightsRequest {
        query,
        zone: output::zone(),
        top: stats.top,
        ..InsightsRequest::default()
    })?;
    if json {
        output::json(&Summary {
            total: found.total,
            undated: found.undated,
            first: found.first,
            last: found.last,
            by_year: &years(&found.by_month),
            by_month: &found.by_month,
            by_day: &found.by_day,
            by_weekday_hour: &found.by_weekday_hour,
            by_sender_hour: &found.by_sender_hour,
            without_sender_zone: found.without_sender_zone,
            zone: output::zone(),
            top_senders: &found.top_senders,
            top_recipients: &found.top_recipients,
            top_domains: &found.top_domains,
            attachment_types: &found.attachment_types,
            languages: &found.languages,
            kinds: &found.kinds,
            folders: &found.folders,
            sources: &found.sources,
            sizes: &found.sizes,
            largest: &found.largest,
            duplicates: &found.duplicates,
            replies: &replies,
            conversations: found.conversations,
        })?;
    } else {
        print(&found);
        print_replies(&replies);
    }
    Ok(if behind { Outcome::WithLosses } else { Outcome::Well })
}

fn print(found: &Insights) {
    say!(
        "{} items of {} people, {}; {} attachments, {}",
        number(found.total),
        number(found.people),
        size(found.sizes.total),
        number(found.attachments),
        size(found.attachment_bytes)
    );
    if found.undated > 0 {
        say!("{} without a date", number(found.undated));
    }
    let Duplicates { groups, copies, within_files, across_files } = found.duplicates;
    if copies > 0 {
        say!(
            "{} copies of {} items, {} in the same file and {} in others",
            number(copies),
            number(groups),
            number(within_files),
            number(across_files)
        );
    }
    if let Some(conversations) = found.conversations {
        say!("{} conversations", number(conversations));
    }
    list("By year", years(&found.by_month).into_iter().map(|y| (y.year, y.count)));
    list("By month", found.by_month.iter().map(|m| (m.month.clone(), m.count)));
    if found.by_day.len() <= MAX_DAYS {
        list("By day", found.by_day.iter().map(|d| (d.day.clone(), d.count)));
    }
    let zone = output::zone().unwrap_or_default();
    hours(&format!("By weekday and hour (0 to 23) in the zone {zone}"), &found.by_weekday_hour);
    let unknown = match found.without_sender_zone {
        0 => String::new(),
        count => format!("; {} items do not tell it", number(count)),
    };
    hours(&format!("By weekday and hour in the sender's zone{unknown}"), &found.by_sender_hour);
    list("Senders", found.top_senders.iter().map(|p| (person_name(p), p.count)));
    list("Recipients", found.top_recipients.iter().map(|p| (person_name(p), p.count)));
    list("Domains", found.top_domains.iter().map(|d| (d.domain.clone(), d.count)));
    list("Attachments", found.attachment_types.iter().map(|a| (attachment(a), a.count)));
    list("Languages", found.languages.iter().map(|l| (language(&l.language), l.count)));
    list("Kinds", found.kinds.iter().map(|k| (kind_name(k.kind), k.count)));
    list("Folders", found.folders.iter().map(|f| (f.path.clone(), f.count)));
    list("Files", found.sources.iter().map(|s| (s.name.clone(), s.count)));
    let range = |b: &mailscope_api::SizeCount| match b.to {
        Some(to) => format!("{} to {}", size(b.from), size(to)),
        None => format!("{} and more", size(b.from)),
    };
    list("Sizes", found.sizes.buckets.iter().map(|b| (range(b), b.count)));
    if !found.largest.is_empty() {
        say!("\nLargest");
    }
    for item in &found.largest {
        say!("{:>12}  {:>7}  {}: {}", size(item.size), item.id.0, plain(&item.from), plain(&item.subject));
    }
}

/// Counts beside the results of a search.
pub fn counts(found: &Facets) {
    list("By month", found.months.iter().map(|m| (m.month.clone(), m.count)));
    list("Senders", found.senders.iter().map(|p| (person_name(p), p.count)));
    list("Folders", found.folders.iter().map(|f| (f.path.clone(), f.count)));
    list("Files", found.sources.iter().map(|s| (s.name.clone(), s.count)));
    list("Kinds", found.kinds.iter().map(|k| (kind_name(k.kind), k.count)));
    list("Attachments", found.attachment_types.iter().map(|a| (attachment(a), a.count)));
    list("Languages", found.languages.iter().map(|l| (language(&l.language), l.count)));
}

/// A kind as queries name it.
fn kind_name(kind: ItemKind) -> String {
    let named = mailscope_engine::source::ItemKind::ALL.get(kind as usize);
    named.map_or_else(|| "other".to_owned(), |(_, name)| (*name).to_owned())
}

fn attachment(of: &AttachmentType) -> String {
    let kind = if of.kind.is_empty() { "(none)" } else { &of.kind };
    format!("{kind}, {}", size(of.bytes))
}

/// A line for each weekday, with a mark for each hour: the darker, the more.
fn hours(title: &str, counts: &[HourCount]) {
    const MARKS: [char; 5] = ['·', '░', '▒', '▓', '█'];
    let most = counts.iter().map(|hour| hour.count).max().unwrap_or_default();
    if most == 0 {
        return;
    }
    say!("\n{title}");
    for (day, name) in WEEKDAYS.iter().enumerate() {
        let of_day = || counts.iter().filter(|hour| usize::from(hour.weekday) == day);
        let mark = |hour: &HourCount| {
            let steps = (MARKS.len() - 1) as u64;
            MARKS[usize::try_from((hour.count * steps).div_ceil(most)).unwrap_or_default()]
        };
        let marks: String = of_day().map(mark).collect();
        say!("{:>12}  {name}  {marks}", number(of_day().map(|hour| hour.count).sum()));
    }
}

/// How long answers took, all together and by who answered.
fn print_replies(replies: &ReplyTimes) {
    if replies.count == 0 {
        return;
    }
    say!("\nAnswers");
    let part = if replies.looked_at < replies.of {
        format!(", of {} of {} items in conversations", number(replies.looked_at), number(replies.of))
    } else {
        String::new()
    };
    say!(
        "{:>12}  half within {}, a quarter within {}, three quarters within {}, nine in ten within {}{part}",
        number(replies.count),
        lasting(replies.median_seconds),
        lasting(replies.quarter_seconds),
        lasting(replies.three_quarters_seconds),
        lasting(replies.p90_seconds)
    );
    for person in &replies.people {
        let who =
            PersonCount { name: person.name.clone(), address: person.address.clone(), count: person.count };
        say!(
            "{:>12}  {:<40} half within {}",
            number(person.count),
            plain(&person_name(&who)),
            lasting(person.median_seconds)
        );
    }
}

/// A time in its two largest units.
fn lasting(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3600),
    }
}

/// A language by its name, with the code that a query takes.
fn language(code: &str) -> String {
    let name = mailscope_engine::language::Language::named(code).map_or("", |language| language.name());
    format!("{name} (lang:{code})")
}

pub fn person_name(person: &PersonCount) -> String {
    match (person.name.is_empty(), person.address.is_empty()) {
        (false, false) => format!("{} <{}>", person.name, person.address),
        (true, _) => person.address.clone(),
        _ => person.name.clone(),
    }
}

pub fn list(title: &str, entries: impl Iterator<Item = (String, u64)>) {
    let entries: Vec<(String, u64)> = entries.collect();
    let Some(most) = entries.iter().map(|(_, count)| *count).max().filter(|most| *most > 0) else { return };
    say!("\n{title}");
    for (name, count) in entries {
        let bar = "▇".repeat(usize::try_from(count * BAR / most).unwrap_or_default());
        say!("{:>12}  {:<40} {bar}", number(count), plain(&name));
    }
}
