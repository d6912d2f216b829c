import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';

/** What polkit 0.106 and later reads, and what 0.105 reads: the same user may do the same. */
const shipped = (name: string) => readFileSync(new URL(`../../../deploy/${name}`, import.meta.url), 'utf8');

type Rule = (
  action: { readonly id: string; lookup(name: string): string | undefined },
  subject: { readonly user: string },
) => string | undefined;

function rule(): Rule {
  let found: Rule | undefined;
  runInNewContext(shipped('50-watcher.rules'), {
    polkit: { Result: { YES: 'yes' }, addRule: (given: Rule) => (found = given) },
  });
  if (found === undefined) throw new Error('no rule was added');
  return found;
}

/** The keys of the one group (pklocalauthority(8)). */
const entries = new Map(
  shipped('50-watcher.pkla')
    .split('\n')
    .flatMap((line) => {
      const [, key = '', value = ''] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? [];
      return key === '' ? [] : [[key, value] as const];
    }),
);

it.each([
  ['restart', 'watcher', 'yes'],
  ['start', 'watcher', 'yes'],
  // Whether the watcher may at all (RefUnit) is asked without a verb.
  [undefined, 'watcher', 'yes'],
  ['set-property', 'watcher', undefined],
  ['restart', 'somebody', undefined],
])('the rule: %s by %s', (verb, user, said) => {
  expect(rule()({ id: entries.get('Action') ?? '', lookup: () => verb }, { user })).toBe(said);
});

it('the same for polkit 0.105', () => {
  expect(shipped('50-watcher.pkla')).toMatch(/^\[[^\]]+\]$/m);
  expect(Object.fromEntries(entries)).toEqual({
    Identity: 'unix-user:watcher',
    Action: 'org.freedesktop.systemd1.manage-units',
    ResultAny: 'yes',
    ResultInactive: 'yes',
    ResultActive: 'yes',
  });
});
