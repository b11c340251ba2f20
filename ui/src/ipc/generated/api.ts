// Generated from crates/api by `cargo xtask codegen`. Do not edit: change the Rust types instead.

/**
 * Who did what when.
 */
export type Action = {
/**
 * Number of the entry.
 */
id: number,
/**
 * When.
 */
at: number,
/**
 * The name of the machine's user.
 */
who: string,
/**
 * "flag", "unflag", "review", "unreview", "tag", "untag", "note", "colour", "save", "forget" or "undo".
 */
what: string,
/**
 * The tag, note or name; of "colour" the colour (or "none"), a space and the tag.
 */
value: string,
/**
 * The query by which the items were found; empty where they were chosen by hand.
 */
query: string,
/**
 * Items that changed.
 */
items: number,
/**
 * The entry that it took back.
 */
undoes: number | null, };

/**
 * Entries of the record, latest first.
 */
export type ActionList = {
/**
 * The entries.
 */
actions: Array<Action>, };

/**
 * Which entries of the record.
 */
export type ActionsRequest = {
/**
 * Only entries before this one.
 */
before?: number,
/**
 * How many, at most 1,000; 100 where absent.
 */
limit?: number, };

/**
 * Why something could not be done: a code for programs, a sentence for people.
 */
export type ApiError = {
/**
 * What a program branches on.
 */
code: ErrorCode,
/**
 * One plain sentence: what happened.
 */
message: string,
/**
 * One plain sentence: what to do next. May be empty.
 */
advice: string,
/**
 * For experts: the chain of causes, with field, value and place.
 */
detail: string | null, };

/**
 * A file, message or object that an item carries.
 */
export type Attachment = {
/**
 * What names it within its item: one number per level of embedding, with a meaning to the source alone.
 */
path: Array<number>,
/**
 * Name to show.
 */
name: string,
/**
 * Size in bytes.
 */
size: number,
/**
 * MIME type as stated.
 */
mime_type: string,
/**
 * "file", "reference", "message" or "ole".
 */
method: string,
/**
 * Whether the HTML shows it.
 */
inline: boolean,
/**
 * Whether its text, or that of a file in the message that it is, has words of [`ShowRequest::query`].
 */
matched?: boolean, };

/**
 * Attachments of a type.
 */
export type AttachmentType = {
/**
 * Extension in lower case, such as "pdf"; "message" for embedded messages, empty for names without one.
 */
type: string,
/**
 * Attachments.
 */
count: number,
/**
 * Their size in bytes, all together.
 */
bytes: number, };

/**
 * Answers of one kind that are kept in memory.
 */
export type CacheShelf = {
/**
 * What is kept: `results`, `related`, `items`, `bodies`, `insights` or `people`.
 */
name: string,
/**
 * Answers.
 */
entries: number,
/**
 * Their bytes.
 */
bytes: number,
/**
 * The most bytes they may take; 0 when nothing is kept.
 */
capacity: number,
/**
 * Seconds that an answer is given at most.
 */
lives_seconds: number,
/**
 * Questions that were answered from memory.
 */
hits: number,
/**
 * Questions that had to be answered anew.
 */
misses: number,
/**
 * Answers dropped because something had changed, or for their age.
 */
stale: number,
/**
 * Answers dropped to make room.
 */
evicted: number, };

/**
 * A change to what is said of items.
 */
export type Change = { "kind": "flag", "value": boolean } | { "kind": "reviewed", "value": boolean } | { "kind": "tag", "value": string } | { "kind": "untag", "value": string } | { "kind": "note", "value": string };

/**
 * Which tag gets which colour.
 */
export type ColourTagRequest = {
/**
 * The tag.
 */
name: string,
/**
 * Its colour; none where absent.
 */
colour?: TagColour, };

/**
 * A query that is being typed.
 */
export type CompleteRequest = {
/**
 * The query as typed so far.
 */
query: string,
/**
 * Where the caret stands, in UTF-16 code units; the end of the query where absent.
 */
caret?: number,
/**
 * The most completions to give, 1 to 50.
 */
limit?: number,
/**
 * The zone whose years and months are offered, as in a search; UTC where absent.
 */
zone?: string, };

/**
 * One completion.
 */
export type Completion = {
/**
 * What it is.
 */
kind: CompletionKind,
/**
 * What to put in place of the replaced part, quoted where need be.
 */
insert: string,
/**
 * What to show.
 */
label: string,
/**
 * A word of help, or what tells it from others of the same label; may be empty.
 */
detail: string,
/**
 * Items that it would find by itself, where that is known.
 */
count: number | null, };

/**
 * What a completion is.
 */
export type CompletionKind = "field" | "person" | "domain" | "folder" | "source" | "value" | "date";

/**
 * What could be meant.
 */
export type Completions = {
/**
 * Start and end of the part of the query that a completion replaces, in UTF-16 code units.
 */
replaces: [number, number],
/**
 * The completions, best first.
 */
completions: Array<Completion>,
/**
 * Time taken by the engine, in milliseconds.
 */
took_ms: number, };

/**
 * A conversation: items that answer each other by Message-ID, conversation index, or (people and time agreeing) subject.
 */
export type Conversation = {
/**
 * Items in all. Those that say the same are shown once, and of very long conversations the first 2,000 are shown.
 */
total: number,
/**
 * The items, each behind what it answers, answers to one item by date.
 */
messages: Array<ConversationMessage>, };

/**
 * An item of a conversation.
 */
export type ConversationMessage = {
/**
 * The item as a list shows it; `stands_for` counts it with its copies.
 */
hit: Hit,
/**
 * The item above it.
 */
parent: ItemId | null,
/**
 * 0 for those that answer nothing of the conversation; at most 64.
 */
depth: number,
/**
 * Other items of the conversation that say the same.
 */
copies: Array<ItemId>,
/**
 * Whether it matches the query that was asked.
 */
matches?: boolean,
/**
 * It answers a message that is not in the library: a number for each such message of the conversation, from 0.
 */
gap?: number, };

/**
 * Whose conversation to show.
 */
export type ConversationRequest = {
/**
 * Any item of it.
 */
id: ItemId,
/**
 * Tell which of its items match this query, and mark it in them.
 */
query?: string,
/**
 * Of the query: only items of this source match.
 */
source?: SourceId,
/**
 * Of the query: only items of this folder and of those below it match.
 */
folder?: FolderId,
/**
 * Of the query: its last word is unfinished.
 */
as_you_type?: boolean,
/**
 * The zone of whoever asks, as in [`super::SearchRequest::zone`].
 */
zone?: string, };

/**
 * Items that say the same.
 */
export type Copies = {
/**
 * How many there are, the item itself included.
 */
total: number,
/**
 * They, the item itself included; of very many the first 500.
 */
hits: Array<Hit>, };

/**
 * Of which item to list the copies.
 */
export type CopiesRequest = {
/**
 * The item.
 */
id: ItemId, };

/**
 * A person among others.
 */
export type Correspondent = {
/**
 * The name seen most with the address; may be empty.
 */
name: string,
/**
 * The address, in lower case; empty for people that are known by name alone.
 */
address: string,
/**
 * Items sent.
 */
sent: number,
/**
 * Items received.
 */
received: number,
/**
 * The earliest item with this person.
 */
first: number | null,
/**
 * The latest item with this person.
 */
last: number | null,
/**
 * People of one number write to each other more than to others. Numbers begin at 0, the largest group first.
 */
community: number, };

/**
 * The account of items, for a folder, a file or an import. Always `expected = items + failed`.
 */
