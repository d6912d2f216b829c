import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { createServer as createTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '../../src/control/client.ts';
import { type ControlServer, startControlServer } from '../../src/control/server.ts';
import type { Event } from '../../src/model/event.ts';
import { agent, createFakeSurface, type FakeSurface, row } from './fake-surface.ts';

let folder: string;
let socket: string;
let surface: FakeSurface;
let bugs: unknown[];
const servers: ControlServer[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watcher-control-'));
  socket = join(folder, 'run', 'watcher.sock');
  surface = createFakeSurface();
  bugs = [];
});

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function serve(path = socket): Promise<ControlServer> {
  const started = await startControlServer(path, surface, (error) => bugs.push(error));
  if (!started.ok) throw new Error(started.failure.message);
  servers.push(started.value);
  return started.value;
}

async function refused(path = socket) {
  const started = await startControlServer(path, surface, () => {});
  if (started.ok) throw new Error('it was not refused');
  return started.failure;
}

/** A raw request: what no client of ours would send. */
function raw(
  method: string,
  path: string,
  body?: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Record<string, unknown>; json: { error?: { code: string } } }> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: socket, method, path, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, json: JSON.parse(text) }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('the socket', () => {
  it('may be opened by its own user only, and is gone after closing', async () => {
    const server = await serve();
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'run')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(folder, 'run'))).toEqual(['watcher.sock']);
    await server.close();
    expect(existsSync(socket)).toBe(false);
  });

  it('replaces the socket of an agent that was killed', async () => {
    mkdirSync(join(folder, 'run'));
    const dead = spawn(process.execPath, [
      '-e',
      `require('net').createServer().listen(${JSON.stringify(socket)},()=>console.log('up'))`,
    ]);
    await new Promise((resolve) => dead.stdout.once('data', resolve));
    const ended = new Promise((resolve) => dead.once('exit', resolve));
    expect((await refused()).code).toBe('socket-in-use');
    dead.kill('SIGKILL');
    await ended;
    expect(existsSync(socket)).toBe(true);
    await serve();
    expect((await createClient(socket).summary()).ok).toBe(true);
  });

  it('refuses while another agent listens there, and leaves that one its socket', async () => {
    await serve();
    const failure = await refused();
    expect(failure.code).toBe('socket-in-use');
    expect(failure.hint).toContain('watcher quit');
    expect((await createClient(socket).summary()).ok).toBe(true);
  });

  it('refuses a file that is no socket, and leaves it alone', async () => {
    mkdirSync(join(folder, 'run'));
    writeFileSync(socket, 'precious');
    expect((await refused()).message).toContain('is not a socket');
    expect(statSync(socket).size).toBe(8);
  });

  it.runIf(process.getuid?.() === 0)('refuses the socket of another user', async () => {
    mkdirSync(join(folder, 'run'));
    const theirs = createTcp();
    await new Promise<void>((resolve) => theirs.listen(socket, resolve));
    chownSync(socket, 12345, 12345);
    expect(await refused()).toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('another user'),
    });
    await new Promise((resolve) => theirs.close(resolve));
  });

  it('refuses a folder in which others could replace it', async () => {
    mkdirSync(join(folder, 'run'));
    chmodSync(join(folder, 'run'), 0o777);
    expect((await refused()).message).toContain('others may write');
  });

  it('says when the path is too long or its folder cannot be made', async () => {
    expect((await refused(join(folder, 'x'.repeat(120)))).message).toContain('too long');
    writeFileSync(join(folder, 'file'), '');
    expect((await refused(join(folder, 'file', 'watcher.sock'))).code).toBe('socket-unusable');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('does not take away the socket that another agent has put there since', async () => {
    const first = await serve();
    rmSync(socket);
    await serve();
    await first.close();
    expect((await createClient(socket).summary()).ok).toBe(true);
  });
});

