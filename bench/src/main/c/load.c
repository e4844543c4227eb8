/*
 * A load for echo servers that favours none of them: one thread, epoll, closed loop. Each connection has one message under
 * way; when it has come back whole, the next goes out. The message has 64 bytes, or is what the file holds that is given as
 * first argument.
 *
 * Reads commands from standard input, one a line, and answers each with one line:
 *
 *   open PORT COUNT PID     opens connections to a server on loopback; PID is the process whose time is taken. With port
 *                           0 the server listens at the UNIX socket PID.sock in the folder given as second argument
 *                           -> opened INDEX
 *   run INDEX WARM MS       runs them for WARM milliseconds uncounted, then for MS counted, then lets them come to rest
 *                           -> ran MESSAGES NANOS CPU_NANOS USER_TICKS SYSTEM_TICKS
 *   close INDEX             -> closed
 *
 * CPU_NANOS is the process's own clock, which is exact; the kernel tells user and system time apart by sampling only,
 * in ticks, so these are good for a ratio. A failure ends the program with one line on standard error.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { SHORT = 64, LONGEST = 65536, GROUPS = 64, EVENTS = 256, STALL_MS = 10000 };

struct connection {
    int fd;
    int received;
};

struct group {
    int epoll;
    int count;
    pid_t pid;
    struct connection *connections;
};

struct cpu {
    long long total;
    long long user;
    long long system;
};

static struct group groups[GROUPS];
static int opened;
static char message[LONGEST];
static int size;
static const char *folder = ".";

static void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static long long now(clockid_t clock) {
    struct timespec t;
    if (clock_gettime(clock, &t) != 0) fail("clock: %s", strerror(errno));
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static struct cpu cpu_of(pid_t pid) {
    struct cpu cpu;
    clockid_t clock;
    int error = clock_getcpuclockid(pid, &clock);
    if (error != 0) fail("no clock of process %d: %s", (int) pid, strerror(error));
    cpu.total = now(clock);

    char path[64];
    char line[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int) pid);
    FILE *file = fopen(path, "r");
    if (file == NULL || fgets(line, sizeof line, file) == NULL) fail("cannot read %s", path);
    fclose(file);
    /* proc(5): fields 14 and 15, counted behind the name, which is in brackets and may hold anything. */
    char *rest = strrchr(line, ')');
    if (rest == NULL
            || sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld", &cpu.user, &cpu.system) != 2)
        fail("cannot read %s", path);
    return cpu;
}

static int dial_tcp(int port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *) &address, sizeof address) != 0)
        fail("cannot connect to port %d: %s", port, strerror(errno));
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static int dial_unix(pid_t pid) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/%d.sock", folder, (int) pid);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *) &address, sizeof address) != 0)
        fail("cannot connect to %s: %s", address.sun_path, strerror(errno));
    return fd;
}

static int dial(int port, pid_t pid) {
    int fd = port == 0 ? dial_unix(pid) : dial_tcp(port);
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) fail("fcntl: %s", strerror(errno));
    return fd;
}

static void open_group(int port, int count, pid_t pid) {
    if (opened == GROUPS || count < 1) fail("cannot open %d connections", count);
    struct group *group = &groups[opened];
    group->epoll = epoll_create1(EPOLL_CLOEXEC);
    group->count = count;
    group->pid = pid;
    group->connections = calloc(count, sizeof *group->connections);
    if (group->epoll < 0 || group->connections == NULL) fail("out of descriptors or memory");
    for (int i = 0; i < count; i++) {
        struct connection *connection = &group->connections[i];
        connection->fd = dial(port, pid);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
        if (epoll_ctl(group->epoll, EPOLL_CTL_ADD, connection->fd, &event) != 0) fail("epoll_ctl: %s", strerror(errno));
    }
    printf("opened %d\n", opened++);
}

static void send_message(struct connection *connection) {
    /* One message is under way, so there is always room for it. */
    if (send(connection->fd, message, size, MSG_NOSIGNAL) != size) fail("cannot send: %s", strerror(errno));
}

/* Whether a message has come back whole. */
static int receive_message(struct connection *connection) {
    static char buffer[LONGEST];
    ssize_t count = recv(connection->fd, buffer, size - connection->received, 0);
    if (count < 0 && errno == EAGAIN) return 0;
    if (count <= 0) fail("the server ended a connection: %s", count == 0 ? "end of stream" : strerror(errno));
    if (memcmp(buffer, message + connection->received, count) != 0) fail("the server did not echo what it was sent");
    connection->received += count;
    if (connection->received < size) return 0;
    connection->received = 0;
    return 1;
}

/* Handles what has arrived; returns how many messages came back. */
static int turn(struct group *group, int again) {
    struct epoll_event events[EVENTS];
    int messages = 0;
    int count = epoll_wait(group->epoll, events, EVENTS, STALL_MS);
    if (count == 0) fail("the server has not answered for %d ms", STALL_MS);
    for (int i = 0; i < count; i++) {
        struct connection *connection = events[i].data.ptr;
        if (receive_message(connection)) {
            messages++;
            if (again) send_message(connection);
        }
    }
    return messages;
}

static void run(struct group *group, int warm, int measured) {
    for (int i = 0; i < group->count; i++) send_message(&group->connections[i]);
    for (long long end = now(CLOCK_MONOTONIC) + warm * 1000000LL; now(CLOCK_MONOTONIC) < end;) turn(group, 1);

    long long messages = 0;
    struct cpu before = cpu_of(group->pid);
    long long start = now(CLOCK_MONOTONIC);
    long long end = start + measured * 1000000LL;
    long long time;
    do {
        messages += turn(group, 1);
        time = now(CLOCK_MONOTONIC);
    } while (time < end);
    struct cpu after = cpu_of(group->pid);

    for (int under_way = group->count; under_way > 0;) under_way -= turn(group, 0);
    printf("ran %lld %lld %lld %lld %lld\n", messages, time - start, after.total - before.total,
            after.user - before.user, after.system - before.system);
}

static void close_group(struct group *group) {
    for (int i = 0; i < group->count; i++) close(group->connections[i].fd);
    close(group->epoll);
    free(group->connections);
    group->connections = NULL;
    group->count = 0;
    puts("closed");
}

static struct group *group_at(int index) {
    if (index < 0 || index >= opened || groups[index].count == 0) fail("no group %d", index);
    return &groups[index];
}

static void load_message(const char *path) {
    FILE *file = fopen(path, "r");
    if (file == NULL) fail("cannot read %s: %s", path, strerror(errno));
    size = fread(message, 1, sizeof message, file);
    fclose(file);
    if (size == 0) fail("%s is empty", path);
}

int main(int argc, char **argv) {
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    for (size = 0; size < SHORT; size++) message[size] = (char) ('!' + size);
    if (argc > 1) load_message(argv[1]);
    if (argc > 2) folder = argv[2];

    char line[256];
    while (fgets(line, sizeof line, stdin) != NULL) {
        int a, b, c;
        if (sscanf(line, "open %d %d %d", &a, &b, &c) == 3) open_group(a, b, c);
        else if (sscanf(line, "run %d %d %d", &a, &b, &c) == 3) run(group_at(a), b, c);
        else if (sscanf(line, "close %d", &a) == 1) close_group(group_at(a));
        else fail("unknown command: %s", line);
        fflush(stdout);
    }
    return 0;
}
