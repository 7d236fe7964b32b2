//! Nothing of the language is without a case: every keyword, every word behind a keyword, every feature of every link type stands
//! in a filter of the corpus that accepts one packet and rejects another.

use std::collections::BTreeSet;
use std::path::Path;

use bpf_compile::Target;
use bpf_compile::link::LinkType;
use snapgate_tests::corpus::{self, Case, Corpus, Filter, Subject};
use snapgate_tests::vocabulary::{EXTENSIONS, KEYWORDS, WORDS_BEHIND};

/// What the link types of which more is known than bytes and lengths can be asked.
const FEATURES: &str = "
    APPLE_IP_OVER_IEEE1394: protocol
    ARCNET: broadcast mac8 multicast protocol
    ARCNET_LINUX: broadcast mac8 multicast protocol
    ATM_CLIP: protocol
    ATM_RFC1483: protocol llc
    BACNET_MS_TP: broadcast mac8
    C_HDLC: protocol mpls
    DSA_TAG_BRCM: direction broadcast mac48 multicast protocol llc mpls vlan
    DSA_TAG_DSA: direction broadcast mac48 multicast protocol llc mpls vlan
    EN10MB: broadcast mac48 multicast protocol llc mpls vlan
    ENC: protocol
    ERF: ss7
    FDDI: broadcast mac48 multicast protocol llc
    FRELAY: protocol
    IEEE802: broadcast mac48 multicast protocol llc
    IEEE802_11: broadcast mac48 multicast protocol llc vlan wlan
    IEEE802_11_RADIO: broadcast mac48 multicast protocol llc vlan wlan
    IEEE802_11_RADIO_AVS: broadcast mac48 multicast protocol llc vlan wlan
    IPNET: direction protocol
    IPV4: always
    IPV6: always
    IP_OVER_FC: broadcast mac48 multicast protocol
    JUNIPER_ATM1: direction protocol
    JUNIPER_ATM2: direction protocol
    JUNIPER_ATM_CEMIC: direction protocol
    JUNIPER_CHDLC: direction protocol
    JUNIPER_ES: direction protocol
    JUNIPER_ETHER: direction protocol
    JUNIPER_FIBRECHANNEL: direction protocol
    JUNIPER_FRELAY: direction protocol
    JUNIPER_GGSN: direction protocol
    JUNIPER_ISM: direction protocol
    JUNIPER_MFR: direction protocol
    JUNIPER_MLFR: direction protocol
    JUNIPER_MLPPP: direction protocol
    JUNIPER_MONITOR: direction protocol
    JUNIPER_PPP: direction protocol
    JUNIPER_PPPOE: direction protocol
    JUNIPER_PPPOE_ATM: direction protocol
    JUNIPER_SERVICES: direction protocol
    JUNIPER_SRX_E2E: direction protocol
    JUNIPER_ST: direction protocol
    JUNIPER_VP: direction protocol
    JUNIPER_VS: direction protocol
    LINUX_SLL: direction protocol
    LINUX_SLL2: ifindex direction protocol
    LOOP: protocol
    LTALK: always
    MTP2: ss7
    MTP2_WITH_PHDR: ss7
    NETANALYZER: broadcast mac48 multicast protocol mpls vlan
    NETANALYZER_TRANSPARENT: broadcast mac48 multicast protocol mpls vlan
    NULL: protocol
    PFLOG: direction protocol pflog
    PPI: broadcast mac48 multicast protocol llc wlan
    PPP: protocol mpls
    PPP_BSDOS: protocol
    PPP_ETHER: protocol
    PPP_PPPD: direction protocol
    PPP_SERIAL: protocol
    PRISM_HEADER: broadcast mac48 multicast protocol llc vlan wlan
    RAW: protocol
    SLIP: direction protocol
    SLIP_BSDOS: protocol
    SUNATM: atm protocol llc
    SYMANTEC_FIREWALL: protocol
";

/// Protocols that some link layer has a number for.
const PROTOCOLS: &str = "ip ip6 arp rarp atalk aarp decnet lat sca mopdl moprc iso stp ipx netbeui";

/// Features whose cases cannot have both sides: the link type itself decides, or every packet has it.
const ONE_SIDED: [(&str, &str); 2] = [("always", ""), ("llc", "IEEE802 FDDI ATM_RFC1483")];

fn read() -> Result<Corpus, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    corpus::read(&folder)
}

