//! The service: one open library behind the list of commands, and its events.

pub(crate) mod asked;
mod watch;

use crate::answers;
use crate::commands::{self, Handlers};
use crate::convert;
use crate::errors::to_api;
use crate::measures;
use crate::meter::{Meter, Metered};
use crate::types::*;
use mailscope_engine as engine;
use mailscope_engine::contents::Reading;
use mailscope_engine::export::Which;
use mailscope_engine::search::{Fold as EngineFold, Request, Sort as EngineSort};
use mailscope_engine::{Library, LibraryOptions};
use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::sync::broadcast;

/// Events that a slow listener may fall behind by.
const EVENT_BACKLOG: usize = 256;
/// The most rows of one search.
const MAX_LIMIT: u32 = 500;
/// With this in the environment as "off", no answers are kept in memory.
const CACHE: &str = "MAILSCOPE_CACHE";
/// The rows of items like another, unless told otherwise.
const RELATED: u32 = 20;
/// The entries of the record, unless told otherwise.
const ACTIONS: u32 = 100;

/// How a service is opened.
#[derive(Debug, Clone)]
pub struct ServiceOptions {
    /// Folder of the library; made if absent.
    pub library: PathBuf,
    /// Budget of the whole process, in bytes.
    pub memory_budget: u64,
    /// Workers; 0 for one per core.
    pub threads: usize,
    /// Whether the text of attached files is read, by the running program as a child: its `main` must begin with
    /// [`crate::serve_if_asked`].
    pub attachments: bool,
    /// How long to wait for another process that has the library open.
    pub patience: std::time::Duration,
    /// Whether the library is opened to be read alone where another process has it open.
    pub beside: bool,
    /// Whether the library is opened to be read alone where nothing may be written to it.
    pub read_only: bool,
    /// Whether answers are kept in memory while nothing changes, and what is likely asked next is found before it is asked; unless
    /// `MAILSCOPE_CACHE` is "off". For hosts that stay open.
    pub cache: bool,
}

impl Default for ServiceOptions {
    fn default() -> Self {
        Self {
            library: default_library(),
            memory_budget: engine::DEFAULT_MEMORY,
            threads: 0,
            attachments: false,
            patience: std::time::Duration::ZERO,
            beside: false,
            read_only: false,
            cache: std::env::var_os(CACHE).is_none_or(|value| value != "off"),
        }
    }
}

/// The folder that holds the library unless told otherwise: "mailscope" in the platform's place for data.
pub fn default_library() -> PathBuf {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || variable("HOME").or_else(|| variable("USERPROFILE"));
    let data = if cfg!(windows) {
        variable("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library/Application Support"))
    } else {
        variable("XDG_DATA_HOME").or_else(|| home().map(|home| home.join(".local/share")))
    };
    data.unwrap_or_else(std::env::temp_dir).join("mailscope")
}

/// An open library with its commands and events. Must be opened within a tokio runtime.
pub struct Service {
    library: Library,
    events: broadcast::Sender<Event>,
    /// Exports whose end was told.
    told: Mutex<HashSet<i64>>,
    meter: Meter,
    /// Whether answers are kept, and found before they are asked.
    keeps: bool,
    warming: Mutex<watch::Warming>,
    /// What was given last: what lies behind it is made ready.
    shown: tokio::sync::watch::Sender<watch::Given>,
    /// Warnings that stand, as they were last logged.
    warned: Mutex<BTreeSet<String>>,
}

impl Metered for Service {
    fn meter(&self) -> &Meter {
        &self.meter
    }
}

impl Service {
    /// Opens the library and starts its monitor.
    ///
    /// # Errors
    /// [`ErrorCode::LibraryInUse`], [`ErrorCode::LibraryUnusable`], [`ErrorCode::NoSpace`], [`ErrorCode::Io`].
    pub fn open(options: ServiceOptions) -> Result<Arc<Self>, ApiError> {
        let (events, _) = broadcast::channel(EVENT_BACKLOG);
        let (notices, heard) = tokio::sync::mpsc::unbounded_channel();
        let library = Library::open(LibraryOptions {
            memory: options.memory_budget,
            threads: options.threads,
            cache: options.cache,
            beside: options.beside,
            read_only: options.read_only,
            patience: options.patience,
            attachments: options.attachments.then(Reading::by_this_program).and_then(Result::ok),
            notify: Box::new(move |notice| {
                let _ = notices.send(notice);
            }),
            ..LibraryOptions::new(options.library)
        })
        .map_err(|error| to_api(&error))?;
        let (shown, behind) = tokio::sync::watch::channel(watch::Given::default());
        let service = Arc::new(Self {
            shown,
            library,
            events,
            told: Mutex::default(),
            meter: Meter::default(),
            keeps: options.cache,
            warming: Mutex::default(),
            warned: Mutex::default(),
        });
        tokio::spawn(watch::watch(Arc::downgrade(&service), heard));
        tokio::spawn(watch::read_ahead(Arc::downgrade(&service), behind));
        Ok(service)
    }

