import { once } from 'node:events';
import { stat, writeSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createHostEnd } from '../../../src/agent/doubt/host-end.ts';
import type { Dbus } from '../../../src/host/dbus.ts';
import { createFakeFiles } from '../../fakes/fake-files.ts';

const reason = 'the host is shutting down';

function bench() {
  const files = createFakeFiles();
  const state = { systemd: 'running' as string | undefined, asked: [] as string[] };
  let held: Promise<void> = Promise.resolve();
  const dbus: Dbus = {
    async open({ path, bus }) {
      state.asked.push(path);
      if (state.systemd === undefined || bus) return { ok: false, code: 'ENOENT', reason: 'gone' };
      return {
        ok: true,
        connection: {
          async call() {
            const body = [state.systemd];
            await held;
            return { ok: true, body, serial: 1 };
          },
          onSignal: () => () => {},
          onClose() {},
          close() {},
        },
      };
    },
    opened: () => undefined,
  };
  const doubts: (string | undefined)[] = [];
  const end = createHostEnd({ files, dbus }, (doubt) => void doubts.push(doubt));
  return {
    files,
    state,
    doubts,
    end,
    hold() {
      let letGo = (): void => {};
      held = new Promise((resolve) => (letGo = resolve));
      return letGo;
    },
  };
}

describe('whether the host goes down', () => {
  it('is what PID 1 says, from the first moment on', async () => {
    const { end, state, doubts } = bench();
    await end.look();
    expect(doubts).toEqual([]);
    state.systemd = 'stopping';
    await end.look();
    await end.look();
    expect(doubts).toEqual([reason]);
    expect(state.asked.filter((path) => path === '/run/systemd/private')).toHaveLength(3);
  });

  it('is over when the shutdown was called off, and not when nobody answers any more', async () => {
    const { end, state, doubts } = bench();
    state.systemd = 'stopping';
    await end.look();
    state.systemd = undefined;
    await end.glance();
    expect(doubts).toEqual([reason]);
    state.systemd = 'running';
    await end.glance();
    expect(doubts).toEqual([reason, undefined]);
  });

  it.each([
    ['/run/nologin', 'System is going down. Unprivileged users are not permitted to log in anymore.'],
    ['/run/openrc/rc.stopping', ''],
  ])('shows in %s where there is no systemd', async (path, text) => {
    const { end, files, state, doubts } = bench();
    state.systemd = undefined;
    await end.glance();
    files.put(path, text);
    await end.glance();
    expect(doubts).toEqual([reason]);
    files.remove(path);
    await end.glance();
    expect(doubts).toEqual([reason, undefined]);
  });

  it('nobody may log in yet: a host that comes up is not going down', async () => {
    const { end, files, doubts } = bench();
    files.put('/run/nologin', 'System is booting up. Unprivileged users are not permitted to log in yet.');
    await end.glance();
    expect(doubts).toEqual([]);
  });

  it('is asked anew for what failed while it was being asked, once for all of those', async () => {
    const { end, state, doubts, hold } = bench();
    const letGo = hold();
    const first = end.look();
    state.systemd = 'stopping';
    const later = [end.look(), end.look(), end.look()];
    letGo();
    await first;
    await Promise.all(later);
    expect(state.asked.filter((path) => path === '/run/systemd/private')).toHaveLength(2);
    expect(doubts).toEqual([reason]);
  });

  it.each(['/run/nologin', '/run/openrc/rc.stopping', '/run/systemd/private', '/run/dbus/system_bus_socket'])(
    'is surely not so while nothing is there that could say it: %s',
    (path) => {
      const { end, files } = bench();
      expect(end.surelyStays()).toBe(true);
      files.put(path, '');
      expect(end.surelyStays()).toBe(false);
    },
  );

  it('is what systemd has told where it has, unless a file says otherwise', () => {
    const { end, files } = bench();
    files.put('/run/systemd/private', '');
    expect([end.surelyStays(true), end.surelyStays(false), end.surelyStays()]).toEqual([true, false, false]);
    files.put('/run/nologin', '');
    expect(end.surelyStays(true)).toBe(false);
  });

  it('is what systemd tells by itself where it is listened to, from when there is one', () => {
    let stays = true;
    const done: string[] = [];
    const news = () => {
      done.push('listens');
      return { hostStays: () => stays, close: () => void done.push('closes') };
    };
    const files = createFakeFiles();
    const end = createHostEnd({ files }, () => {}, news);
    end.listen();
    expect(done).toEqual([]);
    files.put('/run/systemd/private', '');
    expect(end.surelyStays()).toBe(false);
    expect(end.newsHeard()).toBeUndefined();
    end.listen();
    end.listen();
    expect(end.newsHeard()).toBeInstanceOf(Promise);
    expect([end.surelyStays(), end.surelyStays(false)]).toEqual([true, false]);
    files.put('/run/nologin', '');
    expect(end.surelyStays()).toBe(false);
    files.remove('/run/nologin');
    stays = false;
    expect(end.surelyStays()).toBe(false);
    end.close();
    end.close();
    end.listen();
    expect(done).toEqual(['listens', 'closes']);
    expect(end.newsHeard()).toBeUndefined();
  });

  it('has heard what was written before, whenever it is asked', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const reader = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [writer] = (await once(server, 'connection')) as [Socket];
    const files = createFakeFiles();
    files.put('/run/systemd/private', '');
    const listening = createHostEnd(
      { files },
      () => {},
      () => ({ hostStays: () => true, close() {} }),
    );
    listening.listen();
    const phases: ((run: () => void) => void)[] = [
      (run) => void setImmediate(run),
      (run) => void setTimeout(run, 1),
      // In the phase in which sockets are read.
      (run) => void stat('/', run),
    ];
    for (const phase of phases) {
      let heard = '';
      reader.once('data', (data) => {
        heard = String(data);
      });
      await new Promise<void>((resolve) =>
        phase(() => {
          writeSync((writer as unknown as { _handle: { fd: number } })._handle.fd, 'told');
          void listening.newsHeard()?.then(resolve);
        }),
      );
      expect(heard).toBe('told');
    }
    reader.destroy();
    writer.destroy();
    server.close();
  });

  it('is not sure while it is asked, and while it goes down', async () => {
    const { end, state, hold } = bench();
    const letGo = hold();
    const asked = end.look();
    expect([end.surelyStays(), end.surelyStays(true)]).toEqual([false, false]);
    letGo();
    await asked;
    expect(end.surelyStays()).toBe(true);
    state.systemd = 'stopping';
    await end.look();
    expect([end.surelyStays(), end.surelyStays(true)]).toEqual([false, false]);
  });
});
