//! dump
#[test]
fn dump() {
    let text = std::env::var("DUMP").unwrap_or_default();
    let p = bpf_core::bpf_validate(bpf_core::text::parse(&text).unwrap(), bpf_core::Profile::LIBPCAP).unwrap();
    let l = super::listing(&p, super::host().unwrap()).unwrap();
    println!("{}\n{}", l[0], l[1]);
}
