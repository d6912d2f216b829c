import type { Koffi } from '../packages/load-koffi.ts';

/**
 * The C library's way to start a program, posix_spawn(3). Node's own forks: the kernel then copies the page tables of the
 * watcher, a millisecond and more that grows with its memory, before the program has begun.
 */
export interface PosixSpawnLibrary {
  /** Starts it with its outputs in two pipes; or the number of the error. */
  start(program: Launch): Launched | number;
  /** Collects an ended child, waitpid(2); undefined while it runs; neither code nor signal where its end is not known. */
  collect(pid: number): { readonly code: number | null; readonly signal: number | null } | undefined;
}

export interface Launch {
  /** Path of the program. */
  readonly path: string;
  readonly argv: readonly string[];
  /** `NAME=value`. */
  readonly env: readonly string[];
  readonly cwd: string;
}

export interface Launched {
  readonly pid: number;
  /** Reading ends, owned by the caller. */
  readonly stdout: number;
  readonly stderr: number;
}

/** Sizes with room to spare: posix_spawnattr_t has 336 bytes, posix_spawn_file_actions_t 80, sigset_t 128 (glibc and musl). */
const ATTRIBUTES_BYTES = 1024;
const ACTIONS_BYTES = 512;
const SIGNALS_BYTES = 128;
/** <spawn.h> of glibc (since 2.26) and musl: signals to their defaults, none blocked, a session of its own. */
const SETSIGDEF = 0x04;
const SETSIGMASK = 0x08;
const SETSID = 0x80;
/** <fcntl.h>, the same wherever Node runs on Linux. */
const O_CLOEXEC = 0o2000000;
const WNOHANG = 1;

/** Undefined where the C library lacks a part (addchdir_np: glibc 2.29, musl 1.1.24). */
export function posixSpawnLibrary(koffi: Koffi): PosixSpawnLibrary | undefined {
  try {
    return library(koffi);
  } catch {
    return undefined;
  }
}

function library(koffi: Koffi): PosixSpawnLibrary {
  const c = koffi.load(null);
  const pipe2 = c.func('int pipe2(_Out_ int *descriptors, int flags)');
  const close = c.func('int close(int descriptor)');
  const waitpid = c.func('int waitpid(int pid, _Out_ int *status, int options)');
  const spawn = c.func(
    'int posix_spawn(_Out_ int *pid, const char *path, const void *actions, const void *attributes, const char **argv, const char **env)',
  );
  const actionsInit = c.func('int posix_spawn_file_actions_init(void *actions)');
  const actionsDestroy = c.func('int posix_spawn_file_actions_destroy(void *actions)');
  const addOpen = c.func(
    'int posix_spawn_file_actions_addopen(void *actions, int descriptor, const char *path, int flags, unsigned int mode)',
  );
  const addDup = c.func('int posix_spawn_file_actions_adddup2(void *actions, int from, int to)');
  const addChdir = c.func('int posix_spawn_file_actions_addchdir_np(void *actions, const char *path)');
  const attributes = attributesOf(c);
  const actions = Buffer.alloc(ACTIONS_BYTES);

  return {
    start({ path, argv, env, cwd }) {
      const out: number[] = [0, 0];
      const err: number[] = [0, 0];
      if (pipe2(out, O_CLOEXEC) !== 0) return koffi.errno();
      if (pipe2(err, O_CLOEXEC) !== 0) {
        const error = koffi.errno();
        for (const descriptor of out) close(descriptor);
        return error;
      }
      const [stdout = -1, stdoutWriting] = out;
      const [stderr = -1, stderrWriting] = err;
      actionsInit(actions);
      addOpen(actions, 0, '/dev/null', 0, 0);
      addDup(actions, stdoutWriting, 1);
      addDup(actions, stderrWriting, 2);
      addChdir(actions, cwd);
      const pid: number[] = [0];
      const error: number = spawn(pid, path, actions, attributes, [...argv, null], [...env, null]);
      actionsDestroy(actions);
      close(stdoutWriting);
      close(stderrWriting);
      if (error === 0) return { pid: pid[0] ?? 0, stdout, stderr };
      close(stdout);
      close(stderr);
      return error;
    },
    collect(pid) {
      const status: number[] = [0];
      const collected: number = waitpid(pid, status, WNOHANG);
      if (collected === 0) return undefined;
      // Somebody else has collected it (ECHILD): it has ended, but nobody can say how.
      if (collected !== pid) return { code: null, signal: null };
      // The two kinds of end in one number: wait(2).
      const [value = 0] = status;
      const signal = value & 0x7f;
      return signal === 0 ? { code: (value >> 8) & 0xff, signal: null } : { code: null, signal };
    },
  };
}

/** The same for every program: a session of its own, and no signal blocked or ignored because the watcher does. */
function attributesOf(c: ReturnType<Koffi['load']>): Buffer {
  const attributes = Buffer.alloc(ATTRIBUTES_BYTES);
  c.func('int posix_spawnattr_init(void *attributes)')(attributes);
  c.func('int posix_spawnattr_setflags(void *attributes, short flags)')(
    attributes,
    SETSIGDEF | SETSIGMASK | SETSID,
  );
  const all = Buffer.alloc(SIGNALS_BYTES, 0xff);
  c.func('int posix_spawnattr_setsigdefault(void *attributes, const void *signals)')(attributes, all);
  const none = Buffer.alloc(SIGNALS_BYTES);
  c.func('int posix_spawnattr_setsigmask(void *attributes, const void *signals)')(attributes, none);
  return attributes;
}
