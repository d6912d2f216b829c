import type { Problem } from '../../schema/problem.ts';
import type { RuleFileFacts } from './rule-files.ts';

/**
 * Whoever can write a rule file can have the agent run commands: the file must belong to root or the agent's user, and
 * nobody else may write it, as ssh demands of its files. A private group (same number as its user) is no somebody else.
 */
export function writableByOthers(file: string, facts: RuleFileFacts, uid: number): Problem | undefined {
  const start = { file, line: 1, column: 1, length: 1 };
  if (facts.uid !== 0 && facts.uid !== uid) {
    return {
      level: 'error',
      code: 'foreign-file',
      message: `the file belongs to user ${facts.uid}, who could make the agent run anything`,
      place: start,
      hint: `run: chown ${uid === 0 ? 'root' : uid} ${quote(file)}`,
    };
  }
  const trustedGroup = facts.gid === 0 || (facts.gid === uid && facts.uid === uid);
  const group = (facts.mode & 0o020) !== 0 && !trustedGroup;
  const world = (facts.mode & 0o002) !== 0;
  if (!group && !world) return undefined;
  return {
    level: 'error',
    code: 'writable-file',
    message: `${world ? 'anybody' : 'its group'} can write the file and so make the agent run anything`,
    place: start,
    hint: `run: chmod ${world ? 'go-w' : 'g-w'} ${quote(file)}`,
  };
}

/** Whether others than root, the file's user and its private group may read it. */
export function readableByOthers(facts: RuleFileFacts): boolean {
  const trustedGroup = facts.gid === 0 || facts.gid === facts.uid;
  return (facts.mode & 0o004) !== 0 || ((facts.mode & 0o040) !== 0 && !trustedGroup);
}

/** As a shell needs it. */
export function quote(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
