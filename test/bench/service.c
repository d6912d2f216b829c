/* The watched service of the benchmarks: it costs nothing to start and stamps its own start.
 *
 *   service STAMPS           stays in the foreground (for supervisors that own their children)
 *   service STAMPS PIDFILE   becomes a daemon: forks, leads a session of its own, writes its pid file;
 *                            the first process ends once the pid file is there
 *
 * Each start appends "PID NANOSECONDS\n" (CLOCK_MONOTONIC, which process.hrtime reads too) to STAMPS. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void put(const char *path, int flags, const char *text) {
  int fd = open(path, flags | O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
  if (fd < 0 || write(fd, text, strlen(text)) < 0) _exit(111);
  close(fd);
}

static void stamp(const char *path) {
  struct timespec now;
  char text[64];
  clock_gettime(CLOCK_MONOTONIC, &now);
  snprintf(text, sizeof text, "%d %lld\n", (int)getpid(), (long long)now.tv_sec * 1000000000LL + now.tv_nsec);
  put(path, O_APPEND, text);
}

int main(int argc, char **argv) {
  if (argc < 2) return 64;
  if (argc > 2) {
    int ready[2];
    char text[32], byte = 0;
    if (pipe(ready) < 0) return 111;
    pid_t child = fork();
    if (child < 0) return 111;
    if (child > 0) {
      close(ready[1]);
      return read(ready[0], &byte, 1) == 1 ? 0 : 1;
    }
    setsid();
    stamp(argv[1]);
    snprintf(text, sizeof text, "%d\n", (int)getpid());
    put(argv[2], O_TRUNC, text);
    for (int fd = 0; fd < 3; fd++) {
      int null = open("/dev/null", O_RDWR);
      dup2(null, fd);
      if (null > 2) close(null);
    }
    if (write(ready[1], &byte, 1) < 0) return 111;
    close(ready[0]);
    close(ready[1]);
  } else {
    stamp(argv[1]);
  }
  for (;;) pause();
}
