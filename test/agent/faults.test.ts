import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Socket, type Server as TcpServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AgentBed, makeAgentBed } from './live-agent.ts';

const POLL = { timeout: 15_000, interval: 20 };

let bed: AgentBed;
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await bed.close();
  for (const close of closing.splice(0)) await close();
});

/** A webhook receiver whose mood can change; gives its port and the titles of what it took. */
async function webhook(mood: () => number | 'hang') {
  const taken: string[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      const status = mood();
      if (status === 'hang') return;
      // What is told of the notifiers themselves is not counted.
      const message = JSON.parse(body) as { status: string; alerts: { labels: { service?: string } }[] };
      const aboutService = message.alerts.some(({ labels }) => labels.service === 'a');
      if (status === 200 && aboutService) taken.push(message.status);
      response.writeHead(status, status === 429 ? { 'retry-after': '1' } : {}).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, taken };
}

/** A mail server that takes connections and then says nothing, or hangs up. */
async function badSmtp(greet: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: TcpServer = createTcp((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    greet(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

function rule(): string {
  return `service: a\nchecks:\n  there: { file: ${bed.path('a.txt')} }\n`;
}

async function state(): Promise<string | undefined> {
  return (await bed.summary()).services[0]?.state;
}

describe('notifiers that fail in every way', () => {
  let mood: number | 'hang';

  beforeEach(() => {
    mood = 'hang';
  });

  it('delay neither a check nor one another, and get everything once they work', async () => {
    const good = await webhook(() => 200);
    const hung = await webhook(() => mood);
    const failing = await webhook(() => (mood === 'hang' ? 500 : mood));
    const busy = await webhook(() => (mood === 'hang' ? 429 : mood));
    const tarpit = await badSmtp(() => {});
    const dropping = await badSmtp((socket) => socket.end('220 mail.example ESMTP\r\n'));
    bed = makeAgentBed(
      `every: 100ms
notices: { group_wait: 0s }
notify: [hung, failing, busy, tarpit, dropping, good]
notifiers:
  good: { webhook: "http://127.0.0.1:${good.port}/" }
  hung: { webhook: "http://127.0.0.1:${hung.port}/" }
  failing: { webhook: "http://127.0.0.1:${failing.port}/" }
  busy: { webhook: "http://127.0.0.1:${busy.port}/" }
  tarpit: { email: { to: ops@example.com, smtp: ["smtp://127.0.0.1:${tarpit}"] } }
  dropping: { email: { to: ops@example.com, smtp: ["smtp://127.0.0.1:${dropping}"] } }
`,
    );
    bed.write('rules/a.yaml', rule());
    bed.write('a.txt', 'x');
    const agent = await bed.started();
    await expect.poll(state, POLL).toBe('up');
    rmSync(bed.path('a.txt'));
    await expect.poll(() => good.taken, POLL).toEqual(['firing']);
    const lastRun = async () => {
      const status = await bed.client.status('a');
      return status.ok ? (status.value.services[0]?.checks[0]?.lastRun ?? 0) : 0;
    };
    const before = await lastRun();
    await expect.poll(lastRun, POLL).toBeGreaterThan(before + 500);
    expect((await bed.summary()).agent.undelivered).toBeGreaterThanOrEqual(5);
    expect(await state()).toBe('down');
    // An agent that is stopped in the middle of it, and one that comes after it.
    await agent.stop('again');
    mood = 200;
    await bed.started();
    bed.write('a.txt', 'x');
    await expect.poll(() => hung.taken, POLL).toEqual(['firing', 'resolved']);
    await expect.poll(() => failing.taken, POLL).toEqual(['firing', 'resolved']);
    await expect.poll(() => busy.taken, POLL).toEqual(['firing', 'resolved']);
    await expect.poll(() => good.taken, POLL).toEqual(['firing', 'resolved']);
  }, 60_000);
});

describe('a state that was damaged', () => {
  it('is kept aside and told, and the agent starts fresh', async () => {
    bed = makeAgentBed();
    bed.write('rules/a.yaml', rule());
    const first = await bed.started();
    await expect.poll(state, POLL).toBe('down');
    await first.stop('again');
    bed.write('state/state.log', 'what is this?\n');
    await bed.started();
    expect(bed.log.join('')).toContain('state.log.corrupt-1');
    await expect.poll(state, POLL).toBe('down');
  });

  it('that was cut off in the middle of a line is as it was before that line', async () => {
    bed = makeAgentBed();
    bed.write('rules/a.yaml', rule());
    const first = await bed.started();
    await expect.poll(state, POLL).toBe('down');
    const incident = (await bed.summary()).services[0]?.incidents;
    await first.stop('again');
    const { readFileSync } = await import('node:fs');
    const whole = readFileSync(bed.path('state/state.log'));
    bed.write('state/state.log', `${whole.toString('utf8')}0badc0de [["service/a",{"na`);
    await bed.started();
    expect(bed.log.join('')).not.toContain('corrupt');
    expect((await bed.summary()).services[0]?.incidents).toEqual(incident);
  });
});
