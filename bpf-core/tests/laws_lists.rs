//! Lists of values decide alike in both forms of a program, whatever they are made of.
//!
//! ```text
//!   chain    jeq 7 ─▶ jeq 9 ─▶ ...           tree    jge 40 ─▶ jge 60 ─▶ jeq 61
//!              └─▶ its end                             └─▶ jge 20 ...
//! ```

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

use bpf_core::{ChainPacket, Profile, RawInsn, SlicePacket, bpf_validate, opcode as op};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

const SIZES: [(u16, usize); 3] = [(op::B, 1), (op::H, 2), (op::W, 4)];
/// Where fields at X begin to count.
const X: u32 = 3;

fn stmt(code: u16, k: u32) -> RawInsn {
    RawInsn::stmt(code, k)
}

/// Values from one to another, and which end they go to.
#[derive(Clone, Copy, Debug)]
struct Element {
    low: u32,
    high: u32,
    end: usize,
}

/// What happens at the end of a list.
#[derive(Clone, Copy, Debug)]
enum End {
    Constant(u32),
    /// The verdict is A, so the list may not lose it.
    A,
    /// What the wire length says: nothing of the packet.
    WireLen,
}

impl End {
    fn insns(self) -> Vec<RawInsn> {
        match self {
            Self::Constant(k) => vec![stmt(op::RET | op::K, k)],
            Self::A => vec![stmt(op::RET | op::A, 0)],
            Self::WireLen => vec![stmt(op::LD | op::LEN, 0), stmt(op::RET | op::A, 0)],
        }
    }
}

/// Tests whose jumps lead to a test, or to an end.
#[derive(Clone, Copy, Debug)]
enum To {
    Test(usize),
    End(usize),
}

#[derive(Default)]
struct Code(Vec<(u16, u32, To, To)>);

impl Code {
    fn test(&mut self, cond: u16, k: u32, yes: To, no: To) {
        self.0.push((op::JMP | cond | op::K, k, yes, no));
    }

    fn next(&self) -> usize {
        self.0.len() + 1
    }

    /// One after the other; then the rest.
    fn chain(&mut self, elements: &[Element], rest: usize) {
        for (number, element) in elements.iter().enumerate() {
            let is_last = number + 1 == elements.len();
            let one = element.low == element.high;
            let after = if is_last { To::End(rest) } else { To::Test(self.next() + usize::from(!one)) };
            if one {
                self.test(op::JEQ, element.low, To::End(element.end), after);
            } else {
                self.test(op::JGE, element.low, To::Test(self.next()), after);
                self.test(op::JGT, element.high, after, To::End(element.end));
            }
        }
    }

    /// A search tree over elements in order, with chains of so many at its ends.
    fn tree(&mut self, elements: &[Element], rest: usize, leaf: usize) {
        if elements.len() <= leaf {
            return self.chain(elements, rest);
        }
        let (lower, upper) = elements.split_at(elements.len() / 2);
        let place = self.0.len();
        self.test(op::JGE, upper[0].low, To::Test(0), To::Test(0));
        self.tree(upper, rest, leaf);
        self.0[place].2 = To::Test(place + 1);
        self.0[place].3 = To::Test(self.0.len());
        self.tree(lower, rest, leaf);
    }

    /// The instructions, with what is done at each end behind the tests.
    fn insns(&self, blocks: &[Vec<RawInsn>], order: [usize; 3]) -> Vec<RawInsn> {
        let blocks_to =
            |end: usize| order.iter().take_while(move |other| **other != end).map(|&other| &blocks[other]);
        let place = |to: To| match to {
            To::Test(number) => number,
            To::End(end) => self.0.len() + blocks_to(end).map(Vec::len).sum::<usize>(),
        };
        let skip = |from: usize, to: To| u8::try_from(place(to) - from - 1).unwrap();
        let tests = self.0.iter().enumerate();
        let tests =
            tests.map(|(at, (code, k, yes, no))| RawInsn::jump(*code, *k, skip(at, *yes), skip(at, *no)));
        tests.chain(order.map(|end| blocks[end].clone()).concat()).collect()
    }
}