describe('questions and answers', () => {
  it('answers summary and status', async () => {
    await serve();
    const client = createClient(socket);
    expect(await client.summary()).toEqual({ ok: true, value: { version: 1, agent, services: [row] } });
    expect(await client.status('api')).toMatchObject({ ok: true, value: { services: [{ service: 'api' }] } });
    expect(await client.status('x')).toEqual({
      ok: false,
      failure: { code: 'unknown-service', message: "there is no service 'x'", hint: 'see: watcher summary' },
    });
  });

  it('passes commands on with everything in them, and waits where asked', async () => {
    await serve();
    const client = createClient(socket);
    const release = surface.holdCommands();
    const waiting = client.command({ do: 'restart', services: ['api'], wait: true, by: 'ann' });
    expect((await client.summary()).ok).toBe(true);
    release();
    expect(await waiting).toMatchObject({
      ok: true,
      value: { results: [{ ok: true, detail: 'restarted' }] },
    });
    await client.command({ do: 'unmonitor', services: 'all', for: 60_000 });
    expect(surface.asked).toEqual([
      ['command', { do: 'restart', services: ['api'], wait: true, by: 'ann' }],
      ['command', { do: 'unmonitor', services: 'all', for: 60_000 }],
    ]);
  });

  it('answers metrics as text, in the form that was asked for', async () => {
    await serve();
    expect(await createClient(socket).metrics()).toEqual({
      ok: true,
      value: '# TYPE watcher_fake gauge\nwatcher_fake{format="prometheus"} 1\n',
    });
    const { type, text } = await new Promise<{ type: string | undefined; text: string }>(
      (resolve, reject) => {
        const headers = { accept: 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5' };
        request({ socketPath: socket, path: '/v1/metrics', headers }, (response) => {
          let body = '';
          response.on('data', (chunk) => (body += chunk));
          response.on('end', () => resolve({ type: response.headers['content-type'], text: body }));
        })
          .on('error', reject)
          .end();
      },
    );
    expect(type).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(text).toContain('format="openmetrics"');
  });

  it('carries every other question', async () => {
    await serve();
    const client = createClient(socket);
    expect(await client.reload('ann')).toMatchObject({ ok: false, failure: { code: 'reload-refused' } });
    expect(await client.quit('ann')).toMatchObject({ ok: true, value: { pid: 4242 } });
    expect((await client.incidents({ all: true, service: 'a b' })).ok).toBe(true);
    expect((await client.why('api', 'alive')).ok).toBe(true);
    expect((await client.acknowledge({ incident: 'api-7K3F', by: 'ann' })).ok).toBe(false);
    expect((await client.silence({ services: ['api'], for: 1000, comment: 'moving' })).ok).toBe(true);
    expect((await client.unsilence('s/1', 'ann')).ok).toBe(true);
    expect((await client.silences()).ok).toBe(true);
    expect((await client.config()).ok).toBe(true);
    expect(surface.asked).toEqual([
      ['reload', 'ann'],
      ['quit', 'ann'],
      ['incidents', { all: true, service: 'a b' }],
      ['why', ['api', 'alive']],
      ['acknowledge', { incident: 'api-7K3F', by: 'ann' }],
      ['silence', { services: ['api'], checks: [], labels: {}, for: 1000, comment: 'moving' }],
      ['unsilence', ['s/1', 'ann']],
    ]);
  });

  it('says so when the agent has a bug, and goes on', async () => {
    await serve();
    const client = createClient(socket);
    expect(await client.incident('api-7K3F')).toMatchObject({ ok: false, failure: { code: 'bug' } });
    expect(bugs.length).toBe(1);
    expect((await client.summary()).ok).toBe(true);
  });

  it.each([
    ['GET', '/v1/nothing', undefined, {}, 404, 'not-found'],
    ['GET', '/v1/command', undefined, {}, 405, 'not-found'],
    [
      'POST',
      '/v1/command',
      '{"do":"explode","services":[]}',
      { 'Content-Type': 'application/json' },
      400,
      'bad-request',
    ],
    [
      'POST',
      '/v1/command',
      '{"do":"stop","services":"some"}',
      { 'Content-Type': 'application/json' },
      400,
      'bad-request',
    ],
    [
      'POST',
      '/v1/command',
      '{"do":"stop","services":["a"],"for":"1h"}',
      { 'Content-Type': 'application/json' },
      400,
      'bad-request',
    ],
    ['POST', '/v1/command', '{', { 'Content-Type': 'application/json' }, 400, 'bad-request'],
    ['POST', '/v1/command', '[]', { 'Content-Type': 'application/json' }, 400, 'bad-request'],
    [
      'POST',
      '/v1/command',
      'do=stop',
      { 'Content-Type': 'application/x-www-form-urlencoded' },
      400,
      'bad-request',
    ],
    ['POST', '/v1/command', 'x'.repeat(70_000), { 'Content-Type': 'application/json' }, 413, 'too-large'],
    [
      'POST',
      '/v1/silences',
      '{"services":["a"]}',
      { 'Content-Type': 'application/json' },
      400,
      'bad-request',
    ],
    ['GET', '/v1/why', undefined, {}, 400, 'bad-request'],
    ['GET', '/v1/events?since=yesterday', undefined, {}, 400, 'bad-request'],
    ['GET', '//', undefined, {}, 400, 'bad-request'],
  ])('refuses %s %s %s', async (method, path, body, headers, status, code) => {
    await serve();
    const answer = await raw(method, path, body, headers as Record<string, string>);
    expect(answer.status).toBe(status);
    expect(answer.json.error?.code).toBe(code);
    expect(surface.asked).toEqual([]);
    expect(bugs).toEqual([]);
  });

  it('names the methods that a path has', async () => {
    await serve();
    expect((await raw('PUT', '/v1/silences')).headers['allow']).toBe('GET, POST');
  });
});

describe('events', () => {
  const event = (service: string, text: string): Event => ({ at: 1, type: 'failed', service, text });

  it('sends what is stored and ends', async () => {
    await serve();
    surface.happen(event('api', 'one'));
    surface.happen(event('db', 'two'));
    const told: string[] = [];
    expect(await createClient(socket).events({ service: 'db' }, ({ text }) => told.push(text))).toEqual({
      ok: true,
      value: 'ended',
    });
    expect(told).toEqual(['two']);
  });

  it('sends more than a reader takes at once, and what happens meanwhile behind it', async () => {
    const text = 'x'.repeat(1000);
    for (let n = 0; n < 4000; n += 1) surface.happen({ at: n, type: 'failed', service: 'api', text });
    await serve();
    const told: number[] = [];
    const enough = new AbortController();
    const following = createClient(socket).events(
      { follow: true },
      ({ at }) => {
        if (told.length === 0) surface.happen({ at: 4000, type: 'failed', service: 'api', text });
        told.push(at);
        if (at === 4000) enough.abort();
      },
      enough.signal,
    );
    await following;
    expect(told).toEqual(Array.from({ length: 4001 }, (_, n) => n));
    told.length = 0;
    expect(await createClient(socket).events({}, ({ at }) => told.push(at))).toMatchObject({ ok: true });
    expect(told.length).toBe(4001);
  });

  it('follows until it is told to stop, and leaves no follower behind', async () => {
    await serve();
    surface.happen(event('api', 'stored'));
    const told: string[] = [];
    const stop = new AbortController();
    const second = new Promise<void>((resolve) => {
      void createClient(socket)
        .events(
          { follow: true },
          ({ text }) => {
            told.push(text);
            if (text === 'stored') surface.happen(event('api', 'live'));
            else stop.abort();
          },
          stop.signal,
        )
        .then(() => resolve());
    });
    await second;
    expect(told).toEqual(['stored', 'live']);
    await expect.poll(() => surface.followers).toBe(0);
  });

  it('says that the agent went away when it stops under a follower', async () => {
    const server = await serve();
    surface.happen(event('api', 'stored'));
    const ended = createClient(socket).events({ follow: true }, () => void server.close());
    expect(await ended).toMatchObject({ ok: false, failure: { code: 'went-away' } });
  });
});

describe('a client', () => {
  it('says that no agent runs: no socket, or nobody behind it', async () => {
    const none = await createClient(socket).summary();
    expect(none).toMatchObject({ ok: false, failure: { code: 'no-agent' } });
    if (!none.ok) expect(none.failure.hint).toContain('watcher run');
    mkdirSync(join(folder, 'run'));
    const dead = spawn(process.execPath, [
      '-e',
      `require('net').createServer().listen(${JSON.stringify(socket)},()=>process.kill(process.pid,'SIGKILL'))`,
    ]);
    await new Promise((resolve) => dead.once('exit', resolve));
    expect(await createClient(socket).summary()).toMatchObject({ ok: false, failure: { code: 'no-agent' } });
  });

  it('is not taken in by what is no agent', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(await createClient(file).summary()).toMatchObject({
      ok: false,
      failure: { code: 'not-an-agent' },
    });
    const other = createTcp((connection) => connection.resume().end('220 mail.example ESMTP\r\n'));
    const path = join(folder, 'other.sock');
    await new Promise<void>((resolve) => other.listen(path, resolve));
    expect(await createClient(path).summary()).toMatchObject({
      ok: false,
      failure: { code: 'not-an-agent' },
    });
    await new Promise((resolve) => other.close(resolve));
  });

  it('says that the agent went away when it dies before it has answered', async () => {
    const other = createTcp((connection) => connection.once('data', () => connection.destroy()));
    const path = join(folder, 'other.sock');
    await new Promise<void>((resolve) => other.listen(path, resolve));
    expect(await createClient(path).summary()).toMatchObject({ ok: false, failure: { code: 'went-away' } });
    await new Promise((resolve) => other.close(resolve));
  });

  it.runIf(process.getuid?.() === 0)('says that permission is missing', async () => {
    await serve();
    chmodSync(folder, 0o755);
    const module = join(import.meta.dirname, '../../src/control/client.ts');
    const { build } = await import('esbuild');
    const bundle = join(folder, 'client.mjs');
    await build({ entryPoints: [module], bundle: true, platform: 'node', format: 'esm', outfile: bundle });
    chmodSync(bundle, 0o644);
    const program = `import(${JSON.stringify(bundle)}).then(async m=>console.log(JSON.stringify(await m.createClient(${JSON.stringify(socket)}).summary())))`;
    const child = spawn(process.execPath, ['-e', program], { uid: 65534, gid: 65534 });
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    await new Promise((resolve) => child.once('close', resolve));
    expect(JSON.parse(text)).toMatchObject({ ok: false, failure: { code: 'forbidden' } });
  });
});
