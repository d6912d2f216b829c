import { connect } from 'node:net';
import type { OpenStream, StreamEvents, Streams, StreamTarget } from '../streams.ts';

/** Streams over unix and TCP sockets. What is sent before the connection stands is sent then. */
export function createStreams(): Streams {
  return { open };
}

function open(target: StreamTarget, events: StreamEvents): OpenStream {
  const socket = connect(target);
  let over = false;
  const end = (reason: string) => {
    if (over) return;
    over = true;
    socket.destroy();
    events.ended(reason);
  };
  socket.on('data', (bytes) => {
    if (!over) events.received(bytes);
  });
  socket.on('error', (error) => end(error.message));
  socket.on('close', () => end('the connection was closed by the other side'));
  return {
    send: (bytes) => void socket.write(bytes),
    close() {
      over = true;
      socket.destroy();
    },
  };
}
