import { expect, it } from 'vitest';
import { findRivals } from '../../src/cli/doctor/find-rivals.ts';
import { ruleFor } from '../../src/cli/doctor/look-at-managers.ts';
import type { Watched } from '../../src/cli/doctor/watched.ts';
import type { Surveyed } from '../../src/cli/starter/survey-managers.ts';
import type { Discovered } from '../../src/managers/manager-kind.ts';
import type { Service } from '../../src/model/service.ts';

function watched(
  name: string,
  manager: Service['manager'],
  pids: readonly number[],
  repairs = true,
): Watched {
  return { service: { name, manager } as Service, pids, repairs };
}

function survey(kind: string, name: string, pids: readonly number[], restarts?: string): Surveyed {
  const service: Discovered = {
    name,
    manager: { [kind]: kind === 'systemd' ? `${name}.service` : name },
    detail: '',
    pids,
    lasting: true,
    ...(restarts === undefined ? {} : { restarts }),
  };
  return { kind, present: true, services: [service] };
}

const commands = { kind: 'commands', options: { pidfile: '/run/api.pid' } };
const unit = { kind: 'systemd', options: { unit: 'api.service' } };
const none = new Set<string>();

it.each<[string, Watched, Surveyed, object | undefined]>([
  [
    'Monit and a rule that repairs the same process',
    watched('api', unit, [7]),
    survey('monit', 'api', [7], 'Monit'),
    {
      level: 'warning',
      code: 'two-repairers',
      service: 'api',
      hint: expect.stringContaining('monit unmonitor'),
    },
  ],
  [
    'Monit and a rule for what is down: the name tells',
    watched('api', unit, []),
    survey('monit', 'api', [], 'Monit'),
    { code: 'two-repairers' },
  ],
  [
    'Monit and a rule that only tells',
    watched('api', unit, [7], false),
    survey('monit', 'api', [7], 'Monit'),
    { level: 'note', code: 'watched-twice' },
  ],
  [
    'plain commands for what systemd restarts',
    watched('api', commands, [7]),
    survey('systemd', 'api', [7], 'Restart=always'),
    {
      level: 'warning',
      code: 'two-repairers',
      message: expect.stringContaining('Restart=always'),
      hint: 'let repairs go through it: manager: { systemd: api.service }',
    },
  ],
  [
    'plain commands for what systemd runs',
    watched('api', commands, [7]),
    survey('systemd', 'api', [7]),
    { level: 'warning', code: 'other-manager' },
  ],
  [
    'no manager, and PM2 runs it',
    watched('api', undefined, [7], false),
    survey('pm2', 'api', [7], 'PM2'),
    { level: 'note', code: 'other-manager' },
  ],
  ['the manager of the rule', watched('api', unit, [7]), survey('systemd', 'api', [7]), undefined],
  [
    'the manager of the rule, which restarts by itself',
    watched('api', unit, [7]),
    survey('systemd', 'api', [7], 'Restart=always'),
    { level: 'ok', code: 'manager-restarts' },
  ],
  ['another process', watched('api', unit, [7]), survey('pm2', 'api', [8], 'PM2'), undefined],
])('%s', (_, one, other, expected) => {
  const found = findRivals([one], [other], none);
  if (expected === undefined) expect(found).toEqual([]);
  else expect(found).toEqual([expect.objectContaining(expected)]);
});

it('two rules for one process, and watchdogs that are no managers', () => {
  const found = findRivals(
    [watched('api', unit, [7]), watched('web', commands, [7, 8]), watched('db', commands, [9])],
    [],
    new Set(['pacemakerd', 'sh']),
  );
  expect(found).toMatchObject([
    { code: 'two-rules', service: 'web' },
    { code: 'other-watchdog', message: expect.stringContaining('Pacemaker') },
  ]);
});

it('what has a rule: by its process, or as the manager calls it', () => {
  const rules = [watched('api', unit, []), watched('web', { kind: 'systemd', options: { unit: 'web' } }, [])];
  const of = (name: string, pids: readonly number[] = []) => {
    const [service] = survey('systemd', name, pids).services;
    return service === undefined ? undefined : ruleFor('systemd', service, rules);
  };
  expect([of('api'), of('web'), of('other')]).toEqual(['api', 'web', undefined]);
});
