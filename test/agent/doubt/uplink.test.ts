import { describe, expect, it } from 'vitest';
import { createUplink } from '../../../src/agent/doubt/uplink.ts';
import type { DnsOutcome } from '../../../src/host/dns.ts';
import type { SocketOutcome, SocketTarget } from '../../../src/host/sockets.ts';
import type { ProbeResult } from '../../../src/model/reading.ts';
import { createFakeHost, createFakeSockets } from '../../fakes/fake-host.ts';

describe('the uplink', () => {
  const failed: ProbeResult = { outcome: 'failed', reason: 'no route to host' };
  const fine: ProbeResult = { outcome: 'read', reading: {} };

  it('is doubted when most remote checks of several hosts begin to fail at once, and believed when some pass again', () => {
    const uplink = createUplink(createFakeHost());
    for (let n = 0; n < 5; n += 1) expect(uplink.judge(`c${n}`, `host-${n}`, fine)).toBe(fine);
    expect(uplink.judge('c0', 'host-0', failed)).toBe(failed);
    uplink.judge('c1', 'host-1', failed);
    uplink.judge('c2', 'host-2', failed);
    const doubted = uplink.judge('c3', 'host-3', failed);
    expect(doubted.outcome).toBe('unknown');
    if (doubted.outcome === 'unknown') expect(doubted.reason).toContain('4 of 5 remote checks fail at once');
    expect(uplink.judge('c0', 'host-0', failed).outcome).toBe('unknown');
    for (let n = 0; n < 3; n += 1) uplink.judge(`c${n}`, `host-${n}`, fine);
    expect(uplink.judge('c3', 'host-3', failed)).toBe(failed);
  });

  it('is not doubted for one remote host, nor for local checks, nor for what fails one after the other', async () => {
    const host = createFakeHost();
    const uplink = createUplink(host);
    for (let n = 0; n < 5; n += 1) expect(uplink.judge(`c${n}`, 'one', failed)).toBe(failed);
    for (let n = 0; n < 5; n += 1) expect(uplink.judge(`l${n}`, undefined, failed)).toBe(failed);
    const slow = createUplink(host);
    for (let n = 0; n < 5; n += 1) {
      expect(slow.judge(`c${n}`, `host-${n}`, failed)).toBe(failed);
      await host.clock.advance(50_000);
    }
  });

  it('goes by its targets where they are configured: one that answers, or refuses, is enough', async () => {
    let outcome: Partial<SocketOutcome> = { ok: false, code: 'EHOSTUNREACH' } as Partial<SocketOutcome>;
    const host = createFakeHost({ sockets: createFakeSockets(() => outcome as SocketOutcome) });
    const uplink = createUplink(host);
    await uplink.probe(['192.0.2.1:443', 'example.com:53']);
    const doubted = uplink.judge('c', 'api.example.com', failed);
    expect(doubted).toEqual({
      outcome: 'unknown',
      reason: 'the uplink is down: none of 192.0.2.1:443, example.com:53 can be reached (no route to host)',
    });
    outcome = { ok: false, code: 'ECONNREFUSED' } as Partial<SocketOutcome>;
    await uplink.probe(['192.0.2.1:443']);
    expect(uplink.judge('c', 'api.example.com', failed)).toBe(failed);
  });

  it('guesses nothing while targets answer: three hosts that die together are three failures', async () => {
    const answer = { ok: true } as SocketOutcome;
    const uplink = createUplink(createFakeHost({ sockets: createFakeSockets(() => answer) }));
    const probed = uplink.probe(['192.0.2.1:443']);
    // Not even before the targets have answered for the first time.
    for (const name of ['a', 'b', 'c'])
      expect(uplink.judge(name, `${name}.example.com`, failed)).toBe(failed);
    await probed;
    await uplink.look();
    for (const name of ['a', 'b', 'c'])
      expect(uplink.judge(name, `${name}.example.com`, failed)).toBe(failed);
    expect(uplink.reason).toBeUndefined();
  });

  it('is found down at the failure, not at the next turn of its targets', async () => {
    let outcome = { ok: true } as SocketOutcome;
    let tries = 0;
    const sockets = createFakeSockets(() => {
      tries += 1;
      return outcome;
    });
    const host = createFakeHost({ sockets });
    const uplink = createUplink(host);
    await uplink.probe(['192.0.2.1:443']);
    outcome = { ok: false, phase: 'connect', code: 'ENETUNREACH' } as SocketOutcome;
    await host.clock.advance(5000);
    await Promise.all([uplink.look(), uplink.look()]);
    await uplink.look();
    expect(tries).toBe(2);
    expect(uplink.judge('c', 'api.example.com', failed).outcome).toBe('unknown');
  });
});

