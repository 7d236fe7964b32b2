//! Filters that every link type is asked, and those of some.

/// The link types of which more is known than the first byte, but for those that libpcap 1.10 does not know.
pub(crate) const LINK_TYPES: [u16; 64] = [
    0, 1, 6, 7, 8, 9, 10, 11, 12, 15, 16, 19, 50, 51, 99, 104, 105, 107, 108, 109, 113, 114, 117, 119, 122,
    123, 127, 129, 130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 140, 163, 164, 166, 167, 168, 178, 179,
    180, 181, 183, 192, 194, 197, 200, 226, 228, 229, 232, 233, 234, 238, 240, 241, 276, 147,
];

/// What any link type can be asked; semicolons between.
const COMMON: &str = "\
    ip; ip6; arp; rarp; tcp; udp; icmp; icmp6; iso; clnp; esis; isis; stp; ipx; netbeui; atalk;
    aarp; decnet; lat; ether proto 6; ether proto 0x600; ether proto 0x8137; ether proto 0x88cc;
    ether proto 0x17; iso proto 0x41; host 1.2.3.4; src host 1.2.3.4; net 10; arp host 1.2.3.4;
    ip6 host 1:2:3:4:5:6:7:8; dst net 1:2:3:4:5:6:7:0/112; port 80; src port 80; tcp dst port 80;
    portrange 10-20; tcp[13] & 2 != 0; ip[8] < 64; udp[ip[0] & 7] = 3; icmp6[0] = 135; ip6[6] = 58;
    arp[7] = 1; ether[3] = 7; link[0:2] > 7; link[link[0]] = 0; ip[ip[2]] > 1; broadcast;
    multicast; ip6 multicast; ether host 1:2:3:4:5:6; ether src 1:2:3:4:5:6; ether dst 1:2:3:4:5:6;
    ether src and dst 1:2:3:4:5:6; ether host $05; ether src $05; ether dst $05; ip protochain 6;
    ip6 protochain 6; ip6 protochain 17; protochain 58; not ip6 protochain 58; decnet host 1.2;
    decnet src 1.2; decnet dst host 1.2; decnet src and dst 1.2; mpls; mpls 5; mpls and ip;
    mpls 5 and mpls 6 and ip6; mpls and host 1.2.3.4; mpls and tcp port 80; mpls and arp;
    mpls and vlan; mpls and ip[1] = 2; mpls and ether host 1:2:3:4:5:6; pppoed; mpls 0x100000;
    vlan 4096; vlan; vlan 5; vlan and ip; vlan 5 and vlan 6 and tcp; vlan or arp; not vlan and arp;
    vlan and ether proto 0x42; vlan and ip[2] = 3; vlan and ether[2] = 3; llc; llc i; llc s; llc u;
    llc rr; llc rnr; llc rej; llc ui; llc ua; llc disc; llc sabme; llc test; llc xid; llc frmr;
    llc dm; llc x; type mgt; type ctl; type data; type 12; type 3; subtype beacon;
    type data subtype qos-data; type mgt subtype 0x80; type 4 subtype 8; type ctl subtype beacon;
    subtype ps-poll; dir tods; dir dstods; dir 1; dir up; ether addr1 1:2:3:4:5:6;
    ether addr2 1:2:3:4:5:6; wlan addr3 1:2:3:4:5:6; wlan addr4 1:2:3:4:5:6; wlan ra 1:2:3:4:5:6;
    wlan ta 1:2:3:4:5:6; radio[0] = 0; radio[2:2] > 8; len > 30; less 40; greater 40; fisu; lssu;
    msu; hfisu; hlssu; hmsu; sio 5; opc 100; dpc 100; sls 7; hsio 5; hopc 100; hdpc 100; hsls 7;
    sio > 5; opc > 5; dpc < 5; sls (1 or 2); opc 16384; sio 256; hsls >= 3; lane; metac; bcc; sc;
    ilmic; oam; oamf4; oamf4ec; oamf4sc; connectmsg; metaconnect; vpi 3; vci > 5; vci (5 or 6);
    lane and ip; lane and llc; lane and lane and ip; lane and broadcast;
    lane and ether host 1:2:3:4:5:6; lane and ether[2] = 1; lane and vlan and ip; not lane and ip;
    lane and vpi 3; lane and ether proto 0x42; llc and ip; connectmsg and ip;
    lane and lane and broadcast; lane and mpls and lane and ip; lane and pppoes and ip;
    lane and geneve and ip; on em0; ifname eth12345; rnr 3; srnr 5; rset foo; reason match;
    reason memory; action block; on abcdefghijklmnop; reason nothing; not ip; not host 1.2.3.4;
    ip or arp; not (tcp or udp)";

