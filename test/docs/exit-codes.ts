import { exitCodeMeanings, exitCodes } from '../../src/cli/exit-codes.ts';
import { markdownTable } from './markdown-table.ts';

/** The table of exit codes. */
export function exitCodesTable(): string {
  const names = Object.keys(exitCodes) as (keyof typeof exitCodes)[];
  return markdownTable(
    ['code', 'meaning'],
    names.map((name) => [String(exitCodes[name]), exitCodeMeanings[name]]),
  );
}
