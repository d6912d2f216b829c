import type { Timer } from '../../host/clock.ts';
import type { Host } from '../../host/host.ts';
import type { OpenStream } from '../../host/streams.ts';

const shortestWait = 1_000;
const longestWait = 30_000;

/**
 * Calls back at every event of the engine that the filters let through, and after the stream broke and was opened again
 * (events may have been missed); `lost` when it breaks. HTTP/1.0 on purpose: the answer then is plain lines, not chunks.
 */
export function followEngine(
  host: Host,
  socket: string,
  query: string,
  changed: () => void,
  lost: () => void = () => {},
): () => void {
  const streams = host.streams;
  if (streams === undefined) return () => {};
  let stream: OpenStream | undefined;
  let retry: Timer | undefined;
  let wait = shortestWait;
  let broken = false;
  let live = false;

  function connect(): void {
    let head: Buffer | undefined = Buffer.alloc(0);
    retry = undefined;
    stream = streams?.open(
      { path: socket },
      {
        received(bytes) {
          wait = shortestWait;
          live = true;
          let body = bytes;
          if (head !== undefined) {
            head = Buffer.concat([head, bytes]);
            const end = head.indexOf('\r\n\r\n');
            body = end === -1 ? Buffer.alloc(0) : head.subarray(end + 4);
            if (end !== -1) head = undefined;
          }
          // The answer's head alone is no event, unless this is a new stream after a broken one.
          if (body.length > 0 || broken) changed();
          broken = false;
        },
        ended() {
          if (live) lost();
          live = false;
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
