import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { unitFile } from '../../../src/cli/install/unit-file.ts';

const shipped = readFileSync(new URL('../../../deploy/watcher.service', import.meta.url), 'utf8');
const program = ['/usr/bin/node', '/usr/local/bin/watcher'];
const system = { program, config: '/etc/watcher/watcher.yaml', scope: 'system' } as const;

function settings(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').filter((line) => /^\w+=/.test(line));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

it('starts the program that installs it, with the configuration that was named', () => {
  const unit = settings(unitFile(shipped, { ...system, config: '/srv/rules/watcher.yaml' }));
  expect(unit.get('ExecStart')).toBe(
    '/usr/bin/node /usr/local/bin/watcher run --config /srv/rules/watcher.yaml',
  );
  expect(unit.get('ExecReload')).toBe(
    '/usr/bin/node /usr/local/bin/watcher reload --config /srv/rules/watcher.yaml',
  );
});

it('is otherwise the shipped one', () => {
  const left = (text: string) => text.split('\n').filter((line) => !/^(Exec|# The watcher)/.test(line));
  expect(left(unitFile(shipped, system))).toEqual(left(shipped));
});

it.each([
  ['/opt/my node/node', '"/opt/my node/node"'],
  ['/opt/100%/node', '/opt/100%%/node'],
  ['/opt/$node', '/opt/$$node'],
  ['/opt/a"b', '"/opt/a\\"b"'],
])('%s is written so that systemd reads it back', (path, written) => {
  const unit = settings(unitFile(shipped, { ...system, program: [path] }));
  expect(unit.get('ExecStart')?.startsWith(`${written} run`)).toBe(true);
});

it('as a user: without what only the system may set, and with the comments of what is left', () => {
  const text = unitFile(shipped, { ...system, scope: 'user' });
  const unit = settings(text);
  for (const name of [
    'Nice',
    'OOMScoreAdjust',
    'StateDirectory',
    'ConfigurationDirectory',
    'After',
    'LockPersonality',
  ])
    expect(unit.has(name), name).toBe(false);
  expect(unit.get('Type')).toBe('notify');
  expect(unit.get('WatchdogSec')).toBe('30s');
  expect(unit.get('RuntimeDirectory')).toBe('watcher');
  expect(unit.get('WantedBy')).toBe('default.target');
  expect(text).toContain('# Fed only while its scheduler makes progress');
  expect(text).not.toContain('Hardening.');
});
