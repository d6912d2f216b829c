import { conditionReference, type ReferenceEntry } from '../../src/conditions/reference.ts';
import { markdownTable } from './markdown-table.ts';

/** The tables of the condition language. */
export const conditionTables = {
  operators: () => entries('operator', conditionReference.operators),
  functions: () => entries('function', conditionReference.functions),
  units: () =>
    markdownTable(
      ['units', 'meaning'],
      conditionReference.units.map(({ units, meaning }) => [`\`${units}\``, meaning]),
    ),
  rules: () => conditionReference.rules.map((rule) => `- ${rule}\n`).join(''),
} as const;

function entries(title: string, list: readonly ReferenceEntry[]): string {
  return markdownTable(
    [title, 'meaning', 'example'],
    list.map(({ name, meaning, example }) => [`\`${name}\``, meaning, `\`${example}\``]),
  );
}
