//! What the child takes from itself before it sees a file.

/// Lowers the priority, bounds the memory to `memory` bytes and gives up the right to open files and connections. Does what the system
/// lets it do; the parent watches time and memory besides.
#[cfg(unix)]
pub fn raise(memory: u64) {
    use rustix::process::{Resource, Rlimit, nice, setrlimit};
    let _ = nice(19);
    let limit = |resource, most: u64| {
        let _ = setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    };
    // Everything that is written to counts, mapped memory too, but not the libraries that a window maps.
    limit(Resource::Data, memory);
    limit(Resource::Core, 0);
    limit(Resource::Fsize, 0);
    // The three that are open stay; no number is left for another.
    limit(Resource::Nofile, 3);
}

/// Elsewhere the parent alone watches.
#[cfg(not(unix))]
pub fn raise(_memory: u64) {}
