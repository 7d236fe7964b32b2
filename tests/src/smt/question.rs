//! Terms as SMT-LIB text, and their values under what the solver answers.
//!
//! ```text
//! bytes at constant places    b12       one unknown each
//! bytes at computed places    i0, i1    one unknown each, whatever the place; equal places are told apart only by terms ...
//! x * y, x / y, x % y         o0, o1    one unknown each
//! ```
//!
//! ... at first. This asks for more packets than there are, so that "none" proves what is asked. Where an answer gives the same
//! place two values, or a product a wrong one, exactly that is forbidden ([`Question::refine`]) and asked again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

use bpf_core::{AluOp, Ancillary, CAPTURED_LEN_MAX, Size};

use super::term::{Address, Node, Term, Terms, compute};
use super::witness::Witness;

/// Whether something can satisfy a truth.
#[derive(Debug)]
pub struct Question<'t> {
    terms: &'t Terms,
    truth: Term,
    /// The terms that it is made of.
    used: Vec<Term>,
    /// The bytes that are read, with the names of their unknowns.
    bytes: BTreeMap<Address, String>,
    /// Operations that are unknowns so far.
    opaque: BTreeMap<Term, String>,
    /// Pairs of bytes that are equal if their places are.
    paired: BTreeSet<(Address, Address)>,
}

/// Values of all words and truths (0 and 1) of a question.
#[derive(Debug)]
struct Values(HashMap<Term, u32>);

impl Values {
    fn of(&self, term: Term) -> u32 {
        self.0.get(&term).copied().unwrap_or_default()
    }

    fn place(&self, address: Address) -> u32 {
        address.base.map_or(0, |base| self.of(base)).wrapping_add(address.offset)
    }
}

impl<'t> Question<'t> {
    /// A question; nothing is known of operations and computed places.
    #[must_use]
    pub fn new(terms: &'t Terms, truth: Term) -> Self {
        let used = used(terms, truth);
        let (mut bytes, mut opaque) = (BTreeMap::new(), BTreeMap::new());
        for term in &used {
            match terms.node(*term) {
                Node::Load(size, address) => {
                    for at in 0..size.bytes() {
                        let (place, count) = (address.plus(at), bytes.len());
                        bytes.entry(place).or_insert_with(|| match place.base {
                            None => format!("b{}", place.offset),
                            Some(_) => format!("i{count}"),
                        });
                    }
                }
                Node::Alu(AluOp::Mul | AluOp::Div | AluOp::Mod, ..) => {
                    opaque.insert(*term, format!("o{}", term.index()));
                }
                _ => {}
            }
        }
        Self { terms, truth, used, bytes, opaque, paired: BTreeSet::new() }
    }

