//! What the values of the graph are called.
//!
//! ```text
//! ldh [12]            where the link layer has its protocol       EtherType
//! ldb [23]            9 bytes into the network header             IPv4 protocol
//! ldh [x + 16]        2 bytes behind an IPv4 header               destination port
//! ldw [26] & mask     12 bytes into the network header            IPv4 source under the mask ...
//! ```
//!
//! The same bytes have other names in other headers. Which header a clause speaks of is known from its words (`ip6 src
//! ...`, `arp[6:2]`) and from where [`Layers`] says that the headers lie; what remains open is called by its place.

mod headers;
mod numbers;

use alloc::format;
use alloc::string::String;

use bpf_core::{AluOp, Cond, Size};

pub(super) use numbers::{beside_packet, ethertype_name, protocol_name};

use super::Explanation;
use super::render::grouped;
use crate::graph::{Node, NodeId, Offset, Register, Test, Value, ValueId};
use crate::link::Layers;
use crate::syntax::ast::ExprId;
use headers::{Context, Header, header_of, link_field, network_field, transport_field};
use numbers::dotted;

/// How numbers of a field are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Decimal,
    Hex,
    EtherType,
    Protocol,
    Ipv4,
    /// In the upper half of a byte.
    Version,
    /// In the upper 20 bits.
    Label,
}

/// A value's name, and how its numbers are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) style: Style,
}

impl Field {
    fn new(name: impl Into<String>, style: Style) -> Self {
        Self { name: name.into(), style }
    }

    /// A number as this field writes it.
    pub(super) fn number(&self, number: u32) -> String {
        match self.style {
            Style::Decimal => format!("{number}"),
            Style::Hex => format!("{number:#x}"),
            Style::EtherType => match ethertype_name(number) {
                Some(name) => format!("{number:#06x} ({name})"),
                None => format!("{number:#06x}"),
            },
            Style::Protocol => match protocol_name(number) {
                Some(name) => format!("{number} ({name})"),
                None => format!("{number}"),
            },
            Style::Ipv4 => dotted(number),
            Style::Version => format!("{}", number >> 4),
            Style::Label => format!("{}", number >> 12),
        }
    }

    /// How much it says about a packet that it has been compared: that a port was looked at says more than that the packet
    /// was found to be IPv4 before.
    pub(super) fn weight(&self) -> u32 {
        match self.style {
            Style::EtherType | Style::Version => 0,
            Style::Protocol => 1,
            _ if self.name == FRAGMENT_FIELD => 2,
            _ if matches!(self.name.as_str(), "address family" | "PPP protocol") => 0,
            _ => 3,
        }
    }
}

/// Compared before ports, to see that there are any.
const FRAGMENT_FIELD: &str = "IPv4 fragment field";

