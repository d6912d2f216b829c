import type { LoadResult } from '../../config/load-config.ts';
import { nearestWord } from '../../lib/nearest.ts';
import type { Config } from '../../model/config.ts';
import { createRedactor } from '../../telemetry/redactor.ts';
import { askAgent } from '../ask-agent.ts';
import type { Call, Command } from '../command.ts';
import { complain } from '../complain.ts';
import { configDifferences, type Difference } from '../config-differences.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { hostOnDemand } from '../host-on-demand.ts';
import { findRules, loadRules, showProblems } from '../load-rules.ts';
import { pickServices } from '../pick-services.ts';
import { printJson } from '../print-json.ts';
import { printRules } from '../print-rules.ts';
import { surroundingsOf } from '../surroundings.ts';

/** `watcher config show [SERVICE]` and `watcher config diff`. */
export const config: Command = async (call) => {
  const [verb = '', ...rest] = call.arguments;
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
    if (loaded.config === undefined) {
      call.io.err(showProblems(loaded, call));
      return exitCodes.configuration;
    }
    return verb === 'show' ? show(call, loaded, loaded.config, rest) : await diff(call, loaded.config);
  } finally {
    host.close();
  }
};

function show(
  { io, options }: Call,
  loaded: LoadResult,
  resolved: Config,
  names: readonly string[],
): ExitCode {
  const rows = resolved.services.map((service) => ({ service: service.name, rules: service }));
  const picked = pickServices(rows, names, io);
  if (!picked.ok) return picked.code;
  const services = picked.rows.map(({ rules }) => rules);
  if (options['json']) {
    io.out(printJson({ version: 1, config: plainConfig({ ...resolved, services }) }));
    return exitCodes.ok;
  }
  const redact = createRedactor(resolved.secrets);
  const texts = services.map((service) =>
    printRules(service, loaded.origins.get(service.name), resolved, io),
  );
  io.out(redact(texts.join('\n')));
  return exitCodes.ok;
}

async function diff(call: Call, resolved: Config): Promise<ExitCode> {
  const { io, options } = call;
  const asked = await askAgent(call, (client) => client.config());
  if (!asked.ok) return asked.code;
  const differences = configDifferences(asked.value.config, plainConfig(resolved));
  if (options['json']) io.out(printJson({ version: 1, differences }));
  else if (differences.length > 0) io.out(differences.map(differenceText).join(''));
  else if (!options['quiet']) io.err('The agent runs what the files say.\n');
  return differences.length === 0 ? exitCodes.ok : exitCodes.failed;
}

/** As the agent shows its own: plain JSON data with secrets replaced by where they came from. */
function plainConfig({ secrets, ...rest }: Config): unknown {
  return JSON.parse(createRedactor(secrets)(JSON.stringify(rest)));
}

function differenceText({ path, running, files }: Difference): string {
  const line = (mark: string, value: unknown): string =>
    value === undefined ? '' : `${mark} ${JSON.stringify(value)}\n`;
  return `${path}\n${line('  -', running)}${line('  +', files)}`;
}
