//! Packages that people install: the window, the command line beside it, and what a desktop wants to know of both.

use crate::packages;
use crate::project::Project;
use crate::shell::{Context as _, Failure, command, exists, headline, output, run, say};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the bundler and what goes into the packages lie.
const PACKAGING: &str = "src-tauri/packaging";
/// What is made by default, by system; the release makes more where more can be downloaded.
const BUNDLES: &[&str] = if cfg!(windows) {
    &["nsis", "msi"]
} else if cfg!(target_os = "macos") {
    &["app", "dmg"]
} else {
    &["deb", "rpm"]
};

/// Builds the packages of these kinds (by default those of this system) from a release build; with `--check` tries the
/// Debian package out.
///
/// # Errors
/// When something does not build, or a package is not as it must be.
pub fn package(project: &Project, arguments: &[&str]) -> Result<(), Failure> {
    let check = arguments.contains(&"--check");
    let chosen: Vec<&str> = arguments.iter().copied().filter(|argument| *argument != "--check").collect();
    if let Some(odd) = chosen.iter().find(|name| name.starts_with('-')) {
        return Err(Failure::new(format!("`cargo xtask package` knows no option {odd}")));
    }
    let bundles = if chosen.is_empty() { BUNDLES.to_vec() } else { chosen };
    let packaging = project.root.join(PACKAGING);
    headline("what packaging needs");
    packages::ensure(&project.root, packages::BUILD)?;
    packages::ensure_node(&project.root)?;
    packages::ensure_npm(&project.ui())?;
    packages::ensure_npm(&packaging)?;
    headline("the programs");
    run(&mut command(&project.ui(), "npm", ["run", "build"]))?;
    let build =
        ["build", "--release", "--locked", "--package", "mailscope-cli", "--package", "mailscope-desktop"];
    run(&mut command(&project.root, "cargo", build))?;
    headline("the packages");
    let made = bundle(project, &packaging, &bundles)?;
    for (path, size) in &made {
        say(format_args!("{} ({:.1} MB)", path.display(), *size as f64 / 1e6));
    }
    if check { try_out(project, &made) } else { Ok(()) }
}

type Made = Vec<(PathBuf, u64)>;

fn bundle(project: &Project, packaging: &Path, bundles: &[&str]) -> Result<Made, Failure> {
    let cli = project.binary("release", "mailscope")?;
    let staged = project.target()?.join("package");
    // What an earlier run staged may be of a program with other commands.
    if staged.exists() {
        fs::remove_dir_all(&staged).context(staged.display())?;
    }
    fs::create_dir_all(&staged).context(staged.display())?;
    let beside = beside(&cli, &staged)?;
    let files = if cfg!(target_os = "linux") { documents(&cli, &staged, packaging)? } else { Vec::new() };
    let config = staged.join("tauri.json");
    fs::write(&config, configuration(&beside, &files).to_string()).context(config.display())?;
    // What lies there may be of another version.
    let out = project.target()?.join("release/bundle");
    for bundle in bundles {
        let old = out.join(bundle);
        if old.exists() {
            fs::remove_dir_all(&old).context(old.display())?;
        }
    }
    let bundler = packaging.join("node_modules/@tauri-apps/cli/tauri.js");
    let mut bundling = command(&project.root, "node", [bundler]);
    bundling.args(["bundle", "--ci", "--bundles", &bundles.join(","), "--config"]).arg(&config);
    run(&mut bundling)?;
    let mut made = Made::new();
    for bundle in bundles {
        made.extend(files_in(&out.join(bundle))?.into_iter().filter(|(path, _)| {
            let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
            ["deb", "rpm", "AppImage", "exe", "msi", "dmg"].contains(&end)
        }));
    }
    if made.is_empty() {
        return Err(Failure::new(format!("the bundler left no package in {}", out.display())));
    }
    Ok(made)
}

fn files_in(folder: &Path) -> Result<Made, Failure> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(Made::new()) };
    let mut found = Made::new();
    for entry in entries {
        let entry = entry.context(folder.display())?;
        found.push((entry.path(), entry.metadata().context(entry.path().display())?.len()));
    }
    found.sort();
    Ok(found)
}

