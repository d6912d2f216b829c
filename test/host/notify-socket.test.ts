import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import koffi from 'koffi';
import { afterEach, expect, it } from 'vitest';
import { openNotifySocket } from '../../src/host/notify-socket.ts';
import { createHost } from '../../src/host/real-host.ts';

const host = createHost();
const library = koffi.load(null);
const socket = library.func('int socket(int domain, int type, int protocol)');
const bind = library.func('int bind(int descriptor, const void *address, unsigned int size)');
const recv = library.func('long recv(int descriptor, _Out_ void *data, size_t length, int flags)');
const close = library.func('int close(int descriptor)');
const MSG_DONTWAIT = 0x40;
const ends: (() => void)[] = [];

/** The other end, as systemd has it. */
function receiver(address: string): () => string | undefined {
  const descriptor: number = socket(1, 2, 0);
  const name = Buffer.from(`\x01\x00${address}`, 'latin1');
  expect(bind(descriptor, name, name.length)).toBe(0);
  ends.push(() => void close(descriptor));
  return () => {
    const data = Buffer.alloc(4096);
    const length: number = recv(descriptor, data, data.length, MSG_DONTWAIT);
    return length < 0 ? undefined : data.toString('utf8', 0, length);
  };
}

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

it('speaks to a socket in the file system and takes the variables away', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'watcher-notify-'));
  ends.push(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'notify');
  const heard = receiver(`${path}\0`);
  const env = {
    NOTIFY_SOCKET: path,
    WATCHDOG_USEC: '30000000',
    WATCHDOG_PID: String(process.pid),
    KEEP: '1',
  };
  const notify = await openNotifySocket(env, host.commands);
  expect(notify).toMatchObject({ mechanism: 'socket', watchdogMs: 30_000 });
  expect(env).toEqual({ KEEP: '1' });
  expect(await notify?.send('READY=1', 'STATUS=42 services up')).toBe(true);
  expect(heard()).toBe('READY=1\nSTATUS=42 services up');
  notify?.close();
});

it('speaks to an abstract socket', async () => {
  const name = `watcher-notify-${process.pid}`;
  const heard = receiver(`\0${name}`);
  const notify = await openNotifySocket({ NOTIFY_SOCKET: `@${name}` }, host.commands);
  expect(notify?.watchdogMs).toBeUndefined();
  expect(await notify?.send('WATCHDOG=1')).toBe(true);
  expect(heard()).toBe('WATCHDOG=1');
  notify?.close();
});

it('is not there without a socket, and a watchdog for another process is none of ours', async () => {
  expect(await openNotifySocket({}, host.commands)).toBeUndefined();
  expect(await openNotifySocket({ NOTIFY_SOCKET: 'nonsense' }, host.commands)).toBeUndefined();
  const env = { NOTIFY_SOCKET: '@nobody', WATCHDOG_USEC: '1000', WATCHDOG_PID: '1' };
  const notify = await openNotifySocket(env, host.commands);
  expect(notify?.watchdogMs).toBeUndefined();
  expect(await notify?.send('READY=1')).toBe(false);
  notify?.close();
});
