/* reaper COMMAND...: runs COMMAND and collects every orphan below it at once, as a real init does. Some machines'
 * PID 1 (containers, test machines) leaves the dead as zombies for seconds, which tools that look at PIDs from outside
 * then wait for; with this between, a benchmark measures the tools and not that. Exit status is COMMAND's. */
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t child;
static void pass(int signal) { kill(child, signal); }

int main(int argc, char **argv) {
  if (argc < 2) return 64;
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  child = fork();
  if (child == 0) {
    execvp(argv[1], argv + 1);
    _exit(127);
  }
  signal(SIGINT, pass);
  signal(SIGTERM, pass);
  for (;;) {
    int status;
    pid_t pid = wait(&status);
    if (pid < 0 && errno == EINTR) continue;
    if (pid < 0) return 1;
    if (pid == child) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
}
