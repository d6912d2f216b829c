import { dirname } from 'node:path';
import { globMatcher } from '../../src/config/files/glob-pattern.ts';
import type { RuleFileFacts, RuleFiles } from '../../src/config/files/rule-files.ts';
import { type LoadInput, type LoadResult, loadConfig } from '../../src/config/load-config.ts';
import { smallKinds } from './small-kinds.ts';

/** Rule files that exist only in a test. */
export function memoryFiles(
  texts: Readonly<Record<string, string>>,
  facts: Readonly<Record<string, RuleFileFacts>> = {},
): RuleFiles {
  return {
    read: async (path) => {
      const text = texts[path];
      return text === undefined
        ? { ok: false, code: 'ENOENT', reason: 'there is no such file' }
        : { ok: true, text };
    },
    glob: async (pattern) =>
      Object.keys(texts)
        .filter((path) => globMatcher(pattern)(path))
        .sort(),
    stat: async (path) => (path in texts ? (facts[path] ?? { mode: 0o600, uid: 0, gid: 0 }) : undefined),
  };
}

/** Loads files from memory; the first one is the main file unless the input says otherwise. */
export async function loadTexts(
  texts: Readonly<Record<string, string>>,
  input: Partial<LoadInput> & {
    readonly env?: Readonly<Record<string, string>>;
    readonly facts?: Readonly<Record<string, RuleFileFacts>>;
  } = {},
): Promise<LoadResult> {
  const [first = '/etc/watcher/watcher.yaml'] = Object.keys(texts);
  const { env = {}, facts, ...rest } = input;
  return loadConfig({
    ...('lint' in input ? {} : { file: first }),
    files: memoryFiles(texts, facts),
    kinds: smallKinds,
    surroundings: { env, cwd: dirname(first), home: '/root', uid: 0 },
    hostName: 'testhost',
    cronProblem: (cron, zone) =>
      zone === 'Mars/Base'
        ? `there is no time zone ${zone}`
        : /^[\d*,/\s-]+$/.test(cron)
          ? undefined
          : 'it is no pattern',
    ...rest,
  });
}
