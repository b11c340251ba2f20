//! Runs the fuzz targets for a while each, with the compiler that builds everything else.

use crate::project::Project;
use crate::shell::{Context as _, Failure, command, headline, output, run};
use std::fs;
use std::path::Path;

/// What libFuzzer needs of the compiler: counters for each edge, and what is compared with what. Overflows are faults.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Cdebug-assertions -Coverflow-checks=yes";

const TARGETS: [&str; 7] = ["pages", "properties", "table", "rtf", "charset", "blobs", "file"];

/// `--seconds N` (60), then targets; all of them when none is named. What they find is kept below the folder of builds, and the next
/// run goes on from there.
///
/// # Errors
/// When a target does not build, or fails on an input, which its own words name.
pub fn fuzz(project: &Project, arguments: &[&str]) -> Result<(), Failure> {
    let (seconds, named) = match arguments {
        ["--seconds", seconds, named @ ..] => (*seconds, named),
        named => ("60", named),
    };
    if seconds.parse::<u32>().is_err() {
        return Err(Failure::new(format!("--seconds wants a number, not `{seconds}`")));
    }
    let targets: Vec<&str> = if named.is_empty() { TARGETS.to_vec() } else { named.to_vec() };
    if let Some(unknown) = targets.iter().find(|target| !TARGETS.contains(target)) {
        return Err(Failure::new(format!("there is no target `{unknown}`, but {}", TARGETS.join(", "))));
    }
    let (folder, builds) = (project.root.join("fuzz"), project.target()?.join("fuzz"));
    let corpus = builds.join("corpus");
    fs::create_dir_all(&corpus).context(corpus.display())?;
    let mut seeds = command(&folder, "cargo", ["run", "--locked", "--bin", "seeds", "--"]);
    run(seeds.arg(&corpus).env("CARGO_TARGET_DIR", builds.join("seeds")))?;
    // With a target that is named, the flags are not those of build scripts.
    let facts = output(&mut command(&folder, "rustc", ["-vV"]))?;
    let host = facts.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or_else(|| Failure::new("rustc -vV names no host"))?;
    let mut build = command(&folder, "cargo", ["build", "--release", "--locked", "--target", host]);
    for target in &targets {
        build.args(["--bin", target]);
    }
    run(build.env("RUSTFLAGS", FLAGS).env("CARGO_TARGET_DIR", builds.join("targets")))?;
    for target in targets {
        headline(target);
        let inputs = corpus.join(target);
        fs::create_dir_all(&inputs).context(inputs.display())?;
        let program = builds.join("targets").join(host).join("release").join(target);
        let limits = ["-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1", "-verbosity=0"];
        let mut fuzz = command(&builds, &program.to_string_lossy(), limits);
        run(fuzz.arg(format!("-max_total_time={seconds}")).arg(longest(target)).arg(Path::new(&inputs)))?;
    }
    Ok(())
}

/// The longest inputs worth making: whole files are longer than parts of them.
fn longest(target: &str) -> &'static str {
    match target {
        "file" => "-max_len=131072",
        "properties" | "table" => "-max_len=32768",
        _ => "-max_len=8192",
    }
}