    /// The names of all unknowns.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.bytes.values().chain(self.opaque.values()).cloned().collect();
        for term in &self.used {
            match self.terms.node(*term) {
                Node::Len | Node::WireLen | Node::Ancillary(_) | Node::Known(_) => {
                    names.push(self.name(*term))
                }
                _ => {}
            }
        }
        names
    }

    fn name(&self, term: Term) -> String {
        match self.terms.node(term) {
            Node::Len => "len".into(),
            Node::WireLen => "wire".into(),
            Node::Ancillary(which) => format!("value{}", which as u32),
            Node::Known(which) => format!("known{}", which as u32),
            Node::Const(k) => format!("#x{k:08x}"),
            Node::Bool(truth) => truth.to_string(),
            _ => self.opaque.get(&term).cloned().unwrap_or_else(|| format!("t{}", term.index())),
        }
    }

    /// The text; `len_max` bounds the captured length.
    #[must_use]
    pub fn text(&self, len_max: u32) -> String {
        let mut text = String::from("(set-logic QF_BV)\n");
        for name in self.bytes.values() {
            // Writing to a string cannot fail, here and below.
            let _ = writeln!(text, "(declare-const {name} (_ BitVec 8))");
        }
        for name in self.opaque.values() {
            let _ = writeln!(text, "(declare-const {name} (_ BitVec 32))");
        }
        for term in &self.used {
            self.write(&mut text, *term);
        }
        if self.used.iter().any(|term| self.terms.node(*term) == Node::Len) {
            let _ = writeln!(text, "(assert (bvule len #x{:08x}))", len_max.min(CAPTURED_LEN_MAX));
        }
        for (one, other) in &self.paired {
            let (Some(first), Some(second)) = (self.bytes.get(one), self.bytes.get(other)) else { continue };
            let (here, there) = (self.place(*one), self.place(*other));
            let _ = writeln!(text, "(assert (=> (= {here} {there}) (= {first} {second})))");
        }
        let _ = writeln!(text, "(assert {})", self.name(self.truth));
        text
    }

    fn place(&self, address: Address) -> String {
        let offset = format!("#x{:08x}", address.offset);
        address.base.map_or(offset.clone(), |base| format!("(bvadd {} {offset})", self.name(base)))
    }

    fn write(&self, text: &mut String, term: Term) {
        let name = self.name(term);
        let of = |term: Term| self.name(term);
        let (sort, body) = match self.terms.node(term) {
            Node::Const(_) | Node::Bool(_) => return,
            Node::Len | Node::WireLen | Node::Ancillary(_) => {
                let _ = writeln!(text, "(declare-const {name} (_ BitVec 32))");
                return;
            }
            Node::Known(_) => {
                let _ = writeln!(text, "(declare-const {name} Bool)");
                return;
            }
            Node::Alu(..) if self.opaque.contains_key(&term) => return,
            Node::Load(size, address) => {
                let byte = |at: u32| self.bytes.get(&address.plus(at)).cloned().unwrap_or_default();
                let body = match size {
                    Size::Byte => format!("((_ zero_extend 24) {})", byte(0)),
                    Size::Half => format!("((_ zero_extend 16) (concat {} {}))", byte(0), byte(1)),
                    Size::Word => format!("(concat {} {} {} {})", byte(0), byte(1), byte(2), byte(3)),
                };
                ("(_ BitVec 32)", body)
            }
            Node::Alu(op, one, other) => {
                let function = match op {
                    AluOp::Add => "bvadd",
                    AluOp::Sub => "bvsub",
                    AluOp::Mul => "bvmul",
                    AluOp::Div => "bvudiv",
                    AluOp::Mod => "bvurem",
                    AluOp::Or => "bvor",
                    AluOp::And => "bvand",
                    AluOp::Xor => "bvxor",
                    AluOp::Lsh => "bvshl",
                    AluOp::Rsh => "bvlshr",
                };
                ("(_ BitVec 32)", format!("({function} {} {})", of(one), of(other)))
            }
            Node::Ite(truth, one, other) => {
                ("(_ BitVec 32)", format!("(ite {} {} {})", of(truth), of(one), of(other)))
            }
            Node::Not(truth) => ("Bool", format!("(not {})", of(truth))),
            Node::And(one, other) => ("Bool", format!("(and {} {})", of(one), of(other))),
            Node::Or(one, other) => ("Bool", format!("(or {} {})", of(one), of(other))),
            Node::Xor(one, other) => ("Bool", format!("(xor {} {})", of(one), of(other))),
            Node::Eq(one, other) => ("Bool", format!("(= {} {})", of(one), of(other))),
            Node::Le(one, other) => ("Bool", format!("(bvule {} {})", of(one), of(other))),
        };
        let _ = writeln!(text, "(define-fun {name} () {sort} {body})");
    }

    /// The packet that an answer describes: of two bytes in the same place, the one of the constant place.
    #[must_use]
    pub fn packet(&self, answer: &BTreeMap<String, u32>) -> Witness {
        let values = self.values(answer);
        let value = |name: &str| answer.get(name).copied();
        // Without a load the length does not matter; the longest packet lets every load of others through.
        let mut packet = Witness {
            captured_len: value("len").unwrap_or_default(),
            wire_len: value("wire").unwrap_or_default(),
            ..Witness::default()
        };
        for (address, name) in self.bytes.iter().rev() {
            let byte = u8::try_from(value(name).unwrap_or_default()).unwrap_or_default();
            packet.bytes.insert(values.place(*address), byte);
        }
        for which in Ancillary::ALL {
            if value(&format!("known{}", which as u32)) == Some(1) {
                packet.metadata.insert(which, value(&format!("value{}", which as u32)).unwrap_or_default());
            }
        }
        packet
    }

    /// Forbids what is wrong in an answer; false if nothing is.
    pub fn refine(&mut self, answer: &BTreeMap<String, u32>) -> bool {
        let values = self.values(answer);
        let mut by_place: BTreeMap<u32, Vec<Address>> = BTreeMap::new();
        for address in self.bytes.keys() {
            by_place.entry(values.place(*address)).or_default().push(*address);
        }
        let before = self.paired.len();
        let byte = |address: &Address| self.bytes.get(address).and_then(|name| answer.get(name));
        for same in by_place.values() {
            for (index, one) in same.iter().enumerate() {
                for other in same.iter().skip(index + 1) {
                    if byte(one) != byte(other) {
                        self.paired.insert((*one, *other));
                    }
                }
            }
        }
        let wrong: Vec<_> = self
            .opaque
            .iter()
            .filter(|(term, name)| match self.terms.node(**term) {
                Node::Alu(op, one, other) => {
                    let right = compute(op, values.of(one), values.of(other));
                    right.is_some() && right.as_ref() != answer.get(name.as_str())
                }
                _ => false,
            })
            .map(|(term, _)| *term)
            .collect();
        for term in &wrong {
            self.opaque.remove(term);
        }
        self.paired.len() > before || !wrong.is_empty()
    }

    /// Whether the truth holds under an answer: by our arithmetic, not the solver's.
    #[must_use]
    pub fn holds(&self, answer: &BTreeMap<String, u32>) -> bool {
        self.values(answer).of(self.truth) == 1
    }

    fn values(&self, answer: &BTreeMap<String, u32>) -> Values {
        let named = |name: &str| answer.get(name).copied().unwrap_or_default();
        evaluate(self.terms, &self.used, |_, term, node| match node {
            Node::Len | Node::WireLen | Node::Ancillary(_) | Node::Known(_) => Some(named(&self.name(term))),
            Node::Load(size, address) => Some((0..size.bytes()).fold(0, |word, at| {
                word << 8 | self.bytes.get(&address.plus(at)).map_or(0, |name| named(name))
            })),
            _ => self.opaque.get(&term).map(|name| named(name)),
        })
    }
}

