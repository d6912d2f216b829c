import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { realRuleFiles } from './real-rule-files.ts';
import { openFlags, refuseFile, ruleText, unreadable } from './rule-file-content.ts';
import type { RuleFiles, RuleText } from './rule-files.ts';

/**
 * Rule files of this machine, for commands: they have nothing else to do while they wait, and a file read at once
 * costs a tenth of one that is read through the thread pool.
 */
export const promptRuleFiles: RuleFiles = {
  ...realRuleFiles,
  read: (path) => Promise.resolve(readNow(path)),
};

function readNow(path: string): RuleText {
  let file: number | undefined;
  try {
    file = openSync(path, openFlags);
    const stats = fstatSync(file);
    return refuseFile(stats) ?? ruleText(readFileSync(file, 'utf8'), stats);
  } catch (error) {
    return unreadable(error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
