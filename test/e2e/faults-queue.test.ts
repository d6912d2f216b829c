import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Bed, makeBed } from './bed.ts';
import { eventually } from './eventually.ts';
import type { WebhookBody } from './receivers.ts';

const QUEUE = 10_000;
const SERVICES = 100;
/** What the agent may take with all of that in its outbox. A notice is a few kilobytes of text. */
const MOST_MEMORY = 300 * 1024 * 1024;

let end: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const run of end.reverse()) await run();
  end = [];
});

interface Arrived {
  readonly key: string;
  readonly service: string;
  readonly status: string;
}

/** Takes requests and answers none, until it is told to. */
async function mute(): Promise<{ port: number; arrived: Arrived[]; answer(): void }> {
  const arrived: Arrived[] = [];
  const waiting: ServerResponse[] = [];
  let answering = false;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as WebhookBody;
    const [alert] = body.alerts;
    arrived.push({
      key: alert?.annotations['notice'] ?? '',
      service: alert?.labels['service'] ?? '',
      status: body.status,
    });
    if (answering) response.end('ok');
    else waiting.push(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  end.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    port: (server.address() as AddressInfo).port,
    arrived,
    answer() {
      answering = true;
      for (const response of waiting.splice(0)) response.end('ok');
    },
  };
}

function residentBytes(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) * 1024;
}

describe('ten thousand notices for somebody who does not answer', () => {
  it('wait in a bounded memory, survive a kill, and arrive in order once he does', {
    timeout: 600_000,
  }, async () => {
    const receiver = await mute();
    const bed: Bed = makeBed(`every: 100ms
notify: [hook]
notices: { group_wait: 0s }
notifiers:
  hook: { webhook: http://127.0.0.1:${receiver.port}/ }
`);
    end.push(() => bed.close());
    const file = bed.write('file', '');
    const rules = Array.from(
      { length: SERVICES },
      (_, n) =>
        `service: s${n}\nchecks:\n  there: { file: ${file}, fail_after: 1, recover_after: 1, flapping: false }\n`,
    );
    bed.write('rules/all.yaml', rules.join('---\n'));
    let agent = await bed.startAgent();
    const rowsIn = (wanted: string) =>
      eventually(
        `all to be ${wanted}`,
        async () => (await bed.summary()).services.every(({ state }) => state === wanted) || undefined,
        { within: 120_000 },
      );
    await rowsIn('up');
    for (let written = 0; written < QUEUE; written = (await bed.summary()).agent.undelivered) {
      rmSync(file);
      await rowsIn('down');
      writeFileSync(file, '');
      await rowsIn('up');
    }
    const queued = (await bed.summary()).agent.undelivered;
    const memory = residentBytes(agent.pid);
    agent.child.kill('SIGKILL');
    await agent.ended;
    agent = await bed.startAgent();
    expect((await bed.summary()).agent.undelivered).toBe(queued);
    const restarted = residentBytes(agent.pid);
    receiver.answer();
    await eventually(
      'everything to be delivered',
      async () => (await bed.summary()).agent.undelivered === 0 || undefined,
      { within: 300_000, explain: () => `${receiver.arrived.length} of ${queued} came` },
    );
    const told = firsts(receiver.arrived).filter(({ service }) => service !== '');
    const mb = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MB`;
    process.stdout.write(
      `a dead receiver: ${queued} notices waited in ${mb(memory)} (${mb(restarted)} after a restart), ${told.length} came\n`,
    );
    expect(told.length).toBe(queued);
    expect(Math.max(memory, restarted)).toBeLessThan(MOST_MEMORY);
    for (let n = 0; n < SERVICES; n += 1) {
      const story = told.filter(({ service }) => service === `s${n}`).map(({ status }) => status);
      expect(story).toEqual(story.map((_, index) => (index % 2 === 0 ? 'firing' : 'resolved')));
      expect(story.length % 2).toBe(0);
    }
    expect(agent.output()).not.toMatch(/mistake/);
  });
});

/** Each notice once: what was sent and not answered comes again. */
function firsts(arrived: readonly Arrived[]): readonly Arrived[] {
  const keys = new Set<string>();
  return arrived.filter(({ key }) => !keys.has(key) && keys.add(key));
}
