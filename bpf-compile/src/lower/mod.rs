//! From the tree to the predicate graph: what the words mean on this link type.
//!
//! ```text
//! prologue.rs    lengths that packets tell first   (radiotap, pf log)
//! qualified.rs   which kind of id is it            tcp dst port 80
//!   host.rs        addresses                       host 10.0.0.1, net 10/8
//!   station.rs     link-layer addresses            ether host 2:0:0:0:0:1, broadcast
//!   decnet.rs      addresses of DECnet             decnet host 1.2
//!   port.rs        ports and ranges                port 80, portrange 80-90
//!   chain.rs       chains of headers               ip6 protochain 6
//!   extension.rs   what follows IPv6               --ipv6-ext
//!   protocol.rs    protocols above the link layer  tcp, ip proto 6
//!   iso.rs         protocols of ISO                isis, l1, iso proto 0x81
//!     link/          protocols of the link layer   arp, ether proto 0x806
//! cast.rs        broadcast and multicast
//! encap.rs       what shifts everything after it   vlan 5, mpls, pppoes
//!   tunnel.rs      the same, for tunnels           geneve 3, vxlan, gre
//!   inside.rs      where what they carry begins
//!   scope.rs       how far that reaches            --scoped
//! wlan.rs        802.11                            type mgt subtype beacon, ra
//! llc.rs         802.2                             llc xid
//! atm.rs ss7.rs pf.rs   headers of their own       vpi 3, opc 5, on em0
//! arith.rs       numbers and relations             ip[8] < 5
//!   number.rs      what must hold before they are read
//! other.rs       lengths, direction, bytes         less 60, inbound
//! field.rs       the tests all of them are made of
//! ```
//!
//! The meaning is what libpcap's unoptimized program does, order of tests included: a load past the end of the
//! captured bytes rejects the packet, so what is loaded before what can be seen on truncated packets.
//!
//! Invariant: the tree is read once, in the order of its text; [`Layers`] holds what the words before have shifted, and
//! `scope.rs` takes it back where shifts end with their alternative.

mod arith;
mod atm;
mod cast;
mod chain;
mod decnet;
mod encap;
mod extension;
mod field;
mod host;
mod inside;
mod iso;
mod link;
mod llc;
mod number;
mod other;
mod pf;
mod port;
mod prologue;
mod protocol;
mod qualified;
pub(crate) mod scope;
mod ss7;
mod station;
mod tunnel;
mod wlan;

use alloc::vec::Vec;

use crate::Diagnostic;
use crate::compile::Options;
use crate::diagnostic::Code;
use crate::graph::{Graph, PredicateId, Predicates, Values, Variable};
use crate::link::{Layers, LinkType, UNKNOWN};
use crate::names::Resolver;
use crate::span::Span;
use crate::syntax::ast::{Ast, Encap, ExprId, ExprKind, Primitive};
use crate::syntax::words::{Keyword, Ss7Field};

/// The meaning of a filter.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// The decisions.
    pub graph: Graph,
    /// What they are about.
    pub values: Values,
    /// The first clause that never holds on the link type, if there is one.
    pub never: Option<Span>,
    /// What the nodes of the tree became.
    pub clauses: Clauses,
}

/// What each node of the tree became, for those who explain a filter.
#[derive(Clone, Debug)]
pub struct Clauses {
    /// All that is said of a packet.
    pub predicates: Predicates,
    /// The whole filter, with what comes before it.
    pub root: PredicateId,
    /// What comes before the filter.
    pub first: Vec<PredicateId>,
    /// The predicate of each node of the tree, by [`ExprId::index`].
    pub of_expr: Vec<PredicateId>,
    /// Where the headers are at first, and from which node on they are elsewhere; in rising order.
    pub layers: Vec<(usize, Layers)>,
}

impl Clauses {
    /// Where the headers are that a node of the tree speaks of.
    #[must_use]
    pub fn layers_of(&self, expr: ExprId) -> Option<&Layers> {
        let after = self.layers.partition_point(|(from, _)| *from <= expr.index());
        self.layers.get(after.checked_sub(1)?).map(|(_, layers)| layers)
    }
}

/// How `protochain` walks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chains {
    /// Over as many headers as there are copies of a step.
    Unrolled,
    /// Over any number of them: back to the step.
    Looped,
}

/// Finds out what a filter means.
///
/// # Errors
/// The first thing, in the order of the text, that has no meaning.
pub fn lower(ast: &Ast, options: &Options, resolver: &dyn Resolver) -> Result<Lowered, Diagnostic> {
    lower_with(ast, options, resolver, Chains::Unrolled)
}

/// The same, with chains as is said.
pub(crate) fn lower_with(
    ast: &Ast,
    options: &Options,
    resolver: &dyn Resolver,
    chains: Chains,
) -> Result<Lowered, Diagnostic> {
    let mut values = Values::default();
    let layers = Layers::outermost(options.link_type, &mut values);
    let mut lowering = Lowering {
        ast,
        options,
        resolver,
        values,
        predicates: Predicates::default(),
        outermost: layers,
        layers,
        origin: Span::default(),
        numbers: Vec::new(),
        never: None,
        unset: Vec::new(),
        chains,
        chain: None,
        entered: Vec::new(),
        places: alloc::vec![(0, layers)],
    };
    let mut of_expr = Vec::new();
    let mut first = Vec::new();
    let root = match ast.root() {
        Some(root) => {
            of_expr = lowering.filter()?;
            let filter = of_expr.get(root.index()).copied();
            let filter = filter.ok_or_else(|| lowering.internal("the root is missing"))?;
            first = lowering.prologue();
            lowering.predicates.all(first.iter().copied().chain([filter]))
        }
        None => lowering.predicates.constant(true),
    };
    let graph = Graph::new(&lowering.predicates, root, options.snap_len);
    let Lowering { values, predicates, places: layers, never, .. } = lowering;
    Ok(Lowered { graph, values, never, clauses: Clauses { predicates, root, first, of_expr, layers } })
}

