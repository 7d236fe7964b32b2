//! Writes inputs for the targets about filters: the cases of the tests' corpus, each with a packet that it accepts and one that it
//! rejects.
//!
//!     seeds ../tests/corpus corpus

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use bpf_compile::link::LinkType;
use bpf_compile::syntax::Dialect;
use bpf_compile::{Options, Target};
use toml::{Table, Value};

type Packets = BTreeMap<String, Vec<u8>>;

/// The targets that take a filter, what it is compiled for, and a packet.
const TARGETS: [&str; 4] = ["compile_filter", "compile_vs_eval", "explain_filter", "filter_vs_jit"];
/// The target that takes a filter alone.
const TEXT_TARGET: &str = "parse_filter";

fn main() -> Result<(), Box<dyn Error>> {
    let [from, to] = std::env::args_os()
        .skip(1)
        .map(PathBuf::from)
        .collect::<Vec<_>>()
        .try_into()
        .map_err(|_| "from where, to where?")?;
    for target in TARGETS.into_iter().chain([TEXT_TARGET]) {
        fs::create_dir_all(to.join(target))?;
    }
    let mut shared = Packets::new();
    for path in toml_files(&from.join("packets"))? {
        shared.extend(packets(&read(&path)?)?);
    }
    let mut written = 0;
    for path in toml_files(&from)? {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).ok_or("a file without a name")?.to_owned();
        let file = read(&path)?;
        let mut known = shared.clone();
        known.extend(packets(&file)?);
        for case in file.get("case").and_then(Value::as_array).into_iter().flatten() {
            let text = |key: &str| case.get(key).and_then(Value::as_str).unwrap_or_default();
            let name = format!("{stem}-{}", text("name"));
            fs::write(to.join(TEXT_TARGET).join(&name), [&[0], text("filter").as_bytes()].concat())?;
            for side in ["accept", "reject"] {
                let Some(bytes) = seed(&file, case, side, &known) else { continue };
                for target in TARGETS {
                    fs::write(to.join(target).join(format!("{name}-{side}")), &bytes)?;
                }
                written += 1;
            }
        }
    }
    // A change of the corpus' form must not end in no seeds.
    if written < 1000 {
        return Err(format!("only {written} seeds").into());
    }
    println!("fuzz: {written} seeds");
    Ok(())
}

fn toml_files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let entries: Result<Vec<_>, _> = fs::read_dir(folder)?.collect();
    let paths = entries?.into_iter().map(|entry| entry.path());
    Ok(paths.filter(|path| path.extension().is_some_and(|extension| extension == "toml")).collect())
}

fn read(path: &Path) -> Result<Table, Box<dyn Error>> {
    Ok(fs::read_to_string(path)?.parse()?)
}

/// The packets of a file by name.
fn packets(file: &Table) -> Result<Packets, Box<dyn Error>> {
    let entries = file.get("packet").and_then(Value::as_table).into_iter().flatten();
    entries
        .map(|(name, packet)| {
            let digits: String = packet["hex"].as_str().unwrap_or_default().split_whitespace().collect();
            let bytes: Result<Vec<u8>, _> =
                (0..digits.len() / 2).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16)).collect();
            Ok((name.clone(), bytes?))
        })
        .collect()
}

/// The input for the first packet of a side; `None` where inputs cannot say it.
fn seed(file: &Table, case: &Value, side: &str, known: &Packets) -> Option<Vec<u8>> {
    let link_type = case.get("link_type").or_else(|| file.get("link_type")).and_then(Value::as_str);
    let mut options = Options::new(LinkType::from_name(link_type.unwrap_or("EN10MB"))?);
    options.netmask = case.get("netmask").map(|_| 0xffff_ff00);
    let told = case.get("options").or_else(|| file.get("options"));
    let told = |key: &str| told.and_then(|told| told.get(key));
    (options.scoped, options.ipv6_extensions) = (told("scoped").is_some(), told("ipv6_extensions").is_some());
    if told("dialect").is_some() {
        options.dialect = Dialect::Extended;
    }
    let target = told("target").and_then(Value::as_str);
    options.target = Target::ALL.into_iter().find(|known| Some(known.name()) == target).unwrap_or_default();
    let named = case.get(side)?.as_array()?.iter().find_map(|name| known.get(name.as_str()?))?;
    snapgate_fuzz::seed(&options, named, case.get("filter")?.as_str()?)
}
