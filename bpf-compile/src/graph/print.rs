//! Graphs as text, one node a line, for those who look at what a pass does.
//!
//! ```text
//! n4: [12:2] == 0x800 ? n3 : n0
//! n3: X = 4*([14:1] & 0xf) -> n2
//! n2: [x + 16:2] == 0x50 ? n1 : n0
//! n1: keep 262144
//! n0: reject
//! ```

use core::fmt;

use bpf_core::{AluOp, Cond};

use super::{Graph, Node, NodeId, Register, Value, ValueId, Values};

/// Deeper operands are not spelled out.
const DEPTH_MAX: usize = 6;

/// The nodes that packets come to, what leads before what it leads to.
pub struct Printed<'g> {
    graph: &'g Graph,
    values: &'g Values,
}

impl Graph {
    /// The graph as text.
    #[must_use]
    pub const fn printed<'g>(&'g self, values: &'g Values) -> Printed<'g> {
        Printed { graph: self, values }
    }
}

impl fmt::Display for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut reached = alloc::vec![false; self.graph.len()];
        let mark = |reached: &mut [bool], id: NodeId| {
            if let Some(slot) = reached.get_mut(id.index()) {
                *slot = true;
            }
        };
        mark(&mut reached, self.graph.entry());
        for id in self.graph.ids().rev() {
            if reached.get(id.index()) != Some(&true) {
                continue;
            }
            let node = self.graph.node(id);
            for (target, _) in node.edges() {
                mark(&mut reached, target);
            }
            write!(f, "n{}: ", id.index())?;
            match node {
                Node::Branch { test, yes, no } => {
                    self.value(f, test.left, DEPTH_MAX)?;
                    f.write_str(match test.cond {
                        Cond::Eq => " == ",
                        Cond::Gt => " > ",
                        Cond::Ge => " >= ",
                        Cond::Set => " has bits of ",
                    })?;
                    self.value(f, test.right, DEPTH_MAX)?;
                    writeln!(f, " ? n{} : n{}", yes.index(), no.index())?;
                }
                Node::Store { store, next } => {
                    write!(f, "v{} = ", store.variable.index())?;
                    self.value(f, store.value, DEPTH_MAX)?;
                    writeln!(f, " -> n{}", next.index())?;
                }
                Node::Give { gift, next } => {
                    write!(f, "{} = ", register(gift.register))?;
                    self.value(f, gift.value, DEPTH_MAX)?;
                    writeln!(f, " -> n{}", next.index())?;
                }
                Node::Again(walk) => writeln!(f, "again n{}", self.graph.head(walk).index())?,
                Node::Verdict(0) => writeln!(f, "reject")?,
                Node::Verdict(snap_len) => writeln!(f, "keep {snap_len}")?,
            }
        }
        Ok(())
    }
}

impl Printed<'_> {
    fn value(&self, f: &mut fmt::Formatter<'_>, id: ValueId, depth: usize) -> fmt::Result {
        let Some(depth) = depth.checked_sub(1) else { return f.write_str("(...)") };
        match self.values.get(id) {
            Value::Const(number) if number < 10 => write!(f, "{number}"),
            Value::Const(number) => write!(f, "{number:#x}"),
            Value::WireLen => f.write_str("len"),
            Value::Ancillary(which) => write!(f, "{which:?}"),
            Value::IpHeaderLen(at) => write!(f, "4*([{at}:1] & 0xf)"),
            Value::Variable(variable) => write!(f, "v{}", variable.index()),
            Value::Given(which) => f.write_str(register(which)),
            Value::Load(size, at) => {
                f.write_str("[")?;
                if let Some(base) = at.base {
                    self.value(f, base, depth)?;
                    f.write_str(" + ")?;
                }
                write!(f, "{}:{}]", at.constant, size.bytes())
            }
            Value::Neg(operand) => {
                f.write_str("-")?;
                self.value(f, operand, depth)
            }
            Value::Alu(op, left, right) => {
                f.write_str("(")?;
                self.value(f, left, depth)?;
                write!(f, " {} ", sign(op))?;
                self.value(f, right, depth)?;
                f.write_str(")")
            }
        }
    }
}

fn register(register: Register) -> &'static str {
    match register {
        Register::A => "a",
        Register::X => "x",
    }
}

fn sign(op: AluOp) -> &'static str {
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
