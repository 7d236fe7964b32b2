//! Assembler text to words.
//!
//! Two steps: instructions in order, with a note for each target that is a label; then the notes are filled in.

use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::vec::Vec;

use crate::insn::{Insn, RawInsn};
use crate::text::error::{Found, ParseError, ParseErrorKind};
use crate::text::lexer::{Cursor, Syntax, Token};
use crate::text::operand::{Argument, Mnemonic, argument, assemble};
use crate::text::parse::{room_for_one, skip};

/// The instructions of a text in the language of Linux' `bpf_asm`.
///
/// ```
/// use bpf_core::{RawInsn, text};
///
/// let arp = text::parse_bpf_asm("ldh [12]\n jneq #0x806, drop\n ret #-1\n drop: ret #0")?;
/// assert_eq!(arp[1], RawInsn::jump(0x15, 0x806, 0, 1));
/// # Ok::<(), text::ParseError>(())
/// ```
///
/// # Errors
/// Where the text leaves the language, and where a label cannot be a target.
pub fn parse_bpf_asm(text: &str) -> Result<Vec<RawInsn>, ParseError> {
    let mut cursor = Cursor::new(text, Syntax::Assembler)?;
    let mut insns: Vec<RawInsn> = Vec::new();
    let mut labels = BTreeMap::new();
    let mut notes = Vec::new();
    let mut label_waits = false;
    while cursor.token() != Token::End {
        let (name, place) = cursor.word("an instruction or a label")?;
        let pc = u32::try_from(insns.len()).unwrap_or(u32::MAX);
        label_waits = cursor.eat(':')?;
        if label_waits {
            define(&mut labels, Label { name, place, pc }, &cursor)?;
            continue;
        }
        room_for_one(&insns, &cursor)?;
        insns.push(instruction(&mut cursor, name, place, pc, &mut notes)?);
    }
    if label_waits {
        return Err(cursor.expected("an instruction behind the label"));
    }
    for note in notes {
        let Some(label) = labels.get(note.label) else {
            let kind = ParseErrorKind::UnknownLabel(Found::new(note.label));
            return Err(cursor.error_at(note.place, kind));
        };
        if let Some(insn) = insns.get_mut(note.pc as usize) {
            fill_in(insn, note.field, label.pc, note.pc.saturating_add(1))
                .map_err(|kind| cursor.error_at(note.place, kind))?;
        }
    }
    Ok(insns)
}

struct Label<'a> {
    name: &'a str,
    place: usize,
    pc: u32,
}

/// A target that is to be filled in.
struct Note<'a> {
    pc: u32,
    field: Field,
    label: &'a str,
    place: usize,
}

#[derive(Clone, Copy)]
enum Field {
    Jt,
    Jf,
    K,
}

fn define<'a>(
    labels: &mut BTreeMap<&'a str, Label<'a>>,
    label: Label<'a>,
    cursor: &Cursor<'_>,
) -> Result<(), ParseError> {
    match labels.entry(label.name) {
        Entry::Vacant(entry) => {
            entry.insert(label);
            Ok(())
        }
        Entry::Occupied(entry) => {
            // Only its line is wanted of this other error.
            let first_line = cursor.error_at(entry.get().place, ParseErrorKind::TooLong).line;
            let kind = ParseErrorKind::LabelTwice { label: Found::new(label.name), first_line };
            Err(cursor.error_at(label.place, kind))
        }
    }
}

fn fill_in(insn: &mut RawInsn, field: Field, target: u32, next: u32) -> Result<(), ParseErrorKind> {
    match field {
        Field::Jt => insn.jt = skip(target, next)?,
        Field::Jf => insn.jf = skip(target, next)?,
        // Backwards is a number that wraps: the machine adds it without a carry.
        Field::K => insn.k = target.wrapping_sub(next),
    }
    Ok(())
}

fn instruction<'a>(
    cursor: &mut Cursor<'a>,
    name: &str,
    place: usize,
    pc: u32,
    notes: &mut Vec<Note<'a>>,
) -> Result<RawInsn, ParseError> {
    let unknown = || cursor.error_at(place, ParseErrorKind::UnknownInstruction(Found::new(name)));
    let mnemonic = Mnemonic::from_name(name).ok_or_else(unknown)?;
    let mut target = |cursor: &mut Cursor<'a>, field| {
        let (label, place) = cursor.word("a label")?;
        notes.push(Note { pc, field, label, place });
        Ok::<(), ParseError>(())
    };
    if mnemonic == Mnemonic::Jump {
        target(cursor, Field::K)?;
        return Ok(Insn::Jump(0).encode());
    }
    let argument = if mnemonic.is_alone() { Argument::Nothing } else { argument(cursor)? };
    let wrong = || cursor.error_at(place, ParseErrorKind::WrongOperand { name: mnemonic.name() });
    let insn = assemble(mnemonic, argument).ok_or_else(wrong)?;
    if let Mnemonic::Branch(_, contrary) = mnemonic {
        let (first, second) = if contrary { (Field::Jf, Field::Jt) } else { (Field::Jt, Field::Jf) };
        cursor.expect(',', "`,` and a label")?;
        target(cursor, first)?;
        if cursor.eat(',')? {
            target(cursor, second)?;
        }
    }
    Ok(insn.encode())
}
