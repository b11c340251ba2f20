//! Who draws the pages: a graphics card, or the processor alone, as in most virtual machines.
//!
//! WebKitGTK puts a page together with OpenGL. Where no card does that, the processor plays one, for the whole window at each change. Then
//! pages are drawn without OpenGL, and only where they changed.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What tells the pages so, before anything of them is there: they then leave out what costs a processor much.
pub const MARK: &str = "document.documentElement.dataset.drawn = 'processor';";
/// With this in the environment as "card" or "processor", nothing is guessed.
const DRAWN_BY: &str = "MAILSCOPE_DRAWN_BY";
/// Tells WebKit to draw without OpenGL.
const WITHOUT_OPENGL: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";
/// What Mesa and WebKit are told by, to do without a card that is there.
const SOFTWARE: [&str; 3] = ["LIBGL_ALWAYS_SOFTWARE", "GALLIUM_DRIVER", WITHOUT_OPENGL];
/// What is there where a card draws without render nodes: the driver of a vendor, and the card of a host that is not Linux.
const OTHER_CARDS: [&str; 2] = ["dev/nvidiactl", "dev/dxg"];

/// Sees to it that pages are drawn without OpenGL where the processor would have to play a card: begins the program anew, in its own
/// process, with the variable that tells WebKit so. A setting of the web view comes too late: the page is begun with OpenGL by then, and
/// its process fails when the window changes its size while OpenGL is given up.
///
/// Returns where nothing is to be done.
///
/// # Errors
/// Why the program could not be begun anew; pages are then drawn with OpenGL, slowly.
pub fn settle() -> io::Result<()> {
    if std::env::var_os(WITHOUT_OPENGL).is_some() || !by_processor() {
        return Ok(());
    }
    let mut arguments = std::env::args_os();
    let mut again = Command::new(std::env::current_exe()?);
    if let Some(name) = arguments.next() {
        again.arg0(name);
    }
    Err(again.args(arguments).env(WITHOUT_OPENGL, "1").exec())
}

/// Whether the processor alone draws.
pub fn by_processor() -> bool {
    let wish = std::env::var_os(DRAWN_BY);
    match wish.as_deref().and_then(OsStr::to_str) {
        Some("processor") => true,
        Some("card") => false,
        _ => {
            SOFTWARE.iter().any(|name| asks_for_software(std::env::var_os(name).as_deref()))
                || !has_card(Path::new("/"))
        }
    }
}

fn asks_for_software(value: Option<&OsStr>) -> bool {
    matches!(value.and_then(OsStr::to_str), Some("1" | "true" | "llvmpipe" | "softpipe"))
}

/// Whether a card of the system at `root` may be used to draw with.
fn has_card(root: &Path) -> bool {
    if OTHER_CARDS.iter().any(|card| root.join(card).exists()) {
        return true;
    }
    entries(&root.join("dev/dri"), "renderD").iter().any(|node| {
        let usable = File::options().read(true).write(true).open(node).is_ok();
        let about = node.file_name().map(|name| root.join("sys/class/drm").join(name).join("device"));
        usable && !about.is_some_and(|device| is_flat(&device))
    })
}

/// Whether a virtual card has nothing to draw with, and only shows what was drawn: that of QEMU tells by the first of its features
/// (VIRTIO_GPU_F_VIRGL). The device is either the one of virtio, or that which carries it.
fn is_flat(device: &Path) -> bool {
    let carried = entries(device, "virtio");
    carried
        .iter()
        .map(PathBuf::as_path)
        .chain([device])
        .filter_map(|device| fs::read_to_string(device.join("features")).ok())
        .any(|features| features.starts_with('0'))
}

/// What lies in `folder` under names that begin so; nothing where there is no such folder.
fn entries(folder: &Path, beginning: &str) -> Vec<PathBuf> {
    let Ok(found) = fs::read_dir(folder) else { return Vec::new() };
    let fits =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(beginning));
    found.filter_map(Result::ok).map(|entry| entry.path()).filter(fits).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where its own files cannot be made")]
mod tests {
    use super::*;

    /// Makes these files (name, text) below a folder, and asks whether there is a card.
    fn check(name: &str, files: &[(&str, &str)], expected: bool) {
        let root = std::env::temp_dir().join(format!("mailscope-drawing-{}-{name}", std::process::id()));
        for (file, text) in files {
            let path = root.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let found = has_card(&root);
        // What could not be made is not there to be removed.
        let _ = fs::remove_dir_all(&root);
        assert_eq!(found, expected, "{name}");
    }

    #[test]
    fn a_card_is_one_that_draws() {
        check("nothing", &[], false);
        check("shows only", &[("dev/dri/card0", "")], false);
        check("card", &[("dev/dri/card0", ""), ("dev/dri/renderD128", "")], true);
        check("vendor", &[("dev/nvidiactl", "")], true);
        let virtual_card = |features| [("dev/dri/renderD128", ""), features];
        check("virtual", &virtual_card(("sys/class/drm/renderD128/device/features", "1100\n")), true);
        check("flat", &virtual_card(("sys/class/drm/renderD128/device/features", "0110\n")), false);
        check(
            "flat, carried",
            &virtual_card(("sys/class/drm/renderD128/device/virtio0/features", "0110\n")),
            false,
        );
        let second = ("dev/dri/renderD129", "");
        let flat = ("sys/class/drm/renderD128/device/features", "0110\n");
        check("flat, and a card", &[("dev/dri/renderD128", ""), flat, second], true);
    }

    #[test]
    fn mesa_is_asked_to_do_without() {
        let check = |value: Option<&str>, expected| {
            assert_eq!(asks_for_software(value.map(OsStr::new)), expected, "{value:?}");
        };
        check(None, false);
        check(Some(""), false);
        check(Some("0"), false);
        check(Some("1"), true);
        check(Some("llvmpipe"), true);
        check(Some("radeonsi"), false);
    }
}
