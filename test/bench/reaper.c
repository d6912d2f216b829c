/* reaper COMMAND...: runs COMMAND and collects every orphan below it at once, as a real init does. Some machines'
 * PID 1 (containers, test machines) leaves the dead as zombies for seconds, which tools that look at PIDs from outside
 * then wait for; with this between, a benchmark measures the tools and not that. When COMMAND ends, whatever is left
 * below is ended, so that nothing stays behind, however the benchmark ended. Exit status is COMMAND's. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t child;
static void pass(int signal) { kill(child, signal); }

/* What COMMAND left behind has become our children: each is ended, and then its own children in turn. */
static void end_the_rest(void) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
  for (;;) {
    FILE *children = fopen(path, "r");
    int pid;
    while (children && fscanf(children, "%d", &pid) == 1) kill(pid, SIGKILL);
    if (children) fclose(children);
    if (wait(NULL) < 0 && errno == ECHILD) return;
  }
}

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
    if (pid != child) continue;
    end_the_rest();
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
}
