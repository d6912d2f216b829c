import { describe, expect, it } from 'vitest';
import { maskedCommand, programName } from '../../../src/agent/evidence/masked-command.ts';

describe('a command line', () => {
  it.each([
    ['node server.js --port 80', 'node server.js --port 80'],
    ['mysqld --password=hunter2 --port=1', 'mysqld --password=*** --port=1'],
    ['x --token abc123 --verbose', 'x --token *** --verbose'],
    ['x --api-key abc123', 'x --api-key ***'],
    ['x --auth-token=abc', 'x --auth-token=***'],
    ['env PGPASSWORD=hunter2 psql', 'env PGPASSWORD=*** psql'],
    ['psql postgres://app:hunter2@db/app', 'psql postgres://app:***@db/app'],
    ['redis-cli -u redis://:p@ss@db', 'redis-cli -u redis://:***@db'],
    ['curl -u me:hunter2 http://x/', 'curl -u me:*** http://x/'],
    ['curl -H Authorization: Bearer abc.def http://x/', 'curl -H Authorization: *** *** http://x/'],
    ['x --data {"token": "a b"}', 'x --data {"token": ***}'],
    ['x --password "hunter 2', 'x --password *** 2'],
    ['x --no-auth --verbose', 'x --no-auth --verbose'],
  ])('has its obvious secrets masked: %s', (command, masked) => {
    expect(maskedCommand(command)).toBe(masked);
  });
});

describe('the name of a program', () => {
  const entry = (argv: readonly string[], comm = 'kthread') =>
    ({ comm, details: () => ({ argv }) }) as unknown as Parameters<typeof programName>[0];
  it.each([
    [['/usr/sbin/mysqld', '--password=x'], 'mysqld'],
    [['postgres: app secret'], 'postgres'],
    [[], '[kthread]'],
    [['PASSWORD=x'], '[kthread]'],
  ])('is all that is told of %j', (argv, name) => {
    expect(programName(entry(argv))).toBe(name);
  });
});
