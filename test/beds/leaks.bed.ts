import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemd } from '../../src/managers/systemd.ts';
import { context, must, removeUnit, reported, unit } from './bed.ts';

const rounds = 500;

beforeAll(() =>
  unit('web.service', [
    '[Service]',
    'ExecStart=/bin/sleep 1000',
    'Restart=always',
    'RestartSec=0',
    'StartLimitIntervalSec=0',
    '[Unit]',
    'StartLimitIntervalSec=0',
  ]),
);
afterAll(() => removeUnit('web.service'));

it(`${rounds} deaths and restarts leave nothing behind in a manager that follows them`, async () => {
  const web = systemd.open({ unit: 'web' }, context('web'));
  await web.operate('start');
  let told = 0;
  web.follow?.(() => {
    told += 1;
  });
  let main = (await reported(web, ({ activity }) => activity === 'running')).main?.pid ?? 0;
  const round = async () => {
    process.kill(main, 'SIGKILL');
    const next = await reported(web, (report) => report.main !== undefined && report.main.pid !== main);
    expect(next.intent).toBe('run');
    main = next.main?.pid ?? 0;
  };
  const used = () => ({
    descriptors: readdirSync('/proc/self/fd').length,
    handles: process.getActiveResourcesInfo().length,
  });
  for (let index = 0; index < 50; index++) await round();
  const before = used();
  for (let index = 50; index < rounds; index++) await round();
  const after = used();
  expect(told).toBeGreaterThanOrEqual(rounds);
  expect(after.descriptors).toBeLessThanOrEqual(before.descriptors + 2);
  expect(after.handles).toBeLessThanOrEqual(before.handles + 3);
  web.close();
  await must('systemctl', 'stop', 'web');
}, 120_000);
