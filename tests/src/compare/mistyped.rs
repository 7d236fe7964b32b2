//! Differences in which libpcap 1.10.3 is no judge of filters with mistakes in them, beside those of [`excluded`](super::excluded).

/// The reason by name, if there is one; the tests of `libpcap_differences.rs` show each.
#[must_use]
pub fn excluded_mistyped(text: &str, dlt: u16, difference: &str) -> Option<&'static str> {
    if let Some(reason) = super::excluded(text, dlt, difference) {
        return Some(reason);
    }
    let takes = difference.starts_with("libpcap takes it");
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<&str> = words.collect();
    let has = |word: &str| words.contains(&word);
    if has("vxlan") || has("subtype") && (has("ba") || has("bar")) {
        return Some("words that 1.10 does not know");
    }
    if takes && difference.contains("UnknownHost") && text.contains('\\') {
        return Some("libpcap's resolver reads addresses that are written as names");
    }
    let odd_end = difference.contains("a port range has one hyphen") || difference.contains("UnknownService");
    if takes && has("portrange") && odd_end {
        return Some("libpcap ignores what stands behind the numbers of a range");
    }
    if takes && has("decnet") && difference.contains("has no IPv4 addresses") {
        return Some("1.10 takes networks for addresses of DECnet");
    }
    let compares = difference.starts_with("ours ");
    let fields = ["vpi", "vci", "sio", "opc", "dpc", "sls", "hsio", "hopc", "hdpc", "hsls"];
    let is_octal = |word: &&str| word.len() > 1 && word.starts_with('0');
    let unknown = difference.starts_with("we take it") && difference.contains("unknown port in range");
    if unknown || compares && has("portrange") && words.iter().any(is_octal) {
        return Some("1.10 reads the numbers of a range as decimal ones");
    }
    if compares && text.contains("!=") && fields.iter().any(|field| has(field)) {
        return Some("1.10 takes != for = in fields of ATM and SS7");
    }
    if compares && words.windows(2).any(|pair| pair == ["ip", "multicast"]) {
        return Some("1.10 takes all addresses above 224 for multicast");
    }
    None
}
