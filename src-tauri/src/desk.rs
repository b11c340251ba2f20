//! What the pages ask of the desktop around a library: other libraries, recent files, wishes, menus, dragging out.

use crate::host::Host;
use crate::log::Logging;
use crate::{drag_out, libraries, menu, pdf};
use mailscope_api::{
    ApiError, CreateLibraryRequest, DeskCommands, DragRequest, Empty, LibraryList, LogState,
    OpenLibraryRequest, Preferences, RecentFile, RecentFiles, SavePdfRequest, Saved, Showing,
    SwitchLogRequest,
};
use std::path::{Path, PathBuf};
use tauri::async_runtime::block_on;
use tauri::{AppHandle, Manager as _, State};

/// The least and the most memory that can be wished for, in MB.
const MEMORY_MB: std::ops::RangeInclusive<u32> = 64..=65_536;
/// The most workers that can be wished for.
const MAX_THREADS: u32 = 256;

/// The desktop of one application. Its commands block: they are run off the event loop.
pub struct Desk {
    app: AppHandle,
}

impl Desk {
    /// The desktop of `app`.
    pub fn new(app: AppHandle) -> Self {
        Self { app }
    }

    fn host(&self) -> State<'_, Host> {
        self.app.state::<Host>()
    }

    fn list(&self) -> LibraryList {
        let host = self.host();
        libraries::list(&host.memory.kept(), &block_on(host.library()))
    }

    fn change(&self, folder: PathBuf) -> Result<LibraryList, ApiError> {
        block_on(self.host().change(&self.app, folder))?;
        Ok(self.list())
    }
}

impl DeskCommands for Desk {
    fn libraries(&self, _: Empty) -> Result<LibraryList, ApiError> {
        Ok(self.list())
    }

    fn open_library(&self, request: OpenLibraryRequest) -> Result<LibraryList, ApiError> {
        self.change(libraries::meant(Path::new(&request.path))?)
    }

    fn create_library(&self, request: CreateLibraryRequest) -> Result<LibraryList, ApiError> {
        self.change(libraries::new(&request.name)?)
    }

    fn forget_library(&self, request: OpenLibraryRequest) -> Result<LibraryList, ApiError> {
        let path = PathBuf::from(request.path);
        self.host().memory.change(|kept| kept.libraries.retain(|known| known.path != path));
        Ok(self.list())
    }

    fn recent(&self, _: Empty) -> Result<RecentFiles, ApiError> {
        let recent = self.host().memory.kept().recent;
        let file = |place: crate::preferences::Place| RecentFile {
            name: place.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            path: place.path.to_string_lossy().into_owned(),
            at: place.at,
        };
        Ok(RecentFiles { files: recent.into_iter().filter(|place| place.path.is_file()).map(file).collect() })
    }

    fn preferences(&self, _: Empty) -> Result<Preferences, ApiError> {
        Ok(self.host().memory.kept().wishes.unwrap_or_default())
    }

    fn set_preferences(&self, request: Preferences) -> Result<Preferences, ApiError> {
        let wishes = Preferences {
            memory_mb: request.memory_mb.map(|mb| mb.clamp(*MEMORY_MB.start(), *MEMORY_MB.end())),
            threads: request.threads.map(|threads| threads.clamp(1, MAX_THREADS)),
            notify: request.notify,
        };
        let host = self.host();
        let before = host.memory.kept().wishes.unwrap_or_default();
        host.memory.change(|kept| kept.wishes = Some(wishes));
        if (before.memory_mb, before.threads) != (wishes.memory_mb, wishes.threads) {
            block_on(host.reopen(&self.app))?;
        }
        Ok(wishes)
    }

    fn log(&self, _: Empty) -> Result<LogState, ApiError> {
        Ok(self.app.state::<Logging>().state())
    }

    fn switch_log(&self, request: SwitchLogRequest) -> Result<LogState, ApiError> {
        self.app.state::<Logging>().switch(request.on, &self.host().memory)
    }

    fn showing(&self, request: Showing) -> Result<Empty, ApiError> {
        menu::offer(&self.app, request);
        menu::dress(&self.app, request.theme);
        Ok(Empty {})
    }

    fn save_pdf(&self, request: SavePdfRequest) -> Result<Saved, ApiError> {
        let service = block_on(self.host().opened(&self.app))?;
        pdf::save(&self.app, &service, request)
    }

    fn drag_out(&self, request: DragRequest) -> Result<Empty, ApiError> {
        let service = block_on(self.host().opened(&self.app))?;
        drag_out::begin(&self.app, &service, &request.files)?;
        Ok(Empty {})
    }
}
