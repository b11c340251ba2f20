//! The system packages that Mailscope and its tests need.

use crate::shell::{Context as _, Failure, command, exists, output, run, say};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// What building the window needs on Debian and Ubuntu.
pub const BUILD: &[&str] = &["build-essential", "pkg-config", "libssl-dev", "libwebkit2gtk-4.1-dev"];

/// What the tests in a real window need beside [`BUILD`].
pub const WINDOW_TESTS: &[&str] = &[
    "xvfb",
    "xauth",
    "webkit2gtk-driver",
    "xdotool",
    "dbus",
    "dbus-x11",
    "python3-gi",
    "gir1.2-gtk-3.0",
    "fonts-dejavu-core",
    "poppler-utils",
];

/// What trying a package out needs beside [`WINDOW_TESTS`].
pub const PACKAGE_TESTS: &[&str] =
    &["appstream", "desktop-file-utils", "libglib2.0-bin", "rpm", "shared-mime-info", "xdg-utils"];

/// The tools that Mailscope is compared with.
pub const COMPARISON: &[&str] = &["pst-utils", "pff-tools"];

/// What else a person would search their mail with, for the comparison of imports.
pub const SEARCHING: &[&str] = &["notmuch"];

/// The ways of other systems: the program that tells which, and what to type there.
const ELSEWHERE: &[(&str, &str)] = &[
    ("dnf", "sudo dnf install gcc gcc-c++ make pkgconf-pkg-config openssl-devel webkit2gtk4.1-devel"),
    ("pacman", "sudo pacman -S --needed base-devel pkgconf openssl webkit2gtk-4.1"),
    (
        "zypper",
        "sudo zypper install -t pattern devel_basis && sudo zypper install pkgconf libopenssl-devel webkit2gtk3-devel",
    ),
    ("brew", "xcode-select --install"),
    ("winget", "winget install Microsoft.VisualStudio.2022.BuildTools Microsoft.EdgeWebView2Runtime"),
];

/// The oldest Node.js that builds the user interface.
const NODE: (u32, u32) = (20, 19);

/// Installs those of `wanted` that are missing where apt can; elsewhere says what to install, and goes on.
///
/// # Errors
/// When apt fails. With everything installed nothing is fetched, so no network is needed.
pub fn ensure(root: &Path, wanted: &[&str]) -> Result<(), Failure> {
    if !exists("apt-get") || !exists("dpkg-query") {
        if let Some((_, advice)) = ELSEWHERE.iter().find(|(program, _)| exists(program)) {
            say(format_args!("Mailscope needs some system packages. If the build misses one: {advice}"));
        }
        return Ok(());
    }
    let missing = missing(root, wanted);
    if missing.is_empty() {
        say(format_args!("system packages: all {} are installed", wanted.len()));
        return Ok(());
    }
    say(format_args!("system packages to install: {}", missing.join(" ")));
    // Fails offline or with a broken third-party list; the install then still works from what apt knows.
    if let Err(failure) = run(&mut apt(root, &["update", "-q"])?) {
        say(format_args!("{failure}; going on with the package lists that are here"));
    }
    // With what these recommend: the web view renders and plays through packages that it only recommends.
    let install = ["install", "-y", "-q"];
    run(&mut apt(root, &[&install[..], &missing].concat())?)
        .context(format_args!("install these packages by hand: {}", missing.join(" ")))
}

fn apt(root: &Path, arguments: &[&str]) -> Result<std::process::Command, Failure> {
    const WAIT: &str = "DPkg::Lock::Timeout=300";
    let is_root = output(&mut command(root, "id", ["-u"]))?.trim() == "0";
    let mut apt = if is_root {
        command(root, "apt-get", ["-o", WAIT])
    } else {
        command(root, "sudo", ["DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", WAIT])
    };
    apt.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    Ok(apt)
}

fn missing<'a>(root: &Path, wanted: &[&'a str]) -> Vec<&'a str> {
    let query = ["--show", "--showformat=${Package} ${db:Status-Status}\\n"];
    // It ends without success when it does not know a name, so only what it prints counts.
    let known = command(root, "dpkg-query", query).args(wanted).output();
    let known = known.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    not_installed(&known, wanted)
}

