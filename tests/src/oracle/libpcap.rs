//! libpcap through its C interface: its compiler, its verifier and its machine.
//!
//! Debian's libpcap 1.10.3 is the peer; where it means something else than later releases is the caller's business. Host
//! names would be looked up in the network by its compiler: callers give it numbers only (services and protocols come from
//! files).

use std::ffi::{CStr, CString, c_char, c_int, c_uint};
use std::ptr::NonNull;

use bpf_core::RawInsn;

/// A `pcap_t`, whose contents are libpcap's own.
#[repr(C)]
struct Pcap {
    _private: [u8; 0],
}

/// `struct bpf_program`.
#[repr(C)]
struct BpfProgram {
    len: c_uint,
    insns: *mut RawInsn,
}

#[link(name = "pcap")]
unsafe extern "C" {
    fn pcap_open_dead(link: c_int, snaplen: c_int) -> *mut Pcap;
    fn pcap_fopen_offline(file: *mut libc::FILE, error: *mut c_char) -> *mut Pcap;
    fn pcap_close(handle: *mut Pcap);
    fn pcap_compile(
        handle: *mut Pcap,
        program: *mut BpfProgram,
        text: *const c_char,
        optimize: c_int,
        netmask: c_uint,
    ) -> c_int;
    fn pcap_freecode(program: *mut BpfProgram);
    fn pcap_geterr(handle: *mut Pcap) -> *mut c_char;
    fn pcap_lib_version() -> *const c_char;
    fn bpf_filter(program: *const RawInsn, packet: *const u8, wire_len: c_uint, len: c_uint) -> c_uint;
    fn bpf_validate(program: *const RawInsn, len: c_int) -> c_int;
}

/// The size of the buffer for messages that libpcap asks for.
const ERROR_LEN: usize = 256;
/// The snap length of tcpdump.
pub const SNAPLEN: u32 = 262_144;
/// The netmask that stands for "not known".
pub const NETMASK_UNKNOWN: u32 = 0xffff_ffff;

/// For what kind of handle is compiled; a few link types depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `pcap_open_dead`: the values of this host.
    Dead,
    /// A capture file written by a machine of this byte order: the values of any host.
    File {
        /// The file's headers are not in the order of this machine.
        swapped: bool,
    },
}

/// How to compile.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The DLT value.
    pub dlt: u16,
    /// What an accepting program returns.
    pub snaplen: u32,
    /// For `ip broadcast`, in host order, or [`NETMASK_UNKNOWN`].
    pub netmask: u32,
    /// Whether its optimizer runs.
    pub optimize: bool,
    /// The kind of handle.
    pub source: Source,
}

impl Options {
    /// Unoptimized, with nothing known: what the meaning of a filter is defined by.
    #[must_use]
    pub const fn plain(dlt: u16) -> Self {
        Self { dlt, snaplen: SNAPLEN, netmask: NETMASK_UNKNOWN, optimize: false, source: Source::Dead }
    }
}

/// An open handle; closed when dropped. A handle on a file keeps the file's bytes.
struct Handle {
    raw: NonNull<Pcap>,
    _file: Vec<u8>,
}

impl Handle {
    fn dead(options: &Options) -> Result<Self, String> {
        let snaplen = c_int::try_from(options.snaplen).map_err(|error| error.to_string())?;
        // SAFETY: pcap_open_dead(3PCAP) takes any two numbers; it allocates and returns NULL if it cannot.
        let raw = unsafe { pcap_open_dead(options.dlt.into(), snaplen) };
        let raw = NonNull::new(raw).ok_or("pcap_open_dead failed")?;
        Ok(Self { raw, _file: Vec::new() })
    }

    /// A handle on an empty capture file in memory.
    fn file(options: &Options, swapped: bool) -> Result<Self, String> {
        let link = if options.dlt == 12 { 101 } else { u32::from(options.dlt) };
        let words = [0xa1b2_c3d4, 0, 0, 0, options.snaplen, link];
        let order = |word: u32| if swapped { word.swap_bytes() } else { word }.to_ne_bytes();
        let mut header: Vec<u8> = words.into_iter().flat_map(order).collect();
        let versions = [2_u16, 4]
            .into_iter()
            .flat_map(|half| if swapped { half.swap_bytes() } else { half }.to_ne_bytes());
        header.splice(4..8, versions);
        // SAFETY: fmemopen(3): (1) the pointer is to `len` readable and writable bytes; (2) they outlive the stream: the
        // handle that owns the stream keeps them, and without one the stream is closed below; nothing else uses them;
        // (3) the mode is a C string.
        let stream = unsafe { libc::fmemopen(header.as_mut_ptr().cast(), header.len(), c"r".as_ptr()) };
        if stream.is_null() {
            return Err("fmemopen failed".into());
        }
        let mut error = [0; ERROR_LEN];
        // SAFETY: (1) `stream` is open for reading; on success the handle owns it; (2) `error` has PCAP_ERRBUF_SIZE bytes.
        let raw = unsafe { pcap_fopen_offline(stream, error.as_mut_ptr()) };
        if let Some(raw) = NonNull::new(raw) {
            return Ok(Self { raw, _file: header });
        }
        // SAFETY: on failure pcap_fopen_offline leaves the stream open and ours; it is closed once, here.
        unsafe { libc::fclose(stream) };
        // SAFETY: libpcap ends its message with a NUL within the buffer, which lives to the end of this function.
        Err(unsafe { CStr::from_ptr(error.as_ptr()) }.to_string_lossy().into_owned())
    }

