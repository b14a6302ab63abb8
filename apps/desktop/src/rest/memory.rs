//! Our own memory, given back.

use std::ffi::c_int;
use std::ptr;

/// Gives back what the allocator holds in reserve, and the pages of programs and libraries that nothing has touched for
/// long: they are unchanged copies of files, and come back from the page cache where they are used again.
pub(super) fn let_go() {
    #[cfg(target_env = "gnu")]
    trim();
    unmap_code();
}

#[cfg(target_env = "gnu")]
#[expect(unsafe_code, reason = "a call to the C library that Rust has no name for")]
fn trim() {
    // SAFETY: takes a number of bytes to keep and gives back what is free; memory in use stays where it is.
    unsafe { libc::malloc_trim(0) };
}

#[expect(
    unsafe_code,
    reason = "nobody else knows which pages are the loader's unchanged ones"
)]
fn unmap_code() {
    // SAFETY: the callback below holds to what the loader asks of it: it keeps nothing and does not panic. It gets
    // no data.
    unsafe { libc::dl_iterate_phdr(Some(unmap_object), ptr::null_mut()) };
}

/// Lets go of the read-only parts of one program or library.
#[expect(
    unsafe_code,
    reason = "reads what the loader hands over, and tells the kernel"
)]
unsafe extern "C" fn unmap_object(
    object: *mut libc::dl_phdr_info,
    _size: libc::size_t,
    _data: *mut libc::c_void,
) -> c_int {
    // SAFETY: the loader hands over a description of a loaded object, valid during this call, with as many headers as
    // it says. It holds its lock meanwhile, so the object stays loaded.
    let (base, headers) = unsafe {
        let object = &*object;
        if object.dlpi_phdr.is_null() {
            return 0;
        }
        let headers = std::slice::from_raw_parts(object.dlpi_phdr, usize::from(object.dlpi_phnum));
        (object.dlpi_addr, headers)
    };
    for header in headers.iter().filter(|header| is_unchanged(header)) {
        let (start, length) = whole_pages(base.wrapping_add(header.p_vaddr), header.p_memsz);
        if length > 0 {
            let start = ptr::without_provenance_mut(start);
            // SAFETY: the range lies in a private mapping of a file that nobody may write to and nothing was written to;
            // a page that is touched again is read from the file anew, with the same content.
            unsafe { libc::madvise(start, length, libc::MADV_DONTNEED) };
        }
    }
    0
}

/// Whether memory of this part is as in the file: code and constants. What the loader adjusts is in parts that can be
/// written to.
fn is_unchanged(header: &libc::Elf64_Phdr) -> bool {
    header.p_type == libc::PT_LOAD && header.p_flags & libc::PF_W == 0
}

/// The pages that belong to the range alone.
fn whole_pages(start: u64, length: u64) -> (usize, usize) {
    let page = rustix::param::page_size() as u64;
    let first = start.next_multiple_of(page);
    let end = (start + length) / page * page;
    (first as usize, end.saturating_sub(first) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_let_go_of_its_memory_goes_on() {
        let numbers: Vec<String> = (0..1000).map(|number: u32| number.to_string()).collect();
        let mapped = || {
            let status = std::fs::read_to_string("/proc/self/status").unwrap();
            let line = status.lines().find(|line| line.starts_with("RssFile:")).unwrap();
            let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
            kib
        };
        let before = mapped();
        let_go();
        let after = mapped();
        assert!(after < before, "{after} KiB of {before} KiB are mapped");
        assert!(numbers.join(" ").ends_with("998 999"));
    }

    #[test]
    fn pages_shared_with_others_are_left_alone() {
        let page = rustix::param::page_size();
        let bytes = |number: usize| number as u64;
        assert_eq!(whole_pages(bytes(page), bytes(page * 2)), (page, page * 2));
        assert_eq!(whole_pages(bytes(page - 1), bytes(page * 2)), (page, page));
        assert_eq!(whole_pages(bytes(page + 1), bytes(page)).1, 0);
        assert_eq!(whole_pages(bytes(page + 1), 10).1, 0);
    }
}
