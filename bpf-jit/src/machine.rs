//! The code generator: its settings, and one run of it.

mod frame;

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::OnceLock;

use bpf_core::{Program, Storage};
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::isa::{Builder, OwnedTargetIsa, TargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_codegen::{CodegenError, Context};
use cranelift_frontend::FunctionBuilderContext;

use crate::error::{JitError, JitErrorKind};
use crate::lower::{self, Form};

/// The settings, all of them for the least that the code needs: it calls nothing, unwinds nowhere, and has a small frame. What Cranelift's
/// optimizer could find was found by `lower` already: measured, the code is as fast without it, and made in two thirds of the time.
const SETTINGS: &[(&str, &str)] = &[
    ("opt_level", "none"),
    ("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" }),
    ("enable_probestack", "false"),
    ("unwind_info", "false"),
    ("preserve_frame_pointers", "false"),
    ("machine_code_cfg_info", "false"),
    // No load depends on a table in the code, and packets are all that is read.
    ("enable_table_access_spectre_mitigation", "false"),
    ("enable_heap_access_spectre_mitigation", "false"),
];

/// A code generator for a processor, with our settings.
pub(crate) fn isa(processor: Builder) -> Result<OwnedTargetIsa, JitError> {
    let failed = |error: &dyn std::fmt::Display| JitError::new(JitErrorKind::Codegen, error);
    let mut flags = settings::builder();
    for (name, value) in SETTINGS {
        flags.set(name, value).map_err(|error| failed(&error))?;
    }
    processor.finish(settings::Flags::new(flags)).map_err(|error| failed(&error))
}

/// The one for this machine, made once.
pub(crate) fn host() -> Result<&'static dyn TargetIsa, JitError> {
    static HOST: OnceLock<Result<OwnedTargetIsa, String>> = OnceLock::new();
    let make = || {
        if !cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) {
            return Err(format!("it is {}", std::env::consts::ARCH));
        }
        cranelift_native::builder()
            .map_err(str::to_owned)
            .and_then(|builder| isa(builder).map_err(|e| e.to_string()))
    };
    match HOST.get_or_init(make) {
        Ok(isa) => Ok(&**isa),
        Err(what) => Err(JitError::new(JitErrorKind::UnsupportedHost, what)),
    }
}

/// What a compilation works in; kept, because making it anew takes as long as a short program.
struct Workshop {
    context: Context,
    builder: FunctionBuilderContext,
}

thread_local! {
    static WORKSHOP: RefCell<Option<Workshop>> = const { RefCell::new(None) };
}

/// A workshop that has grown beyond so many instructions is not kept.
const KEPT_INSNS_MAX: usize = 8_192;

/// Makes the code of a program, and hands its bytes to `take`.
pub(crate) fn emit<S: Storage, T>(
    program: &Program<S>,
    form: Form,
    isa: &dyn TargetIsa,
    take: impl FnOnce(&[u8]) -> Result<T, JitError>,
) -> Result<T, JitError> {
    WORKSHOP.with(|kept| {
        let mut workshop = kept.take().unwrap_or_else(Workshop::new);
        let done = workshop.emit(program, form, isa).and_then(|code| take(&code));
        if program.insns().len() <= KEPT_INSNS_MAX {
            kept.replace(Some(workshop));
        }
        done
    })
}

impl Workshop {
    fn new() -> Self {
        Self { context: Context::new(), builder: FunctionBuilderContext::new() }
    }

    fn emit<S: Storage>(
        &mut self,
        program: &Program<S>,
        form: Form,
        isa: &dyn TargetIsa,
    ) -> Result<Cow<'_, [u8]>, JitError> {
        let failed = |error: CodegenError| JitError::new(JitErrorKind::Codegen, error);
        let listed = self.context.want_disasm;
        self.context.clear();
        self.context.want_disasm = listed;
        let returns =
            lower::lower(program, form, isa.frontend_config(), &mut self.context.func, &mut self.builder);
        let code =
            self.context.compile(isa, &mut ControlPlane::default()).map_err(|error| failed(error.inner))?;
        // Code that stands alone: there is nothing to be filled in.
        if !code.buffer.relocs().is_empty() {
            return Err(JitError::new(
                JitErrorKind::Codegen,
                "the code refers to something outside of itself",
            ));
        }
        let frameless = if isa.name() == "x64" { frame::without(code, returns) } else { None };
        Ok(frameless.map_or_else(|| Cow::from(code.buffer.data()), Cow::from))
    }
}

/// The code of a program as text, for golden files: Cranelift's own listing.
#[cfg(test)]
pub(crate) fn listing<S: Storage>(
    program: &Program<S>,
    form: Form,
    isa: &dyn TargetIsa,
) -> Result<[String; 2], JitError> {
    let mut workshop = Workshop::new();
    workshop.context.set_disasm(true);
    workshop.emit(program, form, isa)?;
    let code = workshop.context.compiled_code().and_then(|code| code.vcode.clone()).unwrap_or_default();
    // The marks of returns move everything else to the right.
    let clif = workshop.context.func.display().to_string();
    let lines =
        clif.lines().map(|line| line.strip_prefix(" ".repeat(32).as_str()).unwrap_or(line).to_owned() + "\n");
    Ok([lines.collect(), code])
}

#[cfg(test)]
mod aarch64;
#[cfg(test)]
mod tests;
