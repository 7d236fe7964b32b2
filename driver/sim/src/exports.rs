//! The functions that the simulator exports, under their own names: as symbols for a driver that is linked, and as a table
//! for one that is loaded.

/// One exported function or variable.
#[derive(Clone, Copy, Debug)]
pub struct Export {
    /// The file that exports it on Windows.
    pub file: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Where it is.
    pub address: *const (),
}

// SAFETY: the address of a function or of a static, which is the same for all threads.
unsafe impl Sync for Export {}

/// Defines exported functions in the convention of the kernel, and a table `EXPORTS` of them.
macro_rules! exports {
    ($file:literal; $(fn $name:ident($($arg:ident: $type:ty),* $(,)?) $(-> $ret:ty)? $body:block)*) => {
        $(
            #[doc = concat!("`", stringify!($name), "` of ", $file, ".")]
            #[unsafe(no_mangle)]
            #[allow(
                non_snake_case,
                unreachable_pub,
                clippy::not_unsafe_ptr_arg_deref,
                reason = "the names and contracts are the kernel's, and the symbols are for the linker"
            )]
            pub extern "efiapi" fn $name($($arg: $type),*) $(-> $ret)? $body
        )*
        /// What this part exports.
        pub(crate) static EXPORTS: &[$crate::exports::Export] = &[$($crate::exports::Export {
            file: $file,
            name: stringify!($name),
            address: $name as *const (),
        }),*];
    };
}

/// The tables of all parts.
fn tables() -> impl Iterator<Item = &'static Export> {
    crate::nt::tables().into_iter().chain(crate::ndis::tables()).chain([crate::sched::EXPORTS]).flatten()
}

/// The address of an export; `None` if there is no such name in the file.
#[must_use]
pub fn lookup(file: &str, name: &str) -> Option<*const ()> {
    tables()
        .find(|export| export.file.eq_ignore_ascii_case(file) && export.name == name)
        .map(|export| export.address)
}

/// All exports, in no order.
pub fn all() -> impl Iterator<Item = &'static Export> {
    tables()
}
