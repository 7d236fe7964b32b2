/* Runs emitted code on aarch64. Standard input has records of 32-bit words in the processor's order:
 *
 *   form (0 one packet, 1 counted, 2 batch); size of the code, code; how many packets, at most PACKETS; for each: its size, its wire
 *   length, what is known beside it (KNOWN words), its bytes
 *
 * Code and packets are filled up to words. A line of output for each packet: the verdict, above it the steps if they are counted; of a batch
 * whether it is accepted. Packets lie at the end of memory that can be read: a load behind one of them ends this program. */
#define _DEFAULT_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

#define ROOM 65536

struct packet {
    const uint8_t *bytes;
    size_t len;
    uint64_t nothing;
    uint32_t wire_len;
};

typedef uint32_t (*single)(const uint8_t *bytes, size_t len, uint32_t wire_len, const uint32_t *known);
typedef uint64_t (*counted)(const uint8_t *bytes, size_t len, uint32_t wire_len, const uint32_t *known);
typedef uint64_t (*batch)(const struct packet *first, const struct packet *end);

static int word(uint32_t *value) { return fread(value, sizeof *value, 1, stdin) == 1; }

static int bytes(uint8_t *to, uint32_t count) {
    uint8_t fill[4];
    return fread(to, 1, count, stdin) == count && fread(fill, 1, -count & 3, stdin) == (-count & 3);
}

int main(void) {
    static struct packet packets[PACKETS];
    static uint32_t known[PACKETS][KNOWN];
    uint8_t *code = mmap(0, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *room[PACKETS];
    uint32_t form, size, count, len;
    if (code == MAP_FAILED) return 2;
    for (int i = 0; i < PACKETS; i++) {
        room[i] = mmap(0, 2 * ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (room[i] == MAP_FAILED || mprotect(room[i] + ROOM, ROOM, PROT_NONE)) return 2;
    }
    while (word(&form)) {
        if (!word(&size) || size > ROOM || mprotect(code, ROOM, PROT_READ | PROT_WRITE) || !bytes(code, size)) return 3;
        if (mprotect(code, ROOM, PROT_READ | PROT_EXEC) || !word(&count) || count > PACKETS) return 4;
        __builtin___clear_cache((char *)code, (char *)code + size);
        for (uint32_t i = 0; i < count; i++) {
            if (!word(&len) || len > ROOM || !word(&packets[i].wire_len)) return 5;
            uint8_t *at = room[i] + ROOM - len;
            if (fread(known[i], sizeof known[i], 1, stdin) != 1 || !bytes(at, len)) return 6;
            packets[i].bytes = at;
            packets[i].len = len;
        }
        uint64_t bits = form == 2 ? ((batch)(uintptr_t)code)(packets, packets + count) : 0;
        for (uint32_t i = 0; i < count; i++) {
            const struct packet *p = packets + i;
            uint64_t answer = form == 2   ? bits >> i & 1
                              : form == 1 ? ((counted)(uintptr_t)code)(p->bytes, p->len, p->wire_len, known[i])
                                          : ((single)(uintptr_t)code)(p->bytes, p->len, p->wire_len, known[i]);
            printf("%llu\n", (unsigned long long)answer);
        }
    }
    return 0;
}
