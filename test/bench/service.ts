import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './machine.ts';

/** A folder of stamped services (`service.c`): where each writes its starts and its pid. */
export interface Yard {
  readonly dir: string;
  readonly binary: string;
  stamps(i: number): string;
  pidfile(i: number): string;
  /** The PID of the newest start. */
  pid(i: number): number;
  /** Kills service `i` and resolves to the milliseconds until its next start, as that start stamped itself. */
  killAndWait(i: number, limitMs?: number): Promise<number>;
  allStarted(count: number): Promise<void>;
  close(): void;
}

/** A fresh folder of services; `run.mjs` has compiled `service.c`. */
export function openYard(root: string): Yard {
  const dir = mkdtempSync(join(tmpdir(), 'watcher-bench-'));
  const binary = join(root, 'dist/bench/service');
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
    binary,
    stamps,
    pidfile: (i) => join(dir, `${i}.pid`),
    pid,
    async killAndWait(i, limitMs = 60_000) {
      const before = lines(i).length;
      const victim = pid(i);
      const start = process.hrtime.bigint();
      process.kill(victim, 'SIGKILL');
      await until(`service ${i} to start again`, () => lines(i).length > before, limitMs, 1);
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
    close() {
      for (let i = 0; pid(i) > 0; i++) {
        try {
          process.kill(pid(i), 'SIGKILL');
        } catch {
          // already gone
        }
      }
      // Supervisors end a moment after their parent and still write into their folders.
      rmSync(dir, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
    },
  };
}

export function writeFile(path: string, text: string, mode = 0o644): string {
  writeFileSync(path, text, { mode });
  return path;
}

export function logFile(path: string): number {
  return openSync(path, 'a');
}
