//! No names of hosts and networks: what libpcap's compiler asks the system for is not there.
//!
//! A filter with a mistake in it may name a host, and libpcap looks names up while it parses: in files and in the network.
//! Functions of the program itself stand before those of libraries, so that libpcap calls these. What they know is what the
//! resolver [`bpf_compile::names::Embedded`] knows, but for `localhost` and `loopback`.

use std::ffi::{c_char, c_int, c_void};

type GetAddrInfo = unsafe extern "C" fn(
    *const c_char,
    *const c_char,
    *const libc::addrinfo,
    *mut *mut libc::addrinfo,
) -> c_int;

/// getaddrinfo(3) that knows services, and of hosts only addresses.
///
/// # Safety
/// As getaddrinfo(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getaddrinfo(
    node: *const c_char,
    service: *const c_char,
    hints: *const libc::addrinfo,
    result: *mut *mut libc::addrinfo,
) -> c_int {
    // SAFETY: getaddrinfo(3) takes a pointer to hints, or none.
    let mut numeric = match unsafe { hints.as_ref() } {
        Some(hints) => *hints,
        None => return libc::EAI_BADFLAGS,
    };
    if !node.is_null() {
        numeric.ai_flags |= libc::AI_NUMERICHOST;
    }
    // SAFETY: RTLD_NEXT is a handle that always exists, and the name a C string.
    let next = unsafe { libc::dlsym(libc::RTLD_NEXT, c"getaddrinfo".as_ptr()) };
    if next.is_null() {
        return libc::EAI_SYSTEM;
    }
    // SAFETY: the C library's function of this name has this type.
    let next = unsafe { std::mem::transmute::<*mut c_void, GetAddrInfo>(next) };
    // SAFETY: the arguments are the caller's, who keeps the contract of getaddrinfo(3), and hints with one more flag.
    unsafe { next(node, service, &raw const numeric, result) }
}

/// getnetbyname_r(3) that knows no networks.
///
/// # Safety
/// As getnetbyname_r(3): `result` is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getnetbyname_r(
    _name: *const c_char,
    _entry: *mut c_void,
    _buffer: *mut c_char,
    _len: usize,
    result: *mut *mut c_void,
    error: *mut c_int,
) -> c_int {
    const HOST_NOT_FOUND: c_int = 1;
    // SAFETY: the caller's pointer, writable by the contract.
    unsafe { result.write(std::ptr::null_mut()) };
    // SAFETY: likewise.
    unsafe { error.write(HOST_NOT_FOUND) };
    0
}
