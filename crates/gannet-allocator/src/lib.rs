//! Memory for programs that move bytes, on top of the system's allocator.
//!
//! A download's buffers are hundreds of kilobytes each, made on the network's threads, filled by the kernel and freed
//! on the writer's. Two things about them cost more than everything else that a downloader does itself:
//!
//! - **Where they begin.** The kernel copies with one instruction for the whole piece (`rep movsb`), and that takes up
//!   to 1.8 times as long into a buffer that does not begin with a line of the cache. The system's allocator puts its own
//!   notes in front of each piece, so that none of them does: [`LineAligned`] moves them to the line.
//! - **Whose they are.** By default each thread has a pool of its own, large pieces are mapped, cleared and unmapped
//!   each time, and what one thread frees is of no use to another: [`share_buffers`] makes it one pool.
//!
//! ```
//! #[global_allocator]
//! static ALLOCATOR: gannet_allocator::LineAligned = gannet_allocator::LineAligned;
//!
//! fn main() {
//!     gannet_allocator::share_buffers();
//!     let buffer = vec![1_u8; 256 << 10];
//!     assert_eq!(buffer.as_ptr().align_offset(gannet_allocator::LINE_BYTES), 0);
//! }
//! ```

use std::alloc::{GlobalAlloc, Layout, System};

/// A line of the cache on every processor that matters, in bytes.
pub const LINE_BYTES: usize = 64;
/// Nothing smaller is worth a line of its own: no buffer for a network is, in bytes.
const BUFFER_MIN_BYTES: usize = 4 << 10;
/// Above this it is no buffer but a collection, which the system can grow where it lies, in bytes.
const BUFFER_MAX_BYTES: usize = 1 << 20;

/// The system's allocator, but what is as large as a buffer begins with a line of the cache.
#[derive(Debug, Clone, Copy, Default)]
pub struct LineAligned;

#[expect(
    unsafe_code,
    reason = "an allocator is one by contract: it moves the beginning of what the system's gives, and nothing else"
)]
// SAFETY: a piece that is as large as a buffer is cut out of one of the system's that is longer by a line and begins before
// it; where that begins is noted right before the piece. All others are the system's own. Which of the two a piece is
// follows from its layout alone, so that what was allocated one way is freed the same way.
unsafe impl GlobalAlloc for LineAligned {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(whole) = whole_of(layout) else {
            // SAFETY: the caller's layout, unchanged.
            return unsafe { System.alloc(layout) };
        };
        // SAFETY: `whole` is longer than the caller's layout, which is not empty.
        unsafe { cut(System.alloc(whole)) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let Some(whole) = whole_of(layout) else {
            // SAFETY: the caller's layout, unchanged.
            return unsafe { System.alloc_zeroed(layout) };
        };
        // SAFETY: as above; the note lies before the piece, which stays all zeros.
        unsafe { cut(System.alloc_zeroed(whole)) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let Some(whole) = whole_of(layout) else {
            // SAFETY: the caller's layout, with which it was allocated, unchanged.
            return unsafe { System.dealloc(pointer, layout) };
        };
        // SAFETY: a piece of this layout was cut, so that the note is there, and it was cut from this `whole`.
        unsafe { System.dealloc(note_of(pointer).read(), whole) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size_bytes: usize) -> *mut u8 {
        // SAFETY: the caller promises that the new size is not zero and fits with this alignment.
        let new = unsafe { Layout::from_size_align_unchecked(size_bytes, layout.align()) };
        if whole_of(layout).is_none() && whole_of(new).is_none() {
            // SAFETY: the system's own before and after, with the caller's arguments.
            return unsafe { System.realloc(pointer, layout, size_bytes) };
        }
        // SAFETY: `new` is not empty; both pieces are as long as what is copied, and apart.
        unsafe {
            let moved = self.alloc(new);
            if !moved.is_null() {
                pointer.copy_to_nonoverlapping(moved, layout.size().min(size_bytes));
                self.dealloc(pointer, layout);
            }
            moved
        }
    }
}

/// What a piece of this layout is cut from; `None` where it is no buffer.
///
/// Asking the system for the stricter alignment instead would be shorter. The C library of many Linux systems then takes
/// more than it uses and cannot give what was freed to the next that asks: a third more memory for the same download.
fn whole_of(layout: Layout) -> Option<Layout> {
    let is_buffer =
        (BUFFER_MIN_BYTES..=BUFFER_MAX_BYTES).contains(&layout.size()) && layout.align() <= NOTE.align();
    // A line more than the piece: room for the note, and for the way to the next line.
    let whole = || Layout::from_size_align(layout.size() + LINE_BYTES, NOTE.align()).ok();
    is_buffer.then(whole).flatten()
}

/// Where the whole begins.
const NOTE: Layout = Layout::new::<*mut u8>();

/// The piece that begins with a line in a whole.
///
/// # Safety
/// `whole` is null or begins what [`whole_of`] says of the piece's layout.
#[expect(unsafe_code, reason = "a note in memory that is nobody's yet")]
unsafe fn cut(whole: *mut u8) -> *mut u8 {
    if whole.is_null() {
        return whole;
    }
    // At least one note further, as the whole is aligned to notes; at most one line.
    let to_line = LINE_BYTES - (whole.addr() % LINE_BYTES);
    // SAFETY: the whole is a line longer than the piece, so that piece and note lie in it; the note is aligned because the
    // line is.
    unsafe {
        let piece = whole.add(to_line);
        note_of(piece).write(whole);
        piece
    }
}

/// Where it is noted from which whole a piece was cut: right before it.
fn note_of(piece: *mut u8) -> *mut *mut u8 {
    #[expect(
        clippy::cast_ptr_alignment,
        reason = "a piece begins with a line, and a line is a whole number of notes"
    )]
    piece.cast::<*mut u8>().wrapping_sub(1)
}

