import { describe, expect, it } from 'vitest';
import { muteNotifier, whyNoHeartbeat } from '../../../src/agent/doubt/heartbeat.ts';
import type { Config } from '../../../src/model/config.ts';

describe('the heartbeat', () => {
  it('is sent only while the agent trusts itself, keeps up and gets its notices out', () => {
    const calm = { distrust: undefined, worstLateness: 20, behind: 0, longestWait: 0 };
    const well = { ...calm, undeliveredFor: 0, muteNotifier: undefined };
    expect(whyNoHeartbeat(well)).toBeUndefined();
    expect(whyNoHeartbeat({ ...well, distrust: 'the clock jumped' })).toContain('the clock jumped');
    expect(whyNoHeartbeat({ ...well, worstLateness: 30_000 })).toContain('30 s late');
    expect(whyNoHeartbeat({ ...well, behind: 30_000 })).toContain('30 s overdue');
    expect(whyNoHeartbeat({ ...well, longestWait: 30_000 })).toContain('30 s longer than it may');
    expect(whyNoHeartbeat({ ...well, undeliveredFor: 3_600_000 })).toContain('60 min');
    expect(whyNoHeartbeat({ ...well, muteNotifier: 'mail' })).toContain('notices through mail');
  });
});

describe('a mute notifier', () => {
  const notifiers = {
    mail: { fallback: ['hook'] },
    hook: { fallback: ['mail', 'pager'] },
    pager: { fallback: [] },
  } as unknown as Config['notifiers'];
  const trouble = { since: 0, text: 'refused', told: [] };
  const broken = (...names: string[]) =>
    Object.fromEntries(names.map((name) => [`notifier/${name}`, trouble]));

  it('is one that does not get through itself, nor by those it falls back to', () => {
    expect(muteNotifier({ notifiers }, {})).toBeUndefined();
    expect(muteNotifier({ notifiers }, broken('mail', 'hook'))).toBeUndefined();
    expect(muteNotifier({ notifiers }, broken('pager'))).toBe('pager');
    expect(muteNotifier({ notifiers }, broken('mail', 'hook', 'pager'))).toBe('mail');
  });

  it('is none that a reload took away, and no other trouble of the agent', () => {
    expect(muteNotifier({ notifiers }, { ...broken('old'), state: trouble })).toBeUndefined();
  });
});
