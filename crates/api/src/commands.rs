//! The one list of commands, in two parts: what a library is asked, and what the desktop around it is.
//!
//! A host calls by name; [`Commands`] and [`DeskCommands`] have one function for each name, so that a service, or a desktop,
//! without one of them does not compile. What a library is asked passes [`crate::meter`], from whatever host it comes. A host without a desktop leaves the second part alone.

use crate::meter::Metered;
use crate::types::*;

/// Puts the meter between a trait of commands and the one that does their work.
macro_rules! metered {
    ($trait:ident by $handlers:ident; $( $(#[doc = $doc:literal])* $name:ident($request:ty) -> $response:ty; )*) => {
        /// The work of each command. Hosts call it through the trait of the same commands that counts and times them.
        pub trait $handlers: Send + Sync {
            $( $(#[doc = $doc])* fn $name(&self, request: $request) -> Result<$response, ApiError>; )*
        }

        impl<S: $handlers + Metered> $trait for S {
            $( fn $name(&self, request: $request) -> Result<$response, ApiError> {
                self.meter().run(stringify!($name), || $handlers::$name(self, request))
            } )*
        }
    };
}

macro_rules! commands {
    (
        $(#[doc = $trait_doc:literal])* trait $trait:ident by $handlers:ident, $($rest:tt)*
    ) => {
        commands! { $(#[doc = $trait_doc])* trait $trait, $($rest)* }
        commands! { metered $trait by $handlers, $($rest)* }
    };
    (
        metered $trait:ident by $handlers:ident, $names:ident, $call:ident, $visit:ident; $($list:tt)*
    ) => {
        metered! { $trait by $handlers; $($list)* }
    };
    (
        $(#[doc = $trait_doc:literal])* trait $trait:ident, $names:ident, $call:ident, $visit:ident;
        $( $(#[doc = $doc:literal])* $name:ident($request:ty) -> $response:ty; )*
    ) => {
        $(#[doc = $trait_doc])*
        pub trait $trait: Send + Sync {
            $( $(#[doc = $doc])* fn $name(&self, request: $request) -> Result<$response, ApiError>; )*
        }

        /// The names of these commands.
        pub const $names: &[&str] = &[$( stringify!($name) ),*];

        /// Runs the command `name` with a JSON `request`; gives the JSON of its answer.
        ///
        /// # Errors
        /// [`ErrorCode::BadRequest`] for an unknown name or a request that does not fit; otherwise what the command says.
        pub fn $call(service: &dyn $trait, name: &str, request: &str) -> Result<String, ApiError> {
            match name {
                $( stringify!($name) => {
                    let request: $request = serde_json::from_str(request).map_err(|e| bad_request(name, &e))?;
                    let answer = service.$name(request)?;
                    serde_json::to_string(&answer).map_err(|e| bad_request(name, &e))
                } )*
                _ => Err(ApiError {
                    code: ErrorCode::BadRequest,
                    message: format!("There is no command \"{name}\"."),
                    advice: String::new(),
                    detail: None,
                }),
            }
        }

        /// Visits the types of every request and response, by command.
        pub(crate) fn $visit(visitor: &mut impl CommandVisitor) {
            $( visitor.command::<$request, $response>(stringify!($name), concat!($( $doc ),*)); )*
        }
    };
}

/// Sees each command with the types that it takes and gives.
pub(crate) trait CommandVisitor {
    /// Called once for each command.
    fn command<Request: ts_rs::TS + 'static, Response: ts_rs::TS + 'static>(&mut self, name: &str, doc: &str);
}

fn bad_request(name: &str, error: &serde_json::Error) -> ApiError {
    ApiError {
        code: ErrorCode::BadRequest,
        message: format!("The request for \"{name}\" could not be understood."),
        advice: String::new(),
        detail: Some(error.to_string()),
    }
}

commands! {
    /// What a service can do. All functions block; hosts call them off their event loop.
    trait Commands by Handlers, NAMES, call, visit_types;

    /// The library that is open.
    library(Empty) -> LibraryInfo;
    /// Starts importing files, and the Outlook files of folders. Returns at once; the jobs tell the rest.
    import(ImportRequest) -> ImportStarted;
    /// Starts importing the sample mailbox that Mailscope makes itself.
    import_sample(Empty) -> ImportStarted;
    /// All jobs since the service started.
    jobs(Empty) -> JobList;
    /// Stops a job; what it has committed is kept.
    cancel(JobRequest) -> Job;
    /// Lets a job wait, also over the end of the program.
    pause(JobRequest) -> Job;
    /// Lets a job that waits go on.
    resume(JobRequest) -> Job;
    /// The files that the library holds, with their folders and accounts.
    sources(Empty) -> SourceList;
    /// Forgets a source: its items leave the library, the file stays as it is.
    remove(SourceRequest) -> SourceList;
    /// Watches a file or folder, or no longer: when it changes and rests, it is taken in again.
    watch(WatchRequest) -> Watched;
    /// What is watched.
    watched(Empty) -> Watched;
    /// Writes the account of a source, with digests of its file. Reads the whole file the first time.
    report(ReportRequest) -> Saved;
    /// What could not be read of a source.
    losses(LossesRequest) -> Losses;
    /// A window of the results of a query.
    search(SearchRequest) -> SearchPage;
    /// The conversation that an item is in, as a tree.
    conversation(ConversationRequest) -> Conversation;
    /// The items that say the same as an item, with the places where they are.
    copies(CopiesRequest) -> Copies;
    /// Items whose words are like those of an item, most alike first.
    related(RelatedRequest) -> Related;
    /// Flags items, tells that they are looked through, tags them or writes a note: chosen ones, or all that match. Recorded, and undone
    /// by the number that it gives.
    review(ReviewRequest) -> ReviewDone;
    /// Takes such a change back.
    undo_review(UndoRequest) -> ReviewDone;
    /// All tags with the number of items that have them.
    tags(Empty) -> TagList;
    /// Gives a tag a colour, or none.
    colour_tag(ColourTagRequest) -> TagList;
    /// Who changed what when.
    actions(ActionsRequest) -> ActionList;
    /// The saved searches.
    saved(Empty) -> SavedList;
    /// Saves a search under a name.
    save_search(SaveSearchRequest) -> SavedList;
    /// Forgets a saved search.
    forget_search(ForgetSearchRequest) -> SavedList;
    /// What the items that match a query have in common, for charts.
    insights(InsightsRequest) -> Insights;
    /// Who wrote to whom, among the items that match a query.
    people(PeopleRequest) -> People;
    /// How long the items that match a query took to answer others.
    replies(RepliesRequest) -> ReplyTimes;
    /// What could be meant by a query that is being typed.
    complete(CompleteRequest) -> Completions;
    /// What a query consists of, or what is wrong with it.
    query(QueryRequest) -> QueryParts;
    /// The fields of the query language.
    fields(Empty) -> FieldList;
    /// Starts writing items out. Returns at once; events tell the rest.
    export(ExportRequest) -> Export;
    /// All exports since the service started.
    exports(Empty) -> ExportList;
    /// Stops an export; what was written stays.
    cancel_export(JobRequest) -> Export;
    /// One item, whole.
    show(ShowRequest) -> Item;
    /// Writes an attachment to a file.
    save_attachment(SaveAttachmentRequest) -> Saved;
    /// The last two minutes of the monitor.
    monitor(Empty) -> MonitorHistory;
    /// Everything that is measured, at this moment.
    snapshot(Empty) -> Snapshot;
    /// Forgets the answers that are kept in memory, so that each is found anew.
    forget_answers(Empty) -> Forgotten;
}

commands! {
    /// What a host for one person at a desktop can do beside a service. All functions block.
    trait DeskCommands, DESK_NAMES, call_desk, visit_desk_types;

    /// The libraries that this person has worked with, the last one first.
    libraries(Empty) -> LibraryList;
    /// Works with the library in another folder from now on. The one before is closed once the other is open; what it was reading is
    /// gone on with when it is opened again.
    open_library(OpenLibraryRequest) -> LibraryList;
    /// Makes a library of this name where libraries are kept, and works with it from now on.
    create_library(CreateLibraryRequest) -> LibraryList;
    /// Leaves a library out of the list. Its folder stays as it is.
    forget_library(OpenLibraryRequest) -> LibraryList;
    /// The files that were imported last, into whatever library.
    recent(Empty) -> RecentFiles;
    /// How this person wants the program to work.
    preferences(Empty) -> Preferences;
    /// Changes that, and opens the library again where it concerns the library.
    set_preferences(Preferences) -> Preferences;
    /// Whether what happens is written down, and where.
    log(Empty) -> LogState;
    /// Begins or ends that, now and for later starts. What was written stays.
    switch_log(SwitchLogRequest) -> LogState;
    /// Tells what the window shows, so that its menus offer what can be done.
    showing(Showing) -> Empty;
    /// Lays a page out as on paper and writes it into a PDF file. Nothing of the page runs or is loaded.
    save_pdf(SavePdfRequest) -> Saved;
    /// Begins to drag items, or files attached to one, out of the window, while the mouse button is down.
    drag_out(DragRequest) -> Empty;
}