/// What a word is for a packet; its bytes beyond the captured ones are 0.
#[must_use]
pub fn value_for(terms: &Terms, word: Term, packet: &Witness) -> u32 {
    let values = evaluate(terms, &used(terms, word), |values, _, node| {
        Some(match node {
            Node::Len => packet.captured_len,
            Node::WireLen => packet.wire_len,
            Node::Ancillary(which) => packet.metadata.get(&which).copied().unwrap_or_default(),
            Node::Known(which) => packet.metadata.contains_key(&which).into(),
            Node::Load(size, address) => (0..size.bytes()).fold(0, |word, at| {
                let place = values.place(address.plus(at));
                word << 8 | packet.bytes.get(&place).copied().map_or(0, u32::from)
            }),
            _ => return None,
        })
    });
    values.of(word)
}

/// The values of terms in order; `leaf` gives those of unknowns.
fn evaluate(terms: &Terms, used: &[Term], leaf: impl Fn(&Values, Term, Node) -> Option<u32>) -> Values {
    let mut values = Values(HashMap::with_capacity(used.len()));
    for term in used {
        let node = terms.node(*term);
        let of = |term: Term| values.of(term);
        let value = leaf(&values, *term, node).unwrap_or_else(|| match node {
            Node::Const(k) => k,
            Node::Bool(truth) => truth.into(),
            Node::Alu(op, one, other) => compute(op, of(one), of(other)).unwrap_or_default(),
            Node::Ite(truth, one, other) => of(if of(truth) == 1 { one } else { other }),
            Node::Not(truth) => 1 - of(truth),
            Node::And(one, other) => of(one) & of(other),
            Node::Or(one, other) => of(one) | of(other),
            Node::Xor(one, other) => of(one) ^ of(other),
            Node::Eq(one, other) => (of(one) == of(other)).into(),
            Node::Le(one, other) => (of(one) <= of(other)).into(),
            Node::Len | Node::WireLen | Node::Ancillary(_) | Node::Known(_) | Node::Load(..) => 0,
        });
        values.0.insert(*term, value);
    }
    values
}

/// What a truth is made of, in order.
fn used(terms: &Terms, truth: Term) -> Vec<Term> {
    let mut wanted = vec![false; terms.count()];
    wanted[truth.index()] = true;
    let mut used = Vec::new();
    for (term, node) in terms.iter().rev().filter(|(term, _)| term.index() <= truth.index()) {
        if !wanted[term.index()] {
            continue;
        }
        used.push(term);
        let parts = match node {
            Node::Load(_, Address { base, .. }) => [base, None, None],
            Node::Alu(_, one, other)
            | Node::And(one, other)
            | Node::Or(one, other)
            | Node::Xor(one, other)
            | Node::Eq(one, other)
            | Node::Le(one, other) => [Some(one), Some(other), None],
            Node::Ite(truth, one, other) => [Some(truth), Some(one), Some(other)],
            Node::Not(truth) => [Some(truth), None, None],
            _ => [None; 3],
        };
        for part in parts.into_iter().flatten() {
            wanted[part.index()] = true;
        }
    }
    used.reverse();
    used
}
