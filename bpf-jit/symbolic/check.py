#!/usr/bin/env python3
"""Proves emitted x86-64 code equal to its program, for all packets of up to BYTES bytes: by symbolic execution of both.

    cargo run --release -p snapgate-tests --example machine_code | bpf-jit/symbolic/check.py [BYTES [PROGRAMS]]

Needs angr: pip install angr 'bitstring<4.3' 'pycparser==3.0'. Not a part of tests/run, which installs nothing from PyPI.

Every path of the machine code is walked with a packet, a captured length and a wire length that are not known. On each of them
  - every read is of captured bytes, or of the function's own stack frame; every write is to that frame;
  - the program, run on the same unknowns, returns the same verdict.
So that the proof can fail, each program is also held against itself with one constant changed, which has to be told, as long as
any packet tells them apart; and there have to be a path that accepts and one that rejects.
"""

import json
import logging
import sys
import time

logging.disable(logging.WARNING)
import angr  # noqa: E402
import claripy  # noqa: E402

CODE, PACKET, STACK, BACK = 0x400000, 0x10000000, 0x7FFF0000, 0x500000
FRAME_MAX = 1024
ANCILLARY = 0xFFFFF000


class Wrong(Exception):
    """What is not as it must be."""


class Skipped(Exception):
    """What this script does not know."""


class Unknowns:
    """A packet about which nothing is known."""

    def __init__(self, most):
        self.most = most
        self.bytes = [claripy.BVS(f"byte{n}", 8) for n in range(most)]
        self.len = claripy.BVS("len", 64)
        self.wire_len = claripy.BVS("wire_len", 32)

    def load(self, offset, size):
        """The number at an offset of 64 bits, and whether it is there."""
        there = claripy.And(claripy.ULE(offset, self.most), claripy.ULE(offset + size, self.len))
        if offset.concrete:
            at = offset.concrete_value
            if at + size > self.most:
                return claripy.BVV(0, 32), claripy.false()
            return claripy.Concat(*self.bytes[at : at + size]).zero_extend(32 - 8 * size), there
        number = claripy.BVV(0, 32)
        for at in range(self.most - size + 1):
            here = claripy.Concat(*self.bytes[at : at + size]).zero_extend(32 - 8 * size)
            number = claripy.If(offset == at, here, number)
        return number, there


def machine(code, unknowns):
    """The final states of the code."""
    project = angr.load_shellcode(code, arch="AMD64", load_address=CODE)
    state = project.factory.blank_state(
        addr=CODE,
        add_options={angr.options.ZERO_FILL_UNCONSTRAINED_MEMORY, angr.options.ZERO_FILL_UNCONSTRAINED_REGISTERS},
    )
    for at, byte in enumerate(unknowns.bytes):
        state.memory.store(PACKET + at, byte, disable_actions=True, inspect=False)
    state.add_constraints(claripy.ULE(unknowns.len, unknowns.most))
    state.regs.rdi, state.regs.rsi = PACKET, unknowns.len
    state.regs.rdx, state.regs.rcx = unknowns.wire_len.zero_extend(32), 0
    state.regs.rsp = STACK
    state.memory.store(STACK, claripy.BVV(BACK, 64), endness="Iend_LE", inspect=False)

    def is_stack(address):
        return address.concrete and STACK - FRAME_MAX <= address.concrete_value <= STACK

    def read(state):
        address, size = state.inspect.mem_read_address, state.inspect.mem_read_length
        if is_stack(address):
            return
        outside = claripy.Or(claripy.ULT(address, PACKET), claripy.UGT(address + size, PACKET + unknowns.len))
        if state.solver.satisfiable(extra_constraints=[outside]):
            raise Wrong(f"a read outside of the packet, at {state.addr:x}: {address}")

    def write(state):
        if not is_stack(state.inspect.mem_write_address):
            raise Wrong(f"a write outside of the frame, at {state.addr:x}: {state.inspect.mem_write_address}")

    state.inspect.b("mem_read", when=angr.BP_BEFORE, action=read)
    state.inspect.b("mem_write", when=angr.BP_BEFORE, action=write)
    manager = project.factory.simulation_manager(state)
    manager.stashes["back"] = []
    while manager.active:
        manager.step(num_inst=None)
        if manager.errored:
            raise manager.errored[0].error
        manager.move("active", "back", lambda state: state.addr == BACK)
    if manager.unconstrained:
        raise Wrong("a jump to anywhere")
    return manager.back


