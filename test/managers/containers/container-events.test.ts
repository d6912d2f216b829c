import { expect, it } from 'vitest';
import type { StreamEvents } from '../../../src/host/streams.ts';
import { followEngine } from '../../../src/managers/containers/container-events.ts';
import { createFakeHost } from '../../fakes/fake-host.ts';

const head = 'HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n';
const event = '{"Action":"die"}\n';

function follow() {
  const fake = createFakeHost();
  const streams: StreamEvents[] = [];
  const seen: string[] = [];
  const host = {
    ...fake,
    streams: {
      open: (_: unknown, events: StreamEvents) => {
        streams.push(events);
        return { send() {}, close() {} };
      },
    },
  };
  const stop = followEngine(
    host,
    '/run/engine.sock',
    '',
    () => seen.push('changed'),
    () => seen.push('lost'),
  );
  return { clock: fake.clock, seen, stop, last: () => streams.at(-1), opened: () => streams.length };
}

const bytes = (text: string) => Buffer.from(text);

it('the head is no event, in one piece or in several; what comes with it is', () => {
  const { seen, stop, last } = follow();
  last()?.received(bytes(head.slice(0, 20)));
  last()?.received(bytes(head.slice(20)));
  expect(seen).toEqual([]);
  last()?.received(bytes(event));
  expect(seen).toEqual(['changed']);
  stop();
  const together = follow();
  together.last()?.received(bytes(head + event));
  expect(together.seen).toEqual(['changed']);
  together.stop();
});

it('a stream that breaks is lost once, opened again, and then all is looked at anew', async () => {
  const { clock, seen, stop, last, opened } = follow();
  last()?.ended('never there');
  expect(seen).toEqual(['changed']);
  await clock.advance(1_000);
  last()?.received(bytes(head));
  expect(seen).toEqual(['changed', 'changed']);
  last()?.ended('gone');
  expect(seen.slice(2)).toEqual(['lost', 'changed']);
  await clock.advance(1_000);
  expect(opened()).toBe(3);
  stop();
});
