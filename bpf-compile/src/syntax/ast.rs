//! The filter as a tree, with the place of every node.
//!
//! ```text
//! not host 10.0.0.1 and (tcp port 80 or 443) and ip[8] < 5
//!
//!            And
//!     ┌───────┼──────────────┐
//!    Not      Or          Relation <
//!     │    ┌───┴────┐      ┌──┴──┐
//!   host  port 80  port 443  ip[8]   5
//!          (443 inherits `tcp port` from its neighbour)
//! ```
//!
//! Invariants:
//! - The nodes lie in two arenas and name each other by index: no tree is deep for `Drop`, and nothing that walks
//!   it needs recursion. Children have smaller indices than their parents, and nodes stand in the order in which
//!   the text completes them: what a primitive means may depend on those before it (`vlan`).
//! - `And` and `Or` hold at least two children; a chain of one operator without parentheses is one node. The two
//!   operators bind equally and to the left, so `a or b and c` is `And[Or[a, b], c]`.
//! - Qualifiers are complete: what a primitive inherits from its neighbour is already written into it.
//! - Nothing is resolved: names are still text.

use alloc::string::String;
use alloc::vec::Vec;

use super::words::{Field80211, Keyword, PfField, ProtoName, Ss7Field};
use crate::span::Span;

/// A parsed filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ast {
    exprs: Vec<Expr>,
    ariths: Vec<Arith>,
    root: Option<ExprId>,
}

/// Names a boolean node of an [`Ast`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprId(u32);

/// Names an arithmetic node of an [`Ast`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArithId(u32);

/// A boolean node and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// All the text it covers.
    pub span: Span,
}

/// The kinds of boolean nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExprKind {
    /// All of them, tested from left to right.
    And(Vec<ExprId>),
    /// Any of them, tested from left to right.
    Or(Vec<ExprId>),
    /// The opposite.
    Not(ExprId),
    /// Two numbers compared: `ip[0] & 0xf > 5`.
    Relation {
        /// The comparison.
        op: RelOp,
        /// Left of the operator.
        left: ArithId,
        /// Right of the operator.
        right: ArithId,
    },
    /// Everything else.
    Primitive(Primitive),
}

/// Comparisons; all are unsigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RelOp {
    /// `=` or `==`
    Eq,
    /// `!=`
    Ne,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `<`
    Lt,
    /// `<=`
    Le,
}

/// A number that is computed per packet (or is constant), and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arith {
    /// What it is.
    pub kind: ArithKind,
    /// All the text it covers.
    pub span: Span,
}

/// The kinds of arithmetic nodes; all values are unsigned 32-bit and wrap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArithKind {
    /// A number, or a named constant such as `tcp-syn`.
    Number(u32),
    /// `len` or `length`: the wire length.
    Len,
    /// `-a`
    Neg(ArithId),
    /// `a op b`
    Binary {
        /// The operator.
        op: ArithOp,
        /// Left of the operator.
        left: ArithId,
        /// Right of the operator.
        right: ArithId,
    },
    /// `proto[offset:size]`: bytes of the packet, most significant first.
    Load {
        /// Whose header the offset counts from.
        proto: ProtoName,
        /// Offset in bytes.
        offset: ArithId,
        /// How many bytes, as written: 1, 2 and 4 mean something, and 1 is meant where nothing is written.
        size: u32,
        /// Where the size is written, or the end of the offset.
        size_span: Span,
    },
}

/// Arithmetic operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ArithOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Mod,
    /// `&`
    And,
    /// `|`
    Or,
    /// `^`
    Xor,
    /// `<<`
    Shl,
    /// `>>`
    Shr,
}