export type Counts = {
/**
 * Items that the file names.
 */
expected: number,
/**
 * Those of them that were read.
 */
items: number,
/**
 * Those of them that could not be read.
 */
failed: number,
/**
 * Items found beyond what the file names.
 */
recovered: number,
/**
 * Of all that were read, those of which no more than a row of their folder's table is left.
 */
partial: number,
/**
 * Hidden (associated) messages, never counted as items.
 */
hidden_items: number,
/**
 * Attachments of all items, at any depth.
 */
attachments: number,
/**
 * Those attachments that are messages themselves.
 */
embedded_messages: number, };

/**
 * What to call a new library.
 */
export type CreateLibraryRequest = {
/**
 * Its name, which becomes that of its folder.
 */
name: string, };

/**
 * The database of a library.
 */
export type Database = {
/**
 * Number of its schema.
 */
schema: number,
/**
 * Bytes of its pages.
 */
bytes: number,
/**
 * Bytes of them that are free to be filled.
 */
free: number,
/**
 * Batches that it holds.
 */
batch: number, };

/**
 * Items of a day.
 */
export type DayCount = {
/**
 * The day, as "2001-11-14".
 */
day: string,
/**
 * Items.
 */
count: number, };

/**
 * A line of what an item of its kind says beyond a message.
 */
export type DetailLine = {
/**
 * What it is about, in small letters with dots: "starts", "phone.business", "attendee". Several may have the same key.
 */
key: string,
/**
 * What it says.
 */
value: DetailValue, };

/**
 * What a line says.
 */
export type DetailValue = { "kind": "text", "value": string } | { "kind": "time", "value": number } | { "kind": "day", "value": number } | { "kind": "number", "value": number } | { "kind": "flag", "value": boolean } | { "kind": "person", "value": Participant };

/**
 * What a library takes on its disk, in bytes.
 */
export type DiskUse = {
/**
 * The database.
 */
database: number,
/**
 * Its log of what is not yet within it.
 */
log: number,
/**
 * The index.
 */
index: number,
/**
 * Everything else in its folder.
 */
other: number,
/**
 * What is free on the disk; absent where the system does not tell.
 */
free: number | null, };

/**
 * Items of a domain.
 */
export type DomainCount = {
/**
 * The part of addresses behind the "@", in lower case.
 */
domain: string,
/**
 * Items with a sender or recipient there.
 */
count: number,
/**
 * Items with a sender there.
 */
sent: number, };

/**
 * A file that is made when it is dragged out.
 */
export type DragFile = {
/**
 * The item.
 */
id: ItemId,
/**
 * A place in it: see `Attachment::path`.
 */
path: Array<number>,
/**
 * Whether the message at that place is meant, as RFC 5322; else the file attached there.
 */
message: boolean,
/**
 * What to call the file.
 */
name: string, };

/**
 * What to drag out of the window.
 */
export type DragRequest = {
/**
 * The files to make of it.
 */
files: Array<DragFile>, };

/**
 * Items that say the same: class, sender, recipients, subject, time, text and attachments.
 */
export type Duplicates = {
/**
 * Groups of items that say the same.
 */
groups: number,
/**
 * Items beyond the first of each group.
 */
copies: number,
/**
 * Of the copies, those that say the same as another item of the same file.
 */
within_files: number,
/**
 * Of the copies, those that say the same as items of other files only.
 */
across_files: number, };

/**
 * A request without fields, and an answer without content.
 */
export type Empty = Record<symbol, never>;

/**
 * The kinds of error that a host tells apart.
 */
export type ErrorCode = "not_found" | "permission_denied" | "empty_file" | "not_outlook" | "truncated" | "unsupported_version" | "unreadable" | "no_outlook_files" | "already_importing" | "already_in_library" | "library_in_use" | "library_unusable" | "no_space" | "source_away" | "bad_query" | "no_such" | "bad_request" | "cancelled" | "io" | "internal";

/**
 * What happens without being asked for. Low rate: at most some ten a second.
 */
export type Event = { "type": "job",
/**
 * Its state now.
 */
job: Job, } | { "type": "export",
/**
 * Its state now.
 */
export: Export, } | { "type": "library",
/**
 * The commit that is searchable now.
 */
generation: number,
/**
 * Items in the whole library.
 */
total_items: number, } | { "type": "sample",
/**
 * The sample.
 */
sample: Sample, };

/**
 * Where an export stands.
 */
export type Export = {
/**
 * Its id among exports.
 */
id: JobId,
/**
 * The form.
 */
format: ExportFormat,
/**
 * The folder that is written into.
 */
to: string,
/**
 * Where it stands.
 */
state: ExportState,
/**
 * Items to write; 0 until known.
 */
planned: number,
/**
 * Items written by this run.
 */
written: number,
/**
 * Items that an earlier run had written.
 */
skipped: number,
/**
 * Items that were written without something of theirs, such as an attachment that cannot be read; the manifest says which and why.
 */
partial?: number,
/**
 * Items that could not be written; the manifest says which and why.
 */
failed: number,
/**
 * Bytes written.
 */
bytes: number,
/**
 * Running time in seconds.
 */
seconds: number,
/**
 * The first failures, with their reasons.
 */
failures: Array<ExportFailure>,
/**
 * Why it ended early.
 */
error: ApiError | null, };

/**
 * An item that could not be written whole.
 */
export type ExportFailure = {
/**
 * The item.
 */
id: ItemId,
/**
 * Why, in a sentence.
 */
reason: string, };

/**
 * The form of an export.
 */
export type ExportFormat = "eml" | "mbox" | "csv" | "jsonl" | "parquet" | "pst" | "attachments";

/**
 * All exports since the service started, newest last.
 */
export type ExportList = {
/**
 * The exports.
 */
exports: Array<Export>, };

/**
 * What to write out, and where.
 */
export type ExportRequest = {
/**
 * Items that match this query; empty means everything. Not asked where `ids` are given.
 */
query?: string,
/**
 * Only items of this source.
 */
source?: SourceId,
/**
 * Only items of this folder and of those below it.
 */
folder?: FolderId,
/**
 * These items, instead of a query.
 */
ids?: Array<ItemId>,
/**
 * Of items that match the query and say the same, write only the first by date and id.
 */
once?: boolean,
/**
 * The last word of the query is unfinished, as in the list.
 */
as_you_type?: boolean,
/**
 * The zone of whoever asks, as in [`super::SearchRequest::zone`].
 */
zone?: string,
/**
 * All that match but these.
 */
except?: Array<ItemId>,
/**
 * The form.
 */
format: ExportFormat,
/**
 * The folder to write into; made if absent. What an earlier export of the same form wrote there is not written again.
 */
to: string, };

/**
 * Where an export stands.
 */
export type ExportState = "running" | "done" | "cancelled" | "failed";

/**
 * The items that match, counted. Each list is in descending order and holds at most 50 entries, but for the months.
 */
export type Facets = {
/**
 * By folder (directly in it).
 */
folders: Array<FolderCount>,
/**
 * By source.
 */
sources: Array<SourceCount>,
/**
 * By sender.
 */
senders: Array<PersonCount>,
/**
 * By month, ascending, in UTC.
 */
months: Array<MonthCount>,
/**
 * By kind.
 */
kinds: Array<KindCount>,
/**
 * By type of attachment.
 */
attachment_types: Array<AttachmentType>,
/**
 * By language of the text, where it is known.
 */
languages?: Array<LanguageCount>, };

/**
 * A field of the query language.
 */
