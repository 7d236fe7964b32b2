//! The numbers of device controls: `CTL_CODE` of the Windows headers.

/// The type of the device: `FILE_DEVICE_TRANSPORT`.
pub(crate) const DEVICE_TYPE: u16 = 0x21;

/// How buffers travel: the two lowest bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Both through one buffer of the system.
    Buffered,
    /// Input through a buffer of the system; the second buffer is locked, to be read.
    InDirect,
    /// Input through a buffer of the system; the second buffer is locked, to be written.
    OutDirect,
    /// Addresses of the program: the driver accepts no such code.
    Neither,
}

/// What the handle must allow: bits 14 and 15.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Nothing.
    Any,
    /// To read.
    Read,
    /// To write.
    Write,
    /// Both.
    ReadWrite,
}

/// A code, in its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ControlCode(pub u32);

impl ControlCode {
    /// `CTL_CODE(0x21, function, method, access)`.
    #[must_use]
    pub const fn new(function: u16, method: Method, access: Access) -> Self {
        let access = match access {
            Access::Any => 0,
            Access::Read => 1,
            Access::Write => 2,
            Access::ReadWrite => 3,
        };
        let method = match method {
            Method::Buffered => 0,
            Method::InDirect => 1,
            Method::OutDirect => 2,
            Method::Neither => 3,
        };
        Self((DEVICE_TYPE as u32) << 16 | access << 14 | (function as u32 & 0xfff) << 2 | method)
    }

    /// The type of device.
    #[must_use]
    pub const fn device_type(self) -> u16 {
        (self.0 >> 16) as u16
    }

    /// The function.
    #[must_use]
    pub const fn function(self) -> u16 {
        (self.0 >> 2 & 0xfff) as u16
    }

    /// How buffers travel.
    #[must_use]
    pub const fn method(self) -> Method {
        match self.0 & 3 {
            0 => Method::Buffered,
            1 => Method::InDirect,
            2 => Method::OutDirect,
            _ => Method::Neither,
        }
    }

    /// What the handle must allow.
    #[must_use]
    pub const fn access(self) -> Access {
        match self.0 >> 14 & 3 {
            0 => Access::Any,
            1 => Access::Read,
            2 => Access::Write,
            _ => Access::ReadWrite,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_put_together_as_the_windows_headers_do() {
        let code = ControlCode::new(0xa01, Method::Buffered, Access::Read);
        assert_eq!(code.0, 0x21_6804);
        assert_eq!(ControlCode::new(0xa06, Method::Buffered, Access::Write).0, 0x21_a818);
        assert_eq!((code.device_type(), code.function(), code.access()), (0x21, 0xa01, Access::Read));
        assert_eq!(ControlCode(9031).method(), Method::Neither);
        assert_eq!(ControlCode(9030).method(), Method::OutDirect);
    }
}
