import type { Timer } from '../host/clock.ts';
import type { Host } from '../host/host.ts';
import type { OpenStream, StreamEvents, StreamTarget } from '../host/streams.ts';

/** A manager that is away comes back in seconds after a restart, or is gone for good: then it is not worth more. */
const shortestWait = 1_000;
const longestWait = 30_000;

export interface KeptStream {
  readonly target: StreamTarget;
  /** Sent at once on every new connection. */
  readonly greeting: string;
  /** Gets what comes on one connection; called anew for each. */
  connected(): StreamEvents['received'];
  /** Events may be missed from now on. `wasLive`: something had come on that connection. */
  ended(wasLive: boolean): void;
}

/** Keeps a stream of events open: what broke is opened again, ever later while nothing comes. Returns the way to stop. */
export function keepStream(
  { streams, clock }: Pick<Host, 'streams' | 'clock'>,
  kept: KeptStream,
): () => void {
  if (streams === undefined) return () => {};
  let stream: OpenStream | undefined;
  let retry: Timer | undefined;
  let wait = shortestWait;
  let live = false;

  function connect(): void {
    const received = kept.connected();
    stream = streams?.open(kept.target, {
      received(bytes) {
        wait = shortestWait;
        live = true;
        received(bytes);
      },
      ended() {
        const wasLive = live;
        live = false;
        kept.ended(wasLive);
        retry = clock.after(wait, connect);
        wait = Math.min(wait * 2, longestWait);
      },
    });
    stream?.send(kept.greeting);
  }

  connect();
  return () => {
    retry?.cancel();
    stream?.close();
  };
}