export type FieldHelp = {
/**
 * Its name, as in `name:value`.
 */
name: string,
/**
 * Other spellings.
 */
aliases: Array<string>,
/**
 * One sentence.
 */
help: string,
/**
 * A query that uses it.
 */
example: string,
/**
 * All its values, where they are few.
 */
values: Array<string>, };

/**
 * All fields of the query language.
 */
export type FieldList = {
/**
 * The fields.
 */
fields: Array<FieldHelp>, };

/**
 * What of the items that match is shown once.
 */
export type Fold = "nothing" | "duplicates" | "conversations";

/**
 * A folder of a source.
 */
export type Folder = {
/**
 * Its id in the library.
 */
id: FolderId,
/**
 * The folder it lies in.
 */
parent: FolderId | null,
/**
 * Its own name.
 */
name: string,
/**
 * Names from the top, joined by "/".
 */
path: string,
/**
 * 0 for the top folders.
 */
depth: number,
/**
 * The account of the items directly in it.
 */
counts: Counts,
/**
 * Items of it that a later state of the file no longer holds; they stay searchable.
 */
gone: number, };

/**
 * Items directly in a folder.
 */
export type FolderCount = {
/**
 * The folder.
 */
folder: FolderId,
/**
 * Its path within its source.
 */
path: string,
/**
 * Its source.
 */
source: SourceId,
/**
 * Items.
 */
count: number, };

/**
 * A folder of a source.
 */
export type FolderId = number;

/**
 * A saved search to forget.
 */
export type ForgetSearchRequest = {
/**
 * Its name.
 */
name: string, };

/**
 * Answers that were forgotten.
 */
export type Forgotten = {
/**
 * How many.
 */
answers: number,
/**
 * Bytes that they took.
 */
bytes: number, };

/**
 * One row of a result list.
 */
export type Hit = {
/**
 * The item.
 */
id: ItemId,
/**
 * What kind of item it is.
 */
kind: ItemKind,
/**
 * When it was sent, received, held or made: what the item itself takes as its date.
 */
date: number | null,
/**
 * Name of the sender, or its address.
 */
from: string,
/**
 * Where to mark it, as in [`Marked::marks`].
 */
from_marks?: Array<[number, number]>,
/**
 * Names of the recipients, joined by "; ".
 */
to: string,
/**
 * The subject, with matches marked.
 */
subject: Marked,
/**
 * Path of the folder within its source.
 */
folder: string,
/**
 * Name of the source file.
 */
source: string,
/**
 * Whether it carries files.
 */
has_attachments: boolean,
/**
 * Size in the file, in bytes.
 */
size: number,
/**
 * A line of text, around the first match where there is one.
 */
snippet: Marked,
/**
 * Found beyond what the file names: an orphan or a deleted item.
 */
recovered: boolean,
/**
 * No longer in the source file.
 */
gone: boolean,
/**
 * Of folded results, how many of the items that match the row stands for, itself included; otherwise 1.
 */
stands_for?: number,
/**
 * Items of its conversation, itself included; 100 stands for that many or more.
 */
conversation?: number,
/**
 * Of results folded by conversation: who took part in it, where it has more than this item.
 */
thread?: Thread,
/**
 * Flagged in Mailscope.
 */
marked?: boolean,
/**
 * Looked through, as someone told Mailscope.
 */
reviewed?: boolean,
/**
 * Whether it has a note.
 */
noted?: boolean,
/**
 * Its tags, in order of their names.
 */
tags?: Array<string>, };

/**
 * What a library holds.
 */
export type Holdings = {
/**
 * Files.
 */
sources: number,
/**
 * Folders.
 */
folders: number,
/**
 * Items that the files name.
 */
expected: number,
/**
 * Items of them that were read.
 */
items: number,
/**
 * Items of them that could not be read.
 */
failed: number,
/**
 * Items found beyond them.
 */
recovered: number,
/**
 * Items that their file no longer has.
 */
gone: number,
/**
 * Attachments.
 */
attachments: number, };

/**
 * Items of an hour of the week.
 */
export type HourCount = {
/**
 * 0 is Monday, 6 is Sunday.
 */
weekday: number,
/**
 * 0 to 23.
 */
hour: number,
/**
 * Items.
 */
count: number, };

/**
 * Which files and folders to import.
 */
export type ImportRequest = {
/**
 * Files, or folders whose Outlook files are to be found at any depth.
 */
paths: Array<string>, };

/**
 * What an import request led to.
 */
export type ImportStarted = {
/**
 * One job for each file that is being read now.
 */
jobs: Array<JobId>,
/**
 * What cannot be imported, and why.
 */
refused: Array<Refused>, };

/**
 * What the items that match have in common. Lists are in descending order of their counts unless they say otherwise.
 */
export type Insights = {
/**
 * How many items match.
 */
total: number,
/**
 * How many of them have no date; the charts over time leave them out.
 */
undated: number,
/**
 * The earliest date.
 */
first: number | null,
/**
 * The latest date.
 */
last: number | null,
/**
 * Items by month, ascending; months without items are left out.
 */
by_month: Array<MonthCount>,
/**
 * Items by day, ascending, where all lie within 400 days; otherwise empty.
 */
by_day: Array<DayCount>,
/**
 * Items by weekday and hour: 168 entries, from Monday 0 h to Sunday 23 h.
 */
by_weekday_hour: Array<HourCount>,
/**
 * The same by the senders' clocks, of the items whose sender's zone is known.
 */
by_sender_hour: Array<HourCount>,
/**
 * How many items with a date do not tell the zone of their sender.
 */
without_sender_zone: number,
/**
 * Who wrote them. One address is one person, by the name it is seen with most.
 */
top_senders: Array<PersonCount>,
/**
 * To whom, on any line.
 */
top_recipients: Array<PersonCount>,
/**
 * Domains of senders and recipients.
 */
top_domains: Array<DomainCount>,
/**
 * How many different people are senders or recipients.
 */
people: number,
/**
 * Attachments by the extension of their names, those inside embedded messages included.
 */
attachment_types: Array<AttachmentType>,
/**
 * How many attachments there are in all.
 */
attachments: number,
/**
 * Their size in bytes, all together.
 */
attachment_bytes: number,
/**
 * How large the items are.
 */
sizes: Sizes,
/**
 * The largest items, largest first.
 */
largest: Array<LargeItem>,
/**
 * Items by kind.
 */
kinds: Array<KindCount>,
/**
 * Items by folder (directly in it).
 */
folders: Array<FolderCount>,
/**
 * Items by source.
 */
sources: Array<SourceCount>,
/**
 * Items by language of the text, as ISO 639-1 codes; those whose language is not known are left out.
 */
languages: Array<LanguageCount>,
/**
 * Items that say the same as others of them.
 */
duplicates?: Duplicates,
/**
 * Conversations that the items belong to; an item that is alone counts as one.
 */
conversations: number | null,
/**
 * Time taken by the engine, in milliseconds.
 */
took_ms: number,
/**
 * The commit that answered.
 */
generation: number, };

/**
 * Which items the charts are about: those that a search with the same fields finds.
 */
export type InsightsRequest = {
/**
 * The query as typed; empty means everything.
 */
query: string,
/**
 * Only items of this source.
 */
source?: SourceId,
/**
 * Only items of this folder and of those below it.
 */
folder?: FolderId,
/**
 * Treat the last word as unfinished, as the list does.
 */
as_you_type: boolean,
/**
 * The zone of whoever asks: a name of the zone database ("Europe/Vienna"), a distance from UTC ("+02:00"), or "system" for that of
 * the computer. Days begin there, and its clocks show the hours; UTC where absent.
 */
zone?: string,
/**
 * Entries of each list, 1 to 200.
 */
top: number, };