/// The smallest statement about a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Primitive {
    /// Qualifiers and an id: `tcp dst port 80`.
    Qualified(Qualified),
    /// A protocol alone: `tcp`.
    Proto(ProtoName),
    /// `[proto] broadcast`
    Broadcast(Option<ProtoName>),
    /// `[proto] multicast`
    Multicast(Option<ProtoName>),
    /// `less n`: the wire length is at most n.
    Less(u32),
    /// `greater n`: the wire length is at least n.
    Greater(u32),
    /// `byte offset op value`
    Byte {
        /// Offset from the start of the packet.
        offset: u32,
        /// The comparison or mask.
        op: ByteOp,
        /// What the byte is held against.
        value: u32,
    },
    /// `inbound`
    Inbound,
    /// `outbound`
    Outbound,
    /// `ifindex n`
    IfIndex(u32),
    /// `vlan 5`, `mpls`, `vxlan 7 port 8472`...
    Encap {
        /// Which one.
        kind: Encap,
        /// VLAN id, label, session or network identifier, and where it is written.
        id: Option<(u32, Span)>,
        /// The UDP port, if not the usual one, and where it is written. Only in the extended language.
        port: Option<(u32, Span)>,
    },
    /// `ifname em0`, `rulenum 3`, ...: fields of a pf log header.
    Pf {
        /// Which field.
        field: PfField,
        /// What it is held against.
        value: NameOrNumber,
    },
    /// `[wlan] type mgt subtype beacon`, `dir tods`
    Wlan {
        /// Which field or fields.
        field: Field80211,
    },
    /// `llc [kind]`
    Llc(Option<Word>),
    /// An ATM or SS7 message kind alone: `lane`, `fisu`.
    Bare(Keyword),
    /// `vpi = 3`, `opc (1 or 2)`: an ATM or SS7 field with what it is held against, any of which may hold.
    Field {
        /// Which field.
        field: Ss7Field,
        /// Comparisons; more than one only in a list, where all are equalities.
        tests: Vec<(RelOp, u32)>,
    },
}

/// Comparisons of `byte`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ByteOp {
    /// `=`
    Eq,
    /// `<`
    Lt,
    /// `>`
    Gt,
    /// `&`: any of the bits
    And,
    /// `|`: the byte or-ed with the value is not zero
    Or,
}

/// Encapsulations that shift everything textually after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encap {
    /// `vlan [id]`
    Vlan,
    /// `mpls [label]`
    Mpls,
    /// `pppoed`, PPPoE discovery
    Pppoed,
    /// `pppoes [session]`
    Pppoes,
    /// `geneve [vni]`
    Geneve,
    /// `vxlan [vni]`
    Vxlan,
    /// `gre`, of the extended language as all that follow
    Gre,
    /// `erspan [session]`
    Erspan,
    /// `gtp [teid]`
    Gtp,
    /// `l2tp`
    L2tp,
    /// `wireguard`: what it carries is encrypted, so nothing is shifted
    Wireguard,
}

impl Encap {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Vlan,
        Self::Mpls,
        Self::Pppoed,
        Self::Pppoes,
        Self::Geneve,
        Self::Vxlan,
        Self::Gre,
        Self::Erspan,
        Self::Gtp,
        Self::L2tp,
        Self::Wireguard,
    ];

    /// Whether a number may follow the word.
    #[must_use]
    pub const fn has_id(self) -> bool {
        !matches!(self, Self::Pppoed | Self::Gre | Self::L2tp | Self::Wireguard)
    }

    /// The UDP port that IANA has assigned, or that is in use; `None` if it does not go over UDP.
    #[must_use]
    pub const fn default_port(self) -> Option<u16> {
        match self {
            Self::Geneve => Some(6081),
            Self::Vxlan => Some(4789),
            Self::Gtp => Some(2152),
            Self::L2tp => Some(1701),
            Self::Wireguard => Some(51820),
            _ => None,
        }
    }

    /// Whether what stands behind it in the text is looked for inside of it.
    #[must_use]
    pub const fn shifts(self) -> bool {
        !matches!(self, Self::Pppoed | Self::Wireguard)
    }
}

/// A word as written, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The text, without the backslash of an escaped keyword.
    pub text: String,
    /// Where it stands, the backslash included.
    pub span: Span,
}

/// Either of two ways to say a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameOrNumber {
    /// By name.
    Name(Word),
    /// By number.
    Number(u32, Span),
}

/// Qualifiers and an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Qualified {
    /// What the id means; complete, inherited ones included.
    pub quals: Quals,
    /// Whether `quals` came from the neighbour on the left.
    pub inherited: bool,
    /// Where the qualifiers stand: here, or at the neighbour they came from.
    pub quals_span: Span,
    /// The id.
    pub id: Id,
    /// Where the id stands.
    pub id_span: Span,
}

