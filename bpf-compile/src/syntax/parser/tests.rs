//! Trees: precedence, inheritance, and where errors stand.

use alloc::format;
use alloc::string::String;

use proptest::prelude::*;

use super::*;
use crate::syntax::ast::{Id, Kind, Primitive, Qualified};
use crate::syntax::{generate, print, same_meaning};

/// The filter with everything written out that it leaves unsaid.
fn read(text: &str) -> String {
    match parse(text) {
        Ok(ast) => print(&ast),
        Err(error) => panic!("{text}\n{error}"),
    }
}

/// Code, marked text, and the filter that the first patch gives.
fn wrong(text: &str) -> (Code, &str, Option<String>) {
    let error = parse(text).expect_err(text);
    let patched = error.help.first().and_then(|help| help.patch.as_ref()).map(|patch| {
        let mut patched = String::from(text);
        patched.replace_range(patch.span.range(), &patch.replacement);
        patched
    });
    (error.code, error.primary.span.text(text), patched)
}

/// The patch gives a filter that parses.
fn mended(text: &str, code: Code, marked: &str, patched: &str) {
    assert_eq!(wrong(text), (code, marked, Some(String::from(patched))), "{text}");
    assert!(parse(patched).is_ok(), "{patched}");
}

#[test]
fn the_empty_filter_has_no_root() {
    assert_eq!(parse(""), Ok(Ast::default()));
    assert_eq!(parse(" \t\r\n").unwrap().root(), None);
}

#[test]
fn and_and_or_bind_equally_to_the_left() {
    assert_eq!(read("tcp or udp and ip or arp"), "((tcp or udp) and ip) or arp");
    assert_eq!(read("tcp and udp and ip"), "tcp and udp and ip");
    assert_eq!(read("tcp and (udp and ip)"), "tcp and (udp and ip)");
}

#[test]
fn not_binds_to_one_operand() {
    assert_eq!(read("not tcp and udp"), "not tcp and udp");
    assert_eq!(read("! (tcp and udp)"), "not (tcp and udp)");
    assert_eq!(read("not ip[0] > 5 or tcp"), "not ip[0] > 5 or tcp");
    assert_eq!(read("not not tcp"), "not not tcp");
}

#[test]
fn ids_inherit_from_the_primitive_before() {
    assert_eq!(read("tcp dst port 21 or 20"), "tcp dst port 21 or tcp dst port 20");
    assert_eq!(read("not host a and b"), "not host a and host b");
    assert_eq!(read("host a and not b"), "host a and not host b");
    assert_eq!(read("port (80 or 443)"), "port 80 or port 443");
    assert_eq!(read("port not (80 or 443)"), "not (port 80 or port 443)");
    assert_eq!(read("host a and (b or (c and d))"), "host a and (host b or (host c and host d))");
    assert_eq!(read("host a or src net 10 or 11"), "host a or src net 10 or src net 11");
    assert_eq!(read("port 80 or (443)"), "port 80 or port 443");
}

#[test]
fn parentheses_hand_out_what_was_before_them() {
    assert_eq!(read("host a and (port 80) and b"), "host a and port 80 and host b");
    assert_eq!(read("host a and (port 80 or 443) or b"), "(host a and (port 80 or port 443)) or host b");
    assert_eq!(wrong("(host a) and b").0, Code::NothingToInherit);
}

#[test]
fn only_qualified_primitives_hand_out_qualifiers() {
    for text in
        ["tcp and 80", "ip[0] = 1 or 2", "host a and tcp and b", "vlan 5 or 6", "less 5 or 6", "80", "a"]
    {
        assert_eq!(wrong(text).0, Code::NothingToInherit, "{text}");
    }
}

