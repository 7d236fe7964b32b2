//! The filters, from the shortest to lists; each with its predicate in Rust.

use bpf_core::RawInsn;
use snapgate_tests::oracle::libpcap::{self, Options};

use crate::ebpf;
use crate::native::{self, Native};

pub(crate) const EN10MB: u16 = 1;

/// A filter in all forms.
pub(crate) struct Filter {
    pub(crate) text: &'static str,
    /// What libpcap's compiler makes of it, optimized.
    pub(crate) program: Vec<RawInsn>,
    /// The same for eBPF machines, if it can be said there.
    pub(crate) ebpf: Option<Vec<u8>>,
    pub(crate) native: Native,
}

impl Filter {
    /// The text, short enough for a table.
    pub(crate) fn shown(&self) -> String {
        self.text.chars().take(60).collect()
    }
}

/// Text and predicate.
pub(crate) const FILTERS: &[(&str, Native)] = &[
    ("ip", native::IP_ONLY),
    ("ip6", native::IP6_ONLY),
    ("arp", native::ARP_ONLY),
    ("tcp", native::TCP_ONLY),
    ("less 100", native::SHORT),
    ("udp port 53", native::DNS),
    ("tcp port 80", native::WEB),
    ("tcp dst port 443", native::TO_HTTPS),
    ("host 192.0.2.2", native::HOST),
    ("src net 192.0.2.0/24", native::FROM_NET),
    ("ip6 host 2001:db8:2::2", native::HOST6),
    ("ether host 33:33:00:00:00:16", native::STATION),
    ("tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", native::SYN_OR_FIN),
    ("ip and tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)", native::WITH_DATA),
    ("icmp[icmptype] != icmp-echo and icmp[icmptype] != icmp-echoreply", native::NO_PING),
    ("vlan 100 and tcp port 80", native::TAGGED_WEB),
    ("portrange 5000-6000", native::PORT_RANGE),
    ("ip[6:2] & 0x1fff != 0", native::FRAGMENT),
    ("not (tcp port 22 or tcp port 80 or arp)", native::NOT_USUAL),
    ("tcp port 443 and not host 10.0.0.1", native::HTTPS_BUT_ONE),
    (
        "host 192.0.2.1 or 192.0.2.2 or 192.0.2.3 or 192.0.2.4 or 192.0.2.5 or 192.0.2.6 \
         or 198.51.100.2 or 198.51.100.3 or 198.51.100.4 or 198.51.100.5",
        native::TEN_HOSTS,
    ),
    (
        "tcp port (20 or 21 or 22 or 23 or 25 or 53 or 80 or 110 or 143 or 389 or 443 or 445 or 465 or 587 \
         or 636 or 993 or 995 or 3306 or 5432 or 8080)",
        native::TWENTY_PORTS,
    ),
];

/// All of them, or the one with this text, compiled by libpcap.
///
/// # Errors
/// libpcap refuses one, or none is `only`.
pub(crate) fn compile(only: Option<&str>) -> Result<Vec<Filter>, String> {
    let options = Options { optimize: true, ..Options::plain(EN10MB) };
    let mut filters = Vec::new();
    for &(text, native) in FILTERS.iter().filter(|(text, _)| only.is_none_or(|only| only == *text)) {
        let program = libpcap::compile(text, &options).map_err(|error| format!("'{text}': {error}"))?;
        let ebpf = ebpf::translate(&program);
        filters.push(Filter { text, program, ebpf, native });
    }
    if filters.is_empty() {
        return Err(format!("--filter: {}", one_of_these()));
    }
    Ok(filters)
}

/// What may be asked for.
pub(crate) fn one_of_these() -> String {
    let texts = FILTERS.iter().map(|(text, _)| format!("\n  {text}")).collect::<String>();
    format!("one of these, as it is written here:{texts}")
}