/**
 * One item, whole.
 */
export type Item = {
/**
 * The item.
 */
id: ItemId,
/**
 * What kind of item it is.
 */
kind: ItemKind,
/**
 * PidTagMessageClass, such as "IPM.Note".
 */
message_class: string,
/**
 * Subject, marked.
 */
subject: Marked,
/**
 * Sender.
 */
from: Person | null,
/**
 * Primary recipients.
 */
to: Array<Person>,
/**
 * Recipients of copies.
 */
cc: Array<Person>,
/**
 * Recipients of blind copies.
 */
bcc: Array<Person>,
/**
 * The date that the list shows.
 */
date: number | null,
/**
 * The source it is from.
 */
source: SourceId,
/**
 * Name of that file.
 */
source_name: string,
/**
 * The folder it is in.
 */
folder: FolderId,
/**
 * Path of that folder.
 */
folder_path: string,
/**
 * Size in the file, in bytes.
 */
size: number,
/**
 * Transport headers as received; empty for what was never sent.
 */
headers: string,
/**
 * The text, and where to mark it.
 */
text: Marked,
/**
 * A whole HTML document, sanitised: no script, no form, no remote address that loads. Inline pictures are `data:` URIs.
 */
html: string | null,
/**
 * How many remote resources were taken out of the HTML.
 */
remote_blocked: number,
/**
 * Attachments that are not shown inline.
 */
attachments: Array<Attachment>,
/**
 * All properties of the item.
 */
properties: Array<Property>,
/**
 * What an item of its kind says beyond a message: times of an appointment, numbers of a contact, outcome of a report.
 */
details: Array<DetailLine>,
/**
 * Whether it was not yet read.
 */
unread: boolean,
/**
 * "", "flagged" or "complete".
 */
flag: string,
/**
 * "low", "" or "high".
 */
importance: string,
/**
 * "", "personal", "private" or "confidential".
 */
sensitivity: string,
/**
 * "", "signed" or "encrypted".
 */
protection: string,
/**
 * Of an item that was deleted and recovered, how sure it is that it is whole: "carved", "doubtful", "partial" or "certain".
 */
recovered: string | null,
/**
 * Whether a later state of its file no longer has it.
 */
gone: boolean,
/**
 * Other items of the library that say the same.
 */
duplicates: number,
/**
 * Items of its conversation, itself included.
 */
conversation?: number,
/**
 * EDRM message identification hash (MD5 of the Message-ID), in hexadecimal; absent where there is no Message-ID.
 */
mih?: string,
/**
 * Flagged in Mailscope.
 */
marked?: boolean,
/**
 * Looked through, as someone told Mailscope.
 */
reviewed?: boolean,
/**
 * Its tags, in order of their names.
 */
tags?: Array<string>,
/**
 * The note on it; may be empty.
 */
note?: string,
/**
 * What was odd about it.
 */
anomalies: Array<string>,
/**
 * Whether its source file could be read now; if not, only what the library keeps is here.
 */
source_available: boolean, };

/**
 * An item of the library: a message, appointment, contact, …
 */
export type ItemId = number;

/**
 * What an item is.
 */
export type ItemKind = "mail" | "appointment" | "meeting" | "contact" | "dist_list" | "task" | "note" | "journal" | "post" | "report" | "document" | "other";

/**
 * The import of one file.
 */
export type Job = {
/**
 * Its id.
 */
id: JobId,
/**
 * The source, as soon as it is known.
 */
source: SourceId | null,
/**
 * File name.
 */
name: string,
/**
 * Full path.
 */
path: string,
/**
 * Where it stands.
 */
state: JobState,
/**
 * Items to read in this run, hidden ones included; 0 until known.
 */
planned: number,
/**
 * Items read so far in this run.
 */
processed: number,
/**
 * The account so far. While reading, `expected` is already whole.
 */
counts: Counts,
/**
 * Items that this run added.
 */
new: number,
/**
 * Items that changed in the file since the last run.
 */
updated: number,
/**
 * Items that are no longer in the file.
 */
removed: number,
/**
 * Items that were not read again because nothing changed.
 */
unchanged: number,
/**
 * Bytes read from the file in this run.
 */
bytes: number,
/**
 * Size of the file.
 */
size: number,
/**
 * Running time in seconds.
 */
seconds: number,
/**
 * "ANSI", "Unicode" or "Unicode 4k"; empty until known.
 */
format: string,
/**
 * "none", "permute" or "cyclic"; empty until known.
 */
encryption: string,
/**
 * Folders of the file; 0 until known.
 */
folders: number,
/**
 * How many oddities were found.
 */
anomalies: number,
/**
 * An older source of the library that is the same mailbox: this file is a copy of it, or an earlier or later state.
 */
same_as: SourceId | null,
/**
 * Estimated seconds to the end, once there is something to go by.
 */
seconds_left: number | null,
/**
 * What is worth saying of a job that ended well, such as that the library held the file already.
 */
note: ApiError | null,
/**
 * Why it failed.
 */
error: ApiError | null, };

/**
 * A piece of long work, such as the import of one file. Unique within a running service.
 */
export type JobId = number;

/**
 * All jobs since the service started, newest last.
 */
export type JobList = {
/**
 * The jobs.
 */
jobs: Array<Job>, };

/**
 * Which job.
 */
export type JobRequest = {
/**
 * The job.
 */
job: JobId, };

/**
 * Where a job stands.
 */
export type JobState = "queued" | "planning" | "reading" | "paused" | "done" | "cancelled" | "failed";

/**
 * Items of a kind.
 */
export type KindCount = {
/**
 * The kind.
 */
kind: ItemKind,
/**
 * Items.
 */
count: number, };

/**
 * A library that a person has worked with: one collection of files, such as a case.
 */
export type KnownLibrary = {
/**
 * What to call it: the name of its folder.
 */
name: string,
/**
 * Its folder.
 */
path: string,
/**
 * Whether the window works with it now (or tried to, where it could not be opened).
 */
current: boolean,
/**
 * Whether it is the one that a person begins with.
 */
first: boolean,
/**
 * Whether its folder is there.
 */
available: boolean,
/**
 * When it was last opened.
 */
opened_at: number | null, };

/**
 * Items in a language.
 */
export type LanguageCount = {
/**
 * ISO 639-1 code, such as "en".
 */
language: string,
/**
 * Items.
 */
count: number, };

/**
 * A large item.
 */
export type LargeItem = {
/**
 * The item.
 */
id: ItemId,
/**
 * Its subject.
 */
subject: string,
/**
 * Its sender's name, or address.
 */
from: string,
/**
 * Its date.
 */
date: number | null,
/**
 * Bytes.
 */
size: number, };

/**
 * Latencies in milliseconds, since the service started.
 */
export type Latency = {
/**
 * How many were measured.
 */
count: number,
/**
 * Half were faster.
 */
p50: number,
/**
 * 95 of 100 were faster.
 */
p95: number,
/**
 * 99 of 100 were faster.
 */
p99: number,
/**
 * The slowest.
 */
max: number,
/**
 * All of them together.
 */
sum: number, };

/**
 * What a window needs to draw its first page.
 */
export type LibraryInfo = {
/**
 * Folder of the library.
 */
path: string,
/**
 * Version of Mailscope.
 */
version: string,
/**
 * Whether nothing may be written to it: it can be searched, read and exported, and everything that would change it is refused.
 */
read_only: boolean,
/**
 * Whether the index lacks what was taken in last, so that searches miss it. In time it is made up for, unless the library is
 * read-only.
 */
index_behind: boolean,
/**
 * Items in the whole library.
 */
total_items: number,
/**
 * Sources in the library.
 */
sources: number,
/**
 * The commit that is searchable now.
 */
generation: number, };