#[test]
fn inherited_ids_know_where_their_qualifiers_stand() {
    let ast = parse("tcp port 80 or 443").unwrap();
    let found: Vec<&Qualified> = ast
        .exprs()
        .filter_map(|(_, expr)| match &expr.kind {
            ExprKind::Primitive(Primitive::Qualified(qualified)) => Some(qualified),
            _ => None,
        })
        .collect();
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].inherited, found[1].inherited), (false, true));
    assert_eq!(found[0].quals_span, Span::new(0, 8));
    assert_eq!(found[1].quals_span, Span::new(0, 8));
    assert_eq!((found[1].id_span, &found[1].id), (Span::new(15, 18), &Id::Number(443)));
    assert_eq!(found[1].quals.kind, Some(Kind::Port));
}

#[test]
fn a_list_of_ids_holds_nothing_but_ids() {
    assert_eq!(read("host a and (port 80 and b)"), "host a and (port 80 and port b)");
    mended("host a and (b and port 80)", Code::Unexpected, "port", "host a and (host b and port 80)");
    // A list begins with an id that is no list.
    assert!(parse("host a and ((b) or c)").is_err());
    assert!(parse("host ((a) or c)").is_err());
    assert_eq!(read("port ((80) or 443)"), "port 80 or port 443");
    assert_eq!(read("host (not (a) or c)"), "not host a or host c");
}

#[test]
fn a_number_is_an_id_or_computed_by_what_follows() {
    assert_eq!(read("port 80 or 443 = len"), "port 80 or 443 = len");
    assert_eq!(read("port 80 or (443) + 1 = len"), "port 80 or 443 + 1 = len");
    assert_eq!(read("port 80 and (443 and 5)"), "port 80 and (port 443 and port 5)");
    assert_eq!(read("(5) > len"), "5 > len");
    assert_eq!(wrong("(5)").0, Code::NothingToInherit);
    assert_eq!(wrong("port 80 + 1").0, Code::Unexpected);
}

#[test]
fn arithmetic_has_the_levels_of_c_but_for_modulo_and_xor() {
    let cases = [
        ("1 + 2 * 3 = 0", "1 + (2 * 3) = 0"),
        ("1 - 2 - 3 = 0", "1 - 2 - 3 = 0"),
        ("1 << 2 + 3 = 0", "1 << (2 + 3) = 0"),
        ("1 | 2 & 3 = 0", "1 | (2 & 3) = 0"),
        ("- 1 * 2 = 0", "-1 * 2 = 0"),
        ("len % 4 + 1 = 0", "len % (4 + 1) = 0"),
        ("len * 4 % 3 = 0", "len * (4 % 3) = 0"),
        ("1 % 2 % 3 = 0", "1 % (2 % 3) = 0"),
        ("1 & 3 ^ 1 = 0", "1 & (3 ^ 1) = 0"),
        ("- len % 3 = 0", "-(len % 3) = 0"),
        ("1 ^ 2 * 3 + 4 = 0", "1 ^ (2 * 3 + 4) = 0"),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text), expected, "{text}");
        let same = same_meaning(&parse(text).unwrap(), &parse(expected).unwrap());
        assert!(same, "{text}");
    }
}

#[test]
fn qualifiers_come_in_order_and_once() {
    assert_eq!(read("tcp src or dst port 80"), "tcp src or dst port 80");
    assert_eq!(read("dst and src host a"), "src and dst host a");
    assert_eq!(read("wlan address1 a"), "ether addr1 a");
    assert_eq!(read("ip6 protochain 6"), "ip6 protochain 6");
    for text in
        ["port tcp 80", "src tcp port 80", "tcp udp port 80", "src dst port 80", "host port 80", "tcp 80"]
    {
        assert_eq!(wrong(text).0, Code::Unexpected, "{text}");
    }
}

#[test]
fn networks_take_a_length_or_a_mask() {
    assert_eq!(read("net 10.1/16"), "net 10.1/16");
    assert_eq!(read("net 10.1 mask 255.255"), "net 10.1 mask 255.255");
    assert_eq!(read("ip6 net fe80::/0x0a"), "ip6 net fe80::/10");
    assert!(parse("net 10/8").is_err());
    assert!(parse("net 10 mask 255.0").is_err());
    assert!(parse("net 10.1 mask 255").is_err());
}