impl Explanation<'_> {
    /// A node in a few words.
    pub(super) fn node_text(&self, node: NodeId) -> String {
        match self.lowered.graph.node(node) {
            Node::Branch { test, .. } => self.test_text(node, &test),
            Node::Store { store, .. } => {
                format!("M[{}] keeps {}", word_of(store.variable.index()), self.field(store.value, None).name)
            }
            Node::Give { gift, .. } => {
                let register = match gift.register {
                    Register::A => "A",
                    Register::X => "X",
                };
                format!("{register} is {}", self.field(gift.value, None).name)
            }
            Node::Again(_) => "and so on with the next header".into(),
            Node::Verdict(0) => "no match".into(),
            Node::Verdict(snap_len) => format!("match: keep {} bytes", grouped(snap_len as usize)),
        }
    }

    /// A comparison as a condition.
    fn test_text(&self, node: NodeId, test: &Test) -> String {
        let clause = self.clause_at(test.origin);
        let field = self.tested_field(node, test, clause);
        let right = match self.lowered.values.get(test.right) {
            Value::Const(number) => return condition(&field, test.cond, number),
            _ => self.field(test.right, clause).name,
        };
        format!("{} {} {right}", field.name, sign(test.cond))
    }

    /// The name of what a node tests; where several ways share it, the names of all.
    pub(super) fn tested_field(&self, node: NodeId, test: &Test, clause: Option<ExprId>) -> Field {
        let originals = self.lowered.graph.originals(node);
        let fields = originals.iter().map(|original| self.field(*original, clause));
        fields.reduce(either).unwrap_or_else(|| self.field(test.left, clause))
    }

    /// The name of a value in a clause.
    pub(super) fn field(&self, value: ValueId, clause: Option<ExprId>) -> Field {
        let context = Context {
            layers: self.lowered.clauses.layers.first().map(|(_, layers)| layers),
            header: Header::Open,
            transport: None,
        };
        let context = clause.map_or(context, |clause| {
            let (header, transport) = header_of(&self.ast, &self.ast.expr(clause).kind);
            Context { layers: self.lowered.clauses.layers_of(clause), header, transport }
        });
        self.name(value, context)
    }

    fn name(&self, value: ValueId, context: Context<'_>) -> Field {
        let values = &self.lowered.values;
        match values.get(value) {
            Value::Alu(AluOp::And, inner, mask)
                if let (Value::Load(size, at), Value::Const(mask)) =
                    (values.get(inner), values.get(mask)) =>
            {
                self.masked(size, at, mask, context)
            }
            Value::Load(size, at) => self.load(size, at, context),
            Value::WireLen => Field::new("length on the wire", Style::Decimal),
            Value::Ancillary(which) => Field::new(beside_packet(which), Style::Decimal),
            Value::IpHeaderLen(at) => {
                Field::new(format!("length of the IPv4 header at {at}"), Style::Decimal)
            }
            Value::Const(number) => Field::new(format!("{number}"), Style::Decimal),
            Value::Variable(variable) => {
                Field::new(format!("M[{}]", word_of(variable.index())), Style::Decimal)
            }
            Value::Given(register) => Field::new(format!("{register:?}"), Style::Decimal),
            Value::Alu(op, left, right) => {
                let (left, right) = (self.operand(left, context), self.operand(right, context));
                Field::new(format!("{left} {} {right}", alu_sign(op)), Style::Decimal)
            }
            Value::Neg(operand) => Field::new(format!("-{}", self.operand(operand, context)), Style::Decimal),
        }
    }

    /// What is deeper than one operation is not spelled out: the clause beside it says it better.
    fn operand(&self, value: ValueId, context: Context<'_>) -> String {
        match self.lowered.values.get(value) {
            Value::Alu(..) | Value::Neg(_) => "(...)".into(),
            Value::Load(size, at) => self.load(size, at, context).name,
            Value::Const(number) => format!("{number}"),
            Value::WireLen => "length on the wire".into(),
            Value::Ancillary(which) => beside_packet(which).into(),
            Value::IpHeaderLen(at) => format!("length of the IPv4 header at {at}"),
            Value::Variable(variable) => format!("M[{}]", word_of(variable.index())),
            Value::Given(register) => format!("{register:?}"),
        }
    }

    fn masked(&self, size: Size, at: Offset, mask: u32, context: Context<'_>) -> Field {
        let network = context.layers.map(|layers| layers.network(0));
        match (size, mask) {
            (Size::Word, 0x1fff_00ff) if network.is_some_and(|network| at == network.plus(6)) => {
                return Field::new("IPv4 fragment offset and protocol", Style::Protocol);
            }
            (Size::Byte, 0xf0) if Some(at) == network => {
                return Field::new("IP version", Style::Version);
            }
            (Size::Half, 0x0fff) if Some(at) == network => return Field::new("VLAN id", Style::Decimal),
            (Size::Word, 0xffff_f000) if Some(at) == network => {
                return Field::new("MPLS label", Style::Label);
            }
            _ => {}
        }
        let field = self.load(size, at, context);
        match field.style {
            Style::Ipv4 => Field::new(format!("{} under the mask {}", field.name, dotted(mask)), Style::Ipv4),
            _ => Field::new(format!("{} & {mask:#x}", field.name), Style::Hex),
        }
    }

    fn load(&self, size: Size, at: Offset, context: Context<'_>) -> Field {
        if let Some(layers) = context.layers {
            let known = link_field(size, at, layers)
                .or_else(|| {
                    let network = layers.network(0);
                    let bytes =
                        (network.base == at.base).then(|| at.constant.checked_sub(network.constant))??;
                    network_field(size, bytes, context)
                })
                .or_else(|| {
                    let is_transport = self.is_behind_ipv4(at, layers);
                    let bytes = at.constant.checked_sub(layers.network(0).constant)?;
                    is_transport.then(|| transport_field(size, bytes, context))?
                });
            if let Some(field) = known {
                return field;
            }
        }
        let bytes = match size {
            Size::Byte => "byte ",
            Size::Half => "2 bytes at ",
            Size::Word => "4 bytes at ",
        };
        let place = match at.base.map(|base| self.lowered.values.get(base)) {
            None => format!("{bytes}{}", at.constant),
            Some(Value::IpHeaderLen(header)) => {
                format!("{bytes}{} behind the IPv4 header at {header}", at.constant.wrapping_sub(header))
            }
            Some(Value::Variable(variable)) => match at.constant {
                0 => format!("{bytes}M[{}]", word_of(variable.index())),
                constant => format!("{bytes}M[{}] + {constant}", word_of(variable.index())),
            },
            Some(_) => format!("{}at a computed place", bytes.trim_end_matches("at ")),
        };
        Field::new(place, if size == Size::Byte { Style::Decimal } else { Style::Hex })
    }

    /// Whether a place is counted from the end of the IPv4 header of these layers.
    fn is_behind_ipv4(&self, at: Offset, layers: &Layers) -> bool {
        match at.base.map(|base| self.lowered.values.get(base)) {
            Some(Value::IpHeaderLen(header)) => layers.network(0) == Offset::at(header),
            // The length of the header, and where the header begins.
            Some(Value::Alu(AluOp::Add, _, before)) => layers.network(0).base == Some(before),
            _ => false,
        }
    }
}