/// A list behind its load.
#[derive(Clone, Debug)]
struct List {
    elements: Vec<Element>,
    /// `None`: a chain.
    leaf: Option<usize>,
    /// What other values go to, and what elements do.
    ends: Vec<End>,
    /// In which order the ends stand behind the tests.
    order: [usize; 3],
    size: usize,
    at: u32,
    is_indexed: bool,
    mask: Option<u32>,
    /// How far A is shifted to the right behind that.
    shift: u32,
}

impl List {
    fn insns(&self) -> Vec<RawInsn> {
        let blocks: Vec<_> = self.ends.iter().map(|end| end.insns()).collect();
        self.before(&blocks)
    }

    /// With these blocks at its ends.
    fn before(&self, blocks: &[Vec<RawInsn>]) -> Vec<RawInsn> {
        let mode = if self.is_indexed { op::IND } else { op::ABS };
        let mut insns = vec![stmt(op::LDX | op::IMM, X), stmt(op::LD | mode | SIZES[self.size].0, self.at)];
        insns.extend(self.mask.map(|mask| stmt(op::ALU | op::AND | op::K, mask)));
        insns.extend((self.shift > 0).then(|| stmt(op::ALU | op::RSH | op::K, self.shift)));
        let mut code = Code::default();
        match self.leaf {
            None => code.chain(&self.elements, 0),
            Some(leaf) => code.tree(&self.elements, 0, leaf),
        }
        insns.extend(code.insns(blocks, self.order));
        insns
    }

    /// A packet with this value in the field, and so many bytes behind it.
    fn packet(&self, value: u32, behind: usize) -> Vec<u8> {
        let value = value << self.shift;
        let start = self.at as usize + if self.is_indexed { X as usize } else { 0 };
        let bytes = SIZES[self.size].1;
        let mut packet = vec![0x5a; start + bytes + behind];
        packet[start..start + bytes].copy_from_slice(&value.to_be_bytes()[4 - bytes..]);
        packet
    }

    fn check(&self, values: impl Iterator<Item = u32>) {
        self.check_program(&self.insns(), values);
    }

    fn check_program(&self, insns: &[RawInsn], values: impl Iterator<Item = u32>) {
        let program = bpf_validate(insns, Profile::LIBPCAP).unwrap();
        let prepared = program.prepare();
        for value in values {
            for behind in [0, 3, 9] {
                let packet = self.packet(value, behind);
                let flat = SlicePacket::new(&packet, 1_000);
                assert_eq!(prepared.run(&flat), program.run(&flat), "{value} in {self:?}");
                let len = u32::try_from(packet.len()).unwrap();
                let (head, tail) = packet.split_at(packet.len() - behind - 1);
                let chain = ChainPacket::new([head, tail].into_iter(), 0, len, 1_000);
                assert_eq!(prepared.run(&chain), program.run(&chain), "{value} in pieces in {self:?}");
                let cut = SlicePacket::new(head, 1_000);
                assert_eq!(prepared.run(&cut), program.run(&cut), "{value} cut in {self:?}");
            }
        }
    }

    fn has_table(&self) -> bool {
        let insns = self.insns();
        format!("{:?}", bpf_validate(&insns[..], Profile::LIBPCAP).unwrap().prepare()).contains("FindA")
    }

    fn borders(&self) -> Vec<u32> {
        let of = |element: &Element| {
            [element.low, element.high]
                .map(|k| [k.wrapping_sub(1), k, k.wrapping_add(1)])
                .concat()
                .into_iter()
                .chain([u32::midpoint(element.low, element.high)])
        };
        self.elements.iter().flat_map(of).chain([0, 1, u32::MAX, 1 << 31]).collect()
    }
}

fn ends() -> impl Strategy<Value = Vec<End>> {
    let end = |k| prop_oneof![4 => Just(End::Constant(k)), 1 => Just(End::A), 1 => Just(End::WireLen), 1 => Just(End::Constant(0))];
    (end(10), end(20), end(30)).prop_map(|(rest, keys, other)| vec![rest, keys, other])
}

