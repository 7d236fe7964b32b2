//! How everything else here is declared: the calling convention, and layouts that are asserted.

/// The layout of one structure as the compiler made it, for comparison with tables of other origin.
#[derive(Clone, Copy, Debug)]
pub struct StructLayout {
    /// The C name.
    pub name: &'static str,
    /// In bytes.
    pub size: usize,
    /// In bytes.
    pub align: usize,
    /// Name and offset in bytes of each asserted field, in the order of the offsets; nested fields have dots.
    pub fields: &'static [(&'static str, usize)],
}

/// Declares functions, blocks of imports and types of function pointers in the convention of the Windows kernel.
///
/// ```
/// snapgate_ffi::kernel_abi! {
///     /// A callback type.
///     pub type DOUBLER = fn(u32) -> u32;
///     /// A function that the kernel may call.
///     pub fn twice(value: u32) -> u32 { value * 2 }
/// }
/// let doubler: DOUBLER = twice;
/// // SAFETY: the function has no precondition.
/// assert_eq!(unsafe { doubler(21) }, 42);
/// ```
///
/// All are `unsafe`. A block `imports from "ndis.sys" { ... }` becomes imports from that file on Windows targets (no import
/// library is needed), and symbols for the linker elsewhere. `export fn` is for those who stand in for the kernel.
#[macro_export]
macro_rules! kernel_abi {
    () => {};
    ($(#[$meta:meta])* $vis:vis type $name:ident = fn($($arg:ty),* $(,)?) $(-> $ret:ty)?; $($rest:tt)*) => {
        #[cfg(windows)]
        $(#[$meta])* $vis type $name = unsafe extern "system" fn($($arg),*) $(-> $ret)?;
        #[cfg(not(windows))]
        $(#[$meta])* $vis type $name = unsafe extern "efiapi" fn($($arg),*) $(-> $ret)?;
        $crate::kernel_abi! { $($rest)* }
    };
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($args:tt)*) $(-> $ret:ty)? $body:block $($rest:tt)*) => {
        #[cfg(windows)]
        $(#[$meta])* $vis unsafe extern "system" fn $name($($args)*) $(-> $ret)? $body
        #[cfg(not(windows))]
        $(#[$meta])* $vis unsafe extern "efiapi" fn $name($($args)*) $(-> $ret)? $body
        $crate::kernel_abi! { $($rest)* }
    };
    ($(#[$meta:meta])* export fn $name:ident($($args:tt)*) $(-> $ret:ty)? $body:block $($rest:tt)*) => {
        $crate::kernel_abi! {
            $(#[$meta])*
            #[unsafe(no_mangle)]
            pub fn $name($($args)*) $(-> $ret)? $body
        }
        $crate::kernel_abi! { $($rest)* }
    };
    (imports from $file:tt { $($items:tt)* } $($rest:tt)*) => {
        #[cfg(windows)]
        #[link(name = $file, kind = "raw-dylib", modifiers = "+verbatim")]
        unsafe extern "system" { $($items)* }
        #[cfg(not(windows))]
        unsafe extern "efiapi" { $($items)* }
        $crate::kernel_abi! { $($rest)* }
    };
}

/// Asserts layouts when the crate is compiled, and lists them for tests.
macro_rules! layouts {
    ($($name:ident: size $size:literal, align $align:literal { $($($field:ident).+ = $offset:literal),* $(,)? })*) => {
        $(const _: () = {
            assert!(size_of::<$name>() == $size);
            assert!(align_of::<$name>() == $align);
            $(assert!(core::mem::offset_of!($name, $($field).+) == $offset);)*
        };)*
        /// The layouts asserted in this module.
        pub(crate) const LAYOUTS: &[$crate::StructLayout] = &[$($crate::StructLayout {
            name: stringify!($name),
            size: size_of::<$name>(),
            align: align_of::<$name>(),
            fields: &[$((
                layouts!(@path $($field).+),
                core::mem::offset_of!($name, $($field).+),
            )),*],
        }),*];
    };
    (@path $first:ident $(. $more:ident)*) => { concat!(stringify!($first) $(, ".", stringify!($more))*) };
}

/// Declares constants, and lists them for comparison with a table of other origin.
macro_rules! constants {
    ($list:ident: $type:ty { $($(#[$meta:meta])* $name:ident = $value:expr;)* }) => {
        $($(#[$meta])* pub const $name: $type = $value;)*
        /// Name and value of the constants of this group.
        #[allow(clippy::cast_lossless, clippy::cast_sign_loss, reason = "one macro for numbers of 8, 16 and 32 bits")]
        pub const $list: &[(&str, u64)] = &[$((stringify!($name), $value as u64 & 0xffff_ffff)),*];
    };
}