    /// See [`default_library`].
    pub fn default_library() -> PathBuf {
        default_library()
    }

    /// The library itself, for hosts in the same process.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// Whether another process has the library open, and this one reads alone.
    pub fn is_beside(&self) -> bool {
        self.library.access() == engine::Access::Beside
    }

    /// How the process does that has the library open; `None` where it does not say within `patience`.
    pub fn ask_beside(&self, patience: std::time::Duration) -> Option<Snapshot> {
        asked::ask(self.library.folder(), patience)
    }

    /// Goes on with the imports that an earlier start did not end, and with watching. For hosts that stay open.
    ///
    /// # Errors
    /// When the library cannot be read.
    pub fn resume_unfinished(&self) -> Result<Vec<JobId>, ApiError> {
        let jobs = self.library.resume_unfinished().map_err(|error| to_api(&error))?;
        self.library.resume_watching().map_err(|error| to_api(&error))?;
        Ok(jobs.into_iter().map(|job| JobId(job.0)).collect())
    }

    /// Runs a command off the event loop: its `name` and JSON `request` in, JSON out.
    ///
    /// # Errors
    /// What the command says; [`ErrorCode::BadRequest`].
    pub async fn call(self: Arc<Self>, name: String, request: String) -> Result<String, ApiError> {
        let work = tokio::task::spawn_blocking(move || commands::call(self.as_ref(), &name, &request));
        work.await.unwrap_or_else(|error| {
            Err(ApiError {
                code: ErrorCode::Internal,
                message: "Something went wrong inside Mailscope.".into(),
                advice: "Try again. Your files are untouched.".into(),
                detail: Some(error.to_string()),
            })
        })
    }

    /// Events from now on. A listener that falls behind loses the oldest; each event stands for itself.
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// Stops jobs at a clean point and closes the library.
    pub fn shutdown(&self) {
        self.library.close();
    }

    fn import_paths(&self, paths: &[PathBuf]) -> ImportStarted {
        let mut started = ImportStarted { jobs: Vec::new(), refused: Vec::new() };
        for (path, result) in self.library.import(paths) {
            match result {
                Ok(id) => started.jobs.push(JobId(id.0)),
                Err(error) => {
                    let path = path.to_string_lossy().into_owned();
                    started.refused.push(Refused { path, error: to_api(&error) });
                }
            }
        }
        started
    }

    fn send(&self, event: Event) {
        // No listener is no fault.
        let _ = self.events.send(event);
    }
}

/// The items that a request means.
fn which(
    ids: Option<Vec<ItemId>>,
    question: engine::search::Question,
    except: Vec<ItemId>,
    once: bool,
) -> Which {
    let engine = |ids: Vec<ItemId>| ids.into_iter().map(|id| engine::ItemId(id.0)).collect();
    match ids {
        Some(ids) => Which::Ids(engine(ids)),
        None if once => Which::Once(question, engine(except)),
        None if except.is_empty() => Which::Query(question),
        None => Which::Rest(question, engine(except)),
    }
}

impl Handlers for Service {
    fn library(&self, _: Empty) -> Result<LibraryInfo, ApiError> {
        let answer = || -> engine::Result<LibraryInfo> {
            Ok(LibraryInfo {
                path: self.library.folder().to_string_lossy().into_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                read_only: self.library.access() == engine::Access::ReadOnly,
                index_behind: self.library.is_index_behind()?,
                total_items: self.library.total_items()?,
                sources: self.library.sources()?.len() as u64,
                generation: self.library.generation(),
            })
        };
        answer().map_err(|error| to_api(&error))
    }

    fn import(&self, request: ImportRequest) -> Result<ImportStarted, ApiError> {
        let paths: Vec<PathBuf> = request.paths.into_iter().map(PathBuf::from).collect();
        Ok(self.import_paths(&paths))
    }

