import { hostname } from 'node:os';
import { findConfig, type Surroundings } from '../../config/files/find-config.ts';
import type { RuleSource } from '../../config/files/gather.ts';
import { promptRuleFiles } from '../../config/files/prompt-rule-files.ts';
import type { RuleFiles } from '../../config/files/rule-files.ts';
import { type LoadResult, loadConfig } from '../../config/load-config.ts';
import { registeredKinds } from '../../config/registered-kinds.ts';
import type { Processes } from '../../host/processes.ts';
import { createCronCalendar } from '../../host/time/cron-calendar.ts';
import { renderProblems } from '../../schema/frame.ts';
import type { Call } from '../command.ts';
import { textOption } from '../command.ts';
import { suitingRules } from '../starter/ready-made-rules.ts';
import { surroundingsOf } from './surroundings.ts';

/** What is loaded: a file, or texts that come with the program where nobody has written one. */
export interface RulesOrigin {
  readonly file?: string;
  readonly embedded?: readonly RuleSource[];
  /** For people: the file, or what stands in for it. */
  readonly title: string;
}

/** Which rules this call means. Without any configuration: the ready-made ones that suit what runs here. */
export async function findRules(
  call: Call,
  processes: () => Processes | Promise<Processes>,
): Promise<RulesOrigin> {
  const found = await findConfig(textOption(call, 'config'), surroundingsOf(call.io), promptRuleFiles);
  if (found.found) return { file: found.file, title: found.file };
  const embedded = await suitingRules(await processes());
  const names = embedded.map(({ name }) => name).join(', ');
  return { embedded, title: `ready-made rules (${names}), for want of a watcher.yaml` };
}

interface Reading {
  /** Nothing is asked of this machine but the texts. */
  readonly pure?: boolean;
  /** But owners and permissions of the files. */
  readonly permissions?: boolean;
  readonly lint?: readonly string[];
  /** Those of the agent, which must not wait for a file; else those of commands. */
  readonly files?: RuleFiles;
}

/** Reads them. */
export function loadRules(
  origin: RulesOrigin,
  surroundings: Surroundings,
  { pure = false, permissions, lint, files = promptRuleFiles }: Reading = {},
): Promise<LoadResult> {
  const calendar = createCronCalendar();
  return loadConfig({
    ...(origin.file === undefined ? {} : { file: origin.file }),
    ...(origin.embedded === undefined ? {} : { embedded: origin.embedded }),
    ...(lint === undefined ? {} : { lint }),
    files,
    kinds: registeredKinds(),
    surroundings,
    hostName: hostname(),
    pure,
    ...(permissions === undefined ? {} : { permissions }),
    cronProblem: (cron, timezone) => calendar.problem(cron, timezone),
  });
}

/** The problems as people want them, on this terminal. */
export function showProblems({ problems, sources, secrets }: LoadResult, { io }: Pick<Call, 'io'>): string {
  return renderProblems(problems, sources, {
    colour: io.style.bold('') !== '',
    secrets,
    ...(io.columns === undefined ? {} : { width: io.columns }),
  });
}