describe('the resolver', () => {
  const failed: ProbeResult = { outcome: 'failed', reason: 'no answer about the address' };
  const names = ['a.example.com', 'b.example.net', 'c.example.org'];

  function bench(connect: (target: SocketTarget) => SocketOutcome, resolve: () => DnsOutcome) {
    const refused = createFakeSockets();
    const host = createFakeHost({
      sockets: { ...refused, connect: async (target) => connect(target) },
      dns: { resolve: async () => resolve() },
    });
    const uplink = createUplink(host);
    /** As a cycle does it: seen, looked at, judged. */
    const cycle = async (target: string): Promise<ProbeResult> => {
      uplink.judge(target, target, failed);
      await uplink.look();
      return uplink.judge(target, target, failed);
    };
    return { host, uplink, cycle };
  }
  const reached = { ok: true } as SocketOutcome;
  const dead: DnsOutcome = { ok: false, code: 'ETIMEOUT', reason: 'silent', tookMs: 3000 };

  it('is doubted when it answers for none of several names that fail, though the targets answer', async () => {
    let outcome = dead;
    const { host, uplink, cycle } = bench(
      () => reached,
      () => outcome,
    );
    await uplink.probe(['192.0.2.1:443']);
    for (const name of names) await cycle(name);
    const doubted = await cycle(names[0] ?? '');
    expect(doubted).toEqual({
      outcome: 'unknown',
      reason: `the resolver is down: it answers for none of ${names.join(', ')} (${failed.reason})`,
    });
    // What needs no name is believed.
    expect(await cycle('192.0.2.7')).toBe(failed);
    outcome = { ok: false, code: 'ENOTFOUND', reason: 'there is no such name', tookMs: 1 };
    await host.clock.advance(2000);
    expect(await cycle(names[0] ?? '')).toBe(failed);
  });

  it('is doubted without targets, too, also when checks by address pass and so most do not fail', async () => {
    const { uplink, cycle } = bench(
      () => reached,
      () => dead,
    );
    for (let n = 0; n < 9; n += 1) uplink.judge(`ip${n}`, `192.0.2.${n}`, { outcome: 'read', reading: {} });
    for (const name of names) await cycle(name);
    expect((await cycle(names[0] ?? '')).outcome).toBe('unknown');
  });

  it('is not asked for one name or two: their own name servers may be what is down', async () => {
    const { uplink, cycle } = bench(
      () => reached,
      () => dead,
    );
    await uplink.probe(['192.0.2.1:443']);
    for (const name of names.slice(0, 2)) expect(await cycle(name)).toBe(failed);
  });

  it('is doubted at the first failure when a target has no address for want of it, and another one answers', async () => {
    let code = 'EAI_AGAIN';
    const { host, uplink, cycle } = bench(
      (target) =>
        'host' in target && target.host === 'one.example.com'
          ? { ok: false, phase: 'dns', code, reason: 'the name server could not say', totalMs: 1 }
          : reached,
      () => dead,
    );
    await uplink.probe(['192.0.2.1:443', 'one.example.com:443']);
    const doubted = await cycle('api.example.com');
    expect(doubted.outcome === 'unknown' && doubted.reason).toBe(
      `the resolver is down: the name server could not say, while 192.0.2.1:443 answers (${failed.reason})`,
    );
    // A resolver that knows of no such name works.
    code = 'ENOTFOUND';
    await host.clock.advance(2000);
    expect(await cycle('api.example.com')).toBe(failed);
  });

  it('asks little of an outage of thousands: every check that fails is judged at once', () => {
    const uplink = createUplink(createFakeHost());
    const passed: ProbeResult = { outcome: 'read', reading: {} };
    const began = performance.now();
    for (let turn = 0; turn < 3; turn += 1)
      for (let n = 0; n < 10_000; n += 1)
        uplink.judge(`c${n}`, `host-${n % 500}`, turn === 0 ? passed : failed);
    expect(uplink.judge('c1', 'host-1', failed).outcome).toBe('unknown');
    // Going through all of them for each takes many times as long.
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it('forgets what is no longer checked, and counts a check that looks elsewhere there only', () => {
    const uplink = createUplink(createFakeHost());
    for (const name of ['a', 'b', 'c']) uplink.judge(name, name, failed);
    expect(uplink.reason).toBeDefined();
    const other = createUplink(createFakeHost());
    other.judge('a', 'a', failed);
    other.judge('b', 'b', failed);
    other.judge('b', 'a', failed);
    other.forget('a');
    expect(other.judge('c', 'c', failed)).toBe(failed);
    expect(other.reason).toBeUndefined();
  });
});
