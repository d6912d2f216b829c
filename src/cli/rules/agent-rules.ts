import type { Loaded } from '../../agent/options.ts';
import { realRuleFiles } from '../../config/files/real-rule-files.ts';
import { countProblems } from '../../schema/frame.ts';
import type { Problem } from '../../schema/problem.ts';
import { problemLine } from '../../schema/problem-formats.ts';
import { namedSocket } from '../ask/find-socket.ts';
import type { Call } from '../command.ts';
import { loadRules, type RulesOrigin, showProblems } from './load-rules.ts';
import { surroundingsOf } from './surroundings.ts';

/** Reads the rules for the agent: what `watcher check` would say is in the report. `origin` is asked anew for each reload. */
export function rulesForAgent(call: Call, origin: () => Promise<RulesOrigin>): () => Promise<Loaded> {
  return async () => {
    const loaded = await loadRules(await origin(), surroundingsOf(call.io), { files: realRuleFiles });
    const socket = namedSocket(call);
    return {
      ...(loaded.config === undefined
        ? {}
        : { config: { ...loaded.config, ...(socket === undefined ? {} : { socket }) } }),
      report: showProblems(loaded, call),
      summary: summaryOf(loaded.problems),
      files: loaded.files,
      folders: loaded.folders,
    };
  };
}

/** One line for a notice and a row of a table: how many there are, and the first of them. */
function summaryOf(problems: readonly Problem[]): string {
  const first = problems.find(({ level }) => level === 'error');
  const count = countProblems(problems);
  return first === undefined ? count : `${count}; ${problemLine(first)}`;
}
