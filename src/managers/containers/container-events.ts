import type { Host } from '../../host/host.ts';
import { keepStream } from '../kept-stream.ts';

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
  let broken = false;
  return keepStream(host, {
    target: { path: socket },
    greeting: `GET /events?${query} HTTP/1.0\r\nHost: engine\r\n\r\n`,
    connected() {
      let head: Buffer | undefined = Buffer.alloc(0);
      return (bytes) => {
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
      };
    },
    ended(wasLive) {
      if (wasLive) lost();
      broken = true;
      changed();
    },
  });
}
