//! The language of Linux' `bpf_asm`.
//!
//! ```text
//! ; keep ARP
//!         ldh [12]
//!         jneq #0x806, drop
//!         ret #-1
//! drop:   ret #0
//! ```
//!
//! | what                              | here                                                                     |
//! | --------------------------------- | ------------------------------------------------------------------------ |
//! | `jneq` `jne` `jlt` `jle`          | become `jeq`, `jge`, `jgt` with the targets exchanged                    |
//! | one target                        | the other way falls through                                              |
//! | `jmp`, `ja`                       | may go back; only a looping program may do so                            |
//! | names of instructions and values  | letters of any case; labels distinguish them                             |
//! | a label that is the name of an instruction, of one letter, or one of several before an instruction | taken; `bpf_asm` does not |
//! | a label twice                     | an error; `bpf_asm` takes the first                                      |
//! | `ret x`                           | an error: no machine takes it                                            |
//! | `[x+4]`                           | taken; `bpf_asm` wants blanks around the sign                            |

mod read;
mod write;

pub use read::parse_bpf_asm;
pub use write::{BpfAsm, NotAssembler, NotAssemblerKind, bpf_asm};
