import {
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './machine.ts';

/** A folder of stamped services (`service.c`): where each writes its starts and its pid. */
export interface Yard {
  readonly dir: string;
  /** A folder in memory, as those below /run are. */
  readonly memory: string;
  readonly binary: string;
  stamps(i: number): string;
  pidfile(i: number): string;
  /** The PID of the newest start. */
  pid(i: number): number;
  /** How often service `i` has started. */
  starts(i: number): number;
  /** When service `i` last started, in milliseconds of CLOCK_MONOTONIC. */
  lastStart(i: number): number;
  /** Kills service `i` and resolves to the milliseconds until its next start, as that start stamped itself. */
  killAndWait(i: number, limitMs?: number): Promise<number>;
  allStarted(count: number): Promise<void>;
  /** Waits for everything that works in this folder to end, ends the rest, and removes the folder. */
  close(): Promise<void>;
}

/** The successor stamps its own start: looking for it each millisecond would only take one of two processors from it. */
export const LOOK_EVERY_MS = 25;
/** Supervisors end a moment after their parent; what takes longer is ended. */
const ORDERLY_MS = 3000;

/** A fresh folder of services; `run.mjs` has compiled `service.c` beside the benchmark. */
export function openYard(): Yard {
  const dir = mkdtempSync(join(tmpdir(), 'watcher-bench-'));
  const pids = mkdtempSync(join(inMemory(), 'watcher-bench-'));
  const binary = join(dirname(fileURLToPath(import.meta.url)), 'service');
  const stamps = (i: number) => join(dir, `${i}.stamps`);
  const lines = (i: number): readonly string[] => {
    try {
      return readFileSync(stamps(i), 'utf8').split('\n').slice(0, -1);
    } catch {
      return [];
    }
  };
  const pid = (i: number) => Number(lines(i).at(-1)?.split(' ')[0] ?? 0);
  return {
    dir,
    memory: pids,
    binary,
    stamps,
    pidfile: (i) => join(pids, `${i}.pid`),
    pid,
    starts: (i) => lines(i).length,
    lastStart: (i) => Number(lines(i).at(-1)?.split(' ')[1] ?? 0) / 1e6,
    async killAndWait(i, limitMs = 60_000) {
      const before = lines(i).length;
      const victim = pid(i);
      const start = process.hrtime.bigint();
      process.kill(victim, 'SIGKILL');
      await until(`service ${i} to start again`, () => lines(i).length > before, limitMs, LOOK_EVERY_MS);
      return Number(BigInt(lines(i)[before]?.split(' ')[1] ?? 0) - start) / 1e6;
    },
    async allStarted(count) {
      await until(
        'all services to start',
        () => Array.from({ length: count }, (_, i) => pid(i)).every((p) => p > 0),
        60_000,
        20,
      );
    },
    async close() {
      // Services do not end by themselves; whoever supervises them was asked to before.
      const orderly = performance.now() + ORDERLY_MS;
      for (let left = members(dir); left.length > 0; left = members(dir)) {
        const late = performance.now() > orderly;
        for (const { pid: member, service } of left) if (late || service) kill(member);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      rmSync(dir, { recursive: true, force: true });
      rmSync(pids, { recursive: true, force: true });
    },
  };
}

/** Where pid files lie as they do below /run: in memory. */
function inMemory(): string {
  const tmpfs = 0x01021994;
  const found = ['/run', '/dev/shm'].find((path) => existsSync(path) && statfsSync(path).type === tmpfs);
  return found ?? tmpdir();
}

/** Processes that work in the folder or were given a path in it, told apart by whether they are one of its services. */
function members(dir: string): readonly { readonly pid: number; readonly service: boolean }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d/.test(name) || name === String(process.pid)) return [];
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      const inside = readlinkSync(`/proc/${name}/cwd`).startsWith(dir);
      if (!inside && !words.includes(dir)) return [];
      return [{ pid: Number(name), service: words.includes('.stamps') && !words.startsWith('runsv') }];
    } catch {
      // It ended, or it is no process of ours.
      return [];
    }
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

export function writeFile(path: string, text: string, mode = 0o644): string {
  writeFileSync(path, text, { mode });
  return path;
}

export function logFile(path: string): number {
  return openSync(path, 'a');
}