/**
 * The libraries that a person has worked with.
 */
export type LibraryList = {
/**
 * Those that were opened last come first.
 */
libraries: Array<KnownLibrary>,
/**
 * The folder in which libraries are made that are only given a name.
 */
kept_in: string, };

/**
 * Who wrote to whom.
 */
export type Link = {
/**
 * The sender: index into [`People::people`].
 */
from: number,
/**
 * The recipient: index into [`People::people`].
 */
to: number,
/**
 * Items.
 */
count: number,
/**
 * The earliest.
 */
first: number | null,
/**
 * The latest.
 */
last: number | null, };

/**
 * The file in which is written down what happens: warnings, and each command with the time that it took. No text of mail.
 */
export type LogState = {
/**
 * Whether it is written.
 */
on: boolean,
/**
 * The file.
 */
path: string,
/**
 * Whether the start of the program named the file: then the program alone ends what it asked for.
 */
named: boolean,
/**
 * Bytes that it takes on the disk, with the older part that is beside it.
 */
bytes: number,
/**
 * Bytes that it takes at most.
 */
most: number, };

/**
 * One failure or oddity.
 */
export type Loss = {
/**
 * Path of the folder concerned, where there is one.
 */
folder: string,
/**
 * The node of the file concerned, such as "0x200024", where there is one.
 */
node: string | null,
/**
 * What happened, in a sentence.
 */
reason: string,
/**
 * The item concerned, where it could be read nevertheless.
 */
item: LossItem | null, };

/**
 * An item that something was odd about.
 */
export type LossItem = {
/**
 * Its id.
 */
id: ItemId,
/**
 * Its subject.
 */
subject: string,
/**
 * Name of its sender, or the address.
 */
from: string,
/**
 * The date that the list shows.
 */
date: number | null, };

/**
 * What could not be read of a source, and what was odd.
 */
export type Losses = {
/**
 * Items and folders that could not be read.
 */
failures: Array<Loss>,
/**
 * Oddities that cost no whole item.
 */
anomalies: Array<Loss>,
/**
 * Attached files whose text could not be read.
 */
attachments: Array<Loss>, };

/**
 * Which losses to list.
 */
export type LossesRequest = {
/**
 * The source.
 */
source: SourceId, };

/**
 * Text with ranges to mark. Ranges are in UTF-16 code units (what JavaScript slices by), ascending, not overlapping.
 */
export type Marked = {
/**
 * The text.
 */
text: string,
/**
 * Start and end of each mark.
 */
marks: Array<[number, number]>, };

/**
 * The last two minutes, oldest first.
 */
export type MonitorHistory = {
/**
 * The samples.
 */
samples: Array<Sample>, };

/**
 * Items of a month.
 */
export type MonthCount = {
/**
 * The month, as "2001-11".
 */
month: string,
/**
 * Items.
 */
count: number, };

/**
 * Which library.
 */
export type OpenLibraryRequest = {
/**
 * Its folder. A folder that holds other things and no library gets one in a folder of its own.
 */
path: string, };

/**
 * How one command did.
 */
export type Operation = {
/**
 * Its name.
 */
name: string,
/**
 * How long it took, failures included.
 */
latency: Latency,
/**
 * How often it failed.
 */
errors: number,
/**
 * How often it runs at this moment.
 */
running: number,
/**
 * Runs per second, over the last one to two minutes.
 */
per_second: number,
/**
 * Milliseconds that it is to take at most, where that can be said.
 */
target: number | null,
/**
 * Whether lately it took longer than that, too often to be chance.
 */
slow: boolean, };

/**
 * Someone who takes part.
 */
export type Participant = {
/**
 * Name, may be empty.
 */
name: string,
/**
 * Address, may be empty.
 */
address: string,
/**
 * Such as "accepted"; may be empty.
 */
note: string, };

/**
 * People and who writes to whom: a graph.
 */
export type People = {
/**
 * The people, most items first.
 */
people: Array<Correspondent>,
/**
 * Who of them wrote to whom of them, most items first.
 */
links: Array<Link>,
/**
 * How many people there are in all.
 */
total: number,
/**
 * Time taken by the engine, in milliseconds.
 */
took_ms: number,
/**
 * The commit that answered.
 */
generation: number, };

/**
 * Who wrote to whom, among the items that match.
 */
export type PeopleRequest = {
/**
 * The query as typed; empty means everything.
 */
query: string,
/**
 * Only items of this source.
 */
source?: SourceId,
/**
 * Only items of this folder and of those below it.
 */
folder?: FolderId,
/**
 * Treat the last word as unfinished, as the list does.
 */
as_you_type: boolean,
/**
 * The zone of whoever asks, as in [`super::SearchRequest::zone`].
 */
zone?: string,
/**
 * The people with the most items are given, so many of them: 1 to 1000.
 */
limit: number, };

/**
 * A correspondent.
 */
export type Person = {
/**
 * Name, may be empty.
 */
name: string,
/**
 * Address, may be empty.
 */
address: string, };

/**
 * Items of a person.
 */
export type PersonCount = {
/**
 * The name seen most with the address; may be empty.
 */
name: string,
/**
 * The address, in lower case; empty for people that are known by name alone.
 */
address: string,
/**
 * Items.
 */
count: number, };

/**
 * Connections for reading the database.
 */
export type Pool = {
/**
 * The most there can be.
 */
size: number,
/**
 * Those that are open.
 */
open: number,
/**
 * Those in use at this moment.
 */
in_use: number,
/**
 * How long it took to get one.
 */
waits: Latency, };

/**
 * How a person wants the program to work.
 */
export type Preferences = {
/**
 * Megabytes that queues and caches share; `None` for what Mailscope chooses.
 */
memory_mb: number | null,
/**
 * Workers that read items; `None` for one per core.
 */
threads: number | null,
/**
 * Whether the end of a long import is told outside of the window.
 */
notify: boolean, };

/**
 * One MAPI property.
 */
export type Property = {
/**
 * Tag, such as "0x0037001F".
 */
tag: string,
/**
 * Name, such as "PidTagSubject", or of the named property; empty when unknown.
 */
name: string,
/**
 * Type, such as "PtypString".
 */
kind: string,
/**
 * Value, shortened when long.
 */
value: string, };

/**
 * Where and why a query cannot be understood.
 */
export type QueryFault = {
/**
 * A plain sentence.
 */
message: string,
/**
 * Start and end in the query, in UTF-16 code units.
 */
at: [number, number], };

/**
 * A part of a query.
 */
export type QueryPart = {
/**
 * The part as typed.
 */
text: string,
/**
 * Start and end in the query, in UTF-16 code units.
 */
at: [number, number],
/**
 * Whether it asks a field (and is no plain word).
 */
field: boolean, };

/**
 * What a query consists of.
 */
export type QueryParts = {
/**
 * The parts that must all hold, in the order typed; a window shows each as a token that can be taken out. Empty when the query
 * is wrong.
 */
parts: Array<QueryPart>,
/**
 * The query in its plainest spelling; empty when it is wrong.
 */
canonical: string,
/**
 * What is wrong with it.
 */
fault: QueryFault | null, };

/**
 * A query to be looked at without being answered.
 */
export type QueryRequest = {
/**
 * The query as typed.
 */
query: string, };

/**
 * Where the reading of attached files stands.
 */
