/// An agent of a few lines, for booting: keeps to `GuestContract`, and does one line of its job after the other.
enum TinyAgent {
    static let source = #"""
        #define _GNU_SOURCE
        #include <dirent.h>
        #include <fcntl.h>
        #include <linux/random.h>
        #include <signal.h>
        #include <stdint.h>
        #include <stdarg.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/io.h>
        #include <sys/ioctl.h>
        #include <sys/mman.h>
        #include <sys/mount.h>
        #include <sys/random.h>
        #include <sys/stat.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <ucontext.h>
        #include <unistd.h>

        static int port = -1;

        static void say(const char *format, ...) {
            char line[512];
            va_list values;
            va_start(values, format);
            int length = vsnprintf(line, sizeof line, format, values);
            va_end(values);
            if (write(port, line, length) != length) printf("write failed\n");
        }

        static void uptime(const char *what) {
            struct timespec time;
            clock_gettime(CLOCK_BOOTTIME, &time);
            printf("uptime %s %ld.%09ld\n", what, time.tv_sec, time.tv_nsec);
        }

        static char failures[512];

        static void load_modules(void) {
            char line[256];
            FILE *list = fopen("/modules/list", "r");
            while (list && fgets(line, sizeof line, list)) {
                line[strcspn(line, "\n")] = 0;
                int file = open(line, O_RDONLY | O_CLOEXEC);
                if (syscall(SYS_finit_module, file, "", 0)) { strcat(failures, line); strcat(failures, " "); }
                close(file);
            }
        }

        static void open_port(void) {
            for (int attempt = 0; attempt < 5000 && port < 0; attempt++) {
                DIR *ports = opendir("/sys/class/virtio-ports");
                struct dirent *entry;
                while (ports && (entry = readdir(ports))) {
                    char path[600], name[64] = "";
                    snprintf(path, sizeof path, "/sys/class/virtio-ports/%s/name", entry->d_name);
                    FILE *file = fopen(path, "r");
                    if (file) { if (!fgets(name, sizeof name, file)) name[0] = 0; fclose(file); }
                    if (strcmp(name, "resetlab\n")) continue;
                    snprintf(path, sizeof path, "/dev/%s", entry->d_name);
                    port = open(path, O_RDWR | O_CLOEXEC);
                }
                if (ports) closedir(ports);
                if (port < 0) usleep(1000);
            }
        }

        static char window[600];

        static void find_window(void) {
            DIR *devices = opendir("/sys/bus/pci/devices");
            struct dirent *entry;
            while (devices && (entry = readdir(devices))) {
                char path[600], kind[64] = "";
                snprintf(path, sizeof path, "/sys/bus/pci/devices/%s/uevent", entry->d_name);
                FILE *file = fopen(path, "r");
                while (file && fgets(kind, sizeof kind, file)) {
                    if (!strcmp(kind, "PCI_ID=1AF4:1110\n")) snprintf(window, sizeof window, "/sys/bus/pci/devices/%s", entry->d_name);
                }
                if (file) fclose(file);
            }
        }

        static void credit_random(void) {
            struct { int count, size; char bytes[32]; } pool = { 256, 32, "always the same bytes" };
            int file = open("/dev/urandom", O_WRONLY);
            if (ioctl(file, RNDADDENTROPY, &pool)) printf("credit failed\n");
            close(file);
        }

        static void leave(int signal, siginfo_t *information, void *context) {
            ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2;
        }

        static void pass_template_point(void) {
            struct sigaction action = { .sa_sigaction = leave, .sa_flags = SA_SIGINFO };
            struct itimerval pause = { .it_value = { .tv_usec = 20000 } };
            ioperm(0x505, 1, 1);
            sigaction(SIGALRM, &action, NULL);
            setitimer(ITIMER_REAL, &pause, NULL);
            __asm__ volatile("outb %%al, %%dx\n1: jmp 1b" : : "a"(1), "d"(0x505) : "memory");
        }

