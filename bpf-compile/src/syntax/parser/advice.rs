//! What went wrong, what was expected, and what would mend it.
//!
//! Every error of the parser is made here. A message names what was expected, the label says what was found, and a
//! patch is offered only where following it gives a filter that means what was probably meant.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;

use super::Parser;
use super::frame::{Frame, Want};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::span::Span;
use crate::syntax::ast::{ArithOp, Dir};
use crate::syntax::keywords::{EXTENSIONS, KEYWORDS};
use crate::syntax::lexer::Lexer;
use crate::syntax::token::{Token, TokenKind};

impl Parser<'_> {
    /// The token is not what was expected, and nothing more is known.
    pub(super) fn unexpected(&self, expected: &str) -> Diagnostic {
        let span = self.token.span;
        if self.token.kind == TokenKind::End {
            let message = format!("the filter ends where {expected} is expected");
            let error = Diagnostic::new(Code::UnexpectedEnd, message, span, "the end");
            return self.reading_since(error);
        }
        let message = format!("expected {expected}, found {}", self.found());
        Diagnostic::new(Code::Unexpected, message, span, "unexpected")
    }

    /// The token begins nothing that may stand where `want` is due.
    pub(super) fn unexpected_operand(&self, want: Want) -> Diagnostic {
        let span = self.token.span;
        match self.token.kind {
            TokenKind::Word(_)
            | TokenKind::Dotted(_)
            | TokenKind::Ipv6(_)
            | TokenKind::Mac(_)
            | TokenKind::Mac8(_)
                if want.term() =>
            {
                self.nothing_to_inherit(span)
            }
            TokenKind::Close if !self.inside_parentheses() => self.unopened(),
            TokenKind::Rel(_) | TokenKind::Arith(ArithOp::Sub) if want == Want::Id => self
                .unexpected("a name, an address or a number")
                .with_patch("the id follows its qualifiers directly", span, String::new()),
            kind if kind.is_keyword() && matches!(want, Want::Id | Want::FirstId) => self.keyword_as_name(),
            TokenKind::Word(word) => {
                let error = self.unexpected(due(want));
                match self.split_at_hyphens(span, word) {
                    Some(split) => error.with_patch("spaces make a difference of this name", span, split),
                    None => error,
                }
            }
            TokenKind::And | TokenKind::Or if matches!(self.before.kind, TokenKind::And | TokenKind::Or) => {
                self.unexpected(due(want)).with_patch(
                    "one operator is enough",
                    self.before.span.to(span),
                    span.text(self.text),
                )
            }
            _ => self.unexpected(due(want)),
        }
    }

    /// A keyword stands where a name is due.
    fn keyword_as_name(&self) -> Diagnostic {
        let span = self.token.span;
        let error = self.unexpected("a name, an address or a number");
        if matches!(self.token.kind, TokenKind::And | TokenKind::Or | TokenKind::Not) {
            return error;
        }
        if let Some(Frame::Chain { ids: true, span: list, .. }) = self.frames.last()
            && let Some(from) = self.inherited
        {
            let qualifiers = from.span.text(self.text);
            return error
                .with_secondary(*list, "a list that begins with a name holds nothing but names")
                .with_patch(
                    "written out, it is a condition among others",
                    Span::new(list.start, list.start),
                    format!("{qualifiers} "),
                );
        }
        let escaped = format!("\\{}", span.text(self.text));
        error.with_patch("a backslash makes a name of a keyword", span, escaped)
    }

    /// The token cannot follow a finished operand.
    pub(super) fn unexpected_operator(&self) -> Diagnostic {
        let span = self.token.span;
        if self.token.kind == TokenKind::Close && !self.inside_parentheses() {
            return self.unopened();
        }
        if let TokenKind::Word(_) = self.before.kind
            && let Some(error) = self.display_filter(self.before.span).or_else(|| self.misspelled_keyword())
        {
            return error;
        }
        if let (TokenKind::Proto(_), TokenKind::Arith(_) | TokenKind::Rel(_)) =
            (self.before.kind, self.token.kind)
            && !self.one_sign_for_two()
        {
            return self.protocol_without_bytes(self.before.span);
        }
        let error = self.unexpected(if self.inside_parentheses() {
            "`and`, `or` or `)`"
        } else {
            "`and`, `or` or the end of the filter"
        });
        let insert = |text: &'static str, word: &'static str| (text, Span::new(span.start, span.start), word);
        let (text, place, word): (&str, Span, Cow<'static, str>) = match self.token.kind {
            TokenKind::Arith(ArithOp::And) => ("`&` is for numbers, `&&` for conditions", span, "&&".into()),
            TokenKind::Arith(ArithOp::Or) => ("`|` is for numbers, `||` for conditions", span, "||".into()),
            TokenKind::Word(word) => {
                let after_proto = matches!(self.before.kind, TokenKind::Proto(_));
                let words = JUNCTIONS.iter().chain(if after_proto { QUALIFIERS } else { &[] });
                if let Some(near) = nearest(word, words.copied()) {
                    ("a keyword with a similar name exists", span, String::from(near).into())
                } else if after_proto {
                    let (text, place, word) = insert("say what the name is", "host ");
                    (text, place, word.into())
                } else {
                    return error;
                }
            }
            kind if kind.is_id() => {
                let (text, place, word) = match (self.before.kind, kind) {
                    (TokenKind::Proto(_), TokenKind::Number(_)) => insert("say what the number is", "port "),
                    (TokenKind::Proto(_), _) => insert("say what the address is", "host "),
                    _ => insert("alternatives are joined by `or`", "or "),
                };
                (text, place, word.into())
            }
            TokenKind::Mask => {
                return error.with_help("`mask` follows a network in numbers: `net 10.1 mask 255.255.0.0`");
            }
            kind if kind.is_keyword() => {
                let (text, place, word) = insert("conditions are joined by `and` or `or`", "and ");
                (text, place, word.into())
            }
            _ => return error,
        };
        error.with_patch(text, place, word)
    }

    /// The id or number at `span` has nothing that says what it is.
    pub(super) fn nothing_to_inherit(&self, span: Span) -> Diagnostic {
        let word = span.text(self.text);
        let inner = word.trim_start_matches(|c: char| c == '(' || c.is_ascii_whitespace());
        let token = Lexer::new(inner, self.dialect).read().map_or(TokenKind::End, |token| token.kind);
        if let TokenKind::Word(name) = token {
            if EXTENSIONS.iter().any(|&(known, _)| known == name) {
                let message = format!("nothing says what `{name}` is");
                let help = format!("with `--extensions` `{name}` is an encapsulation");
                return Diagnostic::new(Code::NothingToInherit, message, span, "a name by itself")
                    .with_help(help);
            }
            if let Some(error) = self.display_filter(span) {
                return error;
            }
            if let Some(split) = self.split_at_hyphens(span, name) {
                let message = format!("`{word}` is one name: names may hold hyphens");
                return Diagnostic::new(Code::Unexpected, message, span, "a name").with_patch(
                    "spaces make a difference of it",
                    span,
                    split,
                );
            }
            if let Some(near) = nearest(word, KEYWORDS.iter().map(|&(keyword, _)| keyword)) {
                let message = format!("`{word}` is no keyword, and nothing says that it is a name");
                return Diagnostic::new(Code::Unexpected, message, span, "unknown keyword").with_patch(
                    "a keyword with a similar name exists",
                    span,
                    near,
                );
            }
        }
        let message = format!("nothing says what `{word}` is");
        let (label, qualifiers) = match token {
            TokenKind::Number(_) => ("a number by itself", "port"),
            TokenKind::Mac(_) | TokenKind::Mac8(_) => ("an address by itself", "ether host"),
            TokenKind::Dotted(_) | TokenKind::Ipv6(_) => ("an address by itself", "host"),
            _ => ("a name by itself", "host"),
        };
        let at = Span::new(span.start, span.start);
        Diagnostic::new(Code::NothingToInherit, message, span, label).with_patch(
            format!("say what it is with a qualifier such as `{qualifiers}`"),
            at,
            format!("{qualifiers} "),
        )
    }

    /// The filter ends before the bracket at `open` is closed.
    pub(super) fn unclosed(&self, open: Span, close: &'static str) -> Diagnostic {
        let end = self.token.span;
        let message = format!("the filter ends where `{close}` is expected");
        Diagnostic::new(Code::Unbalanced, message, end, "the end")
            .with_secondary(open, "opened here")
            .with_patch(format!("add `{close}`"), end, close)
    }

    /// A protocol stands where a number is due.
    pub(super) fn protocol_without_bytes(&self, at: Span) -> Diagnostic {
        let word = at.text(self.text);
        let message = format!("`{word}` is a condition and no number");
        Diagnostic::new(Code::WrongKind, message, at, "a protocol")
            .with_help(format!("bytes of it are numbers: `{word}[0]`, `{word}[2:2]`"))
    }

    /// `proto`, `protochain` or `gateway` behind a direction, which begins at `direction`.
    pub(super) fn takes_no_direction(&self, direction: Span) -> Diagnostic {
        let span = self.token.span;
        let word = span.text(self.text);
        let message = format!("`{word}` takes no direction");
        Diagnostic::new(Code::Unexpected, message, span, "without `src` or `dst`").with_patch(
            "leave the direction out",
            Span::new(direction.start, span.start),
            String::new(),
        )
    }

    /// `src or` or `dst and` without the other direction.
    pub(super) fn half_direction(&self, first: Dir) -> Diagnostic {
        let (this, other) = if first == Dir::Src { ("src", "dst") } else { ("dst", "src") };
        let junction = self.before.span.text(self.text);
        self.unexpected(&format!("`{other}` after `{this} {junction}`"))
    }

    fn found(&self) -> Cow<'static, str> {
        let text = self.token.span.text(self.text);
        // A name may be long, and the label points at it anyway.
        if text.len() > 40 { "this".into() } else { format!("`{text}`").into() }
    }

    /// Qualifiers or an operator that wait for something: named when the filter ends.
    fn reading_since(&self, error: Diagnostic) -> Diagnostic {
        match self.frames.last() {
            Some(Frame::Head(at)) => error.with_secondary(*at, "what these qualifiers belong to is missing"),
            _ if self.before.kind != TokenKind::End => error.with_secondary(self.before.span, "after this"),
            _ => error,
        }
    }

    fn inside_parentheses(&self) -> bool {
        self.frames.iter().rev().any(|frame| matches!(frame, Frame::Paren { .. }))
    }

    fn unopened(&self) -> Diagnostic {
        let span = self.token.span;
        Diagnostic::new(Code::Unbalanced, "no `(` belongs to this `)`", span, "closes nothing").with_patch(
            "leave it out",
            span,
            String::new(),
        )
    }

    /// Whether the token is `&` or `|`, which are easily written for `&&` and `||`.
    fn one_sign_for_two(&self) -> bool {
        matches!(self.token.kind, TokenKind::Arith(ArithOp::And | ArithOp::Or))
    }

    /// A name that is nearly a keyword, with an id behind it: `dst prot 80`, or `host a and hosst b`.
    fn misspelled_keyword(&self) -> Option<Diagnostic> {
        let span = self.before.span;
        let word = span.text(self.text);
        let from = self.inherited.filter(|from| from.span.end <= span.start && self.token.kind.is_id())?;
        let between = self.text.get(from.span.end as usize..span.start as usize)?;
        let similar = "a keyword with a similar name exists";
        if !between.trim().is_empty() {
            let near = nearest(word, KEYWORDS.iter().map(|&(keyword, _)| keyword))?;
            let message = format!("`{word}` is read as a name, and no other name can follow it");
            let error = Diagnostic::new(Code::Unexpected, message, span, "read as a name");
            return Some(error.with_patch(similar, span, near));
        }
        if from.quals.kind.is_some() {
            return None;
        }
        let near = nearest(word, ["port", "portrange", "host", "net"].into_iter())?;
        let last = from.span.text(self.text).rsplit(' ').next().unwrap_or_default();
        let message = format!("expected `port`, `portrange`, `host` or `net` after `{last}`");
        Some(
            Diagnostic::new(Code::Unexpected, message, span, "unknown qualifier")
                .with_secondary(from.span, "while reading this primitive")
                .with_patch(similar, span, near),
        )
    }

    /// `len-14` as `len - 14`, if the name is made of numbers, `len` and protocols with brackets behind them.
    fn split_at_hyphens(&self, span: Span, name: &str) -> Option<String> {
        if !name.contains('-') {
            return None;
        }
        let bracket = self.text.get(span.end as usize..).is_some_and(|rest| rest.starts_with('['));
        let parts = name.split('-').count();
        let number = |(at, part): (usize, &str)| {
            let mut lexer = Lexer::new(part, self.dialect);
            let one = lexer.read().ok();
            let whole = |token: &Token<'_>| token.span.end as usize == part.len();
            match one.filter(whole).map(|token| token.kind) {
                Some(TokenKind::Number(_) | TokenKind::Len) => true,
                Some(TokenKind::Proto(_)) => bracket && at.saturating_add(1) == parts,
                _ => false,
            }
        };
        name.split('-').enumerate().all(number).then(|| name.replace('-', " - "))
    }
}

const JUNCTIONS: &[&str] = &["and", "or"];
const QUALIFIERS: &[&str] = &[
    "src",
    "dst",
    "host",
    "net",
    "port",
    "portrange",
    "proto",
    "protochain",
    "gateway",
    "broadcast",
    "multicast",
];

const fn due(want: Want) -> &'static str {
    match want {
        Want::Term => "a condition such as `tcp`, `host ...` or `ip[8] < 5`",
        Want::TermOrId | Want::TermOrFirstId => "a condition or another name, address or number",
        Want::Id | Want::FirstId => "a name, an address or a number",
        Want::Arith => "a number such as `5`, `len` or `ip[8]`",
        Want::Number => "a number",
    }
}
