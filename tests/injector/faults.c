/*
 * Stands between a real process and its system (LD_PRELOAD): counts the calls that change something under one folder, and lets one of them, or some in a
 * row, go wrong. BATCHLAB_FAULTS arms it with "<fault>/<call>/<times><folder>", or the process itself by opening that behind "/batchlab-faults/", which always
 * fails with ENOENT: counting begins anew, and each call that is counted is a line of "<folder>.trace".
 *
 * Faults: none · kill (before the call) · torn (half of what is written, then kill) · EIO · ENOSPC (what is written fits by half) · EMFILE (counts every
 * opening instead, those that only read too).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define PREFIX "/batchlab-faults/"
enum fault { NONE, KILL, TORN, FAIL_EIO, FAIL_ENOSPC, FAIL_EMFILE };
static const char *const names[] = { "none", "kill", "torn", "EIO", "ENOSPC", "EMFILE" };

static char root[4096];
static size_t root_length;
static int trace = -1;
static enum fault armed;
static long first, times;
static atomic_long calls;
static atomic_int is_armed;

static int arm(const char *text) {
  char fault[16];
  int used = 0;
  is_armed = 0;
  if (sscanf(text, "%15[^/]/%ld/%ld%n", fault, &first, &times, &used) < 3) return -1;
  for (armed = NONE; armed < FAIL_EMFILE && strcmp(names[armed], fault) != 0; armed++) {}
  root_length = (size_t)snprintf(root, sizeof root, "%s", text + used);
  char path[4200];
  snprintf(path, sizeof path, "%s.trace", root);
  if (trace >= 0) syscall(SYS_close, trace);
  trace = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  calls = 0;
  is_armed = 1;
  return -1;
}

__attribute__((constructor)) static void begin(void) {
  const char *text = getenv("BATCHLAB_FAULTS");
  if (text != NULL) arm(text);
}

static int is_inside(const char *path) {
  return is_armed && strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || path[root_length] == 0);
}

static const char *path_of(int fd, char *space, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, space, size - 1);
  space[length < 0 ? 0 : length] = 0;
  return space;
}

/* Counts a call. The answer is what becomes of it: NONE, or what the caller has to do before or instead of it. */
static enum fault counted(const char *name, const char *path) {
  long call = atomic_fetch_add(&calls, 1);
  char line[4300];
  int length = snprintf(line, sizeof line, "%s %s\n", name, path + root_length);
  if (trace >= 0) syscall(SYS_write, trace, line, (size_t)length);
  if (armed == NONE || call < first || call >= first + times) return NONE;
  if (armed == KILL) syscall(SYS_kill, getpid(), SIGKILL);
  return armed;
}

static enum fault fate(const char *name, const char *path) {
  int saved = errno;
  enum fault found = !is_inside(path) || armed == FAIL_EMFILE ? NONE : counted(name, path);
  errno = saved;
  return found;
}

static enum fault fate_of_fd(const char *name, int fd) {
  char space[4096];
  int saved = errno;
  enum fault found = is_armed ? fate(name, path_of(fd, space, sizeof space)) : NONE;
  errno = saved;
  return found;
}

static int fails(enum fault fault) {
  if (fault == NONE) return 0;
  if (fault == TORN) syscall(SYS_kill, getpid(), SIGKILL);
  errno = fault == FAIL_EIO ? EIO : fault == FAIL_ENOSPC ? ENOSPC : EMFILE;
  return 1;
}

static int open_any(int folder, const char *path, int flags, mode_t mode) {
  if (strncmp(path, PREFIX, sizeof PREFIX - 1) == 0) { arm(path + sizeof PREFIX - 1); errno = ENOENT; return -1; }
  if (is_inside(path)) {
    int changes = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0;
    enum fault fault = armed == FAIL_EMFILE ? counted("open", path) : changes ? fate("open", path) : NONE;
    if (fails(fault)) return -1;
  }
  return (int)syscall(SYS_openat, folder, path, flags, mode);
}

#define MODE(flags) mode_t mode = 0; if (((flags) & O_CREAT) || ((flags) & O_TMPFILE) == O_TMPFILE) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }
int open(const char *path, int flags, ...) { MODE(flags) return open_any(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return open_any(AT_FDCWD, path, flags | O_LARGEFILE, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE(flags) return open_any(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE(flags) return open_any(folder, path, flags | O_LARGEFILE, mode); }

/* The half that a torn write or a full disk takes. */
static ssize_t half(int fd, const void *bytes, size_t count, off_t at) {
  return at < 0 ? syscall(SYS_write, fd, bytes, count / 2) : syscall(SYS_pwrite64, fd, bytes, count / 2, at);
}

static int write_fails(const char *name, int fd, const void *bytes, size_t count, off_t at) {
  enum fault fault = fate_of_fd(name, fd);
  if (fault == TORN || fault == FAIL_ENOSPC) half(fd, bytes, count, at);
  return fails(fault);
}

ssize_t write(int fd, const void *bytes, size_t count) { return write_fails("write", fd, bytes, count, -1) ? -1 : syscall(SYS_write, fd, bytes, count); }
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) { return write_fails("write", fd, bytes, count, at) ? -1 : syscall(SYS_pwrite64, fd, bytes, count, at); }
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) { return pwrite(fd, bytes, count, at); }
ssize_t writev(int fd, const struct iovec *parts, int count) { return write_fails("write", fd, parts[0].iov_base, parts[0].iov_len, -1) ? -1 : syscall(SYS_writev, fd, parts, count); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) { return write_fails("write", fd, parts[0].iov_base, parts[0].iov_len, at) ? -1 : syscall(SYS_pwritev, fd, parts, count, at, 0L); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) { return pwritev(fd, parts, count, at); }
ssize_t sendfile(int to, int from, off_t *at, size_t count) { return fails(fate_of_fd("sendfile", to)) ? -1 : syscall(SYS_sendfile, to, from, at, count); }
ssize_t sendfile64(int to, int from, off64_t *at, size_t count) { return sendfile(to, from, at, count); }
ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *put, size_t count, unsigned flags) { return fails(fate_of_fd("copy_file_range", to)) ? -1 : syscall(SYS_copy_file_range, from, at, to, put, count, flags); }
int fsync(int fd) { return fails(fate_of_fd("sync", fd)) ? -1 : (int)syscall(SYS_fsync, fd); }
int fdatasync(int fd) { return fails(fate_of_fd("sync", fd)) ? -1 : (int)syscall(SYS_fdatasync, fd); }
int ftruncate(int fd, off_t bytes) { return fails(fate_of_fd("truncate", fd)) ? -1 : (int)syscall(SYS_ftruncate, fd, bytes); }
int ftruncate64(int fd, off64_t bytes) { return ftruncate(fd, bytes); }

int renameat(int folder, const char *from, int other, const char *to) { return fails(fate("rename", to)) ? -1 : (int)syscall(SYS_renameat2, folder, from, other, to, 0); }
int rename(const char *from, const char *to) { return renameat(AT_FDCWD, from, AT_FDCWD, to); }
int linkat(int folder, const char *from, int other, const char *to, int flags) { return fails(fate("link", to)) ? -1 : (int)syscall(SYS_linkat, folder, from, other, to, flags); }
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }
int unlinkat(int folder, const char *path, int flags) { return fails(fate("unlink", path)) ? -1 : (int)syscall(SYS_unlinkat, folder, path, flags); }
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }
int mkdirat(int folder, const char *path, mode_t mode) { return fails(fate("mkdir", path)) ? -1 : (int)syscall(SYS_mkdirat, folder, path, mode); }
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }
