import { describeConfig } from '../../config/describe/describe-config.ts';
import { longestGap } from '../../config/describe/worst-case.ts';
import type { LoadResult } from '../../config/load-config.ts';
import { registeredKinds } from '../../config/registered-kinds.ts';
import { createCronCalendar } from '../../host/time/cron-calendar.ts';
import { nearestWord } from '../../lib/nearest.ts';
import { createRedactor } from '../../lib/redactor.ts';
import type { Config } from '../../model/config.ts';
import { printableConfig } from '../../telemetry/printable-config.ts';
import { askAgent } from '../ask/ask-agent.ts';
import { pickServices } from '../ask/pick-services.ts';
import type { Call, Command } from '../command.ts';
import { complain } from '../complain.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { printDifference } from '../print/print-difference.ts';
import { printJson } from '../print/print-json.ts';
import { configDifferences } from '../rules/config-differences.ts';
import { hostOnDemand } from '../rules/host-on-demand.ts';
import { findRules, loadRules, type RulesOrigin, showProblems } from '../rules/load-rules.ts';
import { surroundingsOf } from '../rules/surroundings.ts';

/** `watcher config show [SERVICE]` and `watcher config diff`. */
export const config: Command = async (call) => {
  const [verb = ''] = call.arguments;
  const verbs = ['show', 'diff'];
  if (!verbs.includes(verb)) {
    const nearest = nearestWord(verb, verbs);
    const hint =
      nearest === undefined
        ? 'write: watcher config show, or watcher config diff'
        : `did you mean '${nearest}'?`;
    return complain(call.io, exitCodes.usage, `there is no 'config ${verb}'`, hint);
  }
  const host = hostOnDemand();
  try {
    const origin = await findRules(call, async () => (await host.get()).processes);
    const loaded = await loadRules(origin, surroundingsOf(call.io));
    if (verb === 'show')
      return show(call, loaded.config === undefined ? await elsewhere(origin, call, loaded) : loaded);
    if (loaded.config === undefined) return refuse(call, loaded);
    return await diff(call, loaded.config);
  } finally {
    host.close();
  }
};

function refuse(call: Call, loaded: LoadResult): ExitCode {
  call.io.err(showProblems(loaded, call));
  return exitCodes.configuration;
}

/**
 * The rules as they are, where all that is wrong is that this shell lacks what only the agent has: variables of its unit,
 * credentials, files that it alone may read. References to them are then shown as they are written.
 */
async function elsewhere(origin: RulesOrigin, call: Call, loaded: LoadResult): Promise<LoadResult> {
  const errors = loaded.problems.filter(({ level }) => level === 'error');
  if (errors.some(({ code }) => code !== 'unset-reference')) return loaded;
  const pure = await loadRules(origin, surroundingsOf(call.io), { pure: true });
  if (pure.config === undefined) return loaded;
  const [first] = errors;
  call.io.err(
    `Not known here, so shown as written: ${first?.message}${errors.length > 1 ? ', and others' : ''}.\n`,
  );
  return pure;
}

function show(call: Call, loaded: LoadResult): ExitCode {
  const { io, options } = call;
  const { config: resolved } = loaded;
  if (resolved === undefined) return refuse(call, loaded);
  const names = call.arguments.slice(1);
  const rows = resolved.services.map((service) => ({ service: service.name, rules: service }));
  const picked = pickServices(rows, names, io);
  if (!picked.ok) return picked.code;
  const services = picked.rows.map(({ rules }) => rules);
  if (options['json']) {
    io.out(printJson({ version: 1, config: plainConfig({ ...resolved, services }) }));
    return exitCodes.ok;
  }
  const calendar = createCronCalendar();
  const gap = longestGap((...asked) => calendar.next(...asked), Date.now());
  const some = names.length === 0 ? {} : { services: services.map(({ name }) => name) };
  const text = describeConfig(loaded, { kinds: registeredKinds(), gap, ...some }) ?? '';
  // The comments say where values come from; on a terminal the values stand out.
  io.out(text.replace(/ # .*$/gm, (note) => io.style.dim(note)));
  return exitCodes.ok;
}

async function diff(call: Call, resolved: Config): Promise<ExitCode> {
  const { io, options } = call;
  const asked = await askAgent(call, (client) => client.config());
  if (!asked.ok) return asked.code;
  const differences = configDifferences(asked.value.config, plainConfig(resolved));
  if (options['json']) io.out(printJson({ version: 1, differences }));
  else if (differences.length > 0) io.out(differences.map(printDifference).join(''));
  else if (!options['quiet']) io.err('The agent runs what the files say.\n');
  return differences.length === 0 ? exitCodes.ok : exitCodes.failed;
}

/** As the agent shows its own. */
function plainConfig(resolved: Config): unknown {
  return printableConfig(resolved, createRedactor(resolved.secrets));
}