/// The cases that are filters.
fn filters(corpus: &Corpus) -> impl Iterator<Item = (&Case, &Filter)> {
    corpus.cases.iter().filter_map(|case| match &case.subject {
        Subject::Filter(filter) => Some((case, filter)),
        Subject::Machine(..) => None,
    })
}

fn has_both_sides(case: &Case) -> bool {
    let accepts = case.expected.iter().any(|(_, verdict)| *verdict != 0);
    accepts && case.expected.iter().any(|(_, verdict)| *verdict == 0)
}

/// The words of a filter: what the lexer takes for one, nearly.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let ends = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '$' | '.' | ':' | '\\'));
    text.split(ends).filter(|word| !word.is_empty())
}

#[test]
fn every_keyword_has_a_case_with_both_sides() {
    let corpus = read().unwrap();
    let met: BTreeSet<&str> = filters(&corpus)
        .filter(|(case, _)| has_both_sides(case))
        .flat_map(|(_, filter)| words(&filter.text))
        .collect();
    let missing: Vec<_> = KEYWORDS.iter().filter(|word| !met.contains(*word)).collect();
    assert!(missing.is_empty(), "no case: {missing:?}");
}

#[test]
fn every_word_behind_a_keyword_has_a_case_with_both_sides() {
    let corpus = read().unwrap();
    let mut met = BTreeSet::new();
    for (_, filter) in filters(&corpus).filter(|(case, _)| has_both_sides(case)) {
        let all: Vec<_> = words(&filter.text).collect();
        met.extend(all.windows(2).map(|pair| (pair[0], pair[1])));
    }
    let mut missing = Vec::new();
    for (keyword, behind) in WORDS_BEHIND {
        missing
            .extend(behind.split_whitespace().map(|word| (keyword, word)).filter(|pair| !met.contains(pair)));
    }
    assert!(missing.is_empty(), "no case: {missing:?}");
}

#[test]
fn every_option_has_cases_with_both_sides() {
    let corpus = read().unwrap();
    let has = |is_asked: &dyn Fn(&Filter) -> bool| {
        filters(&corpus).any(|(case, filter)| has_both_sides(case) && is_asked(filter))
    };
    for word in EXTENSIONS.iter() {
        assert!(has(&|filter| words(&filter.text).any(|found| found == *word)), "{word}");
    }
    for word in ["vlan", "mpls", "pppoes", "geneve", "vxlan"] {
        let is_asked =
            |filter: &Filter| filter.options.scoped && words(&filter.text).any(|found| found == word);
        assert!(has(&is_asked), "scoped {word}");
    }
    assert!(has(&|filter| filter.options.ipv6_extensions));
    for target in Target::ALL {
        assert!(has(&|filter| filter.options.target == target), "{}", target.name());
    }
}

/// Whether a filter asks for a feature.
fn asks_for(feature: &str, text: &str) -> bool {
    let all: Vec<_> = words(text).collect();
    let any_of = |list: &str| list.split_whitespace().any(|word| all.contains(&word));
    match feature {
        "protocol" | "always" => any_of(PROTOCOLS),
        "direction" => any_of("inbound outbound"),
        "mac48" => all.iter().any(|word| word.bytes().filter(|byte| *byte == b':').count() == 5),
        "mac8" => all.iter().any(|word| word.starts_with('$')),
        "wlan" => any_of("type subtype dir"),
        "ss7" => any_of("fisu lssu msu opc dpc sls sio"),
        "atm" => any_of("vpi vci lane oam sc"),
        "pflog" => any_of("on action reason rnr"),
        word => any_of(word),
    }
}

#[test]
fn every_feature_of_every_link_type_has_a_case_with_both_sides() {
    let corpus = read().unwrap();
    let mut missing = Vec::new();
    let mut asked = 0;
    for row in FEATURES.lines().filter(|row| !row.trim().is_empty()) {
        let (name, features) = row.split_once(':').unwrap();
        let name = name.trim();
        let link_type = LinkType::from_name(name).unwrap();
        for feature in features.split_whitespace() {
            asked += 1;
            let one_sided = ONE_SIDED.iter().any(|(what, names)| {
                *what == feature && (names.is_empty() || names.split_whitespace().any(|one| one == name))
            });
            let found = filters(&corpus).any(|(case, filter)| {
                filter.options.link_type == link_type
                    && (one_sided || has_both_sides(case))
                    && asks_for(feature, &filter.text)
            });
            if !found {
                missing.push(format!("{name}: {feature}"));
            }
        }
    }
    assert!(missing.is_empty(), "no case: {missing:?}");
    assert!(asked > 150, "{asked} features were asked for");
}
