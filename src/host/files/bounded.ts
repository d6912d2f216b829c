import type { Clock } from '../clock.ts';
import type { FileResult } from '../files.ts';

/**
 * Runs calls that the kernel may never answer (a dead network mount holds the thread for good), each with a deadline.
 * Calls with the same key go one after the other, and while one is overdue no other is started: threads are few.
 */
export interface Bounded {
  run<T>(key: string, timeoutMs: number, call: () => Promise<FileResult<T>>): Promise<FileResult<T>>;
}

interface Line {
  /** Ends when the last call in this line has ended. */
  tail: Promise<void>;
  waiting: number;
  overdueSince?: number | undefined;
}

/** `most`: so many calls run at once in all; those that hang hold their places until the kernel answers. */
export function createBounded(clock: Clock, most = Number.POSITIVE_INFINITY): Bounded {
  const lines = new Map<string, Line>();
  const queue: (() => void)[] = [];
  let running = 0;
  const place = async (): Promise<void> => {
    if (running >= most) await new Promise<void>((go) => queue.push(go));
    else running += 1;
  };
  const giveBack = (): void => {
    const next = queue.shift();
    if (next === undefined) running -= 1;
    else next();
  };
  return {
    run(key, timeoutMs, call) {
      const line = lines.get(key) ?? { tail: Promise.resolve(), waiting: 0 };
      if (line.overdueSince !== undefined) {
        const seconds = Math.round((clock.monotonic() - line.overdueSince) / 1000);
        return Promise.resolve(late(key, `has not answered for ${seconds} s`));
      }
      lines.set(key, line);
      const from = clock.monotonic();
      return new Promise((done, broken) => {
        let expired = false;
        let begun = false;
        const timer = clock.after(timeoutMs, () => {
          expired = true;
          if (begun) line.overdueSince = from;
          const what = begun ? 'did not answer' : 'had no turn, as others do not answer,';
          done(late(key, `${what} within ${timeoutMs} ms`));
        });
        const resolve: typeof done = (value) => {
          timer.cancel();
          done(value);
        };
        const reject = (error: unknown) => {
          timer.cancel();
          broken(error);
        };
        line.waiting += 1;
        line.tail = line.tail
          .then(async () => {
            if (expired) return;
            await place();
            begun = true;
            if (!expired) await call().then(resolve, reject);
            giveBack();
          })
          .then(() => {
            line.overdueSince = undefined;
            line.waiting -= 1;
            if (line.waiting === 0) lines.delete(key);
          });
      });
    },
  };
}

function late(key: string, what: string): { ok: false; code: string; reason: string } {
  const reason = `${key} ${what}; if it is on a network mount, its server may be unreachable`;
  return { ok: false, code: 'ETIMEDOUT', reason };
}
