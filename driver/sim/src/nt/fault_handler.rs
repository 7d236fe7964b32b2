//! An access to memory that is not there becomes a broken rule.
//!
//! The handler of the signal runs on a stack of its own. It changes where the interrupted code goes on: into
//! [`landing`], on the stack of the coroutine, which tells what happened and never returns.

use std::cell::Cell;
use std::sync::Once;

use crate::machine::{exists, machine, violate};
use crate::sched;
use crate::verify::Rule;

thread_local! {
    static ADDRESS: Cell<usize> = const { Cell::new(0) };
    static READY: Cell<bool> = const { Cell::new(false) };
}

/// Bytes of the stack for the handler.
const STACK_BYTES: usize = 64 * 1024;

/// Makes faults of this OS thread broken rules.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: all zeroes is a valid value of this C structure.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        action.sa_sigaction = handler as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER;
        for signal in [libc::SIGSEGV, libc::SIGBUS] {
            // SAFETY: the structure is filled in, and the handler has the signature that its flags ask for.
            unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) };
        }
    });
    if !READY.replace(true) {
        let (protection, flags) =
            (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // One for each OS thread that ever has a machine, and never given back.
        // SAFETY: a new mapping, anywhere.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), STACK_BYTES, protection, flags, -1, 0) };
        assert!(start != libc::MAP_FAILED, "no memory for the stack of a signal handler");
        let stack = libc::stack_t { ss_sp: start, ss_flags: 0, ss_size: STACK_BYTES };
        // SAFETY: the memory of the stack is never given back.
        unsafe { libc::sigaltstack(&raw const stack, std::ptr::null_mut()) };
    }
}

extern "C" fn handler(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    if !exists() || sched::current().is_none() {
        // No driver runs: as if there were no handler.
        // SAFETY: resets the signal, so that the access is repeated and ends the process.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
        return;
    }
    // SAFETY: the system gives both structures, by the flags of the handler.
    let address = unsafe { (*info).si_addr() }.addr();
    ADDRESS.set(address);
    // SAFETY: as above.
    let registers = unsafe { &mut (*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs };
    let rsp = usize::try_from(libc::REG_RSP).ok().and_then(|index| registers.get_mut(index));
    if let Some(rsp) = rsp {
        // Beyond the red zone, and aligned as at the entry of a function.
        *rsp = ((*rsp - 256) & !0xf) - 8;
        let bottom = std::ptr::with_exposed_provenance_mut::<u64>(usize::try_from(*rsp).unwrap_or_default());
        // SAFETY: on the stack of the interrupted code, below what it uses. As a return address: walks of the stack end there.
        unsafe { bottom.write(0) };
    }
    let rip = usize::try_from(libc::REG_RIP).ok().and_then(|index| registers.get_mut(index));
    if let Some(rip) = rip {
        *rip = (landing as *const () as usize).cast_signed() as i64;
    }
}

extern "C" fn landing() -> ! {
    let address = ADDRESS.get();
    let pools = &machine().pools;
    if let Some(block) = pools.describe(address) {
        violate(Rule::Pool, format!("access to {address:#x}: {block}"));
    }
    if machine().nt.mm.is_user_address(address) {
        violate(
            Rule::I4,
            format!("access to {address:#x}, an address of a program: its pages must be locked and mapped"),
        );
    }
    violate(Rule::Access, format!("access to {address:#x}, where nothing is"))
}
