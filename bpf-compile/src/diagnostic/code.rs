//! The stable codes of errors and warnings.

use core::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// The kind of an error or a warning. Its text (`E0201`, `W0109`) never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// All codes, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as users see it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

codes! {
    /// A character that begins no token.
    UnexpectedCharacter = "E0101",
    /// A number that does not fit in 32 bits.
    NumberTooBig = "E0102",
    /// A number with a leading zero and a digit 8 or 9.
    NotOctal = "E0103",
    /// Text with colons that is neither a MAC nor an IPv6 address.
    BogusAddress = "E0104",
    /// A filter longer than the named limit.
    TextTooLong = "E0105",
    /// Something else was expected here.
    Unexpected = "E0201",
    /// The filter ends too early.
    UnexpectedEnd = "E0202",
    /// A parenthesis without its partner.
    Unbalanced = "E0203",
    /// An id with nothing that says what it is.
    NothingToInherit = "E0204",
    /// A number where a condition is needed, or the other way round.
    WrongKind = "E0205",
    /// Wireshark's display filter syntax.
    DisplayFilter = "E0206",
    /// A service name that nobody knows.
    UnknownService = "E0301",
    /// A protocol name that nobody knows.
    UnknownProtocol = "E0302",
    /// A host name that nobody knows.
    UnknownHost = "E0303",
    /// A network name that nobody knows.
    UnknownNetwork = "E0304",
    /// A station name that nobody knows.
    UnknownEther = "E0305",
    /// A keyword's argument that is not one of its words.
    UnknownWord = "E0306",
    /// Qualifiers that do not go together, or not with this id.
    BadQualifiers = "E0401",
    /// A number outside of the field that it is compared with.
    OutOfRange = "E0402",
    /// A malformed IPv4 address.
    BadAddress = "E0403",
    /// A network with host bits set.
    HostBits = "E0404",
    /// The primitive has no meaning on this link type.
    LinkType = "E0405",
    /// `ip broadcast` without a known netmask.
    UnknownNetmask = "E0406",
    /// A load of other than 1, 2 or 4 bytes.
    LoadSize = "E0407",
    /// A constant division by zero.
    DivisionByZero = "E0408",
    /// A constant shift by more than 31 bits.
    ShiftTooFar = "E0409",
    /// An arithmetic expression that needs more than the machine's 16 scratch words.
    TooComplex = "E0410",
    /// A snap length of 0 accepts no packet.
    ZeroSnapLength = "E0411",
    /// A combination of encapsulations that no packet has.
    BadEncapsulation = "E0412",
    /// Alternatives shift what follows them by different amounts, where encapsulations are scoped.
    AmbiguousShift = "E0413",
    /// A filter that accepts no packet.
    RejectsAll = "E0414",
    /// The program is longer than its target allows.
    ProgramTooLong = "E0501",
    /// The verifier refused the program: an error of the compiler.
    Internal = "E0502",
    /// The rules of the target forbid something that the filter needs.
    TargetRefuses = "E0503",
    /// A clause that is looked for behind an encapsulation, in packets that need not have it.
    ShiftedClause = "W0101",
    /// An id that inherits other qualifiers than a reader expects, or contradicts the one before it.
    MisleadingInheritance = "W0102",
    /// An id that inherits from behind a `not` which does not reach it.
    NotDoesNotReach = "W0103",
    /// Bytes that only IPv4 packets have, beside a clause that only IPv6 packets meet.
    NeverOnIpv6 = "W0104",
    /// Bytes that only IPv4 packets have, beside alternatives of which some are IPv6.
    OnlyIpv4 = "W0105",
    /// A comparison that every number meets.
    AlwaysTrue = "W0106",
    /// A comparison that no number meets.
    AlwaysFalse = "W0107",
    /// A clause that stands twice in one list.
    Duplicate = "W0108",
    /// `and` behind `or` without parentheses: it joins all that stands before it.
    MixedOperators = "W0109",
}

/// What a diagnostic means for the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The filter compiles, and may not mean what its author meant.
    Warning,
    /// The filter has no program.
    Error,
}

impl Severity {
    /// The word that stands before the message.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Code {
    /// The first letter of the code tells it.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self.as_str().as_bytes() {
            [b'W', ..] => Severity::Warning,
            _ => Severity::Error,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
