//! Who goes first where there are more threads than cores.

/// How much lower a thread ranks that steps back: it gets a tenth of what one gets that did not, where both want the same core.
#[cfg(target_os = "linux")]
const STEP: i32 = 10;

/// Has the calling thread step back behind the thread that fills the index, which an import waits for in the end, and behind those
/// that answer. What the system does not allow stays as it is. Elsewhere than on Linux, where priorities of threads are not
/// relative to that of the process, the system alone decides.
pub fn step_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(STEP) {
        tracing::debug!(%error, "a worker keeps its priority");
    }
}
