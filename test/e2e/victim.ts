import { rmSync, writeFileSync } from 'node:fs';
import { eventually } from './eventually.ts';
import type { Receivers } from './receivers.ts';

/** A service that is down while its file is missing: the cheapest failure there is. */
export interface Victim {
  readonly name: string;
  fail(): void;
  mend(): void;
  /** Statuses of the different notices that came to the web receiver, in order of arrival. */
  readonly told: () => readonly ('firing' | 'resolved')[];
  /** Waits until exactly these have come. */
  heard(...statuses: readonly ('firing' | 'resolved')[]): Promise<void>;
}

/** Writes the rule file of a victim into the bed; it is well at first. `more` are further lines of its check. */
export function makeVictim(
  bed: { path(name: string): string },
  receivers: () => Receivers,
  { name = 'victim', more = '' }: { readonly name?: string; readonly more?: string } = {},
): Victim {
  const file = bed.path(`${name}.file`);
  writeFileSync(file, '');
  writeFileSync(
    bed.path(`rules/${name}.yaml`),
    `service: ${name}\nchecks:\n  there: { file: ${file}, fail_after: 1, recover_after: 1, flapping: false${more} }\n`,
    { mode: 0o600 },
  );
  const told = (): readonly ('firing' | 'resolved')[] => {
    const keys = new Set<string>();
    return receivers().webhooks.flatMap(({ status, alerts, commonAnnotations }) => {
      const key = commonAnnotations['notice'] ?? '';
      if (!alerts.some(({ labels }) => labels['service'] === name) || keys.has(key)) return [];
      keys.add(key);
      return [status];
    });
  };
  return {
    name,
    told,
    fail: () => rmSync(file, { force: true }),
    mend: () => writeFileSync(file, ''),
    async heard(...statuses) {
      const wanted = statuses.join(' ');
      await eventually(`${name} to be told ${wanted}`, () => told().join(' ') === wanted || undefined, {
        explain: () => `came: ${told().join(' ')}`,
      });
    },
  };
}