def run(insns, unknowns, is_possible):
    """The ways that a program may take, as conditions and a verdict."""
    zero = claripy.BVV(0, 32)
    ways = [(0, zero, zero, {}, [])]
    while ways:
        pc, a, x, memory, when = ways.pop()
        code, jt, jf, k = insns[pc]
        kind, constant = code & 7, claripy.BVV(k, 32)
        if kind == 6:
            yield when, (a if code & 0x18 == 0x10 else constant)
            continue
        if kind in (0, 1):
            mode, size = code & 0xE0, {0: 4, 8: 2, 0x10: 1}[code & 0x18]
            there = claripy.true()
            if mode == 0x00:
                value = constant
            elif mode == 0x60:
                value = memory.get(k, zero)
            elif mode == 0x80:
                value = unknowns.wire_len
            elif mode == 0x20 and k >= ANCILLARY:
                raise Skipped("asks for values beside the packet")
            elif mode == 0x20:
                value, there = unknowns.load(claripy.BVV(k, 64), size)
            elif mode == 0x40:
                value, there = unknowns.load(x.zero_extend(32) + k, size)
            else:
                value, there = unknowns.load(claripy.BVV(k, 64), 1)
                value = (value & 0xF) << 2
            missing = when + [claripy.Not(there)]
            if is_possible(missing):
                yield missing, zero
            when = when + [there]
            if not is_possible(when):
                continue
            a, x = (value, x) if kind == 0 else (a, value)
        elif kind in (2, 3):
            memory = {**memory, k: a if kind == 2 else x}
        elif kind == 4:
            operand, operation = (x if code & 8 else constant), code & 0xF0
            if operation in (0x30, 0x90):
                by_zero = when + [operand == 0]
                if is_possible(by_zero):
                    yield by_zero, zero
                when = when + [operand != 0]
                if not is_possible(when):
                    continue
            shift = claripy.UGE(operand, 32)
            a = {
                0x00: lambda: a + operand,
                0x10: lambda: a - operand,
                0x20: lambda: a * operand,
                0x30: lambda: a // operand,
                0x40: lambda: a | operand,
                0x50: lambda: a & operand,
                0x60: lambda: claripy.If(shift, zero, a << operand),
                0x70: lambda: claripy.If(shift, zero, claripy.LShR(a, operand)),
                0x80: lambda: -a,
                0x90: lambda: a % operand,
                0xA0: lambda: a ^ operand,
            }[operation]()
        elif kind == 5:
            operand, operation = (x if code & 8 else constant), code & 0xF0
            if operation == 0:
                ways.append((pc + 1 + k, a, x, memory, when))
                continue
            holds = {
                0x10: lambda: a == operand,
                0x20: lambda: claripy.UGT(a, operand),
                0x30: lambda: claripy.UGE(a, operand),
                0x40: lambda: a & operand != 0,
            }[operation]()
            for condition, skip in ((holds, jt), (claripy.Not(holds), jf)):
                if is_possible(when + [condition]):
                    ways.append((pc + 1 + skip, a, x, memory, when + [condition]))
            continue
        else:
            a, x = (x, x) if code & 0x80 else (a, a)
        ways.append((pc + 1, a, x, memory, when))


def differs(insns, paths, unknowns):
    """A packet for which the paths of the code and the program do not agree, if there is one."""
    for path in paths:
        solver, verdict = path.solver, path.regs.eax
        compared = 0
        for when, expected in run(insns, unknowns, lambda when: solver.satisfiable(extra_constraints=when)):
            compared += 1
            unlike = when + [verdict != expected]
            if solver.satisfiable(extra_constraints=unlike):
                length = solver.eval(unknowns.len, extra_constraints=unlike)
                packet = claripy.Concat(*unknowns.bytes)
                return solver.eval(packet, extra_constraints=unlike, cast_to=bytes)[:length].hex()
        if compared == 0:
            raise Wrong("a path of the code on which the program goes nowhere")
    return None


def changed(insns):
    """The program with another constant in its first comparison, or in a return."""
    for code, place in ((0x15, 5), (0x45, 5), (0x25, 5), (0x35, 5), (0x06, 6)):
        for at, insn in enumerate(insns):
            if insn[0] == code:
                return insns[:at] + [[*insn[:3], insn[3] ^ 1]] + insns[at + 1 :]
    return None


def check(case, most):
    unknowns = Unknowns(most)
    paths = machine(bytes.fromhex(case["code"]), unknowns)
    if not paths:
        raise Wrong("no path comes to an end")
    packet = differs(case["insns"], paths, unknowns)
    if packet is not None:
        raise Wrong(f"another verdict for {packet}")
    other = changed(case["insns"])
    return len(paths), other is not None and differs(other, paths, unknowns) is not None


def main():
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 64
    cases = [json.loads(line) for line in sys.stdin]
    if len(sys.argv) > 2:
        cases = cases[:: max(1, len(cases) // int(sys.argv[2]))]
    proved = told = wrong = 0
    skipped = {}
    for case in cases:
        start = time.monotonic()
        try:
            paths, is_told = check(case, most)
        except Skipped as reason:
            skipped[str(reason)] = skipped.get(str(reason), 0) + 1
            continue
        except Wrong as error:
            print(f"WRONG {case['name']}: {error}", flush=True)
            wrong += 1
            continue
        proved += 1
        told += is_told
        print(f"{paths:5} paths {time.monotonic() - start:7.2f} s {'' if is_told else '(change not told) '}{case['name']}", flush=True)
    print(f"{proved} programs proved for packets of up to {most} bytes, {told} changes told, {wrong} wrong, skipped {skipped}")
    sys.exit(wrong > 0 or proved == 0 or told * 2 < proved)


if __name__ == "__main__":
    main()
