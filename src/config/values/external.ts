import { join } from 'node:path';
import type { MapNode } from '../../schema/node.ts';
import type { Problem } from '../../schema/problem.ts';
import { quote } from '../files/permissions.ts';
import type { RuleFiles } from '../files/rule-files.ts';
import type { External } from './interpolate.ts';
import { externalReferences, type Reference } from './references.ts';

/**
 * Reads every file and systemd credential that the documents refer to, all at once. Credentials lie as files in the
 * folder that systemd names in CREDENTIALS_DIRECTORY (systemd.exec(5)). The line end after a secret is no part of it.
 */
export async function externalAnswers(
  documents: readonly MapNode[],
  files: RuleFiles,
  env: Readonly<Record<string, string | undefined>>,
  { pure }: { readonly pure: boolean },
): Promise<{ readonly answers: ReadonlyMap<string, External>; readonly problems: readonly Problem[] }> {
  const found = new Map<string, Reference>();
  for (const document of documents) externalReferences(document, found);
  if (pure) return { answers: new Map(), problems: [] };
  const problems: Problem[] = [];
  const answers = await Promise.all(
    [...found].map(async ([key, reference]): Promise<[string, External]> => {
      const path = pathOf(key, reference, env);
      if (path === undefined) {
        const reason = 'the agent was given no credentials (CREDENTIALS_DIRECTORY is not set)';
        return [key, { ok: false, reason }];
      }
      const read = await files.read(path);
      if (!read.ok) return [key, read];
      const facts = reference.type === 'file' ? await files.stat(path) : undefined;
      if (facts !== undefined && (facts.mode & 0o004) !== 0) {
        problems.push({
          level: 'warning',
          code: 'readable-secret',
          message: `anybody on this machine can read ${path}`,
          hint: `run: chmod o-rwx ${quote(path)}`,
        });
      }
      return [key, { ok: true, text: read.text.replace(/\r?\n$/, '') }];
    }),
  );
  return { answers: new Map(answers), problems };
}

function pathOf(
  key: string,
  reference: Reference,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (reference.type !== 'credential') return key.slice('file:'.length);
  const folder = env['CREDENTIALS_DIRECTORY'];
  return folder === undefined || folder === '' ? undefined : join(folder, reference.name);
}
