import { type SpawnOptions, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import type { CommandSpec } from '../../model/service.ts';
import type { Clock } from '../clock.ts';
import type { CommandResult, Commands, RunOptions } from '../commands.ts';
import { yieldProcessor } from '../machine/yield-processor.ts';
import { loadKoffi } from '../packages/load-koffi.ts';
import type { Users } from '../users.ts';
import { commandEnvironment } from './command-environment.ts';
import { becomeUser, ownUser } from './command-user.ts';
import { followCommand } from './follow-command.ts';
import { programTrouble } from './missing-program.ts';
import { giveOrdinaryPriority, inOrdinaryStanding } from './ordinary-standing.ts';
import { type LaunchedCommand, launchPosixCommand } from './posix-commands.ts';
import { nodeCommand, type StartedCommand } from './started-command.ts';

/** How long a command has to end after TERM, before KILL. */
const GRACE_MS = 5000;
const EMPTY = 'the command is empty';
const SHELL = '/bin/sh';

/** Runs commands as children of the watcher, each in a session and process group of its own. */
export function createSpawnCommands(
  clock: Clock,
  users: Users,
  grace = GRACE_MS,
  quick = launchPosixCommand,
  giveWay = yieldProcessor,
): Commands {
  const readers = new Set<number>();
  return {
    readers: () => [...readers],
    async trouble(command) {
      const program = programOf(command);
      if (program === '') return EMPTY;
      const become = await becomeUser(command, users);
      const user = typeof become === 'string' ? ownUser() : become;
      const env = commandEnvironment(process.env, user, {}, command.env);
      return programTrouble(program, env.PATH ?? '', command.cwd);
    },
    async run(command, options = {}) {
      const from = clock.monotonic();
      const notStarted = (reason: string): CommandResult => {
        return { outcome: 'not-started', reason, stdout: '', stderr: '', tookMs: clock.monotonic() - from };
      };
      if (options.signal?.aborted) {
        return { outcome: 'aborted', stdout: '', stderr: '', tookMs: 0 };
      }
      const argv = command.shell ? [SHELL, '-c', command.argv.join(' ')] : command.argv;
      const [program, ...words] = argv;
      if (program === undefined || program === '') return notStarted(EMPTY);

      const become = await becomeUser(command, users);
      if (typeof become === 'string') return notStarted(become);
      const env = commandEnvironment(process.env, become, options.env, command.env);
      const trouble = () => programTrouble(program, env.PATH ?? '', command.cwd);
      // setpriv would only say so on its standard error.
      const seen = become.prefix.length > 0 ? trouble() : undefined;
      if (seen !== undefined) return notStarted(seen);

      const [first = program, ...rest] = [...become.prefix, program, ...words];
      const launched = inOrdinaryStanding(() =>
        launchQuickly(first, rest, command, options, env, become.ids, quick),
      );
      if (launched !== undefined) {
        giveOrdinaryPriority(launched.pid);
        // The kernel wakes us while it is still on its way through exec, and often puts it on our processor: a service goes first.
        if (options.leaves === 'daemon') giveWay();
      }
      const started =
        launched?.follow() ??
        (await inOrdinaryStanding(() => start(first, rest, spawnOptions(command, options, env, become.ids))));
      if ('error' in started) return notStarted(explain(started.error, trouble, program));
      if (launched === undefined) giveOrdinaryPriority(started.pid);
      return followCommand(started, { clock, timeout: command.timeout, grace, options, from, readers });
    },
  };
}

function programOf({ shell, argv }: CommandSpec): string {
  return shell ? SHELL : (argv[0] ?? '');
}

/** The cheap way, for what it can do; the first command of all makes it ready for those after it. */
function launchQuickly(
  program: string,
  words: readonly string[],
  { cwd }: CommandSpec,
  { input }: RunOptions,
  env: Record<string, string>,
  ids: { readonly uid?: number; readonly gid?: number },
  quick: typeof launchPosixCommand,
): LaunchedCommand | undefined {
  if (input !== undefined || ids.uid !== undefined || ids.gid !== undefined) return undefined;
  const launched = quick({ program, argv: [program, ...words], env, cwd: cwd ?? '/' });
  if (launched === undefined) void loadKoffi();
  return launched;
}

function spawnOptions(
  command: CommandSpec,
  options: RunOptions,
  env: Record<string, string>,
  ids: { readonly uid?: number; readonly gid?: number },
): SpawnOptions {
  return {
    env,
    // A folder of the watcher's own could be one that keeps a file system from being unmounted.
    cwd: command.cwd ?? '/',
    // setsid(2): everything it starts stays in its group unless it leaves on purpose, and a Ctrl-C for the watcher is not for it.
    detached: true,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    ...ids,
  };
}

/** Node reports most failures to start by event, some by throwing; a child with a number has started. */
function start(
  program: string,
  words: readonly string[],
  options: SpawnOptions,
): Promise<StartedCommand | { readonly error: unknown }> {
  return new Promise((resolve) => {
    try {
      const child = spawn(program, words, options);
      if (child.pid !== undefined) resolve(nodeCommand(child, child.pid));
      child.on('error', (error) => resolve({ error }));
    } catch (error) {
      resolve({ error });
    }
  });
}

function explain(error: unknown, trouble: () => string | undefined, program: string): string {
  const { code = 'UNKNOWN', message = String(error) } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
    case 'EACCES':
    case 'ENOEXEC':
    case 'ENOTDIR':
      return trouble() ?? reasonFor(code, program);
    case 'E2BIG':
      return `the arguments and environment of ${program} are too long for this machine`;
    case 'EAGAIN':
      return `${program} could not be started: the limit of processes is reached (ulimit -u, TasksMax)`;
    case 'ENOMEM':
      return `${program} could not be started: the machine is out of memory`;
    case 'EMFILE':
    case 'ENFILE':
      return `${program} could not be started: there are no file descriptors left (ulimit -n)`;
    case 'EPERM':
      return `${program} could not be started: the watcher may not change to that user`;
    default:
      return `${program} could not be started: ${message}`;
  }
}

function reasonFor(code: string, program: string): string {
  try {
    accessSync(program, constants.X_OK);
  } catch {
    return `${program} cannot be started (${code})`;
  }
  return `${program} cannot be started (${code}); look at its interpreter, and whether its file system is mounted noexec`;
}