/// What kind of thing an id is; at most one of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Quals {
    /// `tcp`, `ip`, `ether`, ...
    pub proto: Option<ProtoName>,
    /// `src`, `dst`, ...
    pub dir: Option<Dir>,
    /// `host`, `net`, `port`, ...
    pub kind: Option<Kind>,
}

/// Which end of the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dir {
    /// `src`
    Src,
    /// `dst`
    Dst,
    /// `src or dst` (written)
    SrcOrDst,
    /// `src and dst`
    SrcAndDst,
    /// 802.11 `addr1`
    Addr1,
    /// 802.11 `addr2`
    Addr2,
    /// 802.11 `addr3`
    Addr3,
    /// 802.11 `addr4`
    Addr4,
    /// 802.11 `ra`
    Ra,
    /// 802.11 `ta`
    Ta,
}

/// What the id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `host`
    Host,
    /// `net`
    Net,
    /// `port`
    Port,
    /// `portrange`
    PortRange,
    /// `gateway`
    Gateway,
    /// `proto`
    Proto,
    /// `protochain`
    ProtoChain,
}

/// The id of a qualified primitive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Id {
    /// A name to be looked up, a port range, a DECnet address: whatever is a word.
    Name(String),
    /// A plain number.
    Number(u32),
    /// Two to four numbers with dots between them.
    Dotted(Dotted),
    /// `dotted/len`
    DottedPrefix(Dotted, u32),
    /// `dotted mask dotted`
    DottedMask(Dotted, Dotted),
    /// An IPv6 address, most significant byte first.
    Ipv6([u8; 16]),
    /// `ipv6/len`
    Ipv6Prefix([u8; 16], u32),
    /// A 48-bit MAC address.
    Mac([u8; 6]),
    /// `$xx`: an 8-bit MAC address (ARCNET, BACnet).
    Mac8(u8),
}

/// Two to four numbers with dots between them, each as written (it may be too big for a byte).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dotted {
    /// The numbers, left to right.
    pub parts: Vec<u32>,
    /// The text as written.
    pub text: String,
}

impl Ast {
    /// Adds a boolean node.
    pub fn add_expr(&mut self, kind: ExprKind, span: Span) -> ExprId {
        let id = ExprId(index(self.exprs.len()));
        self.exprs.push(Expr { kind, span });
        id
    }

    /// Adds an arithmetic node.
    pub fn add_arith(&mut self, kind: ArithKind, span: Span) -> ArithId {
        let id = ArithId(index(self.ariths.len()));
        self.ariths.push(Arith { kind, span });
        id
    }

    /// Says which node is the whole filter.
    pub fn set_root(&mut self, root: ExprId) {
        self.root = Some(root);
    }

    /// The whole filter; `None` for the empty filter, which accepts everything.
    #[must_use]
    pub fn root(&self) -> Option<ExprId> {
        self.root
    }

    /// A boolean node.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "ids come only from the arena they are used on")]
    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.0 as usize]
    }

    /// A boolean node, to be changed.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "ids come only from the arena they are used on")]
    pub fn expr_mut(&mut self, id: ExprId) -> &mut Expr {
        &mut self.exprs[id.0 as usize]
    }

    /// An arithmetic node.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "ids come only from the arena they are used on")]
    pub fn arith(&self, id: ArithId) -> &Arith {
        &self.ariths[id.0 as usize]
    }

    /// All arithmetic nodes but the first few, operands before what is computed from them.
    pub fn ariths_after(&self, skipped: usize) -> impl Iterator<Item = (ArithId, &Arith)> {
        // Skipped before the ids are made: then it takes no time, however many they are.
        self.ariths.iter().enumerate().skip(skipped).map(|(at, arith)| (ArithId(index(at)), arith))
    }

    /// All boolean nodes, children before parents.
    pub fn exprs(&self) -> impl Iterator<Item = (ExprId, &Expr)> {
        self.exprs.iter().enumerate().map(|(at, expr)| (ExprId(index(at)), expr))
    }
}

impl ExprId {
    /// For tables with one entry a boolean node.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl ArithId {
    /// For tables with one entry an arithmetic node.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The text is at most `limits::TEXT_BYTES_MAX` long, and no byte of it makes more than one node of a kind.
fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