/// A copy of the command line, named as the bundler wants a program that lies beside the main one: with the target behind its
/// name, which it takes off again. Gives its path without that.
fn beside(cli: &Path, staged: &Path) -> Result<PathBuf, Failure> {
    let version = output(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or_else(|| Failure::new("rustc does not tell its host"))?;
    let name = format!("mailscope-{host}{}", std::env::consts::EXE_SUFFIX);
    fs::copy(cli, staged.join(&name)).context(cli.display())?;
    Ok(staged.join("mailscope"))
}

/// What a package of Linux holds beside the programs: where it goes, and where it is now.
type Files = Vec<(String, PathBuf)>;

/// The manual pages, completions for shells, and what the desktop reads.
fn documents(cli: &Path, staged: &Path, packaging: &Path) -> Result<Files, Failure> {
    let mut files: Files = vec![
        ("/usr/share/mime/packages/mailscope.xml".into(), packaging.join("mailscope-mime.xml")),
        (
            "/usr/share/metainfo/org.mailscope.desktop.metainfo.xml".into(),
            packaging.join("org.mailscope.desktop.metainfo.xml"),
        ),
        ("/usr/share/doc/mailscope/copyright".into(), packaging.join("copyright")),
    ];
    let manual = staged.join("man");
    run(Command::new(cli).arg("manual").arg(&manual))?;
    for (page, _) in files_in(&manual)? {
        let name = page.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.push((format!("/usr/share/man/man1/{name}"), page));
    }
    for (shell, place) in [
        ("bash", "/usr/share/bash-completion/completions/mailscope"),
        ("zsh", "/usr/share/zsh/vendor-completions/_mailscope"),
        ("fish", "/usr/share/fish/vendor_completions.d/mailscope.fish"),
    ] {
        let script = output(Command::new(cli).args(["completions", shell]))?;
        let path = staged.join(format!("completions.{shell}"));
        fs::write(&path, script).context(path.display())?;
        files.push((place.into(), path));
    }
    Ok(files)
}

/// What the bundler is told beyond `tauri.conf.json`: what was only made now.
fn configuration(beside: &Path, files: &Files) -> Value {
    let files: serde_json::Map<String, Value> =
        files.iter().map(|(place, path)| (place.clone(), json!(path))).collect();
    json!({ "bundle": {
        "externalBin": [beside],
        "linux": { "deb": { "files": files }, "rpm": { "files": files }, "appimage": { "files": {} } },
    } })
}

/// Installs the Debian package into a folder of its own, opens a file as a double click does, removes it, and looks at what the
/// desktop is told.
fn try_out(project: &Project, made: &Made) -> Result<(), Failure> {
    if !cfg!(target_os = "linux") || !exists("dpkg") {
        return Err(Failure::new("`--check` tries a Debian package out, which needs Debian or Ubuntu"));
    }
    headline("what trying it out needs");
    packages::ensure(&project.root, &[packages::WINDOW_TESTS, packages::PACKAGE_TESTS].concat())?;
    headline("what the desktop is told");
    let metainfo = format!("{PACKAGING}/org.mailscope.desktop.metainfo.xml");
    run(&mut command(&project.root, "appstreamcli", ["validate", "--no-net", "--explain", &metainfo]))?;
    headline("the package installed, started, and removed");
    let mut trial =
        command(&project.root, "xvfb-run", ["-a", "-s", "-screen 0 1360x900x24", "node", "--test"]);
    trial.args(["--test-reporter=spec", "tests/e2e/package.check.mjs"]);
    for (path, _) in made {
        let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
        if ["deb", "rpm"].contains(&end) {
            trial.env(format!("MAILSCOPE_{}", end.to_uppercase()), path);
        }
    }
    trial.env("MAILSCOPE_PROGRAMS", project.target()?.join("release")).env_remove("WAYLAND_DISPLAY");
    run(&mut trial)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundler_is_told_what_was_made() {
        let files = vec![("/usr/share/man/man1/a.1".to_owned(), PathBuf::from("/x/a.1"))];
        let told = configuration(Path::new("/x/mailscope"), &files);
        assert_eq!(told["bundle"]["externalBin"], json!(["/x/mailscope"]));
        for kind in ["deb", "rpm"] {
            assert_eq!(told["bundle"]["linux"][kind]["files"]["/usr/share/man/man1/a.1"], "/x/a.1", "{kind}");
        }
    }

    #[test]
    fn files_of_a_folder_are_listed_in_order() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b"), "12").unwrap();
        fs::write(folder.path().join("a"), "1").unwrap();
        let found = files_in(folder.path()).unwrap();
        assert_eq!(found.iter().map(|(_, size)| *size).collect::<Vec<_>>(), [1, 2]);
        assert!(files_in(&folder.path().join("none")).unwrap().is_empty());
    }
}