export type Reading = {
/**
 * Whether attached files are read at all.
 */
enabled: boolean,
/**
 * The name of the file that is being read now.
 */
current: string | null,
/**
 * Why none can be read; the next import or start tries again.
 */
problem: string | null,
/**
 * The account of the whole library.
 */
texts: Texts, };

/**
 * A file that was imported.
 */
export type RecentFile = {
/**
 * Its name.
 */
name: string,
/**
 * Where it was.
 */
path: string,
/**
 * When it was last imported.
 */
at: number, };

/**
 * Files that were imported last.
 */
export type RecentFiles = {
/**
 * The last one first; only those that are still there.
 */
files: Array<RecentFile>, };

/**
 * A path that cannot be imported.
 */
export type Refused = {
/**
 * The path as given.
 */
path: string,
/**
 * Why, and what to do.
 */
error: ApiError, };

/**
 * Items like another; of those that say the same, one.
 */
export type Related = {
/**
 * How many have any of its telling words.
 */
total: number,
/**
 * The most alike, most alike first.
 */
hits: Array<Hit>,
/**
 * Time taken by the engine, in milliseconds.
 */
took_ms: number, };

/**
 * What to find the like of.
 */
export type RelatedRequest = {
/**
 * The item.
 */
id: ItemId,
/**
 * How many to give, 1 to 500; 20 where absent.
 */
limit?: number, };

/**
 * Which answers are asked about: those that a search with the same fields finds.
 */
export type RepliesRequest = {
/**
 * The query as typed; empty means everything.
 */
query: string,
/**
 * Only items of this source.
 */
source?: SourceId,
/**
 * Only items of this folder and of those below it.
 */
folder?: FolderId,
/**
 * Treat the last word as unfinished, as the list does.
 */
as_you_type: boolean,
/**
 * The zone of whoever asks, as in [`super::SearchRequest::zone`].
 */
zone?: string,
/**
 * The people with the most answers are given, so many of them: 1 to 200.
 */
top: number, };

/**
 * How long the answers of a person took.
 */
export type ReplyPerson = {
/**
 * The name seen most with the address; may be empty.
 */
name: string,
/**
 * The address, in lower case; empty for people that are known by name alone.
 */
address: string,
/**
 * Answers.
 */
count: number,
/**
 * Half of them came within so many seconds.
 */
median_seconds: number,
/**
 * Nine in ten of them came within so many seconds.
 */
p90_seconds: number, };

/**
 * How long answers took: messages that answer one of somebody else that the library holds too. Of several of a person to one message
 * the first counts; what is only passed on is no answer.
 */
export type ReplyTimes = {
/**
 * Answers among the items that were looked at.
 */
count: number,
/**
 * A quarter of them came within so many seconds.
 */
quarter_seconds: number,
/**
 * Half of them came within so many seconds.
 */
median_seconds: number,
/**
 * Three quarters of them came within so many seconds.
 */
three_quarters_seconds: number,
/**
 * Nine in ten of them came within so many seconds.
 */
p90_seconds: number,
/**
 * Who answered, most answers first.
 */
people: Array<ReplyPerson>,
/**
 * Of items that match and are in conversations with others, so many were looked at: of very many, a part that is spread over all.
 */
looked_at: number,
/**
 * How many of these there are.
 */
of: number,
/**
 * Time taken by the engine, in milliseconds.
 */
took_ms: number,
/**
 * The commit that answered.
 */
generation: number, };

/**
 * Which source to report on, and where.
 */
export type ReportRequest = {
/**
 * The source.
 */
source: SourceId,
/**
 * The file to write: a page if its name ends in ".html", a table if in ".csv".
 */
to: string, };

/**
 * What came of a change.
 */
export type ReviewDone = {
/**
 * The entry of the record, by which it can be taken back; absent where nothing changed.
 */
action: number | null,
/**
 * Items that changed.
 */
items: number, };

/**
 * What to change, and of which items.
 */
export type ReviewRequest = {
/**
 * The change.
 */
change: Change,
/**
 * These items; the query is then not looked at.
 */
ids?: Array<ItemId>,
/**
 * All items that match.
 */
query?: string,
/**
 * Only items of this source.
 */
source?: SourceId,
/**
 * Only items of this folder and of those below it.
 */
folder?: FolderId,
/**
 * The last word of the query is unfinished, as in the list.
 */
as_you_type?: boolean,
/**
 * The zone of whoever asks, as in [`super::SearchRequest::zone`].
 */
zone?: string,
/**
 * All that match but these.
 */
except?: Array<ItemId>,
/**
 * Of items that match the query and say the same, change only the first by date and id.
 */
once?: boolean, };

/**
 * What the process and its work look like at one moment.
 */
export type Sample = {
/**
 * When it was taken.
 */
at: number,
/**
 * Items taken in per second, over the last sampling period.
 */
items_per_second: number,
/**
 * Bytes of source files read per second, over the last sampling period.
 */
bytes_per_second: number,
/**
 * Resident memory of the process, in bytes.
 */
memory: number,
/**
 * The memory budget, in bytes.
 */
memory_budget: number,
/**
 * Processor use of the process: 1.0 is one core busy.
 */
processor: number,
/**
 * Cores of the machine.
 */
cores: number,
/**
 * Bytes waiting between readers and writer.
 */
queue_bytes: number,
/**
 * The most that may wait there.
 */
queue_capacity: number,
/**
 * Imports that run or wait.
 */
jobs_active: number,
/**
 * How long searches took.
 */
search: Latency,
/**
 * Questions that were answered from memory, since the service started.
 */
cache_hits: number,
/**
 * Questions that had to be answered anew, since the service started.
 */
cache_misses: number,
/**
 * What imports do, in the way of the data.
 */
stages: Array<StageLoad>,
/**
 * What is not as it should be at this moment; empty for samples of the past.
 */
warnings: Array<Warning>, };

/**
 * Which attachment to save, and where.
 */
export type SaveAttachmentRequest = {
/**
 * The item.
 */
id: ItemId,
/**
 * The attachment, as in [`Attachment::path`].
 */
path: Array<number>,
/**
 * The file to write. It must not be a source of the library.
 */
to: string, };

/**
 * A page to write into a PDF file.
 */
export type SavePdfRequest = {
/**
 * The page, as HTML whose own policy lets nothing load.
 */
page: string,
/**
 * The file; one that is there is replaced.
 */
to: string, };

/**
 * A search to save.
 */
export type SaveSearchRequest = {
/**
 * Its name; what has the name already is replaced.
 */
name: string,
/**
 * The query.
 */
query: string, };

/**
 * What was written.
 */
export type Saved = {
/**
 * The file.
 */
path: string,
/**
 * Its size.
 */
bytes: number, };

/**
 * Saved searches.
 */
export type SavedList = {
/**
 * In order of their names.
 */
saved: Array<SavedSearch>, };

/**
 * A query with a name.
 */
export type SavedSearch = {
/**
 * Its name.
 */
name: string,
/**
 * The query.
 */
query: string,
/**
 * When it was saved.
 */
made_at: number, };

/**
 * The index of a library.
 */
export type SearchIndex = {
/**
 * Items that can be found.
 */
documents: number,
/**
 * Items that are gone and still take room.
 */
deleted: number,
/**
 * Its parts.
 */
segments: number,
/**
 * Batches of the database that it lacks.
 */
behind: number, };

/**
 * The answer to a [`SearchRequest`].
 */