/// Adjusts the system's allocator to buffers that one thread makes and another frees. To be called before there is a
/// second thread; does nothing where the allocator cannot be adjusted.
pub fn share_buffers() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    glibc::share_buffers();
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
    pub(super) fn share_buffers() {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[global_allocator]
    static ALLOCATOR: LineAligned = LineAligned;

    fn begins_with_a_line(buffer: &[u8]) -> bool {
        buffer.as_ptr().align_offset(LINE_BYTES) == 0
    }

    #[test]
    fn whatever_is_as_large_as_a_buffer_begins_with_a_line() {
        for size in [BUFFER_MIN_BYTES, 18_437, 417_792, BUFFER_MAX_BYTES] {
            // Several, or the first might do so by chance.
            let buffers: Vec<_> = (0..8).map(|_| Vec::<u8>::with_capacity(size)).collect();
            let cleared: Vec<_> = (0..8).map(|_| vec![0_u8; size]).collect();
            for buffer in buffers.iter().chain(&cleared) {
                assert!(begins_with_a_line(buffer), "{size}");
            }
            assert!(cleared.iter().flatten().all(|&byte| byte == 0), "{size}");
        }
    }

    #[test]
    fn what_grows_and_shrinks_keeps_its_bytes() {
        let mut bytes: Vec<u8> = Vec::new();
        for round in 0..=2 * BUFFER_MAX_BYTES {
            bytes.push(round as u8);
        }
        while !bytes.is_empty() {
            let is_right = |(index, &byte): (usize, &u8)| byte == index as u8;
            assert!(bytes.iter().enumerate().step_by(997).all(is_right));
            bytes.truncate(bytes.len() / 2);
            bytes.shrink_to_fit();
            let is_buffer = (BUFFER_MIN_BYTES..=BUFFER_MAX_BYTES).contains(&bytes.len());
            assert!(!is_buffer || begins_with_a_line(&bytes), "{}", bytes.len());
        }
    }
}
