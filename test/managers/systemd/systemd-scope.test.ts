import { describe, expect, it } from 'vitest';
import { listenForShutdown } from '../../../src/managers/systemd/systemd-scope.ts';
import { systemd as systemdKind } from '../../../src/managers/systemd.ts';
import { createFakeHost } from '../../fakes/fake-host.ts';
import { createFakeSystemd } from '../../fakes/fake-systemd.ts';

const own = '/run/systemd/private';
const settle = () => new Promise((resolve) => setImmediate(resolve));

function bench(self: { readonly uid?: number; readonly hasWatchdog?: boolean } = {}, hasBus = true) {
  const systemd = createFakeSystemd();
  const plain = createFakeHost(hasBus ? { dbus: systemd.dbus } : {});
  const host = { ...plain, self: { ...plain.self, uid: 0, hasWatchdog: true, ...self } };
  return { systemd, host, news: () => listenForShutdown(host) };
}

describe('what systemd tells of the end of the host', () => {
  it('is known once it was asked, and until it is told', async () => {
    const { systemd, news } = bench();
    const listening = news();
    expect(listening?.hostStays()).toBe(false);
    await settle();
    expect(listening?.hostStays()).toBe(true);
    expect(systemd.open).toEqual([own]);
    systemd.tell('JobNew', 7, '/job/7', 'shutdown.target');
    expect(listening?.hostStays()).toBe(false);
  });

  it('is found out anew by who wants to know', async () => {
    const { systemd, host, news } = bench();
    const listening = news();
    await settle();
    systemd.tell('JobNew', 7, '/job/7', 'shutdown.target');
    await host.clock.advance(1000);
    expect(listening?.hostStays()).toBe(false);
    await settle();
    expect(listening?.hostStays()).toBe(true);
  });

  it.each([
    ['who is not root', { uid: 1000 }, true],
    ['who would not be ended, should it stand still', { hasWatchdog: false }, true],
    ['who has no D-Bus', {}, false],
  ])('is nothing for %s', (_who, self, hasBus) => {
    const { systemd, news } = bench(self, hasBus);
    expect(news()).toBeUndefined();
    expect(systemd.open).toEqual([]);
  });

  it('is not certain by what the bus daemon brings, which may come after the end', async () => {
    const { systemd, news } = bench();
    systemd.missing.add(own);
    const listening = news();
    await settle();
    expect(systemd.open).toEqual(['/run/dbus/system_bus_socket']);
    expect(listening?.hostStays()).toBe(false);
  });

  it('comes over the connection of the units, which is closed with the last who needs it', async () => {
    const { systemd, host, news } = bench();
    systemd.units.set('api.service', { Id: 'api.service', ActiveState: 'active' });
    const listening = news();
    const manager = systemdKind.open({ unit: 'api.service' } as never, {
      host,
      service: 'api',
      startTimeout: 1000,
      stopTimeout: 1000,
    });
    await manager.report();
    expect(systemd.open).toEqual([own]);
    listening?.close();
    expect(systemd.open).toEqual([own]);
    manager.close();
    await settle();
    expect(systemd.open).toEqual([]);
  });
});
