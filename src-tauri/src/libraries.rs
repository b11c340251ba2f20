//! Which libraries there are: the first one of this person, those that were opened, and where new ones are made.

use crate::host::Chosen;
use crate::preferences::Kept;
use mailscope_api::{ApiError, ErrorCode, KnownLibrary, LibraryList, default_library};
use mailscope_engine::export::safe_name;
use std::path::{Path, PathBuf};

/// What tells a folder of a library from another.
const DATABASE: &str = "library.sqlite";
/// The folder that is made for a library within a folder of other things.
const WITHIN: &str = "Mailscope library";
/// The longest name of a library, in bytes.
const MAX_NAME: usize = 60;
/// What the library is called that a person begins with.
const FIRST: &str = "Main library";

/// The library that a start without any choice works with: the one of the last start.
pub fn last(kept: &Kept) -> Chosen {
    match kept.libraries.first() {
        Some(place) if place.path != default_library() => {
            Chosen { folder: place.path.clone(), may_be_made: false }
        }
        _ => Chosen { folder: default_library(), may_be_made: true },
    }
}

/// Refuses a remembered library whose folder is not there.
///
/// # Errors
/// [`ErrorCode::NotFound`].
pub fn check(chosen: &Chosen) -> Result<(), ApiError> {
    if chosen.may_be_made || chosen.folder.join(DATABASE).is_file() {
        return Ok(());
    }
    Err(ApiError {
        code: ErrorCode::NotFound,
        message: format!("The library in {} is not there.", chosen.folder.display()),
        advice: "If it is on another disk, attach that and try again. Otherwise choose another library."
            .into(),
        detail: None,
    })
}

/// What the title of the window says of a library; nothing for the first.
pub fn title(library: &Path) -> Option<String> {
    (library != default_library()).then(|| name(library))
}

fn name(library: &Path) -> String {
    if library == default_library() {
        return FIRST.to_owned();
    }
    let of = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = of(library).unwrap_or_else(|| library.display().to_string());
    match library.parent().and_then(of) {
        // The folder around it is what the person chose.
        Some(around) if name == WITHIN => around,
        _ => name,
    }
}

/// All libraries that are known, `current` among them.
pub fn list(kept: &Kept, current: &Path) -> LibraryList {
    let first = default_library();
    let mut paths: Vec<(PathBuf, Option<i64>)> =
        kept.libraries.iter().map(|place| (place.path.clone(), Some(place.at))).collect();
    for path in [current, &first] {
        if paths.iter().all(|(known, _)| known != path) {
            paths.push((path.to_owned(), None));
        }
    }
    let known = |(path, opened_at): (PathBuf, Option<i64>)| KnownLibrary {
        name: name(&path),
        current: path == current,
        first: path == first,
        available: path == first || path.join(DATABASE).is_file(),
        opened_at,
        path: path.to_string_lossy().into_owned(),
    };
    LibraryList {
        libraries: paths.into_iter().map(known).collect(),
        kept_in: kept_in().to_string_lossy().into_owned(),
    }
}

/// The folder in which libraries are made that are only given a name: beside the first one.
fn kept_in() -> PathBuf {
    let first = default_library();
    first.parent().unwrap_or(&first).join("mailscope-libraries")
}

/// The folder for the library that a person means by `folder`.
///
/// # Errors
/// When it is no folder, or cannot be read.
pub fn meant(folder: &Path) -> Result<PathBuf, ApiError> {
    let refused = |cause: std::io::Error| ApiError {
        code: if cause.kind() == std::io::ErrorKind::NotFound { ErrorCode::NotFound } else { ErrorCode::Io },
        message: format!("The folder {} cannot be used.", folder.display()),
        advice: "Choose another folder.".into(),
        detail: Some(cause.to_string()),
    };
    if folder == default_library() {
        return Ok(folder.to_owned());
    }
    let folder_is = std::path::absolute(folder).map_err(refused)?;
    let empty = std::fs::read_dir(&folder_is).map_err(refused)?.next().is_none();
    if empty || folder_is.join(DATABASE).is_file() { Ok(folder_is) } else { Ok(folder_is.join(WITHIN)) }
}

/// The folder for a new library of this name.
///
/// # Errors
/// When the name is empty, or there is one of it already.
pub fn new(name: &str) -> Result<PathBuf, ApiError> {
    let refused = |message: String, advice: &str| ApiError {
        code: ErrorCode::BadRequest,
        message,
        advice: advice.into(),
        detail: None,
    };
    if name.trim().is_empty() {
        return Err(refused("A new library needs a name.".into(), "Type one, such as that of the case."));
    }
    let folder = kept_in().join(safe_name(name.trim(), MAX_NAME));
    if folder.exists() {
        let message = format!("There is a library \"{}\" already.", name.trim());
        return Err(refused(message, "Choose another name, or open that one."));
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preferences::put_first;

    #[test]
    fn a_start_goes_on_with_the_last_library() {
        let mut kept = Kept::default();
        assert_eq!(last(&kept), Chosen { folder: default_library(), may_be_made: true });
        put_first(&mut kept.libraries, Path::new("/cases/north"));
        let north = last(&kept);
        assert_eq!(north, Chosen { folder: "/cases/north".into(), may_be_made: false });
        assert_eq!(check(&north).unwrap_err().code, ErrorCode::NotFound);
        put_first(&mut kept.libraries, &default_library());
        assert!(check(&last(&kept)).is_ok());
    }

    #[test]
    fn libraries_are_called_by_their_folders() {
        let check = |path: &Path, expected: &str| assert_eq!(name(path), expected, "{}", path.display());
        check(Path::new("/cases/north"), "north");
        check(Path::new("/cases/south/Mailscope library"), "south");
        check(&default_library(), FIRST);
        assert_eq!(title(&default_library()), None);
    }

    #[test]
    fn the_list_holds_the_first_and_the_present_one() {
        let mut kept = Kept::default();
        put_first(&mut kept.libraries, Path::new("/cases/north"));
        let listed = list(&kept, Path::new("/cases/south")).libraries;
        let names: Vec<_> = listed.iter().map(|one| (one.name.as_str(), one.current, one.first)).collect();
        assert_eq!(names, [("north", false, false), ("south", true, false), (FIRST, false, true)]);
    }

    #[test]
    fn a_library_does_not_mix_with_other_things() {
        let folder = std::env::temp_dir().join(format!("mailscope-libraries-{}", std::process::id()));
        let (empty, full, library) = (folder.join("empty"), folder.join("full"), folder.join("library"));
        for one in [&empty, &full, &library] {
            std::fs::create_dir_all(one).unwrap();
        }
        std::fs::write(full.join("letter.txt"), "x").unwrap();
        std::fs::write(library.join(DATABASE), "x").unwrap();
        assert_eq!(meant(&empty).unwrap(), empty);
        assert_eq!(meant(&full).unwrap(), full.join(WITHIN));
        assert_eq!(meant(&library).unwrap(), library);
        assert_eq!(meant(&folder.join("none")).unwrap_err().code, ErrorCode::NotFound);
        assert!(new("  ").is_err());
        assert!(new("a/b").unwrap().ends_with("mailscope-libraries/a_b"));
    }
}