#[test]
fn parts_of_dotted_numbers_are_decimal() {
    let ast = parse("host 010.1.0x2.4294967296").unwrap();
    let Some((_, expr)) = ast.exprs().next() else { panic!("no node") };
    let ExprKind::Primitive(Primitive::Qualified(Qualified { id: Id::Dotted(dotted), .. })) = &expr.kind
    else {
        panic!("{expr:?}")
    };
    assert_eq!(dotted.parts, [10, 1, u32::MAX, u32::MAX]);
}

#[test]
fn primitives_with_words_of_their_own() {
    let cases = [
        ("less 5 or greater 0x10", "less 5 or greater 16"),
        ("byte 0 == 5 or byte 1 | 2", "byte 0 = 5 or byte 1 | 2"),
        ("vlan 5 and mpls ((7)) and vxlan", "vlan 5 and mpls 7 and vxlan"),
        ("pppoed or pppoes 3 or geneve 0x10", "pppoed or pppoes 3 or geneve 16"),
        ("on em0 or ruleset a or rulenum 5", "ifname em0 or rset a or rnr 5"),
        ("reason 4 or reason match or action pass", "reason 4 or reason match or action pass"),
        ("tcp type mgt subtype 4", "type mgt subtype 4"),
        ("subtype rts or direction nods", "subtype rts or dir nods"),
        ("llc or llc ui or llc rulenum", r"llc or llc ui or llc \rnr"),
        ("vpi 3 or vci > 4 or opc (1 or 2)", "vpi = 3 or vci > 4 or opc (1 or 2)"),
        ("lane or lsu or hmsu", "lane or lssu or hmsu"),
        ("broadcast or ether multicast", "broadcast or ether multicast"),
        ("ifindex 3 and inbound or outbound", "(ifindex 3 and inbound) or outbound"),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text), expected);
    }
    for text in [
        "less (5)",
        "byte 0 != 5",
        "byte (0) = 5",
        "ifname 5",
        "rnr a",
        "action 5",
        "subtype 5",
        "pppoed 5",
        "vlan a",
        "vpi = (1)",
        "vpi (= 1)",
        "vpi (1 and 2)",
        "vpi a",
        "ifindex a",
        "less",
        "type",
        "dir",
    ] {
        assert!(matches!(wrong(text).0, Code::Unexpected | Code::UnexpectedEnd), "{text}");
    }
}

#[test]
fn a_misspelled_keyword_is_named() {
    mended("ip and tcp dst prot 80", Code::Unexpected, "prot", "ip and tcp dst port 80");
    mended("prot 80", Code::Unexpected, "prot", "port 80");
    mended("tcp prot 80", Code::Unexpected, "prot", "tcp port 80");
    mended("tcp adn udp", Code::Unexpected, "adn", "tcp and udp");
    mended("Host a", Code::Unexpected, "Host", "host a");
    mended("port http or hosst a", Code::Unexpected, "hosst", "port http or host a");
}

#[test]
fn a_qualifier_misspelled_shows_the_primitive_it_belongs_to() {
    let text = "ip and tcp dst prot 80";
    let error = parse(text).unwrap_err();
    assert_eq!(error.message, "expected `port`, `portrange`, `host` or `net` after `dst`");
    assert_eq!(error.primary.text, "unknown qualifier");
    assert_eq!(error.secondary[0].span.text(text), "tcp dst");
    assert_eq!(error.secondary[0].text, "while reading this primitive");
}

#[test]
fn names_with_hyphens_are_taken_apart_where_numbers_are_meant() {
    mended("len-14 > 3", Code::Unexpected, "len-14", "len - 14 > 3");
    mended("ip[0] > 0-ip[0]", Code::Unexpected, "0-ip", "ip[0] > 0 - ip[0]");
    assert_eq!(wrong("my-host").2.as_deref(), Some("host my-host"));
}

