//! The borders within the user interface: `shared` knows no feature, a feature knows no other feature, and only `ipc`
//! knows the shell.

use super::Finding;

const SOURCES: &str = "ui/src/";
const SHELL: &str = "@tauri-apps/";

/// Checks what a source of the user interface imports; other files are passed over.
pub fn check(path: &str, source: &str) -> Vec<Finding> {
    let Some(own) = path.strip_prefix(SOURCES) else { return Vec::new() };
    if ![".ts", ".svelte", ".js"].iter().any(|end| path.ends_with(end)) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (number, line) in source.lines().enumerate() {
        for module in imports(line) {
            if let Some(what) = verdict(own, module) {
                findings.push(Finding::new(format!("{path}:{}", number + 1), what));
            }
        }
    }
    findings
}

/// The modules that a line imports: every quoted text after `from`, `import` or `import(`.
fn imports(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in line.match_indices(['\'', '"']) {
        let before = line[..at].trim_end();
        let before = before.strip_suffix('(').unwrap_or(before).trim_end();
        let is_import = ["from", "import"].iter().any(|word| {
            before
                .strip_suffix(word)
                .is_some_and(|rest| !rest.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
        });
        let quote = &line[at..=at];
        if let (true, Some((module, _))) = (is_import, line[at + 1..].split_once(quote)) {
            found.push(module);
        }
    }
    found
}

/// Why the file `own` (relative to the sources) must not import `module`.
fn verdict(own: &str, module: &str) -> Option<String> {
    let layer = own.split('/').next().unwrap_or(own);
    if module.starts_with(SHELL) {
        return (layer != "ipc").then(|| format!("only ui/src/ipc may import {module}"));
    }
    let target = resolve(own, module)?;
    let mut parts = target.split('/');
    let (target_layer, target_feature) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let forbidden = match (layer, target_layer) {
        ("ipc", other) => other != "ipc",
        ("shared", other) => other == "features" || other == "app",
        ("features", "app") => true,
        ("features", "features") => own.split('/').nth(1) != Some(target_feature),
        _ => false,
    };
    forbidden.then(|| format!("ui/src/{layer} must not import {target}"))
}

/// The imported file relative to the sources; `None` for a package of others.
fn resolve(own: &str, module: &str) -> Option<String> {
    for alias in ["$", "@/", "~/"] {
        if let Some(rest) = module.strip_prefix(alias) {
            return Some(rest.to_owned());
        }
    }
    if !module.starts_with('.') {
        return None;
    }
    let mut parts: Vec<&str> = own.split('/').collect();
    parts.pop();
    for part in module.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::check;

    fn check_one(path: &str, source: &str, expected: bool) {
        let findings = check(path, source);
        assert_eq!(findings.is_empty(), expected, "{path} {source:?}: {findings:?}");
    }

    #[test]
    fn only_ipc_knows_the_shell() {
        check_one("ui/src/ipc/tauri.ts", "import { invoke } from '@tauri-apps/api/core';", true);
        check_one("ui/src/app/App.svelte", "import { open } from '@tauri-apps/plugin-dialog'", false);
        check_one("ui/src/features/search/a.ts", "const { open } = await import('@tauri-apps/api');", false);
        check_one("ui/src/shared/a.ts", "// no @tauri-apps/ here", true);
        check_one("ui/tests/a.ts", "import '@tauri-apps/api';", true);
        check_one("ui/src/ipc/index.ts", "import { x } from '../shared/x';", false);
    }

    #[test]
    fn features_stand_alone() {
        check_one("ui/src/features/search/List.svelte", "import Row from './Row.svelte';", true);
        check_one("ui/src/features/search/List.svelte", "import x from '../../shared/x';", true);
        check_one("ui/src/features/search/List.svelte", "import x from '../reader/x';", false);
        check_one("ui/src/features/search/deep/a.ts", "import x from '../../reader/x';", false);
        check_one("ui/src/features/search/deep/a.ts", "import x from '../b';", true);
        check_one("ui/src/features/search/a.ts", "import \"../../app/state\";", false);
        check_one("ui/src/features/search/a.ts", "import x from '$features/reader/x';", false);
        check_one("ui/src/features/search/a.ts", "import x from '$features/search/x';", true);
        check_one("ui/src/app/App.svelte", "import x from '../features/reader/x';", true);
        check_one("ui/src/app/App.svelte", "const later = () => import('../features/reader/x');", true);
    }

    #[test]
    fn shared_knows_no_feature() {
        check_one("ui/src/shared/a.ts", "export { x } from '../features/search/x';", false);
        check_one("ui/src/shared/a.ts", "import type { X } from './x';", true);
        check_one("ui/src/shared/a.ts", "} from '../ipc';", true);
        check_one("ui/src/shared/a.ts", "import x from 'svelte/store';", true);
        check_one("ui/src/shared/a.ts", "perform('../features/x'); const from_ = '../features/x';", true);
    }
}
