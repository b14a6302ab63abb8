//! How the system's allocator deals with a download's buffers: hundreds of kilobytes each, made on the network's
//! threads and freed on the writer's.

/// Adjusts the allocator, before any thread is there. Does nothing where it cannot be adjusted.
pub(crate) fn tune() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    glibc::tune();
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod glibc {
    use std::ffi::c_int;

    /// One pool for all threads: with one for each, what the writer frees is of no use to the network's threads.
    const ARENAS: c_int = 1;
    /// Buffers come from the pool instead of being mapped, cleared and unmapped each time, in bytes.
    const MAPPED_FROM_BYTES: c_int = 4 << 20;
    /// What is free at the pool's end stays for the next buffer, in bytes.
    const KEPT_BYTES: c_int = 32 << 20;

    #[expect(unsafe_code, reason = "a call to the C library that Rust has no name for")]
    pub(super) fn tune() {
        let settings = [
            (libc::M_ARENA_MAX, ARENAS),
            (libc::M_MMAP_THRESHOLD, MAPPED_FROM_BYTES),
            (libc::M_TRIM_THRESHOLD, KEPT_BYTES),
        ];
        for (parameter, value) in settings {
            // SAFETY: mallopt takes two integers and touches nothing but the allocator's own settings; no other
            // thread runs yet. A refusal leaves the default, which is only slower.
            unsafe { libc::mallopt(parameter, value) };
        }
    }
}