    fn import_sample(&self, _: Empty) -> Result<ImportStarted, ApiError> {
        let folder = self.library.folder().join("sample");
        let path = folder.join("Sample mailbox.pst");
        let made = || -> engine::Result<()> {
            let io = |cause| engine::Error::io("writing", &path, cause);
            std::fs::create_dir_all(&folder).map_err(io)?;
            engine::source::pst::write_sample(&path).map_err(io)
        };
        if !path.exists() {
            made().map_err(|error| to_api(&error))?;
        }
        Ok(self.import_paths(&[path]))
    }

    fn jobs(&self, _: Empty) -> Result<JobList, ApiError> {
        Ok(JobList { jobs: self.library.jobs().iter().map(convert::job).collect() })
    }

    fn cancel(&self, request: JobRequest) -> Result<Job, ApiError> {
        let view = self.library.cancel(engine::JobId(request.job.0)).map_err(|error| to_api(&error))?;
        Ok(convert::job(&view))
    }

    fn pause(&self, request: JobRequest) -> Result<Job, ApiError> {
        let view = self.library.pause(engine::JobId(request.job.0)).map_err(|error| to_api(&error))?;
        Ok(convert::job(&view))
    }

    fn resume(&self, request: JobRequest) -> Result<Job, ApiError> {
        let view = self.library.resume(engine::JobId(request.job.0)).map_err(|error| to_api(&error))?;
        Ok(convert::job(&view))
    }

    fn sources(&self, _: Empty) -> Result<SourceList, ApiError> {
        convert::sources(&self.library).map_err(|error| to_api(&error))
    }

    fn remove(&self, request: SourceRequest) -> Result<SourceList, ApiError> {
        self.library.remove(engine::SourceId(request.source.0)).map_err(|error| to_api(&error))?;
        self.sources(Empty {})
    }

    fn watch(&self, request: WatchRequest) -> Result<Watched, ApiError> {
        let path = PathBuf::from(&request.path);
        self.library.watch(&path, request.watched).map_err(|error| to_api(&error))?;
        self.watched(Empty {})
    }

    fn watched(&self, _: Empty) -> Result<Watched, ApiError> {
        let paths = self.library.watched().map_err(|error| to_api(&error))?;
        Ok(Watched { paths: paths.iter().map(|path| path.to_string_lossy().into_owned()).collect() })
    }

    fn report(&self, request: ReportRequest) -> Result<Saved, ApiError> {
        let to = PathBuf::from(&request.to);
        let source = engine::SourceId(request.source.0);
        self.library.write_report(source, &to, &|_, _| {}).map_err(|error| to_api(&error))?;
        let bytes = std::fs::metadata(&to).map_or(0, |facts| facts.len());
        Ok(Saved { path: request.to, bytes })
    }

    fn losses(&self, request: LossesRequest) -> Result<Losses, ApiError> {
        let source = engine::SourceId(request.source.0);
        let rows = self.library.losses(source).map_err(|error| to_api(&error))?;
        let unread = self.library.unread_attachments(source).map_err(|error| to_api(&error))?;
        let loss = |row: engine::LossRow| Loss {
            folder: row.folder,
            node: row.key.map(|key| format!("0x{key:x}")),
            reason: row.reason,
            item: row.item.map(|item| LossItem {
                id: ItemId(item.id.0),
                subject: item.subject,
                from: item.from,
                date: item.date,
            }),
        };
        Ok(Losses {
            failures: rows.0.into_iter().map(loss).collect(),
            anomalies: rows.1.into_iter().map(loss).collect(),
            attachments: unread.into_iter().map(loss).collect(),
        })
    }

    fn search(&self, request: SearchRequest) -> Result<SearchPage, ApiError> {
        let started = Instant::now();
        let generation = self.library.generation();
        let request = Request {
            query: request.query,
            source: request.source.map(|id| engine::SourceId(id.0)),
            folder: request.folder.map(|id| engine::FolderId(id.0)),
            sort: match request.sort {
                Sort::Newest => EngineSort::Newest,
                Sort::Oldest => EngineSort::Oldest,
                Sort::Relevance => EngineSort::Relevance,
                Sort::Size => EngineSort::Size,
                Sort::Sender => EngineSort::Sender,
            },
            offset: request.offset as usize,
            limit: request.limit.min(MAX_LIMIT) as usize,
            as_you_type: request.as_you_type,
            zone: convert::zone(request.zone.as_deref())?,
            after: request.after,
            facets: request.facets,
            fold: match request.fold {
                Fold::Nothing => EngineFold::Nothing,
                Fold::Duplicates => EngineFold::Duplicates,
                Fold::Conversations => EngineFold::Conversations,
            },
        };
        let page = self.library.search(&request).map_err(|error| to_api(&error))?;
        let _ = self.shown.send(watch::Given::Page(request, page.total));
        Ok(SearchPage {
            total: page.total,
            hits: page.hits.into_iter().map(convert::hit).collect(),
            took_ms: started.elapsed().as_secs_f64() * 1000.0,
            generation,
            next: page.next,
            facets: page.facets.map(answers::facets),
        })
    }

