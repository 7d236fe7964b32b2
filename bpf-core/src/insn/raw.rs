//! The eight bytes that travel.

/// An instruction as it is stored, sent and handed to kernels: `struct bpf_insn` of the BSDs, `struct sock_filter`
/// of Linux.
///
/// ```text
/// byte 0       2    3    4               8
///      │ code  │ jt │ jf │ k             │    in the byte order of the machine
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(C)]
pub struct RawInsn {
    /// The opcode: see [`crate::opcode`].
    pub code: u16,
    /// Instructions to skip if the condition holds.
    pub jt: u8,
    /// Instructions to skip if it does not.
    pub jf: u8,
    /// The constant.
    pub k: u32,
}

const _: () = {
    assert!(size_of::<RawInsn>() == 8);
    assert!(align_of::<RawInsn>() == 4);
    assert!(core::mem::offset_of!(RawInsn, code) == 0);
    assert!(core::mem::offset_of!(RawInsn, jt) == 2);
    assert!(core::mem::offset_of!(RawInsn, jf) == 3);
    assert!(core::mem::offset_of!(RawInsn, k) == 4);
};

impl RawInsn {
    /// An instruction that does not jump: `BPF_STMT` of the C headers.
    #[must_use]
    pub const fn stmt(code: u16, k: u32) -> Self {
        Self { code, jt: 0, jf: 0, k }
    }

    /// A conditional jump: `BPF_JUMP` of the C headers.
    #[must_use]
    pub const fn jump(code: u16, k: u32, jt: u8, jf: u8) -> Self {
        Self { code, jt, jf, k }
    }

    /// The eight bytes in the order of this machine, as every kernel interface takes them.
    #[must_use]
    pub const fn to_ne_bytes(self) -> [u8; 8] {
        let [c0, c1] = self.code.to_ne_bytes();
        let [k0, k1, k2, k3] = self.k.to_ne_bytes();
        [c0, c1, self.jt, self.jf, k0, k1, k2, k3]
    }

    /// The inverse of [`Self::to_ne_bytes`].
    #[must_use]
    pub const fn from_ne_bytes(bytes: [u8; 8]) -> Self {
        let [c0, c1, jt, jf, k0, k1, k2, k3] = bytes;
        Self { code: u16::from_ne_bytes([c0, c1]), jt, jf, k: u32::from_ne_bytes([k0, k1, k2, k3]) }
    }
}
