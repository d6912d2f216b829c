import { describe, expect, it } from 'vitest';
import { describeConfig } from '../../../src/config/describe/describe-config.ts';
import {
  detectionDelay,
  longestGap,
  noticeDelay,
  repairDelay,
} from '../../../src/config/describe/worst-case.ts';
import { createCronCalendar } from '../../../src/host/time/cron-calendar.ts';
import type { Check, Service } from '../../../src/model/service.ts';
import { loadTexts } from '../memory-files.ts';
import { smallKinds } from '../small-kinds.ts';

async function load(
  settings: string,
  service = '',
): Promise<{ readonly check: Check; readonly service: Service }> {
  const text = `service: api\nmanager: { systemd: api }\n${service}checks:\n  a:\n    process: {}\n${settings}`;
  const { config } = await loadTexts({ '/a.yaml': text }, { lint: ['/a.yaml'] });
  const loaded = config?.services[0];
  const check = loaded?.checks[0];
  if (loaded === undefined || check === undefined) throw new Error('the rules of this test are bad');
  return { check, service: loaded };
}

describe('how long it takes', () => {
  it('counts looks', async () => {
    const { check } = await load('    every: 10s\n    timeout: 2s\n    fail_after: 3\n');
    expect(detectionDelay(check)).toEqual({ least: 20_000, most: 32_000 });
    expect(noticeDelay(check, 5000)).toEqual({ least: 25_000, most: 37_000 });
  });

  it('looks more often once it fails, where that is said', async () => {
    const { check } = await load('    every: 1m\n    retry_every: 5s\n    timeout: 1s\n    fail_after: 3\n');
    expect(detectionDelay(check)).toEqual({ least: 10_000, most: 71_000 });
  });

  it('counts time', async () => {
    const { check } = await load('    every: 10s\n    timeout: 1s\n    fail_after: 25s\n');
    expect(detectionDelay(check)).toEqual({ least: 30_000, most: 41_000 });
  });

  it('adds the evidence before a repair', async () => {
    const { check, service } = await load('    every: 10s\n    timeout: 1s\n    repair: restart\n');
    expect(repairDelay(check, service)).toEqual({ least: 0, most: 13_000 });
    const passive = await load('    repair: restart\n', 'mode: passive\n');
    expect(repairDelay(passive.check, passive.service)).toBeUndefined();
  });
});

describe('times of the calendar', () => {
  const { next } = createCronCalendar();
  const gap = longestGap(next, Date.UTC(2026, 0, 1));

  it.each([
    ['*/5 * * * *', 300_000],
    ['0 3 * * *', 86_400_000],
    ['0 3 * * 1', 7 * 86_400_000],
    ['0 9-17 * * 1-5', 64 * 3_600_000],
  ])('%s', (cron, longest) => {
    expect(gap(cron, 'UTC')).toBe(longest);
  });

  it('count as the pace of a check', async () => {
    const { check } = await load('    every: "*/5 * * * *"\n    timeout: 1s\n    fail_after: 2\n');
    expect(detectionDelay(check, gap)).toEqual({ least: 300_000, most: 601_000 });
  });
});

describe('who is told', () => {
  async function note(check: string, notify: string): Promise<string | undefined> {
    const text = `notify: ${notify}
notifiers: { team: { email: { to: a@b.c } }, pager: { email: { to: a@b.c }, min_severity: critical } }
services: { api: { manager: { systemd: api }, checks: { a: { process: {}, every: 10s, timeout: 2s, ${check} } } } }
`;
    const described = describeConfig(await loadTexts({ '/w.yaml': text }), { kinds: smallKinds }) ?? '';
    return / a: +# (told[^,]*)/.exec(described)?.[1] ?? described;
  }

  it('is told by how severe it is', async () => {
    expect(await note('severity: critical', 'pager')).toBe('told after 5 s to 17 s');
    expect(await note('severity: warning', 'pager')).toBe('told to nobody: it is a warning');
    expect(await note('repair: restart', 'pager')).toBe('told when the repair does not hold');
    expect(await note('repair: restart', '[pager, team]')).toBe('told after 5 s to 17 s');
  });
});
