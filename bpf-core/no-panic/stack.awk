# Reads `objdump -d --no-show-raw-insn` of a linked x86-64 executable; prints the stack frame of each function of
# bpf-core and the deepest chain of calls; fails if a bound is passed or if the stack is used in a way it does not know.
#
# A frame is counted too large rather than too small: every push and every subtraction from the stack pointer anywhere in the
# function, as if one path passed all of them; and the return address, but for the bound on a run of a prepared program, which is one on
# frames as compilers report them (`-Z emit-stack-sizes`). A jump to another function, which returns to the
# caller of this one, is made with this one's frame gone; only a part of the same function that stands elsewhere has it. A call through a register is a call of
# one of the memory functions: `check` looks first that no other function's address is taken.

function hex(text,   i, value) {
    sub(/^\$?0x/, "", text)
    value = 0
    for (i = 1; i <= length(text); i++) value = value * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
    return value
}

# Constants of 64 bits with the highest bit set are negative numbers; doubles hold the small ones of them exactly
# only if the complement is taken digit by digit.
function negative(text) { return text ~ /^\$?0x[89a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]$/ }
function magnitude(text,   i, value) {
    sub(/^\$?0x/, "", text)
    value = 1
    for (i = 1; i <= 16; i++) value += (16 - index("0123456789abcdef", substr(text, i, 1))) * 16 ^ (16 - i)
    return value
}

function fault(what) { print "stack: " what > "/dev/stderr"; failed = 1 }

# With `bare`, frames without return addresses.
function deepest(name, depth, bare,   i, n, callees, most, below) {
    if (!(name in frame)) { fault("calls an unknown function: " name); return 0 }
    if (depth > 32) { fault("calls do not end: " name); return 0 }
    most = 0; next_of[name] = ""
    n = split(calls[name], callees, " ")
    for (i = 1; i <= n; i++) {
        below = deepest(callees[i], depth + 1, bare)
        if (below > most) { most = below; next_of[name] = callees[i] }
    }
    most += frame[name] - (bare ? 8 : 0)
    n = split(jumps[name], callees, " ")
    for (i = 1; i <= n; i++) {
        below = deepest(callees[i], depth + 1, bare)
        if (below > most) { most = below; next_of[name] = callees[i] }
    }
    return most
}

/^[0-9a-f]+ <.*>:$/ {
    current = $2; gsub(/[<>:]/, "", current)
    frame[current] = 8
    next
}
current == "" || NF < 2 { next }
{ op = $2; arg = $3; if (op ~ /^(addr32|notrack|rep|lock|data16|cs)$/) { op = $3; arg = $4 } }
op ~ /^push/ { frame[current] += 8; next }
op ~ /^sub/ && arg ~ /,%rsp$/ {
    split(arg, half, ",")
    if (half[1] !~ /^\$0x/) fault(current ": a frame of unknown size")
    else if (!negative(half[1])) frame[current] += hex(half[1])
    next
}
op ~ /^add/ && arg ~ /,%rsp$/ {
    split(arg, half, ",")
    if (negative(half[1])) frame[current] += magnitude(half[1])
    next
}
op ~ /^(and|mov|lea|xchg|enter)/ && arg ~ /,%[re]sp$/ { moved[current] = 1; next }
op ~ /^(call|jmp)/ {
    if (arg ~ /^\*/ && op ~ /^call/) calls[current] = calls[current] " memset memcpy memcmp"
    if (arg ~ /^\*/) next
    target = $NF
    if (target !~ /^<[^+]*>$/) next
    gsub(/[<>]/, "", target)
    # A jump to the function's own start is a loop; a call of it is not.
    if (target == current && op ~ /^jmp/) next
    if (op ~ /^jmp/ && target !~ /[.](cold|part)/) {
        if (index(" " jumps[current] " ", " " target " ") == 0) jumps[current] = jumps[current] " " target
    } else if (index(" " calls[current] " ", " " target " ") == 0) calls[current] = calls[current] " " target
}

END {
    for (name in frame) {
        if (name !~ /bpf_core/) continue
        seen++
        short = name
        sub(/^_ZN8/, "", short); sub(/17h[0-9a-f]*E$/, "", short)
        if (moved[name]) fault(short ": the stack pointer is moved in an unknown way")
        if (frame[name] > largest) { largest = frame[name]; largest_name = short }
        if (frame[name] > frame_max) fault(short ": a frame of " frame[name] " bytes, more than " frame_max)
        # A run of a prepared program stands on a driver's stack, below whatever called it.
        if (name ~ /8prepared(3run|5lists3run|7machine|9elsewhere)/) {
            runs++
            total = deepest(name, 0, 1)
            printf "  %-28s %4d bytes of its own, %4d with all that it calls, %4d with return addresses\n", short, frame[name] - 8, total, deepest(name, 0, 0)
            if (total > run_max) fault(short ": " total " bytes, more than " run_max)
        }
        if (name !~ /^bpf_core/) continue
        total = deepest(name, 0, 0)
        chain = ""
        for (at = next_of[name]; at != ""; at = next_of[at]) {
            link = at; sub(/^_ZN8/, "", link); sub(/17h[0-9a-f]*E$/, "", link)
            chain = chain " > " link
        }
        printf "  %-28s %4d bytes of its own, %4d with all that it calls\n", name, frame[name], total
        # The verifier's own documentation promises half of what everything together may take.
        limit = name ~ /validate/ ? chain_max / 2 : chain_max
        if (total > limit) fault(short ": " total " bytes, more than " limit)
        if (total > most) { most = total; most_name = name chain }
    }
    if (runs < 8) fault("only " runs + 0 " functions of prepared runs found")
    if (seen < 8) fault("only " seen + 0 " functions found: nothing was measured")
    printf "  largest frame %d bytes (%s)\n  deepest chain %d bytes (%s)\n", largest, largest_name, most, most_name
    exit failed
}
