/// An agent of a few lines, for booting: keeps to `GuestContract`, and does one line of its job after the other.
enum TinyAgent {
    static let source = #"""
        #define _GNU_SOURCE
        #include <dirent.h>
        #include <fcntl.h>
        #include <stdarg.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/io.h>
        #include <sys/mount.h>
        #include <sys/random.h>
        #include <sys/syscall.h>
        #include <time.h>
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

        int main(void) {
            mount("proc", "/proc", "proc", 0, 0);
            mount("sysfs", "/sys", "sysfs", 0, 0);
            mount("devtmpfs", "/dev", "devtmpfs", 0, 0);
            mount("tmpfs", "/run", "tmpfs", 0, 0);
            setvbuf(stdout, NULL, _IOLBF, 0);
            uptime("start");
            load_modules();
            open_port();
            uptime("ready");
            say("ready\n");
            if (failures[0]) say("failed to load %s\n", failures);
            say("library path %s\n", getenv("LD_LIBRARY_PATH"));
            char line[256];
            FILE *modules = fopen("/proc/modules", "r");
            while (modules && fgets(line, sizeof line, modules)) { line[strcspn(line, " ")] = 0; say("module %s\n", line); }
            FILE *job = fopen("/job/requests.jsonl", "r");
            while (job && fgets(line, sizeof line, job)) {
                long count;
                int status;
                say("job %s", line);
                if (sscanf(line, "write %ld", &count) == 1) {
                    static char block[32768];
                    memset(block, 'x', sizeof block);
                    for (; count > 0; count -= sizeof block) if (write(port, block, sizeof block) != sizeof block) say("failed to write\n");
                    uptime("written");
                } else if (!strcmp(line, "random\n")) {
                    unsigned long number;
                    if (getrandom(&number, sizeof number, 0) == sizeof number) say("random %lx\n", number);
                } else if (!strcmp(line, "echo\n")) {
                    long length = read(port, line, sizeof line - 1);
                    line[length > 0 ? length : 0] = 0;
                    say("echo %s", line);
                } else if (!strcmp(line, "return\n")) {
                    return 0;
                } else if (!strcmp(line, "hang\n")) {
                    for (;;) pause();
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
