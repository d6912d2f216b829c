import { expect, it } from 'vitest';
import type { StreamEvents } from '../../src/host/streams.ts';
import { encodeAmp } from '../../src/managers/pm2/amp.ts';
import { askAll } from '../../src/managers/pm2/pm2-client.ts';
import { createFakeHost } from '../fakes/fake-host.ts';

it('services of one PM2 that ask at the same time share one question; the next is a new one', async () => {
  const opened: StreamEvents[] = [];
  const streams = {
    open: (_: unknown, events: StreamEvents) => {
      opened.push(events);
      return { send() {}, close() {} };
    },
  };
  const host = { ...createFakeHost(), streams };
  const answer = (number: number) =>
    opened[number]?.received(encodeAmp([{ args: [[{ name: `answer ${number}` }]] }, 'watcher:0']));
  const [one, two, other] = [askAll(host, '/a'), askAll(host, '/a'), askAll(host, '/b')];
  expect(opened).toHaveLength(2);
  answer(0);
  answer(1);
  expect(await one).toEqual({ ok: true, value: [{ name: 'answer 0' }] });
  expect(await two).toBe(await one);
  expect(await other).toMatchObject({ value: [{ name: 'answer 1' }] });
  const next = askAll(host, '/a');
  answer(2);
  expect(await next).toMatchObject({ value: [{ name: 'answer 2' }] });
});
