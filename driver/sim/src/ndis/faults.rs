//! Accesses to nothing that a rule of NDIS explains: an answer of null that was not looked at, a link of a list that somebody
//! else holds, the end of a packet's data.
//!
//! This handler is asked first, and leaves everything else to the one that was there before. As that one does, it changes
//! where the interrupted thread goes on: into [`landing`], on the thread's own stack, which tells and never returns.

use std::cell::Cell;
use std::sync::OnceLock;

use super::guarded::Place;
use super::rest;
use crate::fault::Fault;
use crate::machine::{exists, machine, violate};
use crate::sched;
use crate::verify::Rule;

/// Below this is no memory: what is read there was reached from null.
const NULL_END: usize = 0x1_0000;
/// Bytes below the stack pointer that the interrupted code may use.
const RED_ZONE: i64 = 256;

/// The last answer of null that says "no data".
#[derive(Clone, Copy)]
struct NoData {
    thread: sched::ThreadId,
    /// How many calls had failed on demand by then.
    failures: usize,
}

/// What is remembered to explain an access.
#[derive(Default)]
pub(crate) struct Explained {
    no_data: Cell<Option<NoData>>,
}

thread_local! {
    static ADDRESS: Cell<usize> = const { Cell::new(0) };
}

/// `NdisGetDataBuffer` answers null.
pub(super) fn note_no_data() {
    let noted = NoData { thread: sched::this().id, failures: machine().faults.fired().len() };
    machine().ndis.explained.no_data.set(Some(noted));
}

/// The handler before this one.
static BEFORE: OnceLock<libc::sigaction> = OnceLock::new();

/// From now on this handler is asked first.
pub(super) fn install() {
    BEFORE.get_or_init(|| {
        // SAFETY: all zeroes is a valid value of this C structure.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        // SAFETY: as above.
        let mut before: libc::sigaction = unsafe { std::mem::zeroed() };
        action.sa_sigaction = handler as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER;
        // SAFETY: the structure is filled in, and the handler has the signature that its flags ask for.
        unsafe { libc::sigaction(libc::SIGSEGV, &raw const action, &raw mut before) };
        before
    });
}

fn is_ours(address: usize) -> bool {
    exists()
        && sched::current().is_some()
        && (address < NULL_END
            || rest::is_mark(address)
            || machine().ndis.memory.guarded.place(address).is_some())
}

extern "C" fn handler(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the system gives this structure, by the flags of the handler.
    let information = unsafe { &*info };
    // SAFETY: the signal is one for a fault, which has an address.
    let address = unsafe { information.si_addr() }.addr();
    if !is_ours(address) {
        if let Some(before) = BEFORE.get().filter(|before| before.sa_sigaction > libc::SIG_IGN) {
            type Handler = extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void);
            // SAFETY: the handler that was installed, with the same flags and so of the same signature.
            let before = unsafe { std::mem::transmute::<usize, Handler>(before.sa_sigaction) };
            before(signal, info, context);
        }
        return;
    }
    ADDRESS.set(address);
    // SAFETY: the system gives this structure too; nobody else uses it meanwhile.
    let context = unsafe { &mut *context.cast::<libc::ucontext_t>() };
    let registers = &mut context.uc_mcontext.gregs;
    let register = |number: libc::c_int| usize::try_from(number).unwrap_or_default();
    if let Some(stack) = registers.get_mut(register(libc::REG_RSP)) {
        // As at the entry of a function that nobody called: backtraces end there.
        *stack = ((*stack - RED_ZONE) & !0xf) - 8;
        let caller = std::ptr::with_exposed_provenance_mut::<usize>(stack.cast_unsigned() as usize);
        // SAFETY: the stack of the interrupted thread, below all that it uses.
        unsafe { caller.write(0) };
    }
    if let Some(next) = registers.get_mut(register(libc::REG_RIP)) {
        *next = (landing as *const () as usize).cast_signed() as i64;
    }
}

extern "C" fn landing() -> ! {
    let address = ADDRESS.get();
    if let Some(number) = rest::marked(address) {
        violate(Rule::N1, format!("access by a link of NBL {number}, which somebody else holds"));
    }
    match machine().ndis.memory.guarded.place(address) {
        Some(Place::Behind { offset, length }) => {
            violate(Rule::B1, format!("access to byte {offset} of {length} bytes of a packet's data"));
        }
        Some(Place::GivenBack) => violate(Rule::N1, "access to data of a packet that was given back"),
        None => {}
    }
    let fired = machine().faults.fired();
    let no_data = machine().ndis.explained.no_data.get();
    if no_data.is_some_and(|no_data| no_data.thread == sched::this().id && no_data.failures == fired.len()) {
        violate(Rule::B3, format!("access to {address:#x}: NdisGetDataBuffer had answered null"));
    }
    if fired.last().is_some_and(|(_, fault)| *fault == Fault::Mapping) {
        violate(Rule::B4, format!("access to {address:#x}: an MDL could not be mapped"));
    }
    violate(Rule::Access, format!("access to {address:#x}, where nothing is"))
}