export type SearchPage = {
/**
 * How many items match in all; of folded results, how many are shown.
 */
total: number,
/**
 * The rows asked for.
 */
hits: Array<Hit>,
/**
 * Time taken by the engine, in milliseconds.
 */
took_ms: number,
/**
 * The commit that answered; grows with each batch that becomes searchable.
 */
generation: number,
/**
 * For [`SearchRequest::after`] of the next page; absent after the last.
 */
next?: string,
/**
 * The counts, where asked for.
 */
facets?: Facets, };

/**
 * One window of results.
 */
export type SearchRequest = {
/**
 * The query as typed; empty means everything.
 */
query: string,
/**
 * Only items of this source.
 */
source?: SourceId,
/**
 * Only items of this folder and of those below it.
 */
folder?: FolderId,
/**
 * The order.
 */
sort: Sort,
/**
 * How many results to pass over.
 */
offset: number,
/**
 * How many to give, 1 to 500.
 */
limit: number,
/**
 * Treat the last word as unfinished (it then also matches words that begin with it).
 */
as_you_type: boolean,
/**
 * The zone of whoever asks: a name of the zone database ("Europe/Vienna"), a distance from UTC ("+02:00"), or "system" for that of
 * the computer. Days begin there, and its clocks show the hours; UTC where absent.
 */
zone?: string,
/**
 * Begin after the last hit of the page that gave this ([`SearchPage::next`]), however deep; `offset` is then not looked at. What was
 * there all along is given once, also while items come in, but not by relevance: what matches is weighed against all that the
 * library holds, so that an item may come twice or not at all where [`SearchPage::generation`] grew from page to page.
 */
after?: string,
/**
 * Count by folder, source, sender, month, kind and attachment type as well.
 */
facets?: boolean,
/**
 * What is shown once. Total, pages and facets are then of what is shown.
 */
fold?: Fold, };

/**
 * Which item to show.
 */
export type ShowRequest = {
/**
 * The item.
 */
id: ItemId,
/**
 * Show the message embedded in it at this [`Attachment::path`] instead; empty for the item itself.
 */
path?: Array<number>,
/**
 * Mark the matches of this query in subject, text and HTML.
 */
query?: string, };

/**
 * What the window shows.
 */
export type Showing = {
/**
 * A library with something in it.
 */
working: boolean,
/**
 * A message.
 */
reading: boolean,
/**
 * What was chosen for it, which menus and dialogs of the system follow.
 */
theme: Theme, };

/**
 * Items of a range of sizes.
 */
export type SizeCount = {
/**
 * Bytes, at least.
 */
from: number,
/**
 * Bytes, less than this; `null` for no bound.
 */
to: number | null,
/**
 * Items.
 */
count: number, };

/**
 * How large items are, in bytes.
 */
export type Sizes = {
/**
 * All together.
 */
total: number,
/**
 * The smallest.
 */
min: number,
/**
 * The largest.
 */
max: number,
/**
 * The mean.
 */
mean: number,
/**
 * Half of the items are no larger than this.
 */
median: number,
/**
 * Items by size, smallest first.
 */
buckets: Array<SizeCount>, };

/**
 * Everything that is measured, at one moment. Counts are since the service started.
 */
export type Snapshot = {
/**
 * When it was taken.
 */
at: number,
/**
 * Version of Mailscope.
 */
version: string,
/**
 * Folder of the library.
 */
library: string,
/**
 * Seconds since the service started.
 */
uptime_seconds: number,
/**
 * Process and work at this moment, with warnings.
 */
now: Sample,
/**
 * The most resident memory that the process ever had, in bytes; absent where the system does not tell.
 */
memory_peak: number | null,
/**
 * Processor time of the process so far, in seconds.
 */
processor_seconds: number,
/**
 * The commands that were called, in the order of the list of commands.
 */
operations: Array<Operation>,
/**
 * Answers kept in memory, by kind.
 */
cache: Array<CacheShelf>,
/**
 * Connections for reading the database.
 */
pool: Pool,
/**
 * Seconds that imports spent in each stage, all threads together, in the way of the data.
 */
stages: Array<StageTime>,
/**
 * What the library holds.
 */
holds: Holdings,
/**
 * Its database.
 */
database: Database,
/**
 * Its index.
 */
index: SearchIndex,
/**
 * What it takes on its disk.
 */
disk: DiskUse, };

/**
 * The order of results.
 */
export type Sort = "newest" | "oldest" | "relevance" | "size" | "sender";

/**
 * An Outlook data file that the library holds.
 */
export type Source = {
/**
 * Its id in the library.
 */
id: SourceId,
/**
 * File name.
 */
name: string,
/**
 * Where it was last seen.
 */
path: string,
/**
 * "ANSI", "Unicode" or "Unicode 4k".
 */
format: string,
/**
 * "PST" or "OST".
 */
kind: string,
/**
 * "none", "permute" or "cyclic".
 */
encryption: string,
/**
 * Size of the file in bytes.
 */
size: number,
/**
 * When it was last imported.
 */
imported_at: number,
/**
 * Whether the whole file was taken in; false while it is being read or after a cancelled import.
 */
complete: boolean,
/**
 * An older source that is the same mailbox, such as the original of a copy.
 */
same_as: SourceId | null,
/**
 * Whether the file is where it was last seen.
 */
available: boolean,
/**
 * The account of its items.
 */
counts: Counts,
/**
 * The account of its attachments' text.
 */
texts: Texts,
/**
 * Items that a later state of the file no longer holds.
 */
gone: number,
/**
 * How many oddities were found while reading.
 */
anomalies: number,
/**
 * Bytes that the file lacked when it was last taken in: what its header names and is not there. Such a file is cut off.
 */
missing?: number,
/**
 * Its folders, parents before children.
 */
folders: Array<Folder>,
/**
 * The job that reads it now.
 */
job: JobId | null, };

/**
 * Items of a source.
 */
export type SourceCount = {
/**
 * The source.
 */
source: SourceId,
/**
 * Its file name.
 */
name: string,
/**
 * Items.
 */
count: number, };

/**
 * An Outlook data file in the library.
 */
export type SourceId = number;

/**
 * What `sources` answers.
 */
export type SourceList = {
/**
 * The sources, in the order in which they came.
 */
sources: Array<Source>,
/**
 * Items in the whole library.
 */
total_items: number,
/**
 * Where the reading of attached files stands.
 */
reading: Reading, };

/**
 * Which source.
 */
export type SourceRequest = {
/**
 * The source.
 */
source: SourceId, };

/**
 * One stage of the imports: `read` and `prepare` (readers), `queue_full` (readers wait for the writer), `queue_empty` (the writer
 * waits for readers), `store` and `index` (the writer), `commit_store` and `commit_index` (the writer makes a batch durable).
 */
export type StageLoad = {
/**
 * Its name.
 */
name: string,
/**
 * Threads in it, over the last sampling period.
 */
threads: number, };

/**
 * Time spent in one stage of the imports; see [`StageLoad`] for their names.
 */
export type StageTime = {
/**
 * Its name.
 */
name: string,
/**
 * Seconds of all threads together.
 */
seconds: number, };

/**
 * Whether to write down what happens.
 */
export type SwitchLogRequest = {
/**
 * Whether to write it, now and at later starts.
 */
on: boolean, };

/**
 * The colour of a tag.
 */
export type TagColour = "red" | "orange" | "yellow" | "green" | "teal" | "blue" | "purple" | "pink";

/**
 * A tag.
 */
export type TagCount = {
/**
 * Its name.
 */
name: string,
/**
 * Items that have it.
 */
count: number,
/**
 * Its colour, where one was chosen.
 */
colour?: TagColour, };

/**
 * All tags.
 */
export type TagList = {
/**
 * In order of their names.
 */
tags: Array<TagCount>, };

