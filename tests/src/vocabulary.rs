//! The words of the language: the keywords, read from the compiler's own table, and what means something behind one only.

use std::sync::LazyLock;

/// The tables of keywords, whose first column are their spellings.
const KEYWORD_TABLE: &str = include_str!("../../bpf-compile/src/syntax/keywords.rs");

/// Words that are no keywords: they mean something behind one only.
pub const WORDS_BEHIND: [(&str, &str); 5] = [
    ("llc", "i s u rr rnr rej ui ua disc dm sabme test xid frmr"),
    ("type", "mgt management ctl control data"),
    (
        "subtype",
        "assocreq assoc-req assocresp assoc-resp reassocreq reassoc-req reassocresp reassoc-resp probereq probe-req \
         proberesp probe-resp beacon atim disassoc disassociation auth authentication deauth deauthentication bar ba \
         ps-poll rts cts ack cf-end cf-end-ack data data-cf-ack data-cf-poll data-cf-ack-poll null cf-ack cf-poll \
         cf-ack-poll qos-data qos-data-cf-ack qos-data-cf-poll qos-data-cf-ack-poll qos qos-cf-poll qos-cf-ack-poll",
    ),
    ("action", "pass accept drop block scrub noscrub nat nonat binat nobinat rdr nordr synproxy-drop"),
    (
        "reason",
        "match bad-offset fragment short normalize memory bad-timestamp congestion ip-option proto-cksum \
         state-mismatch state-insert state-limit src-limit synproxy",
    ),
];

/// The keywords of pcap-filter(7).
pub static KEYWORDS: LazyLock<Vec<&str>> = LazyLock::new(|| table("KEYWORDS", 150));

/// The keywords of the extended language alone.
pub static EXTENSIONS: LazyLock<Vec<&str>> = LazyLock::new(|| table("EXTENSIONS", 5));

/// The spellings in the table of this name, as it is written; at least so many.
fn table(name: &str, least: usize) -> Vec<&'static str> {
    let rows = KEYWORD_TABLE.split(&format!("const {name}:")).nth(1).and_then(|rest| rest.split("];").next());
    let lines = rows.unwrap_or_default().lines().filter_map(|line| line.trim().strip_prefix("(\""));
    let found: Vec<_> = lines.filter_map(|line| line.split_once("\", T::").map(|(word, _)| word)).collect();
    assert!(found.len() >= least, "{} keywords were read of {name}", found.len());
    found
}
