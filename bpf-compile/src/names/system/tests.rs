//! The system resolver on files that the tests write.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;

static FOLDERS: AtomicU32 = AtomicU32::new(0);

/// A folder with the files of a test, gone at the end of it.
struct Folder(PathBuf);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("bpf-compile-names-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        for (name, text) in files {
            fs::write(path.join(name), text).unwrap();
        }
        Self(path)
    }

    fn names(&self) -> System {
        System::with_paths(Paths::in_folder(&self.0))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn services_come_from_the_file_with_their_aliases() {
    let text = "# comment\nhttp 8000/tcp www # not 80\nweird\nbad x/tcp\nntp 123/udp\n";
    let folder = Folder::new(&[("services", text)]);
    let names = folder.names();
    assert_eq!(names.service("http", Transport::Tcp), Some(8000));
    assert_eq!(names.service("www", Transport::Tcp), Some(8000));
    assert_eq!(names.service("ntp", Transport::Udp), Some(123));
    assert_eq!(names.service("ntp", Transport::Tcp), None);
    assert_eq!(names.service("not", Transport::Tcp), None);
}

#[test]
fn what_the_file_lacks_comes_from_the_tables() {
    let folder = Folder::new(&[("services", "http 8000/tcp\n"), ("protocols", "tcp 6 TCP\n")]);
    let names = folder.names();
    assert_eq!(names.service("https", Transport::Tcp), Some(443));
    assert_eq!(names.ip_protocol("ospf"), Some(89));
    assert_eq!(names.ethertype("arp"), Some(0x806));
    assert_eq!(names.similar_service("htpp"), Some("http"));
}

#[test]
fn a_service_over_another_transport_is_not_taken_from_the_tables() {
    let folder = Folder::new(&[("services", "domain 53/udp\n")]);
    assert_eq!(folder.names().service("domain", Transport::Tcp), None);
}

#[test]
fn protocols_come_from_the_file_and_must_fit() {
    let folder = Folder::new(&[("protocols", "mine 200 MINE\nbig 262\n")]);
    let names = folder.names();
    assert_eq!(names.ip_protocol("mine"), Some(200));
    assert_eq!(names.ip_protocol("MINE"), Some(200));
    assert_eq!(names.ip_protocol("Mine"), None);
    assert_eq!(names.ip_protocol("big"), None);
}

#[test]
fn networks_lose_their_trailing_zero_bytes() {
    let text = "default 0.0.0.0\nloopback 127.0.0.0\noffice 10.1 Work\nodd 10.0.5.0\nbad 1.2.3.4.5\n";
    let folder = Folder::new(&[("networks", text)]);
    let names = folder.names();
    assert_eq!(names.network("default"), Some(0));
    assert_eq!(names.network("LOOPBACK"), Some(127));
    assert_eq!(names.network("work"), Some(0x0a01));
    assert_eq!(names.network("odd"), Some(0x0a_0005));
    assert_eq!(names.network("bad"), None);
}

#[test]
fn stations_come_from_the_file() {
    let folder = Folder::new(&[("ethers", "0:1:2:a:b:c printer\n1:2:3 short\n0:1:2:3:4:5:6 long\n")]);
    let names = folder.names();
    assert_eq!(names.ether("Printer"), Some([0, 1, 2, 10, 11, 12]));
    assert_eq!(names.ether("short"), None);
    assert_eq!(names.ether("long"), None);
}

#[test]
fn missing_files_are_empty_and_hostile_ones_harmless() {
    let names = System::with_paths(Paths::in_folder(Path::new("/nonexistent")));
    assert_eq!(names.service("http", Transport::Tcp), Some(80));
    assert_eq!(names.ether("x"), None);
    let folder = Folder::new(&[]);
    fs::write(folder.0.join("services"), [0xff, 0, b'\n', b'/', b'/', b' ', b'/']).unwrap();
    assert_eq!(folder.names().service("http", Transport::Tcp), Some(80));
}

#[test]
fn addresses_are_hosts_too() {
    let found = System::new().host("192.0.2.7").unwrap();
    assert_eq!(found.v4, [core::net::Ipv4Addr::new(192, 0, 2, 7)]);
    assert!(found.v6.is_empty());
}
