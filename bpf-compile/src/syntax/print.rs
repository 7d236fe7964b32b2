//! Tree to text that parses to the same tree.
//!
//! Rules:
//! - All qualifiers are written out, so nothing depends on what stands beside it.
//! - Parentheses stand around every `and` or `or` inside of another, and around every computed operand of an
//!   operator that would otherwise be read differently.
//! - A name that would be read as anything else gets a backslash.
//!
//! Invariant: `same_meaning(parse(print(ast)), ast)` for every tree that `parse` gives. Nothing recurses.

use alloc::string::{String, ToString as _};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::Write as _;
use core::net::Ipv6Addr;

use super::Dialect;
use super::ast::{
    ArithId, ArithKind, ArithOp, Ast, ByteOp, ExprId, ExprKind, Id, NameOrNumber, Primitive, Quals, RelOp,
};
use super::lexer::Lexer;
use super::parser::finishes;
use super::token::TokenKind;
use super::words::Field80211;

/// The filter as text; empty for the empty filter.
#[must_use]
pub fn print(ast: &Ast) -> String {
    ast.root().map(|root| print_part(ast, root)).unwrap_or_default()
}

/// One node of the filter as text. Two nodes with the same text mean the same in the same place.
pub(crate) fn print_part(ast: &Ast, node: ExprId) -> String {
    let mut printer = Printer { ast, out: String::new(), work: vec![Work::Expr(node)] };
    while let Some(work) = printer.work.pop() {
        match work {
            Work::Expr(id) => printer.expr(id),
            Work::Arith(id) => printer.arith(id),
            Work::Text(text) => printer.out.push_str(text),
            Work::Size(size) => printer.write(format_args!(":{size}]")),
        }
    }
    printer.out
}

/// What is still to be printed; the last first.
enum Work {
    Expr(ExprId),
    Arith(ArithId),
    Text(&'static str),
    Size(u32),
}

struct Printer<'a> {
    ast: &'a Ast,
    out: String,
    work: Vec<Work>,
}

