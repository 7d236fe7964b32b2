//! Classic captures: variants, verbatim output, lines.

use crate::files::{
    ETHERNET, KUZNETZOV, MICROSECONDS, NANOSECONDS, Order, Pcap, TCP, Temporary, UDP, ethernet, ipv4, mixed,
};
use crate::run::{run, succeed};

/// The first `packets` frames of [`mixed`] as lines.
const LINES: [&str; 4] = [
    "12:34:56.000000 IP 10.0.0.1.443 > 10.0.0.2.51000: tcp 8, flags [P.]\n",
    "12:34:56.000001 IP 10.0.0.1.443 > 10.0.0.2.51000: udp 8\n",
    "12:34:56.000002 IP 10.0.0.1.443 > 10.0.0.2.51000: tcp 8, flags [P.]\n",
    "12:34:56.000003 IP 10.0.0.1.443 > 10.0.0.2.51000: udp 8\n",
];

#[test]
fn lines_in_both_byte_orders() {
    for order in Order::BOTH {
        let file = Temporary::file(&mixed(order));
        assert_eq!(succeed(&["-r", file.path()]).text(), LINES.concat());
        assert_eq!(succeed(&["-r", file.path(), "udp"]).text(), [LINES[1], LINES[3]].concat());
        assert_eq!(succeed(&["-r", file.path(), "udp", "port", "443", "-c", "1"]).text(), LINES[1]);
        assert_eq!(succeed(&["-r", file.path(), "ip6"]).text(), "");
    }
}

#[test]
fn verbose_lines_have_more_fields() {
    let file = Temporary::file(&mixed(Order::Little));
    let expected = "1970-01-01 12:34:56.000000 #1 02:00:00:00:00:01 > 02:00:00:00:00:02, \
                    IP (ttl 64, id 7, DF, tos 0x0, length 48) \
                    10.0.0.1.443 > 10.0.0.2.51000: tcp 8, flags [P.], seq 1, ack 2, win 256\n";
    assert_eq!(succeed(&["-r", file.path(), "-v", "-c", "1"]).text(), expected);
}

#[test]
fn everything_is_written_as_it_was() {
    for order in Order::BOTH {
        for magic in [MICROSECONDS, NANOSECONDS, KUZNETZOV, 0xa12b_3c4d] {
            let all = Pcap::new(order, magic, ETHERNET).packet(1, &ethernet(TCP)).packet(2, &ethernet(UDP));
            let udp = Pcap::new(order, magic, ETHERNET).packet(2, &ethernet(UDP));
            let (input, output) = (Temporary::file(&all.bytes), Temporary::name());
            succeed(&["-r", input.path(), "-w", output.path()]);
            assert_eq!(output.content(), all.bytes, "{magic:#x}");
            succeed(&["-r", input.path(), "-w", output.path(), "udp"]);
            assert_eq!(output.content(), udp.bytes, "{magic:#x}");
        }
    }
}

#[test]
fn nothing_selected_is_a_capture_without_packets() {
    let (input, output) = (Temporary::file(&mixed(Order::Big)), Temporary::name());
    succeed(&["-r", input.path(), "-w", output.path(), "icmp"]);
    assert_eq!(output.content(), mixed(Order::Big)[..24]);
}

#[test]
fn nanoseconds_have_nine_digits() {
    let bytes = Pcap::new(Order::Big, NANOSECONDS, ETHERNET).packet(5, &ethernet(UDP)).bytes;
    let file = Temporary::file(&bytes);
    assert!(succeed(&["-r", file.path()]).text().starts_with("12:34:56.000000005 IP "));
}

#[test]
fn old_versions_have_the_lengths_in_other_order() {
    let frame = ethernet(UDP);
    let captured = u32::try_from(frame.len()).unwrap();
    for (minor, first, second) in
        [(2, 1500, captured), (3, 1500, captured), (3, captured, 1500), (4, captured, 1500)]
    {
        let mut pcap = Pcap::with_version(Order::Little, MICROSECONDS, ETHERNET, minor);
        pcap.record(0, first, second, &frame);
        let file = Temporary::file(&pcap.bytes);
        assert_eq!(succeed(&["-r", file.path(), "--count", "len = 1500"]).text(), "1\n", "2.{minor}");
    }
}

#[test]
fn packets_beyond_the_snap_length_are_cut_for_the_filter_and_kept_in_the_output() {
    let mut bytes = Pcap::new(Order::Little, MICROSECONDS, ETHERNET).packet(0, &ethernet(UDP)).bytes;
    bytes[16..20].copy_from_slice(&23_u32.to_le_bytes());
    let (input, output) = (Temporary::file(&bytes), Temporary::name());
    assert_eq!(succeed(&["-r", input.path(), "--count", "udp"]).text(), "0\n", "the protocol is cut off");
    succeed(&["-r", input.path(), "-w", output.path(), "ip"]);
    assert_eq!(output.content(), bytes);
}

#[test]
fn fcs_bits_of_the_link_type_are_no_part_of_it() {
    let file =
        Temporary::file(&Pcap::new(Order::Little, MICROSECONDS, 0x2400_0001).packet(0, &ethernet(UDP)).bytes);
    assert_eq!(succeed(&["-r", file.path(), "--count", "udp"]).text(), "1\n");
    let reserved = Temporary::file(&Pcap::new(Order::Little, MICROSECONDS, 0x0001_0001).bytes);
    assert_eq!(run(&["-r", reserved.path()]).code, 1);
}

#[test]
fn other_link_types() {
    let raw = Pcap::new(Order::Big, MICROSECONDS, 101).packet(0, &ipv4(UDP));
    let file = Temporary::file(&raw.bytes);
    assert_eq!(succeed(&["-r", file.path(), "udp"]).text(), LINES[1].replace("000001", "000000"));
    let cooked = [&[0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0][..], &ipv4(TCP)].concat();
    let file = Temporary::file(&Pcap::new(Order::Big, MICROSECONDS, 113).packet(0, &cooked).bytes);
    assert_eq!(succeed(&["-r", file.path()]).text(), LINES[0].replace("IP", "Out IP"));
    let file = Temporary::file(&Pcap::new(Order::Big, MICROSECONDS, 147).packet(0, b"secret").bytes);
    assert_eq!(succeed(&["-r", file.path()]).text(), "12:34:56.000000 USER0, length 6\n");
}
