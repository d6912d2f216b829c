/** Why waiting ended before what was waited for came. */
export type Over = 'timed-out' | 'aborted';

/** One timer and one abort listener for an exchange of several phases. */
export interface Deadline {
  /** Milliseconds it was given. */
  readonly limit: number;
  /** Milliseconds since it was started, with fractions. */
  elapsed(): number;
  /** Set once it has passed or was aborted. */
  over(): Over | undefined;
  /** Calls back when it is over (at once if it already is). Returns the way to stop listening. */
  whenOver(stop: (why: Over) => void): () => void;
  /** Must be called at the end: releases the timer and the listener. */
  clear(): void;
}

/** Starts a deadline of `limit` milliseconds that an abort of `signal` ends early. */
export function startDeadline(limit: number, signal?: AbortSignal): Deadline {
  const startedAt = performance.now();
  const listeners = new Set<(why: Over) => void>();
  let over: Over | undefined;
  const end = (why: Over) => {
    if (over !== undefined) return;
    over = why;
    release();
    for (const stop of [...listeners]) stop(why);
    listeners.clear();
  };
  const onAbort = () => end('aborted');
  const timer = setTimeout(end, Math.max(0, limit), 'timed-out' as const);
  const release = () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  };
  if (signal?.aborted === true) end('aborted');
  else signal?.addEventListener('abort', onAbort, { once: true });
  return {
    limit,
    elapsed: () => performance.now() - startedAt,
    over: () => over,
    whenOver(stop) {
      if (over !== undefined) {
        stop(over);
        return () => {};
      }
      listeners.add(stop);
      return () => listeners.delete(stop);
    },
    clear() {
      release();
      listeners.clear();
    },
  };
}
