/* Linked with the staticlib and nothing else: no libc, no start files. Exits with 0 if every answer is right, with
   the line of the first wrong one (modulo 256, never 0) otherwise. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;

struct insn { u16 code; u8 jt, jf; u32 k; };
struct words { const struct insn *ptr; u64 len; };
struct bytes { const u8 *ptr; u64 len; };
struct step { u64 words[4]; };
struct room { struct step *ptr; u64 len; };

extern u64 bpf_core_validate(struct words, u32 profile);
extern u64 bpf_core_validate_looping(struct words);
extern u32 bpf_core_run_slice(struct words, struct bytes, u32 wire_len, u32 known);
extern u64 bpf_core_steps(struct words, struct bytes, u32 wire_len);
extern u32 bpf_core_run_chain(struct words, const struct bytes *, u64 count, u32 first, u32 total, u32 wire_len);
extern u64 bpf_core_run_with_fuel(struct words, struct bytes, u32 wire_len, u32 fuel);
extern u32 bpf_core_prepare(struct words, struct room);
extern u64 bpf_core_prepared_slice(struct words, struct room, struct bytes, u32 wire_len);
extern u64 bpf_core_prepared_each(struct words, struct room, const struct bytes *, u64 count, u32 wire_len);
extern u64 bpf_core_prepared_chain(struct words, struct room, const struct bytes *, u64 count, u32 total);
extern u64 bpf_core_decode(struct insn);

/* The only functions that the compiler may call without being told to; every kernel and compiler_builtins have them. */
void *memset(void *to, int byte, u64 len) {
    for (volatile u8 *p = to; len; len--) *p++ = (u8)byte;
    return to;
}
void *memcpy(void *to, const void *from, u64 len) {
    const u8 *q = from;
    for (volatile u8 *p = to; len; len--) *p++ = *q++;
    return to;
}
int memcmp(const void *a, const void *b, u64 len) {
    const volatile u8 *p = a, *q = b;
    for (; len; len--, p++, q++) if (*p != *q) return *p < *q ? -1 : 1;
    return 0;
}

/* "arp" on Ethernet. */
static const struct insn arp[] = {
    {0x28, 0, 0, 12}, {0x15, 0, 1, 0x0806}, {0x06, 0, 0, 262144}, {0x06, 0, 0, 0},
};
/* A load of a scratch word that was never stored: STRICT's rule V6 at instruction 0. */
static const struct insn early[] = {{0x60, 0, 0, 3}, {0x16, 0, 0, 0}};
/* The same load after a store: what the data flow must let through without any memory but the stack. */
static const struct insn stored[] = {{0x02, 0, 0, 3}, {0x60, 0, 0, 3}, {0x16, 0, 0, 0}};
/* A loop that never ends. */
static const struct insn loop[] = {{0x05, 0, 0, 0xffffffff}, {0x06, 0, 0, 0}};
/* No instruction at all, a jump out, a scratch word that does not exist. */
static const struct insn garbage[] = {{0x60, 0, 0, 0xffffffff}, {0x05, 0, 0, 0xfffffff0}, {0xffff, 255, 255, 7}};
static const u8 frame[16] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x08, 0x06, 0, 1};

#define WORDS(x) ((struct words){x, sizeof x / sizeof *x})
#define MUST(x) if (!(x)) return __LINE__ % 255 + 1

static struct step steps[4];
#define ROOM(n) ((struct room){steps, n})

static int checks(void) {
    const struct bytes whole = {frame, 16}, cut = {frame, 13};
    const struct bytes pieces[] = {{frame, 5}, {frame, 0}, {frame + 5, 8}, {frame + 13, 3}};
    const struct bytes row[] = {whole, cut, whole};
    for (u32 profile = 0; profile < 5; profile++) MUST(bpf_core_validate(WORDS(arp), profile) == 0);
    MUST(bpf_core_validate(WORDS(arp), 5) == ~0ul);
    MUST(bpf_core_validate(WORDS(early), 0) == 6ul << 32);
    MUST(bpf_core_validate(WORDS(early), 4) == 0);
    MUST(bpf_core_validate(WORDS(stored), 0) == 0);
    MUST(bpf_core_validate(WORDS(loop), 0) == 10ul << 32);
    MUST(bpf_core_validate(WORDS(garbage), 0) == 5ul << 32);
    MUST(bpf_core_validate_looping(WORDS(loop)) == 0);
    MUST(bpf_core_run_slice(WORDS(arp), whole, 60, 0) == 262144);
    MUST(bpf_core_run_slice(WORDS(arp), cut, 60, 0) == 0);
    MUST(bpf_core_run_slice(WORDS(garbage), whole, 60, 0x7ff) == 0);
    MUST(bpf_core_run_chain(WORDS(arp), pieces, 4, 0, 16, 60) == 262144);
    MUST(bpf_core_run_chain(WORDS(arp), pieces, 4, 0, 13, 60) == 0);
    MUST(bpf_core_run_chain(WORDS(arp), pieces, 4, 1, 15, 60) == 0);
    MUST(bpf_core_prepare(WORDS(arp), ROOM(4)) == 1);
    MUST(bpf_core_prepare(WORDS(arp), ROOM(3)) == 0);
    MUST(bpf_core_prepared_slice(WORDS(arp), ROOM(4), whole, 60) == 262144);
    MUST(bpf_core_prepared_slice(WORDS(arp), ROOM(4), cut, 60) == 0);
    MUST(bpf_core_prepared_slice(WORDS(stored), ROOM(4), cut, 60) == 0);
    MUST(bpf_core_prepared_slice(WORDS(garbage), ROOM(4), whole, 60) == 0);
    MUST(bpf_core_prepared_slice(WORDS(loop), ROOM(4), whole, 60) == 0);
    MUST(bpf_core_prepared_each(WORDS(arp), ROOM(4), pieces, 0, 60) == 0);
    MUST(bpf_core_prepared_each(WORDS(arp), ROOM(4), row, 3, 60) == 524288);
    MUST(bpf_core_prepared_chain(WORDS(arp), ROOM(4), pieces, 4, 16) == 262144);
    MUST(bpf_core_prepared_chain(WORDS(arp), ROOM(4), pieces, 4, 13) == 0);
    MUST(bpf_core_steps(WORDS(arp), whole, 60) == (3ul << 32 | 262144));
    MUST(bpf_core_run_with_fuel(WORDS(loop), whole, 60, 100000) == ~0ul);
    MUST(bpf_core_run_with_fuel(WORDS(arp), whole, 60, 3) == 262144);
    MUST(bpf_core_run_with_fuel(WORDS(arp), whole, 60, 2) == ~0ul);
    MUST(bpf_core_decode((struct insn){0xffff, 0, 0, 0}) == ~0ul);
    MUST(bpf_core_decode((struct insn){0x28, 0, 0, 12}) == 0x0000000c00000028ul);
    return 0;
}

__attribute__((force_align_arg_pointer)) void _start(void) {
    long status = checks();
    __asm__ volatile("syscall" : : "a"(60l), "D"(status) : "rcx", "r11", "memory");
    __builtin_unreachable();
}
