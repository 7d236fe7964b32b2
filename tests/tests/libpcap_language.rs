//! The whole language on every link type, beside libpcap: the same expressions are taken and refused, and the programs have the
//! same verdict on every packet. Packets of link types that are not recorded are made from those that are.

use snapgate_tests::compare;
use snapgate_tests::frames;
use snapgate_tests::mutate;

/// Every link type on which libpcap knows more than bytes and lengths: name and DLT value. But for ARCNET, of which 1.10 means
/// something else, and those that it does not know.
const LINK_TYPES: [(&str, u16); 58] = [
    ("NULL", 0),
    ("EN10MB", 1),
    ("IEEE802", 6),
    ("SLIP", 8),
    ("PPP", 9),
    ("FDDI", 10),
    ("ATM_RFC1483", 11),
    ("RAW", 12),
    ("SLIP_BSDOS", 15),
    ("PPP_BSDOS", 16),
    ("ATM_CLIP", 19),
    ("PPP_SERIAL", 50),
    ("PPP_ETHER", 51),
    ("SYMANTEC_FIREWALL", 99),
    ("C_HDLC", 104),
    ("IEEE802_11", 105),
    ("FRELAY", 107),
    ("LOOP", 108),
    ("ENC", 109),
    ("LINUX_SLL", 113),
    ("LTALK", 114),
    ("PFLOG", 117),
    ("PRISM_HEADER", 119),
    ("IP_OVER_FC", 122),
    ("SUNATM", 123),
    ("IEEE802_11_RADIO", 127),
    ("JUNIPER_MLPPP", 130),
    ("JUNIPER_MLFR", 131),
    ("JUNIPER_ES", 132),
    ("JUNIPER_GGSN", 133),
    ("JUNIPER_MFR", 134),
    ("JUNIPER_ATM2", 135),
    ("JUNIPER_SERVICES", 136),
    ("JUNIPER_ATM1", 137),
    ("APPLE_IP_OVER_IEEE1394", 138),
    ("MTP2_WITH_PHDR", 139),
    ("MTP2", 140),
    ("IEEE802_11_RADIO_AVS", 163),
    ("JUNIPER_MONITOR", 164),
    ("PPP_PPPD", 166),
    ("JUNIPER_PPPOE", 167),
    ("JUNIPER_PPPOE_ATM", 168),
    ("JUNIPER_ETHER", 178),
    ("JUNIPER_PPP", 179),
    ("JUNIPER_FRELAY", 180),
    ("JUNIPER_CHDLC", 181),
    ("JUNIPER_VP", 183),
    ("PPI", 192),
    ("JUNIPER_ISM", 194),
    ("ERF", 197),
    ("JUNIPER_ST", 200),
    ("IPNET", 226),
    ("IPV4", 228),
    ("IPV6", 229),
    ("JUNIPER_VS", 232),
    ("NETANALYZER", 240),
    ("NETANALYZER_TRANSPARENT", 241),
    ("LINUX_SLL2", 276),
];

/// A share of the link types, so that several tests run side by side.
fn differential(share: usize) {
    let pool = mutate::recorded(Some(1)).unwrap_or_default();
    assert!(!pool.is_empty(), "no packets");
    for (name, dlt) in LINK_TYPES.into_iter().skip(share).step_by(4) {
        let counts = compare::differential(name, dlt, 2_500, true, |rng| frames::draw(rng, dlt, &pool));
        assert!(counts.taken > 500 && counts.refused > 50, "{name}: {counts:?}");
        assert!(counts.accepted * 50 > counts.compared, "{name}: {counts:?}");
    }
}

#[test]
fn the_whole_language_means_what_it_means_in_libpcap_1() {
    differential(0);
}

#[test]
fn the_whole_language_means_what_it_means_in_libpcap_2() {
    differential(1);
}

#[test]
fn the_whole_language_means_what_it_means_in_libpcap_3() {
    differential(2);
}

#[test]
fn the_whole_language_means_what_it_means_in_libpcap_4() {
    differential(3);
}