#[test]
fn display_filters_are_translated() {
    let cases = [
        ("tcp.port == 80", "tcp.port", "tcp port 80"),
        ("ip.addr == 1.2.3.4", "ip.addr", "host 1.2.3.4"),
        ("ip.src != 10.0.0.0/8 and tcp", "ip.src", "not src net 10.0.0.0/8 and tcp"),
        ("host a and ip.addr eq 1.2.3.4", "ip.addr", "host a and host 1.2.3.4"),
        ("tcp.flags.syn == 1", "tcp.flags.syn", "tcp[tcpflags] & tcp-syn != 0"),
        ("tcp.flags.ack ne true", "tcp.flags.ack", "tcp[tcpflags] & tcp-ack = 0"),
        ("frame.len >= 100", "frame.len", "len >= 100"),
        ("eth.addr == 00:11:22:33:44:55", "eth.addr", "ether host 00:11:22:33:44:55"),
        ("udp and dns", "dns", "udp and port 53"),
    ];
    for (text, marked, patched) in cases {
        mended(text, Code::DisplayFilter, marked, patched);
    }
    for text in ["http.host contains \"x\"", "ip.addr", "tcp.port > 1024", "foo.bar == 1"] {
        let (code, _, patch) = wrong(text);
        assert_eq!((code, patch), (Code::DisplayFilter, None), "{text}");
    }
}

#[test]
fn an_id_by_itself_gets_a_qualifier() {
    mended("80", Code::NothingToInherit, "80", "port 80");
    mended("tcp and 80", Code::NothingToInherit, "80", "tcp and port 80");
    mended("www.example.com", Code::NothingToInherit, "www.example.com", "host www.example.com");
    mended("1.2.3.4 or tcp", Code::NothingToInherit, "1.2.3.4", "host 1.2.3.4 or tcp");
    mended("1:2:3:4:5:6", Code::NothingToInherit, "1:2:3:4:5:6", "ether host 1:2:3:4:5:6");
    mended("tcp 80", Code::Unexpected, "80", "tcp port 80");
    mended("ip 1.2.3.4", Code::Unexpected, "1.2.3.4", "ip host 1.2.3.4");
}

#[test]
fn missing_operators_are_added() {
    mended("tcp port 80 443", Code::Unexpected, "443", "tcp port 80 or 443");
    mended("port 80 udp", Code::Unexpected, "udp", "port 80 and udp");
    mended("tcp & udp", Code::Unexpected, "&", "tcp && udp");
    mended("tcp | udp", Code::Unexpected, "|", "tcp || udp");
    mended("port 80,443", Code::UnexpectedCharacter, ",", "port 80 or 443");
    mended("tcp and or udp", Code::Unexpected, "or", "tcp or udp");
    mended("port = 80", Code::Unexpected, "=", "port  80");
    mended("host \"a\"", Code::UnexpectedCharacter, "\"", "host a");
}

#[test]
fn an_open_parenthesis_is_shown_where_it_was_opened() {
    for (text, open, close) in
        [("tcp and (udp or ip", 8, ")"), ("ip[0", 2, "]"), ("vlan (5", 5, ")"), ("opc (1 or 2", 4, ")")]
    {
        let error = parse(text).unwrap_err();
        assert_eq!(error.code, Code::Unbalanced, "{text}");
        assert_eq!(error.secondary[0].span, Span::new(open, open + 1), "{text}");
        assert_eq!(error.help[0].patch.as_ref().unwrap().replacement, close);
    }
    mended("tcp)", Code::Unbalanced, ")", "tcp");
}

#[test]
fn keywords_as_names_get_a_backslash() {
    mended("ip proto tcp", Code::Unexpected, "tcp", r"ip proto \tcp");
    mended("host net", Code::Unexpected, "net", r"host \net");
    assert_eq!(wrong("host and b"), (Code::Unexpected, "and", None));
}

#[test]
fn numbers_and_conditions_are_told_apart() {
    mended("len", Code::WrongKind, "len", "len != 0");
    mended("tcp and ip[0] & 1", Code::WrongKind, "ip[0] & 1", "tcp and ip[0] & 1 != 0");
    assert_eq!(wrong("ip[tcp] > 3"), (Code::WrongKind, "tcp", None));
    assert_eq!(wrong("tcp + 1 > 2"), (Code::WrongKind, "tcp", None));
    assert_eq!(wrong("1 > 2 > 3").0, Code::Unexpected);
}

