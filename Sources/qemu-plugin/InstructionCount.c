// A plugin of QEMU that counts the instructions of each block of translated code: `-plugin file=LIBRARY,out=FILE`.
//
// Compiled by scripts/bench and no target of the package's: SwiftPM links Swift's runtime into every shared library, and QEMU has none.
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/// What the file consists of, in the machine's byte order. One whose address is 0 is unused.
struct instruction_count_block {
    /// Of the block's first instruction, in the guest.
    uint64_t address;
    uint64_t instructions;
    uint64_t executions;
};

/// Entries in the file; a power of two. A guest with a lab has some 100,000 blocks.
#define INSTRUCTION_COUNT_BLOCKS (1u << 20)
/// Further blocks are counted together, by the entry with this address.
#define INSTRUCTION_COUNT_REST UINT64_MAX

// What QEMU 7.2 has for plugins, as far as it is used here, declared by hand since Debian ships no header for it: docs/devel/tcg-plugins.rst
// and include/qemu/qemu-plugin.h of its source. QEMU has these functions itself; they are found when it loads this library.
#define EXPORTED __attribute__((visibility("default")))
typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
typedef void (*qemu_plugin_vcpu_tb_trans_cb_t)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };
extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, qemu_plugin_vcpu_tb_trans_cb_t callback);
extern void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, enum qemu_plugin_op op, void *counter, uint64_t number);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);

// Of the interface that the above is.
EXPORTED int qemu_plugin_version = 1;

static struct instruction_count_block *blocks;
static unsigned used;

/// Open addressing: QEMU keeps the counters' addresses in what it translated, so that they must never move.
static struct instruction_count_block *counter(uint64_t address)
{
    unsigned place = (unsigned)(address * 0x9E3779B97F4A7C15u >> 44) % INSTRUCTION_COUNT_BLOCKS;
    while (blocks[place].address != 0 && blocks[place].address != address) place = (place + 1) % INSTRUCTION_COUNT_BLOCKS;
    if (blocks[place].address == address) return &blocks[place];
    // A quarter stays free, so that searches are short.
    if (used >= INSTRUCTION_COUNT_BLOCKS / 4 * 3 && address != INSTRUCTION_COUNT_REST) return counter(INSTRUCTION_COUNT_REST);
    used += 1;
    blocks[place].address = address;
    return &blocks[place];
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    struct instruction_count_block *block = counter(qemu_plugin_tb_vaddr(tb));
    qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &block->instructions, qemu_plugin_tb_n_insns(tb));
    qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &block->executions, 1);
}

/// The file is mapped, so that the counts are in it also when QEMU is killed, which is how the controller ends a machine.
EXPORTED int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
    (void)info;
    static const char name[] = "out=";
    const char *path = NULL;
    for (int index = 0; index < argc; index++) {
        if (strncmp(argv[index], name, sizeof name - 1) == 0) path = argv[index] + sizeof name - 1;
    }
    if (path == NULL) {
        fprintf(stderr, "InstructionCount: no out=FILE\n");
        return -1;
    }
    size_t size = INSTRUCTION_COUNT_BLOCKS * sizeof *blocks;
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || ftruncate(file, (off_t)size) != 0) {
        perror(path);
        return -1;
    }
    blocks = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (blocks == MAP_FAILED) {
        perror(path);
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