/// A field that is one or the other, by what the packet is.
fn either(one: Field, other: Field) -> Field {
    let bare = |name: &str| String::from(name.split(" (IPv").next().unwrap_or(name));
    let style = if one.style == other.style { one.style } else { Style::Decimal };
    let name = if one.name == other.name || bare(&one.name) == bare(&other.name) {
        bare(&one.name)
    } else {
        format!("{} or {}", one.name, other.name)
    };
    Field { name, style }
}

/// A field held against a number, in words.
fn condition(field: &Field, cond: Cond, number: u32) -> String {
    format!("{} {}", field.name, asked(field, cond, number))
}

/// The same without the field.
pub(super) fn asked(field: &Field, cond: Cond, number: u32) -> String {
    match cond {
        Cond::Set if number == 0x1fff && field.name == FRAGMENT_FIELD => {
            "has one of the bits 0x1fff (a later fragment)".into()
        }
        Cond::Set => format!("has one of the bits {number:#x}"),
        // Below that it is a length.
        Cond::Gt if field.style == Style::EtherType => format!("is greater than {number}"),
        Cond::Eq => format!("is {}", field.number(number)),
        Cond::Gt => format!("is greater than {}", field.number(number)),
        Cond::Ge => format!("is at least {}", field.number(number)),
    }
}

/// The scratch word of a variable, counted from the last one.
fn word_of(variable: u32) -> u32 {
    bpf_core::SCRATCH_WORDS.saturating_sub(1).saturating_sub(variable)
}

pub(super) const fn sign(cond: Cond) -> &'static str {
    match cond {
        Cond::Eq => "=",
        Cond::Gt => ">",
        Cond::Ge => ">=",
        Cond::Set => "&",
    }
}

const fn alu_sign(op: AluOp) -> &'static str {
    match op {
        AluOp::Add => "+",
        AluOp::Sub => "-",
        AluOp::Mul => "*",
        AluOp::Div => "/",
        AluOp::Mod => "%",
        AluOp::And => "&",
        AluOp::Or => "|",
        AluOp::Xor => "^",
        AluOp::Lsh => "<<",
        AluOp::Rsh => ">>",
    }
}