        /* The processor's own timer's interrupts so far. */
        static long timer_interrupts(void) {
            char line[512];
            long count = -1;
            FILE *file = fopen("/proc/interrupts", "r");
            while (file && fgets(line, sizeof line, file)) if (sscanf(line, " LOC: %ld", &count) == 1) break;
            if (file) fclose(file);
            return count;
        }

        /* Sleeps of 10 ms, before each of them something that the kernel frees only after a grace period. */
        static void sleep_often(long times) {
            long before = timer_interrupts();
            for (long i = 0; i < times; i++) {
                if (mkdir("/run/x", 0700) || rmdir("/run/x")) say("failed to make a folder\n");
                usleep(10000);
            }
            say("woken %ld\n", timer_interrupts() - before);
        }

        static FILE *open_job(void) {
            char path[700];
            snprintf(path, sizeof path, "%s/enable", window);
            int file = open(path, O_WRONLY);
            if (write(file, "1", 1) != 1) printf("enable failed\n");
            snprintf(path, sizeof path, "%s/resource2", window);
            uint64_t *words = mmap(NULL, 64 << 20, PROT_READ, MAP_SHARED, open(path, O_RDWR), 0);
            if (words == MAP_FAILED || memcmp(words, "RLJOB", 5)) { say("failed to read the window\n"); return NULL; }
            file = open("/dev/urandom", O_WRONLY);
            if (write(file, &words[1], 8) != 8 || ioctl(file, RNDRESEEDCRNG)) printf("reseed failed\n");
            close(file);
            return words[2] ? fmemopen(&words[3], words[2], "r") : NULL;
        }

        int main(void) {
            mount("proc", "/proc", "proc", 0, 0);
            mount("sysfs", "/sys", "sysfs", 0, 0);
            mount("devtmpfs", "/dev", "devtmpfs", 0, 0);
            mount("tmpfs", "/run", "tmpfs", 0, 0);
            setvbuf(stdout, NULL, _IOLBF, 0);
            uptime("start");
            find_window();
            if (window[0]) credit_random();
            load_modules();
            open_port();
            uptime("ready");
            if (window[0]) pass_template_point();
            FILE *job = window[0] ? open_job() : NULL;
            uptime("began");
            say("ready\n");
            if (failures[0]) say("failed to load %s\n", failures);
            say("library path %s\n", getenv("LD_LIBRARY_PATH"));
            char line[256];
            FILE *modules = fopen("/proc/modules", "r");
            while (modules && fgets(line, sizeof line, modules)) { line[strcspn(line, " ")] = 0; say("module %s\n", line); }
            // In real time there is no job: the first line of the stream says what to do.
            char command[256] = "";
            if (!window[0]) {
                long length = read(port, command, sizeof command - 1);
                job = fmemopen(command, length > 0 ? length : 0, "r");
            }
            while (job && fgets(line, sizeof line, job)) {
                long count;
                int status;
                say("job %s", line);
                if (sscanf(line, "write %ld", &count) == 1) {
                    static char block[32768];
                    memset(block, 'x', sizeof block);
                    for (; count > 0; count -= sizeof block) if (write(port, block, sizeof block) != sizeof block) say("failed to write\n");
                    uptime("written");
                } else if (sscanf(line, "sleep %ld", &count) == 1) {
                    sleep_often(count);
                } else if (!strcmp(line, "random\n")) {
                    unsigned long number;
                    if (getrandom(&number, sizeof number, 0) == sizeof number) say("random %lx\n", number);
                } else if (!strncmp(line, "echo ", 5)) {
                    say("%s", line);
                } else if (!strcmp(line, "return\n")) {
                    return 0;
                } else if (sscanf(line, "status %d", &status) == 1) {
                    uptime("end");
                    ioperm(0xF4, 4, 1);
                    outb(16 + status, 0xF4);
                }
            }
            for (;;) pause();
        }
        """#
}
