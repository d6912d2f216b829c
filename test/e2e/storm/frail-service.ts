import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Bed } from '../bed.ts';
import { pidIn } from '../bed.ts';

const execute = promisify(execFile);

/** One start as the service itself wrote it down, in the order of writing. */
export interface Start {
  /** Wall milliseconds since the epoch. */
  readonly at: number;
  readonly by: 'watcher' | 'operator';
  /** Whether it came up, could not (it was broken), or was not needed: a copy was alive. */
  readonly how: 'up' | 'broken' | 'double';
}

/** A real process that is cheap to start, stamps each of its starts, and can be made unable to start. */
export interface FrailService {
  readonly name: string;
  /** The `manager:` block of its rule file. */
  readonly manager: string;
  readonly pid: () => number | undefined;
  /** Starts it as somebody at a terminal would. */
  readonly start: () => Promise<void>;
  /** kill -9; says whether there was anything to kill. */
  readonly kill: () => boolean;
  readonly setBroken: (broken: boolean) => void;
  readonly starts: () => readonly Start[];
  /** Numbers of all processes it ever was. */
  readonly pids: () => readonly number[];
}

/** A shell script that leaves a `sleep` of its own in the background and writes its number into a pid file. */
export function frailService(bed: Bed, name: string): FrailService {
  const [pidfile, stamps, pids, broken] = ['pid', 'starts', 'pids', 'broken'].map((kind) =>
    bed.path(`${name}.${kind}`),
  ) as [string, string, string, string];
  const script = bed.write(
    `${name}.sh`,
    `#!/bin/sh
# One start at a time, as a service with a port has it: the agent may be killed in the midst of one.
exec 9>${pidfile}.lock
flock 9
now=$(date +%s%3N)
if [ -e ${broken} ]; then echo "$now $1 broken" >>${stamps}; exit 1; fi
old=$(cat ${pidfile} 2>/dev/null)
case "$(cat /proc/$old/cmdline 2>/dev/null | tr '\\0' ' ')" in
  "sleep 8640000 "*) echo "$now $1 double" >>${stamps}; exit 0 ;;
esac
setsid sleep 8640000 </dev/null >/dev/null 2>&1 9>&- &
echo $! >${pidfile}.new
mv ${pidfile}.new ${pidfile}
echo "$now $1 up" >>${stamps}
echo $! >>${pids}
`,
    0o700,
  );
  const lines = (file: string): readonly string[] =>
    existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  const allPids = (): readonly number[] => lines(pids).map(Number);
  bed.onClose(() => {
    for (const pid of new Set(allPids())) if (isSleep(pid)) process.kill(pid, 'SIGKILL');
  });
  return {
    name,
    manager: [
      'manager:',
      '  commands:',
      `    pidfile: ${pidfile}`,
      `    start: [/bin/sh, ${script}, watcher]`,
    ].join('\n'),
    pid: () => pidIn(pidfile),
    async start() {
      // A service that is broken ends with 1: whoever started it sees that it is not there.
      await execute('/bin/sh', [script, 'operator']).catch(() => undefined);
    },
    kill() {
      const pid = pidIn(pidfile);
      if (pid === undefined || !isSleep(pid)) return false;
      process.kill(pid, 'SIGKILL');
      return true;
    },
    setBroken(value) {
      if (value) writeFileSync(broken, '');
      else rmSync(broken, { force: true });
    },
    starts: () =>
      lines(stamps).map((line) => {
        const [at, by, how] = line.split(' ') as [string, Start['by'], Start['how']];
        return { at: Number(at), by, how };
      }),
    pids: allPids,
  };
}

/** A number may be somebody else's by now. */
export function isSleep(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith(['sleep', '8640000', ''].join('\0'));
  } catch {
    return false;
  }
}