/// Those of `wanted` that the listing `known` ("name status" a line) does not call installed.
fn not_installed<'a>(known: &str, wanted: &[&'a str]) -> Vec<&'a str> {
    let installed: Vec<&str> = known.lines().filter_map(|line| line.strip_suffix(" installed")).collect();
    wanted.iter().copied().filter(|name| !installed.contains(name)).collect()
}

/// Checks that Node.js is there and new enough.
///
/// # Errors
/// What to install.
pub fn ensure_node(root: &Path) -> Result<(), Failure> {
    let advice = format!(
        "Mailscope's user interface needs Node.js {}.{} or newer with npm: https://nodejs.org",
        NODE.0, NODE.1
    );
    let version = output(&mut command(root, "node", ["--version"])).context(&advice)?;
    match parse_version(&version) {
        Some(found) if found >= NODE => Ok(()),
        _ => Err(Failure::new(format!("{advice} (found {})", version.trim()))),
    }
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Installs the packages of the user interface exactly as locked, unless they are.
///
/// # Errors
/// When npm fails.
pub fn ensure_npm(ui: &Path) -> Result<(), Failure> {
    let read = |name: &str| -> Result<Value, Failure> {
        let text = fs::read_to_string(ui.join(name)).context(name)?;
        serde_json::from_str(&text).context(name)
    };
    let lock = read("package-lock.json")?;
    // npm's own record of what it installed. Without one nothing, or something else, is there.
    if read("node_modules/.package-lock.json").is_ok_and(|installed| is_as_locked(&lock, &installed)) {
        say("npm packages: installed as locked");
        return Ok(());
    }
    run(&mut command(ui, "npm", ["ci", "--prefer-offline", "--no-audit", "--no-fund"]))
}

/// Whether npm's record `installed` holds exactly the packages of `lock`, save for those that only other systems need.
fn is_as_locked(lock: &Value, installed: &Value) -> bool {
    let (Some(lock), Some(installed)) = (lock["packages"].as_object(), installed["packages"].as_object())
    else {
        return false;
    };
    let same = |a: &Value, b: &Value| a["version"] == b["version"] && a["integrity"] == b["integrity"];
    let wanted = || lock.iter().filter(|(path, _)| !path.is_empty());
    wanted().all(|(path, entry)| match installed.get(path) {
        Some(found) => same(entry, found),
        None => entry["optional"] == true,
    }) && installed.keys().all(|path| lock.contains_key(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn missing_packages_are_found() {
        let check =
            |known, wanted: &[&str], expected: &[&str]| assert_eq!(not_installed(known, wanted), expected);
        check("", &["a"], &["a"]);
        check("a installed\n", &["a"], &[]);
        check("a installed\nb config-files\n", &["a", "b", "c"], &["b", "c"]);
        check("ab installed\n", &["b"], &["b"]);
        check("a not-installed\n", &["a"], &["a"]);
    }

    #[test]
    fn installed_npm_packages_are_compared() {
        let check = |lock: Value, installed: Value, expected| {
            let (lock, installed) = (json!({ "packages": lock }), json!({ "packages": installed }));
            assert_eq!(is_as_locked(&lock, &installed), expected, "{lock} {installed}");
        };
        let one = json!({ "version": "1", "integrity": "x" });
        check(json!({ "": {}, "a": one }), json!({ "a": one }), true);
        check(json!({ "": {}, "a": one }), json!({}), false);
        check(json!({ "": {}, "a": one }), json!({ "a": { "version": "2", "integrity": "x" } }), false);
        check(json!({ "": {}, "a": one }), json!({ "a": { "version": "1", "integrity": "y" } }), false);
        check(json!({ "": {} }), json!({ "a": one }), false);
        check(json!({ "": {}, "a": { "version": "1", "optional": true } }), json!({}), true);
        assert!(!is_as_locked(&json!({}), &json!({})));
    }

    #[test]
    fn versions_are_read() {
        let check = |text, expected| assert_eq!(parse_version(text), expected, "{text}");
        check("v20.19.1\n", Some((20, 19)));
        check("v22.0.0", Some((22, 0)));
        check("20.1", None);
        check("v20", None);
        assert!((22, 0) >= NODE);
        assert!((20, 2) < NODE);
    }
}