    fn error(&self) -> String {
        // SAFETY: the handle is open; pcap_geterr(3PCAP) returns the buffer inside of it.
        let text = unsafe { pcap_geterr(self.raw.as_ptr()) };
        // SAFETY: the buffer holds a C string and lives as long as the handle, which outlives this copy.
        unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the handle came from an open function, and is closed nowhere else.
        unsafe { pcap_close(self.raw.as_ptr()) };
    }
}

/// The program that libpcap's compiler makes of an expression.
///
/// # Errors
/// libpcap's message.
pub fn compile(text: &str, options: &Options) -> Result<Vec<RawInsn>, String> {
    let c_text = CString::new(text).map_err(|error| error.to_string())?;
    let handle = match options.source {
        Source::Dead => Handle::dead(options),
        Source::File { swapped } => Handle::file(options, swapped),
    }?;
    let mut program = BpfProgram { len: 0, insns: std::ptr::null_mut() };
    // SAFETY: (1) the handle is open and used by this thread only; (2) `program` is writable; (3) the text is a C string;
    // all three outlive the call. pcap_compile(3PCAP) may be called by several threads since 1.8.0.
    let status = unsafe {
        pcap_compile(
            handle.raw.as_ptr(),
            &raw mut program,
            c_text.as_ptr(),
            options.optimize.into(),
            options.netmask,
        )
    };
    if status != 0 {
        return Err(handle.error());
    }
    let len = usize::try_from(program.len).map_err(|error| error.to_string())?;
    // SAFETY: after success `insns` points to `len` instructions (`len` is not 0: a program has a return), laid out as
    // RawInsn is (bpf-core asserts its layout), and nothing else writes to them.
    let insns = unsafe { std::slice::from_raw_parts(program.insns, len) }.to_vec();
    // SAFETY: `program` was filled by a successful pcap_compile, and is not used after this.
    unsafe { pcap_freecode(&raw mut program) };
    Ok(insns)
}

/// What libpcap's verifier says.
#[must_use]
pub fn validate(program: &[RawInsn]) -> bool {
    let Ok(len) = c_int::try_from(program.len()) else { return false };
    // SAFETY: the pointer is to `len` instructions, which bpf_validate only reads.
    unsafe { bpf_validate(program.as_ptr(), len) != 0 }
}

/// A program that its machine can run to an end.
#[derive(Clone, Copy, Debug)]
pub struct Machine<'a>(&'a [RawInsn]);

impl<'a> Machine<'a> {
    /// None if libpcap's verifier refuses the program, if it has a code on which the machine aborts though the verifier
    /// lets it pass, or if it jumps backwards and so may run for ever.
    #[must_use]
    pub fn new(program: &'a [RawInsn]) -> Option<Self> {
        let runs = program.iter().zip(0_u32..).all(|(insn, at)| {
            let forward =
                insn.code != 0x05 || at.checked_add(1).is_some_and(|next| next.checked_add(insn.k).is_some());
            insn.meaning().is_some() && forward
        });
        (runs && validate(program)).then_some(Self(program))
    }

    /// The verdict of libpcap's machine.
    ///
    /// # Panics
    /// The packet is longer than 4 GiB.
    #[must_use]
    pub fn run(&self, packet: &[u8], wire_len: u32) -> u32 {
        let len = c_uint::try_from(packet.len()).unwrap_or_else(|_| panic!("a packet of more than 4 GiB"));
        // SAFETY: (1) the program passed bpf_validate, which is what bpf_filter requires: every jump lands in the program,
        // every scratch index exists, and the last instruction returns; (2) `packet` has `len` readable bytes, and
        // bpf_filter reads none beyond; (3) it writes to nothing that is not its own.
        unsafe { bpf_filter(self.0.as_ptr(), packet.as_ptr(), wire_len, len) }
    }
}

/// What the library calls itself.
#[must_use]
pub fn version() -> String {
    // SAFETY: takes nothing and returns a C string that lives as long as the process.
    let text = unsafe { pcap_lib_version() };
    // SAFETY: see above; the text is copied at once.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}