/**
 * The account of the text of attached files; every attachment is one of them.
 */
export type Texts = {
/**
 * Attachments that were not yet looked into.
 */
waiting: number,
/**
 * Those whose text is searchable.
 */
read: number,
/**
 * Those without text that can be read, and embedded messages, whose text belongs to their item's own.
 */
nothing: number,
/**
 * Those whose text could not be read.
 */
failed: number, };

/**
 * Light or dark.
 */
export type Theme = "system" | "light" | "dark";

/**
 * A conversation as a row of a list tells it.
 */
export type Thread = {
/**
 * Its items, whether they match or not; those that say the same count once. Of very long ones the first 2,000.
 */
messages: number,
/**
 * Its senders by name, or else by address, who wrote first before the others; at most 8.
 */
people: Array<string>,
/**
 * How many senders there are in all.
 */
senders: number,
/**
 * The earliest date.
 */
first: number | null,
/**
 * The latest date.
 */
last: number | null, };

/**
 * Which change to take back.
 */
export type UndoRequest = {
/**
 * An entry of the record; the last change that was not taken back, where absent.
 */
action?: number, };

/**
 * Something that is not as it should be, in words.
 */
export type Warning = {
/**
 * What it is about.
 */
kind: WarningKind,
/**
 * The command concerned, where it is one.
 */
operation: string | null,
/**
 * A sentence.
 */
message: string,
/**
 * What can be done about it.
 */
advice: string, };

/**
 * What a [`Warning`] is about.
 */
export type WarningKind = "memory" | "slow";

/**
 * What to watch, or to watch no longer.
 */
export type WatchRequest = {
/**
 * A file, or a folder whose Outlook files are meant, at any depth.
 */
path: string,
/**
 * Whether to watch it.
 */
watched: boolean, };

/**
 * What is watched.
 */
export type Watched = {
/**
 * Files and folders.
 */
paths: Array<string>, };

/** Every command with what it takes and what it gives. */
export interface Commands {
  /** The library that is open. */
  library: { request: Empty; response: LibraryInfo };
  /** Starts importing files, and the Outlook files of folders. Returns at once; the jobs tell the rest. */
  import: { request: ImportRequest; response: ImportStarted };
  /** Starts importing the sample mailbox that Mailscope makes itself. */
  import_sample: { request: Empty; response: ImportStarted };
  /** All jobs since the service started. */
  jobs: { request: Empty; response: JobList };
  /** Stops a job; what it has committed is kept. */
  cancel: { request: JobRequest; response: Job };
  /** Lets a job wait, also over the end of the program. */
  pause: { request: JobRequest; response: Job };
  /** Lets a job that waits go on. */
  resume: { request: JobRequest; response: Job };
  /** The files that the library holds, with their folders and accounts. */
  sources: { request: Empty; response: SourceList };
  /** Forgets a source: its items leave the library, the file stays as it is. */
  remove: { request: SourceRequest; response: SourceList };
  /** Watches a file or folder, or no longer: when it changes and rests, it is taken in again. */
  watch: { request: WatchRequest; response: Watched };
  /** What is watched. */
  watched: { request: Empty; response: Watched };
  /** Writes the account of a source, with digests of its file. Reads the whole file the first time. */
  report: { request: ReportRequest; response: Saved };
  /** What could not be read of a source. */
  losses: { request: LossesRequest; response: Losses };
  /** A window of the results of a query. */
  search: { request: SearchRequest; response: SearchPage };
  /** The conversation that an item is in, as a tree. */
  conversation: { request: ConversationRequest; response: Conversation };
  /** The items that say the same as an item, with the places where they are. */
  copies: { request: CopiesRequest; response: Copies };
  /** Items whose words are like those of an item, most alike first. */
  related: { request: RelatedRequest; response: Related };
  /** Flags items, tells that they are looked through, tags them or writes a note: chosen ones, or all that match. Recorded, and undone by the number that it gives. */
  review: { request: ReviewRequest; response: ReviewDone };
  /** Takes such a change back. */
  undo_review: { request: UndoRequest; response: ReviewDone };
  /** All tags with the number of items that have them. */
  tags: { request: Empty; response: TagList };
  /** Gives a tag a colour, or none. */
  colour_tag: { request: ColourTagRequest; response: TagList };
  /** Who changed what when. */
  actions: { request: ActionsRequest; response: ActionList };
  /** The saved searches. */
  saved: { request: Empty; response: SavedList };
  /** Saves a search under a name. */
  save_search: { request: SaveSearchRequest; response: SavedList };
  /** Forgets a saved search. */
  forget_search: { request: ForgetSearchRequest; response: SavedList };
  /** What the items that match a query have in common, for charts. */
  insights: { request: InsightsRequest; response: Insights };
  /** Who wrote to whom, among the items that match a query. */
  people: { request: PeopleRequest; response: People };
  /** How long the items that match a query took to answer others. */
  replies: { request: RepliesRequest; response: ReplyTimes };
  /** What could be meant by a query that is being typed. */
  complete: { request: CompleteRequest; response: Completions };
  /** What a query consists of, or what is wrong with it. */
  query: { request: QueryRequest; response: QueryParts };
  /** The fields of the query language. */
  fields: { request: Empty; response: FieldList };
  /** Starts writing items out. Returns at once; events tell the rest. */
  export: { request: ExportRequest; response: Export };
  /** All exports since the service started. */
  exports: { request: Empty; response: ExportList };
  /** Stops an export; what was written stays. */
  cancel_export: { request: JobRequest; response: Export };
  /** One item, whole. */
  show: { request: ShowRequest; response: Item };
  /** Writes an attachment to a file. */
  save_attachment: { request: SaveAttachmentRequest; response: Saved };
  /** The last two minutes of the monitor. */
  monitor: { request: Empty; response: MonitorHistory };
  /** Everything that is measured, at this moment. */
  snapshot: { request: Empty; response: Snapshot };
  /** Forgets the answers that are kept in memory, so that each is found anew. */
  forget_answers: { request: Empty; response: Forgotten };
  /** The libraries that this person has worked with, the last one first. */
  libraries: { request: Empty; response: LibraryList };
  /** Works with the library in another folder from now on. The one before is closed once the other is open; what it was reading is gone on with when it is opened again. */
  open_library: { request: OpenLibraryRequest; response: LibraryList };
  /** Makes a library of this name where libraries are kept, and works with it from now on. */
  create_library: { request: CreateLibraryRequest; response: LibraryList };
  /** Leaves a library out of the list. Its folder stays as it is. */
  forget_library: { request: OpenLibraryRequest; response: LibraryList };
  /** The files that were imported last, into whatever library. */
  recent: { request: Empty; response: RecentFiles };
  /** How this person wants the program to work. */
  preferences: { request: Empty; response: Preferences };
  /** Changes that, and opens the library again where it concerns the library. */
  set_preferences: { request: Preferences; response: Preferences };
  /** Whether what happens is written down, and where. */
  log: { request: Empty; response: LogState };
  /** Begins or ends that, now and for later starts. What was written stays. */
  switch_log: { request: SwitchLogRequest; response: LogState };
  /** Tells what the window shows, so that its menus offer what can be done. */
  showing: { request: Showing; response: Empty };
  /** Lays a page out as on paper and writes it into a PDF file. Nothing of the page runs or is loaded. */
  save_pdf: { request: SavePdfRequest; response: Saved };
  /** Begins to drag items, or files attached to one, out of the window, while the mouse button is down. */
  drag_out: { request: DragRequest; response: Empty };
}
