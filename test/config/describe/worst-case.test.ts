import { describe, expect, it } from 'vitest';
import { detectionDelay, noticeDelay, repairDelay } from '../../../src/config/describe/worst-case.ts';
import type { Check, Service } from '../../../src/model/service.ts';
import { loadTexts } from '../memory-files.ts';

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