    fn conversation(&self, request: ConversationRequest) -> Result<Conversation, ApiError> {
        let ConversationRequest { id, query, source, folder, as_you_type, zone } = request;
        let question = query
            .map(|query| convert::question(query, source, folder, as_you_type, zone.as_deref()))
            .transpose()?;
        let found = self.library.conversation_about(engine::ItemId(id.0), question.as_ref());
        found.map(convert::conversation).map_err(|error| to_api(&error))
    }

    fn copies(&self, request: CopiesRequest) -> Result<Copies, ApiError> {
        let (total, hits) =
            self.library.copies(engine::ItemId(request.id.0)).map_err(|error| to_api(&error))?;
        Ok(Copies { total, hits: hits.into_iter().map(convert::hit).collect() })
    }

    fn related(&self, request: RelatedRequest) -> Result<Related, ApiError> {
        let started = Instant::now();
        let limit = request.limit.unwrap_or(RELATED).clamp(1, MAX_LIMIT) as usize;
        let found =
            self.library.related(engine::ItemId(request.id.0), limit).map_err(|error| to_api(&error))?;
        Ok(Related {
            total: found.total,
            hits: found.hits.into_iter().map(convert::hit).collect(),
            took_ms: started.elapsed().as_secs_f64() * 1000.0,
        })
    }

    fn review(&self, request: ReviewRequest) -> Result<ReviewDone, ApiError> {
        let ReviewRequest { change, ids, query, source, folder, as_you_type, zone, except, once } = request;
        let question = convert::question(query, source, folder, as_you_type, zone.as_deref())?;
        let which = which(ids, question, except, once);
        let done = self.library.review(&which, convert::change(change));
        done.map(convert::done).map_err(|error| to_api(&error))
    }

    fn undo_review(&self, request: UndoRequest) -> Result<ReviewDone, ApiError> {
        self.library.undo_review(request.action).map(convert::done).map_err(|error| to_api(&error))
    }

    fn tags(&self, _: Empty) -> Result<TagList, ApiError> {
        let tags = self.library.tags().map_err(|error| to_api(&error))?;
        Ok(TagList { tags: tags.into_iter().map(convert::tag).collect() })
    }

    fn colour_tag(&self, request: ColourTagRequest) -> Result<TagList, ApiError> {
        let colour = request.colour.map(convert::colour);
        self.library.colour_tag(&request.name, colour).map_err(|error| to_api(&error))?;
        self.tags(Empty {})
    }

    fn actions(&self, request: ActionsRequest) -> Result<ActionList, ApiError> {
        let limit = request.limit.unwrap_or(ACTIONS);
        let actions = self.library.actions(request.before, limit).map_err(|error| to_api(&error))?;
        Ok(ActionList { actions: actions.into_iter().map(convert::action).collect() })
    }

    fn saved(&self, _: Empty) -> Result<SavedList, ApiError> {
        self.library.saved_searches().map(convert::saved).map_err(|error| to_api(&error))
    }

    fn save_search(&self, request: SaveSearchRequest) -> Result<SavedList, ApiError> {
        self.library.save_search(&request.name, &request.query).map_err(|error| to_api(&error))?;
        self.saved(Empty {})
    }

    fn forget_search(&self, request: ForgetSearchRequest) -> Result<SavedList, ApiError> {
        self.library.forget_search(&request.name).map_err(|error| to_api(&error))?;
        self.saved(Empty {})
    }

    fn insights(&self, request: InsightsRequest) -> Result<Insights, ApiError> {
        let started = Instant::now();
        let generation = self.library.generation();
        let InsightsRequest { query, source, folder, as_you_type, zone, top } = request;
        let question = convert::question(query, source, folder, as_you_type, zone.as_deref())?;
        let asked = engine::insights::Request { question, top: top as usize };
        let found = self.library.insights(&asked).map_err(|error| to_api(&error))?;
        Ok(answers::insights(found, started.elapsed(), generation))
    }