/// What is known while the tree is read.
struct Lowering<'a> {
    ast: &'a Ast,
    options: &'a Options,
    resolver: &'a dyn Resolver,
    values: Values,
    predicates: Predicates,
    /// Where the headers of the whole packet are.
    outermost: Layers,
    /// Where those are that the words at hand mean.
    layers: Layers,
    /// The primitive that is being read.
    origin: Span,
    /// The arithmetic nodes read so far, by id.
    numbers: Vec<number::Number>,
    /// The first clause that never holds.
    never: Option<Span>,
    /// Variables that are only stored in packets of some kind.
    unset: Vec<Variable>,
    /// How chains of headers are walked.
    chains: Chains,
    /// The variables of chains of headers.
    chain: Option<(Variable, Variable)>,
    /// The variables of encapsulations of varying length, by what was around them.
    entered: Vec<(Layers, Encap, [Variable; 4])>,
    /// Where the headers were, from which node of the tree on.
    places: Vec<(usize, Layers)>,
}

type Lower<T> = Result<T, Diagnostic>;

impl Lowering<'_> {
    /// The predicate of each node.
    fn filter(&mut self) -> Lower<Vec<PredicateId>> {
        let ast = self.ast;
        let mut done: Vec<PredicateId> = Vec::new();
        let mut scopes = self.options.scoped.then(|| scope::Scopes::new(ast));
        for (id, expr) in ast.exprs() {
            self.origin = expr.span;
            if let Some(scopes) = &mut scopes {
                scopes.before(id, &expr.kind, &mut self.layers).map_err(|split| self.ambiguous(split))?;
            }
            if self.places.last().is_none_or(|(_, layers)| *layers != self.layers) {
                self.places.push((id.index(), self.layers));
            }
            let known = self.values.len();
            // That which the primitive begins with: what it leads into is never reached.
            let link_type = self.layers.link_type;
            let of = |id: &ExprId| done.get(id.index()).copied();
            let predicate = match &expr.kind {
                ExprKind::And(parts) => self.predicates.all(parts.iter().filter_map(of)),
                ExprKind::Or(parts) => self.predicates.any(parts.iter().filter_map(of)),
                ExprKind::Not(part) => match of(part) {
                    Some(part) => self.predicates.not(part),
                    None => return Err(self.internal("a child stands behind its parent")),
                },
                ExprKind::Relation { op, left, right } => self.relation(*op, *left, *right)?,
                ExprKind::Primitive(primitive) => self.primitive(primitive)?,
            };
            if self.never.is_none()
                && matches!(expr.kind, ExprKind::Primitive(_) | ExprKind::Relation { .. })
                && self.predicates.is_constant(predicate) == Some(false)
            {
                self.never = Some(expr.span);
            }
            if self.values.reads_beyond(known, UNKNOWN) {
                return Err(self.unknown_place(link_type));
            }
            done.push(predicate);
            if let Some(scopes) = &mut scopes {
                scopes.after(id, expr, &mut self.layers);
            }
        }
        Ok(done)
    }

    fn primitive(&mut self, primitive: &Primitive) -> Lower<PredicateId> {
        match primitive {
            Primitive::Qualified(qualified) => self.qualified(qualified),
            Primitive::Proto(proto) => self.protocol_word(*proto),
            Primitive::Broadcast(proto) => self.broadcast(*proto),
            Primitive::Multicast(proto) => self.multicast(*proto),
            Primitive::Less(len) => Ok(self.at_most(*len)),
            Primitive::Greater(len) => Ok(self.at_least(*len)),
            Primitive::Byte { offset, op, value } => self.byte(*offset, *op, *value),
            Primitive::Inbound => self.direction(false),
            Primitive::Outbound => self.direction(true),
            Primitive::IfIndex(index) => self.interface_index(*index),
            Primitive::Encap { kind, id, port } => self.encapsulation(*kind, *id, *port),
            Primitive::Pf { field, value } => self.pf_field(*field, value),
            Primitive::Wlan { field } => self.wlan_field(field),
            Primitive::Llc(kind) => self.llc(kind.as_ref()),
            Primitive::Bare(word) => match word {
                Keyword::Fisu
                | Keyword::Lssu
                | Keyword::Msu
                | Keyword::Hfisu
                | Keyword::Hlssu
                | Keyword::Hmsu => self.ss7_word(*word),
                _ => self.atm_word(*word),
            },
            Primitive::Field { field, tests } => match field {
                Ss7Field::Vpi | Ss7Field::Vci => self.atm_field(*field, tests),
                _ => self.ss7_field(*field, tests),
            },
        }
    }

    fn unknown_place(&self, link_type: LinkType) -> Diagnostic {
        let message =
            alloc::format!("where this header lies in packets of link type {link_type} is not known");
        self.error(Code::LinkType, message)
            .with_help("`link[n]`, `len`, `less` and `greater` work on every link type")
    }

    /// An error at the primitive that is being read.
    fn error(&self, code: Code, message: impl Into<alloc::borrow::Cow<'static, str>>) -> Diagnostic {
        Diagnostic::new(code, message, self.origin, "")
    }

    fn internal(&self, what: &'static str) -> Diagnostic {
        self.error(Code::Internal, what)
            .with_help("this is an error of the compiler; please report the filter")
    }
}