/// What only links without a header of variable length are asked.
const FIXED: &str = "\
    pppoes; pppoes 7; pppoes 0x10000; pppoed and pppoes; ether[0] & 1 = 0 and ip; pppoes and ip;
    pppoes 7 and ip6; pppoes and tcp port 80; pppoes and ether[0] = 1; pppoes and ip[0] = 69;
    pppoes and iso; pppoes and ether proto 0xc021; pppoes and arp; pppoes and vlan; pppoes and llc;
    pppoes and mpls; pppoes and broadcast; pppoes and pppoes and ip; pppoes and mpls 5 and ip;
    pppoes and iso proto 0x81; pppoes and ether host 1:2:3:4:5:6; geneve; geneve 5; geneve and ip;
    geneve and tcp; geneve 5 and ip6; geneve and host 1.2.3.4; geneve and ether host 1:2:3:4:5:6;
    geneve and broadcast; geneve and multicast; geneve and ether proto 0x42; geneve and iso;
    geneve and ipx; geneve and llc; geneve and vlan 5 and ip; geneve and geneve 5;
    geneve and geneve and arp; geneve and pppoes and ip; geneve and mpls and ip;
    geneve and ether[5] = 1; geneve and ip[2] = 3; geneve and tcp[13] & 2 != 0; geneve and port 80;
    geneve 16777216; geneve and decnet host 1.2; geneve and iso proto 5;
    pppoes and geneve and iso proto 5; mpls and geneve and ip; mpls and geneve and arp;
    mpls and geneve and mpls and ip; geneve and pppoes and geneve and ip; vlan and geneve and ip6";

/// What link headers tell about directions; elsewhere 1.10 writes a program for live captures.
const DIRECTION: &str = "\
    inbound; outbound";

/// The filters of a link type.
pub(crate) fn of(dlt: u16) -> Vec<String> {
    let mut texts: Vec<&str> = each(COMMON).collect();
    if !matches!(dlt, 105 | 119 | 127 | 163 | 192 | 117) {
        texts.extend(each(FIXED));
    }
    if matches!(dlt, 113 | 276 | 226 | 166 | 117 | 130..=137 | 164 | 167 | 168 | 178..=181 | 183 | 194 | 200 | 232..=234 | 238)
    {
        texts.extend(each(DIRECTION));
    }
    if dlt == 276 {
        texts.push("ifindex 3");
    }
    if dlt == 8 {
        texts.push("inbound");
    }
    // ARCNET: 1.10 knows other numbers for some protocols.
    let differs = |text: &&str| {
        matches!(dlt, 7 | 129) && ["ip", "arp", "link", "$"].iter().any(|word| text.contains(word))
    };
    // PPI: 1.10 has no fields of 802.11 there.
    let fields = |text: &&str| dlt == 192 && ["type", "dir"].iter().any(|word| text.contains(word));
    texts.retain(|text| !differs(text) && !fields(text));
    texts.into_iter().map(String::from).collect()
}

fn each(filters: &str) -> impl Iterator<Item = &str> {
    filters.split(';').map(str::trim)
}