#[test]
fn a_filter_that_ends_early_says_so_at_its_end() {
    for text in ["tcp and", "host", "not", "5 >", "src or", "less", "ip[0] +", "("] {
        let error = parse(text).unwrap_err();
        assert_eq!(error.code, Code::UnexpectedEnd, "{text}");
        let end = u32::try_from(text.len()).unwrap();
        assert_eq!(error.primary.span, Span::new(end, end), "{text}");
    }
}

#[test]
fn directions_are_complete_and_stand_before_some_kinds_only() {
    mended("src proto 6", Code::Unexpected, "proto", "proto 6");
    mended("src or dst gateway a", Code::Unexpected, "gateway", "gateway a");
    assert_eq!(wrong("src or port 80").0, Code::Unexpected);
    assert_eq!(wrong("src or src port 80").0, Code::Unexpected);
}

#[test]
fn texts_over_the_limit_are_refused_unread() {
    let text = " ".repeat(TEXT_BYTES_MAX + 1);
    assert_eq!(parse(&text).unwrap_err().code, Code::TextTooLong);
    assert!(parse(&text[1..]).is_ok());
}

#[test]
fn nesting_is_bounded_by_memory_only() {
    const DEEP: usize = 50_000;
    let nested =
        |open: &str, inner: &str, close: &str| format!("{}{inner}{}", open.repeat(DEEP), close.repeat(DEEP));
    let texts = [
        nested("(", "tcp", ")"),
        nested("(tcp or ", "udp", ")"),
        nested("not ", "tcp", ""),
        nested("not (", "tcp", ")"),
        format!("vlan {}", nested("(", "5", ")")),
        format!("port {}", nested("(", "80", ")")),
        format!("port {}", nested("(80 or ", "443", ")")),
        format!("{} > 0", nested("(", "len", ")")),
        format!("{} > 0", nested("ip[", "0", "]")),
        format!("{} > 0", nested("-", "len", "")),
        format!("{}1 > 0", "1 % ".repeat(DEEP)),
        format!("{}1 > 0", "1 + ".repeat(DEEP)),
        format!("{}tcp", "tcp or ".repeat(DEEP)),
        format!("{}tcp", "tcp or udp and ".repeat(DEEP)),
        format!("host a{}", " or b".repeat(DEEP)),
    ];
    for text in texts {
        assert!(parse(&text).is_ok(), "{}", &text[..40]);
    }
    for text in ["(", "not ", "ip[", "-", "tcp and (", "vlan ("] {
        assert!(parse(&text.repeat(DEEP)).is_err(), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    /// Whatever the words: no panic, and an error stands in the text.
    #[test]
    fn errors_stand_in_the_text(seed: u64) {
        let text = generate::noise(seed);
        if let Err(error) = parse(&text) {
            let places = core::iter::once(&error.primary).chain(&error.secondary).map(|label| label.span);
            let patches = error.help.iter().filter_map(|help| help.patch.as_ref()).map(|patch| patch.span);
            for span in places.chain(patches) {
                prop_assert!(text.get(span.range()).is_some(), "{text:?} {error:?}");
            }
        }
    }

    /// Whatever the characters.
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
        let _ = parse(&text);
    }

    /// Nodes come after their children, and spans of children lie in those of their parents.
    #[test]
    fn children_come_before_their_parents(seed: u64) {
        let ast = parse(&generate::filter(seed, 4)).unwrap();
        for (id, expr) in ast.exprs() {
            let children = match &expr.kind {
                ExprKind::And(items) | ExprKind::Or(items) => items.clone(),
                ExprKind::Not(operand) => alloc::vec![*operand],
                _ => Vec::new(),
            };
            for child in children {
                prop_assert!(child < id);
                if !matches!(ast.expr(child).kind, ExprKind::Primitive(_)) {
                    prop_assert_eq!(ast.expr(child).span.to(expr.span), expr.span);
                }
            }
        }
    }
}
