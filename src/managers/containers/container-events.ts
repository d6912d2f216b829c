import type { Timer } from '../../host/clock.ts';
import type { Host } from '../../host/host.ts';
import type { OpenStream } from '../../host/streams.ts';

const shortestWait = 1_000;
const longestWait = 30_000;

/**
 * Calls back at every event of the engine that the filters let through, and after the stream broke and was opened again
 * (events may have been missed). HTTP/1.0 on purpose: the answer then is plain lines, not chunks.
 */
export function followEngine(host: Host, socket: string, query: string, changed: () => void): () => void {
  const streams = host.streams;
  if (streams === undefined) return () => {};
  let stream: OpenStream | undefined;
  let retry: Timer | undefined;
  let wait = shortestWait;
  let broken = false;

  function connect(): void {
    let heading = true;
    retry = undefined;
    stream = streams?.open(
      { path: socket },
      {
        received() {
          wait = shortestWait;
          // The answer's head alone is no event, unless this is a new stream after a broken one.
          if (!heading || broken) changed();
          heading = false;
          broken = false;
        },
        ended() {
          broken = true;
          changed();
          retry = host.clock.after(wait, connect);
          wait = Math.min(wait * 2, longestWait);
        },
      },
    );
    stream?.send(`GET /events?${query} HTTP/1.0\r\nHost: engine\r\n\r\n`);
  }

  connect();
  return () => {
    retry?.cancel();
    stream?.close();
  };
}