    fn people(&self, request: PeopleRequest) -> Result<People, ApiError> {
        let started = Instant::now();
        let generation = self.library.generation();
        let PeopleRequest { query, source, folder, as_you_type, zone, limit } = request;
        let question = convert::question(query, source, folder, as_you_type, zone.as_deref())?;
        let graph = self.library.people(&question, limit as usize).map_err(|error| to_api(&error))?;
        Ok(answers::people(graph, started.elapsed(), generation))
    }

    fn replies(&self, request: RepliesRequest) -> Result<ReplyTimes, ApiError> {
        let started = Instant::now();
        let generation = self.library.generation();
        let RepliesRequest { query, source, folder, as_you_type, zone, top } = request;
        let question = convert::question(query, source, folder, as_you_type, zone.as_deref())?;
        let found = self.library.replies(&question, top as usize).map_err(|error| to_api(&error))?;
        Ok(answers::replies(found, started.elapsed(), generation))
    }

    fn complete(&self, request: CompleteRequest) -> Result<Completions, ApiError> {
        let started = Instant::now();
        let caret =
            request.caret.map_or(request.query.len(), |units| answers::byte_at(&request.query, units));
        let limit = request.limit.unwrap_or(12).clamp(1, 50) as usize;
        let zone = convert::zone(request.zone.as_deref())?;
        let (replaces, found) =
            self.library.complete(&request.query, caret, limit, &zone).map_err(|error| to_api(&error))?;
        Ok(answers::completions(&request.query, replaces, found, started.elapsed()))
    }

    fn query(&self, request: QueryRequest) -> Result<QueryParts, ApiError> {
        Ok(answers::query_parts(&request.query))
    }

    fn fields(&self, _: Empty) -> Result<FieldList, ApiError> {
        Ok(answers::fields())
    }

    fn export(&self, request: ExportRequest) -> Result<Export, ApiError> {
        let to = PathBuf::from(&request.to);
        let ExportRequest { query, source, folder, ids, once, as_you_type, zone, except, format, .. } =
            request;
        let question = convert::question(query, source, folder, as_you_type, zone.as_deref())?;
        let which = which(ids, question, except, once);
        let asked = engine::export::ExportRequest { which, format: answers::format_of(format), to };
        let view = self.library.export(asked).map_err(|error| to_api(&error))?;
        Ok(answers::export(&view))
    }

    fn exports(&self, _: Empty) -> Result<ExportList, ApiError> {
        Ok(ExportList { exports: self.library.exports().iter().map(answers::export).collect() })
    }

    fn cancel_export(&self, request: JobRequest) -> Result<Export, ApiError> {
        let view =
            self.library.cancel_export(engine::JobId(request.job.0)).map_err(|error| to_api(&error))?;
        Ok(answers::export(&view))
    }

    fn show(&self, request: ShowRequest) -> Result<Item, ApiError> {
        let id = engine::ItemId(request.id.0);
        let shown =
            self.library.show(id, &request.path, request.query.as_deref()).map_err(|error| to_api(&error))?;
        // Refused only when nobody listens any more.
        let _ = self.shown.send(watch::Given::Item(id));
        Ok(convert::item(shown, request.path.len()))
    }

    fn save_attachment(&self, request: SaveAttachmentRequest) -> Result<Saved, ApiError> {
        let to = PathBuf::from(&request.to);
        let id = engine::ItemId(request.id.0);
        let bytes = self.library.save_attachment(id, &request.path, &to).map_err(|error| to_api(&error))?;
        Ok(Saved { path: request.to, bytes })
    }

    fn monitor(&self, _: Empty) -> Result<MonitorHistory, ApiError> {
        let samples =
            self.library.samples().iter().map(|sample| convert::sample(sample, &self.library)).collect();
        Ok(MonitorHistory { samples })
    }

    fn snapshot(&self, _: Empty) -> Result<Snapshot, ApiError> {
        let running = self.library.jobs().iter().filter(|job| !job.state.is_final()).count();
        let now = self.sample(running);
        measures::snapshot(&self.library, &self.meter, now).map_err(|error| to_api(&error))
    }

    fn forget_answers(&self, _: Empty) -> Result<Forgotten, ApiError> {
        let (answers, bytes) = self.library.forget_answers();
        Ok(Forgotten { answers, bytes })
    }
}
