//! The Linux kernel as judge: `SO_ATTACH_FILTER` on one end of a pair of datagram sockets.
//!
//! ```text
//! send(packet) ──▶ [filter of the receiving end] ──▶ recv: nothing (verdict 0), or min(verdict, length) bytes
//! ```
//!
//! What the filter sees is exactly what was sent: `ld #len` is its length, offset 0 its first byte. No device belongs to
//! such a packet.

use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::net::UnixDatagram;

use bpf_core::RawInsn;

/// The longest packet that [`Kernel::verdict`] takes: below what a socket may have queued as Linux is installed.
pub const PACKET_LEN_MAX: usize = 65_536;

/// A pair of sockets; one pair judges any number of programs and packets.
#[derive(Debug)]
pub struct Kernel {
    sender: UnixDatagram,
    receiver: UnixDatagram,
    buffer: Vec<u8>,
}

impl Kernel {
    /// A new pair, without a filter.
    ///
    /// # Errors
    /// The system has no more sockets to give.
    pub fn new() -> io::Result<Self> {
        let (sender, receiver) = UnixDatagram::pair()?;
        receiver.set_nonblocking(true)?;
        Ok(Self { sender, receiver, buffer: vec![0; PACKET_LEN_MAX] })
    }

    /// Puts a program on the receiving end, in place of the one before.
    ///
    /// # Errors
    /// The kernel's: `EINVAL` for a program that it refuses, `ENOMEM` for one whose translation needs more memory than a
    /// socket may have.
    pub fn attach(&mut self, program: &[RawInsn]) -> io::Result<()> {
        // The old one would count against the memory of the socket while the new one comes in.
        self.detach()?;
        let Ok(len) = u16::try_from(program.len()) else {
            return Err(io::Error::from_raw_os_error(libc::EINVAL));
        };
        // RawInsn has the layout of sock_filter (bpf-core asserts it); the kernel only reads.
        let program =
            libc::sock_fprog { len, filter: program.as_ptr().cast::<libc::sock_filter>().cast_mut() };
        self.set_option(libc::SO_ATTACH_FILTER, &program)
    }

    /// Takes the program off; not having one is no error.
    fn detach(&mut self) -> io::Result<()> {
        match self.set_option(libc::SO_DETACH_FILTER, &0_i32) {
            Err(error) if error.raw_os_error() != Some(libc::ENOENT) => Err(error),
            _ => Ok(()),
        }
    }

    fn set_option<T>(&self, option: i32, value: &T) -> io::Result<()> {
        let size = libc::socklen_t::try_from(size_of::<T>()).unwrap_or(libc::socklen_t::MAX);
        let pointer: *const T = value;
        // SAFETY: (1) the descriptor is open as long as `self`; (2) `pointer` is to `size` readable bytes; (3) for
        // SO_ATTACH_FILTER these are a sock_fprog whose `filter` points to `len` instructions that live until after the
        // call, which copies them; the kernel checks both addresses and the program itself.
        let status = unsafe {
            libc::setsockopt(self.receiver.as_raw_fd(), libc::SOL_SOCKET, option, pointer.cast(), size)
        };
        if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    /// What becomes of a packet under the attached program: None if it is dropped, else how many bytes arrive.
    ///
    /// # Errors
    /// The packet cannot be sent, or what arrives is not its beginning.
    pub fn verdict(&mut self, packet: &[u8]) -> io::Result<Option<usize>> {
        self.sender.send(packet)?;
        match self.receiver.recv(&mut self.buffer) {
            Ok(len) if self.buffer.get(..len) == packet.get(..len) => Ok(Some(len)),
            Ok(_) => Err(io::Error::other("what arrived is not what was sent")),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// What a socket makes of a verdict: None for 0, else as many bytes as there are and it asks for.
#[must_use]
pub fn expected(verdict: u32, packet: &[u8]) -> Option<usize> {
    let asked = usize::try_from(verdict).unwrap_or(usize::MAX);
    (verdict != 0).then(|| asked.min(packet.len()))
}