impl Printer<'_> {
    /// Writing to a string does not fail.
    fn write(&mut self, text: core::fmt::Arguments<'_>) {
        let _ = self.out.write_fmt(text);
    }

    /// Puts work on the stack so that it is done in the order given.
    fn then(&mut self, work: Vec<Work>) {
        self.work.extend(work.into_iter().rev());
    }

    fn expr(&mut self, id: ExprId) {
        match &self.ast.expr(id).kind {
            ExprKind::And(items) => self.chain(items, " and "),
            ExprKind::Or(items) => self.chain(items, " or "),
            ExprKind::Not(operand) => {
                self.out.push_str("not ");
                let operand = self.item(*operand);
                self.then(operand);
            }
            ExprKind::Relation { op, left, right } => {
                self.then(vec![Work::Arith(*left), Work::Text(relation(*op)), Work::Arith(*right)]);
            }
            ExprKind::Primitive(primitive) => self.primitive(primitive),
        }
    }

    fn chain(&mut self, items: &[ExprId], junction: &'static str) {
        let mut work = Vec::new();
        for (at, &id) in items.iter().enumerate() {
            if at > 0 {
                work.push(Work::Text(junction));
            }
            work.extend(self.item(id));
        }
        self.then(work);
    }

    /// An operand of a boolean operator.
    fn item(&self, id: ExprId) -> Vec<Work> {
        match self.ast.expr(id).kind {
            ExprKind::And(_) | ExprKind::Or(_) => vec![Work::Text("("), Work::Expr(id), Work::Text(")")],
            _ => vec![Work::Expr(id)],
        }
    }

    fn arith(&mut self, id: ArithId) {
        match &self.ast.arith(id).kind {
            ArithKind::Number(number) => self.write(format_args!("{number}")),
            ArithKind::Len => self.out.push_str("len"),
            ArithKind::Neg(operand) => {
                self.out.push('-');
                let operand = self.operand(*operand, None);
                self.then(operand);
            }
            ArithKind::Binary { op, left, right } => {
                let mut work = self.operand(*left, Some(*op));
                work.push(Work::Text(operator(*op)));
                work.extend(self.operand(*right, None));
                self.then(work);
            }
            ArithKind::Load { proto, offset, size, .. } => {
                self.out.push_str(proto.as_str());
                self.out.push('[');
                let end = if *size == 1 { Work::Text("]") } else { Work::Size(*size) };
                self.then(vec![Work::Arith(*offset), end]);
            }
        }
    }

    /// An operand of an operator. One on the left needs no parentheses if `next`, the operator behind it, finds it
    /// finished.
    fn operand(&self, id: ArithId, next: Option<ArithOp>) -> Vec<Work> {
        let bare = match (&self.ast.arith(id).kind, next) {
            (ArithKind::Binary { op, .. }, Some(next)) => finishes(Some(*op), next),
            (ArithKind::Neg(_), Some(next)) => finishes(None, next),
            (ArithKind::Binary { .. } | ArithKind::Neg(_), None) => false,
            _ => true,
        };
        if bare { vec![Work::Arith(id)] } else { vec![Work::Text("("), Work::Arith(id), Work::Text(")")] }
    }

    fn primitive(&mut self, primitive: &Primitive) {
        match primitive {
            Primitive::Qualified(qualified) => {
                self.quals(qualified.quals);
                self.id(&qualified.id);
            }
            Primitive::Proto(proto) => self.out.push_str(proto.as_str()),
            Primitive::Broadcast(proto) => self.spread(*proto, "broadcast"),
            Primitive::Multicast(proto) => self.spread(*proto, "multicast"),
            Primitive::Less(number) => self.write(format_args!("less {number}")),
            Primitive::Greater(number) => self.write(format_args!("greater {number}")),
            Primitive::Byte { offset, op, value } => {
                self.write(format_args!("byte {offset} {} {value}", byte_op(*op)));
            }
            Primitive::Inbound => self.out.push_str("inbound"),
            Primitive::Outbound => self.out.push_str("outbound"),
            Primitive::IfIndex(number) => self.write(format_args!("ifindex {number}")),
            Primitive::Encap { kind, id, port } => {
                self.out.push_str(kind.as_str());
                if let Some((number, _)) = id {
                    self.write(format_args!(" {number}"));
                }
                if let Some((number, _)) = port {
                    self.write(format_args!(" port {number}"));
                }
            }
            Primitive::Pf { field, value } => {
                self.out.push_str(field.as_str());
                self.name_or_number(value);
            }
            Primitive::Wlan { field } => self.wlan(field),
            Primitive::Llc(kind) => {
                self.out.push_str("llc");
                if let Some(kind) = kind {
                    self.out.push(' ');
                    self.name(&kind.text);
                }
            }
            Primitive::Bare(keyword) => self.out.push_str(keyword.as_str()),
            Primitive::Field { field, tests } => {
                self.out.push_str(field.as_str());
                self.tests(tests);
            }
        }
    }

    fn spread(&mut self, proto: Option<super::words::ProtoName>, word: &str) {
        if let Some(proto) = proto {
            self.out.push_str(proto.as_str());
            self.out.push(' ');
        }
        self.out.push_str(word);
    }

    fn quals(&mut self, quals: Quals) {
        let words =
            [quals.proto.map(|p| p.as_str()), quals.dir.map(|d| d.as_str()), quals.kind.map(|k| k.as_str())];
        for word in words.into_iter().flatten() {
            self.out.push_str(word);
            self.out.push(' ');
        }
    }

    fn id(&mut self, id: &Id) {
        match id {
            Id::Name(name) => self.name(name),
            Id::Number(number) => self.write(format_args!("{number}")),
            Id::Dotted(address) => self.out.push_str(&address.text),
            Id::DottedPrefix(address, len) => self.write(format_args!("{}/{len}", address.text)),
            Id::DottedMask(address, mask) => self.write(format_args!("{} mask {}", address.text, mask.text)),
            Id::Ipv6(address) => self.write(format_args!("{}", Ipv6Addr::from(*address))),
            Id::Ipv6Prefix(address, len) => self.write(format_args!("{}/{len}", Ipv6Addr::from(*address))),
            Id::Mac([a, b, c, d, e, f]) => {
                self.write(format_args!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}"));
            }
            Id::Mac8(byte) => self.write(format_args!("${byte:02x}")),
        }
    }

    fn wlan(&mut self, field: &Field80211) {
        match field {
            Field80211::Type(kind) => {
                self.out.push_str("type");
                self.name_or_number(kind);
            }
            Field80211::TypeSubtype(kind, subtype) => {
                self.out.push_str("type");
                self.name_or_number(kind);
                self.out.push_str(" subtype");
                self.name_or_number(subtype);
            }
            Field80211::Subtype(subtype) => {
                self.out.push_str("subtype");
                self.name_or_number(subtype);
            }
            Field80211::Dir(dir) => {
                self.out.push_str("dir");
                self.name_or_number(dir);
            }
        }
    }

    fn tests(&mut self, tests: &[(RelOp, u32)]) {
        if let [(op, number)] = tests {
            self.out.push_str(relation(*op));
            self.write(format_args!("{number}"));
            return;
        }
        let numbers: Vec<String> = tests.iter().map(|(_, number)| number.to_string()).collect();
        self.write(format_args!(" ({})", numbers.join(" or ")));
    }

    fn name_or_number(&mut self, value: &NameOrNumber) {
        self.out.push(' ');
        match value {
            NameOrNumber::Name(word) => self.name(&word.text),
            NameOrNumber::Number(number, _) => self.write(format_args!("{number}")),
        }
    }

    fn name(&mut self, name: &str) {
        let bare = Lexer::new(name, Dialect::Extended)
            .read()
            .is_ok_and(|token| token.kind == TokenKind::Word(name) && token.span.end as usize == name.len());
        if !bare {
            self.out.push('\\');
        }
        self.out.push_str(name);
    }
}

const fn relation(op: RelOp) -> &'static str {
    match op {
        RelOp::Eq => " = ",
        RelOp::Ne => " != ",
        RelOp::Gt => " > ",
        RelOp::Ge => " >= ",
        RelOp::Lt => " < ",
        RelOp::Le => " <= ",
    }
}

const fn operator(op: ArithOp) -> &'static str {
    match op {
        ArithOp::Add => " + ",
        ArithOp::Sub => " - ",
        ArithOp::Mul => " * ",
        ArithOp::Div => " / ",
        ArithOp::Mod => " % ",
        ArithOp::And => " & ",
        ArithOp::Or => " | ",
        ArithOp::Xor => " ^ ",
        ArithOp::Shl => " << ",
        ArithOp::Shr => " >> ",
    }
}

const fn byte_op(op: ByteOp) -> char {
    match op {
        ByteOp::Eq => '=',
        ByteOp::Lt => '<',
        ByteOp::Gt => '>',
        ByteOp::And => '&',
        ByteOp::Or => '|',
    }
}

#[cfg(test)]
mod tests;