/// Mostly single values that go to one end.
fn elements(greatest: u32) -> impl Strategy<Value = Vec<Element>> {
    let span = prop_oneof![12 => Just(0_u32), 2 => 1_u32..8, 1 => 8_u32..12];
    let end = prop_oneof![20 => Just(1_usize), 1 => Just(2_usize), 1 => Just(0_usize)];
    btree_map(0..=greatest, (span, end), 4..70).prop_map(|all| {
        let starts: Vec<_> = all.into_iter().collect();
        let behind = starts.iter().skip(1).map(|(low, _)| Some(*low)).chain([None]);
        starts
            .iter()
            .zip(behind)
            .map(|((low, (span, end)), next)| {
                let most = next.map_or(u32::MAX, |next| next - 1);
                Element { low: *low, high: low.saturating_add(*span).min(most), end: *end }
            })
            .collect()
    })
}

fn lists() -> impl Strategy<Value = List> {
    (0..SIZES.len()).prop_flat_map(|size| {
        // Neighbours among them, too.
        let greatest = prop_oneof![Just(u32::MAX >> (32 - 8 * SIZES[size].1)), Just(200_u32)];
        let mask =
            prop_oneof![3 => Just(None), 1 => any::<u32>().prop_map(Some), 1 => Just(Some(0xffff_ff00))];
        let shift = prop_oneof![4 => Just(0_u32), 1 => 1_u32..9];
        let leaf = prop_oneof![Just(None), (1_usize..4).prop_map(Some)];
        let place = (0_u32..12, any::<bool>());
        let order = prop_oneof![Just([0, 1, 2]), Just([1, 0, 2]), Just([2, 1, 0])];
        (greatest.prop_flat_map(elements), (ends(), order), leaf, place, mask, shift).prop_map(
            move |(elements, (ends, order), leaf, (at, is_indexed), mask, shift)| List {
                elements,
                leaf,
                ends,
                order,
                size,
                at,
                is_indexed,
                mask,
                shift,
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_list_means_what_its_tests_mean(list in lists(), values in vec(any::<u32>(), 50)) {
        list.check(list.borders().into_iter().chain(values));
    }

    /// The second list begins where the first one ends for other values, as those of sources and destinations do.
    #[test]
    fn a_list_behind_a_list_means_what_its_tests_mean(first in lists(), second in lists()) {
        let (mut first, mut second) = (first, second);
        first.elements.truncate(30);
        second.elements.truncate(30);
        let [_, keys, other] = [0, 1, 2].map(|end| first.ends[end].insns());
        let insns = first.before(&[second.insns(), keys, other]);
        for list in [&first, &second] {
            list.check_program(&insns, list.borders().into_iter());
        }
    }
}

fn keys(count: u32) -> Vec<Element> {
    (0..count)
        .map(|number| number.wrapping_mul(0x0101_0307) >> 2)
        .map(|low| Element { low, high: low, end: 1 })
        .collect()
}

fn plain(elements: Vec<Element>, leaf: Option<usize>) -> List {
    let ends = vec![End::Constant(1), End::Constant(2), End::Constant(3)];
    List { elements, leaf, ends, order: [0, 1, 2], size: 2, at: 26, is_indexed: false, mask: None, shift: 0 }
}

#[test]
fn chains_and_trees_of_many_values_get_a_table() {
    let mut sorted = keys(60);
    sorted.sort_by_key(|element| element.low);
    for list in [plain(keys(60), None), plain(sorted.clone(), Some(1)), plain(sorted, Some(3))] {
        assert!(list.has_table());
        list.check(list.borders().into_iter());
    }
}

#[test]
fn a_value_with_an_end_of_its_own_keeps_the_table_of_the_others() {
    let mut elements = keys(60);
    elements[17].end = 2;
    let list = plain(elements, None);
    assert!(list.has_table());
    list.check(list.borders().into_iter());
}

#[test]
fn a_value_that_comes_again_goes_where_it_went_first() {
    for (first, second) in [(1, 2), (2, 1), (0, 1), (1, 0)] {
        let mut elements = keys(40);
        elements[5].end = first;
        elements.push(Element { end: second, ..elements[5] });
        let list = plain(elements, None);
        assert!(list.has_table());
        list.check(list.borders().into_iter());
    }
}

#[test]
fn a_range_of_many_values_is_left_to_the_tests() {
    let mut elements = keys(40);
    elements.push(Element { low: 0x9000_0000, high: 0xe000_0000, end: 1 });
    let list = plain(elements, None);
    assert!(!list.has_table());
    list.check(list.borders().into_iter());
}
