//! Who may open a device: the part of SDDL that drivers use.

/// `GENERIC_READ`.
pub(crate) const READ: u32 = 0x8000_0000;
/// `GENERIC_WRITE`.
pub(crate) const WRITE: u32 = 0x4000_0000;

/// Who runs a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User {
    /// The system itself.
    System,
    /// An administrator.
    Administrator,
    /// Anybody.
    Guest,
}

impl User {
    fn is(self, trustee: &str) -> bool {
        match trustee {
            "WD" => true,
            "BA" => self == Self::Administrator || self == Self::System,
            "SY" => self == Self::System,
            _ => false,
        }
    }
}

/// A security descriptor that is none.
#[derive(Debug)]
pub(crate) struct Malformed;

/// The rights that a descriptor like `D:P(A;;GA;;;SY)(A;;GRGW;;;WD)` gives to a user.
pub(crate) fn rights(sddl: &str, user: User) -> Result<u32, Malformed> {
    let list = sddl.strip_prefix("D:").ok_or(Malformed)?.trim_start_matches(['P', 'A', 'I', 'R']);
    let mut granted = 0;
    for entry in list.split_terminator(')') {
        let fields: Vec<&str> = entry.strip_prefix('(').ok_or(Malformed)?.split(';').collect();
        let [kind, _flags, rights, _object, _inherited, trustee] = fields.as_slice() else {
            return Err(Malformed);
        };
        if *kind != "A" || rights.len() % 2 != 0 {
            return Err(Malformed);
        }
        let mut mask = 0;
        for right in rights.as_bytes().chunks(2) {
            mask |= match right {
                b"GA" => READ | WRITE,
                b"GR" => READ,
                b"GW" => WRITE,
                _ => return Err(Malformed),
            };
        }
        if user.is(trustee) {
            granted |= mask;
        }
    }
    Ok(granted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_those_of_all_entries_that_name_the_user() {
        let all = "D:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;GRGW;;;WD)";
        let administrators = "D:P(A;;GA;;;SY)(A;;GA;;;BA)";
        assert_eq!(rights(all, User::Guest).unwrap(), READ | WRITE);
        assert_eq!(rights(administrators, User::Guest).unwrap(), 0);
        assert_eq!(rights(administrators, User::Administrator).unwrap(), READ | WRITE);
        assert_eq!(rights("D:P(A;;GR;;;WD)", User::System).unwrap(), READ);
        for broken in ["", "P(A;;GA;;;SY)", "D:P(A;;GA;;SY)", "D:P(A;;G;;;SY)", "D:P(A;;XX;;;SY)"] {
            assert!(rights(broken, User::System).is_err(), "{broken}");
        }
    }
}
