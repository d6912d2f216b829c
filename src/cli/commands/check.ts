import { join } from 'node:path';
import { findConfig } from '../../config/files/find-config.ts';
import { promptRuleFiles } from '../../config/files/prompt-rule-files.ts';
import type { LoadResult } from '../../config/load-config.ts';
import { sortProblems } from '../../schema/frame.ts';
import type { Problem } from '../../schema/problem.ts';
import { problemsAsGithub, problemsAsJson, problemsAsSarif } from '../../schema/problem-formats.ts';
import type { Call, Command } from '../command.ts';
import { flagOption, textOption } from '../command.ts';
import { complain } from '../complain.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { hostOnDemand } from '../rules/host-on-demand.ts';
import { findRules, loadRules, type RulesOrigin, showProblems } from '../rules/load-rules.ts';
import { runLightly } from '../rules/run-lightly.ts';
import { shortenFiles } from '../rules/shorten-files.ts';
import { surroundingsOf } from '../rules/surroundings.ts';
import { programVersion } from '../version.ts';

const formats = ['text', 'json', 'github', 'sarif'] as const;

/** `watcher check [FILE...] [--host] [--strict] [--format FORMAT]`: every mistake at once, with its place. */
export const check: Command = async (call) => {
  const { io, options } = call;
  const format = textOption(call, 'format') ?? (options['json'] ? 'json' : 'text');
  if (!formats.some((known) => known === format)) {
    return complain(
      io,
      exitCodes.usage,
      `there is no format '${format}'`,
      `there are: ${formats.join(', ')}`,
    );
  }
  runLightly();
  const host = hostOnDemand();
  try {
    const askHost = flagOption(call, 'host');
    const lint = call.arguments.map((file) => (file.startsWith('/') ? file : join(io.cwd, file)));
    const origin: RulesOrigin =
      lint.length > 0
        ? { title: call.arguments.join(', '), ...(await configOf(call, lint)) }
        : await findRules(call, async () => (await host.get()).processes);
    const all = await loadRules(origin, surroundingsOf(io), {
      pure: !askHost,
      // The files that an agent would run are refused for what it would refuse; files by name may be those of a clone.
      permissions: askHost || lint.length === 0,
      ...(lint.length > 0 ? { lint } : {}),
    });
    const about = lint.length > 0 && origin.file !== undefined ? aboutFiles(lint) : undefined;
    const loaded = about === undefined ? all : { ...all, problems: all.problems.filter(about) };
    if (!askHost) return tell(call, format, loaded, origin.title);
    const { checkHost } = await import('../host-check/check-host.ts');
    const found = await checkHost(loaded.config ?? loaded.readable, loaded, await host.get());
    const problems = sortProblems([...loaded.problems, ...found.filter(about ?? (() => true))]);
    return tell(call, format, { ...loaded, problems }, origin.title);
  } finally {
    host.close();
  }
};

/**
 * The watcher.yaml with whose templates and variables files by name are read: the one that was named, or the one that is
 * found and has them among its rules. Copies of rules elsewhere have nothing to do with those that run here.
 */
async function configOf(call: Call, lint: readonly string[]): Promise<{ readonly file?: string }> {
  const surroundings = surroundingsOf(call.io);
  const named = textOption(call, 'config');
  const found = await findConfig(named, surroundings, promptRuleFiles);
  if (!found.found) return {};
  const { file } = found;
  // With itself as the only one: it names its rules, and what is wrong in those is told too.
  if (lint.includes(file)) return {};
  if (named !== undefined) return { file };
  const { files } = await loadRules({ file, title: file }, surroundings, { pure: true });
  return lint.every((one) => files.includes(one)) ? { file } : {};
}

/** Whether a problem has to do with one of these files. */
function aboutFiles(files: readonly string[]): (problem: Problem) => boolean {
  return ({ place, related = [], code }) =>
    code === 'unreadable-file' ||
    [place, ...related.map((other) => other.place)].some(
      (one) => one !== undefined && files.includes(one.file),
    );
}

function tell(call: Call, format: string, result: LoadResult, title: string): ExitCode {
  const { io, options } = call;
  const loaded = shortenFiles(result, io.cwd);
  const { problems } = loaded;
  const strict = flagOption(call, 'strict');
  const shown = options['quiet'] && !strict ? problems.filter(({ level }) => level === 'error') : problems;
  if (format === 'json') io.out(problemsAsJson(problems));
  else if (format === 'github') io.out(problemsAsGithub(problems));
  else if (format === 'sarif') io.out(problemsAsSarif(problems, programVersion));
  else if (shown.length > 0) io.out(showProblems({ ...loaded, problems: shown }, call));
  else if (!options['quiet']) io.out(`${title}: ${countText(loaded)}, no mistakes\n`);
  if (problems.some(({ level }) => level === 'error')) return exitCodes.configuration;
  return problems.length > 0 && strict ? exitCodes.failed : exitCodes.ok;
}

function countText({ readable: { services } }: LoadResult): string {
  const checks = services.reduce((sum, service) => sum + service.checks.length, 0);
  return `${count(services.length, 'service')}, ${count(checks, 'check')}`;
}

function count(number: number, noun: string): string {
  return number === 1 ? `1 ${noun}` : `${number} ${noun}s`;
}
