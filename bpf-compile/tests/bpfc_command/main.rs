//! The command from outside: its files, streams, texts and exit codes.

#![cfg(feature = "cli")]

#[cfg(test)]
mod damage;
#[cfg(test)]
mod diagnostics;
#[cfg(test)]
mod engines;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod files;
#[cfg(test)]
mod json;
#[cfg(test)]
mod json_laws;
#[cfg(test)]
mod options;
#[cfg(test)]
mod pcap;
#[cfg(test)]
mod pcapng;
#[cfg(test)]
mod run;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod texts;
