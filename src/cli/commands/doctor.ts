import { createClient } from '../../control/client.ts';
import { createHost } from '../../host/real-host.ts';
import { createRedactor } from '../../lib/redactor.ts';
import { findSocket } from '../ask/find-socket.ts';
import type { Call, Command } from '../command.ts';
import { flagOption } from '../command.ts';
import { findRivals } from '../doctor/find-rivals.ts';
import { type Finding, topics } from '../doctor/finding.ts';
import { lookAtAgent } from '../doctor/look-at-agent.ts';
import { lookAtMachine } from '../doctor/look-at-machine.ts';
import { lookAtManagers, ruleFor } from '../doctor/look-at-managers.ts';
import { lookAtRights } from '../doctor/look-at-rights.ts';
import { lookAtRules } from '../doctor/look-at-rules.ts';
import { printFindings } from '../doctor/print-findings.ts';
import { findWatched, type Watched } from '../doctor/watched.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { printJson } from '../print/print-json.ts';
import { findRules, loadRules } from '../rules/load-rules.ts';
import { surroundingsOf } from '../rules/surroundings.ts';
import { type Surveyed, surveyManagers } from '../starter/survey-managers.ts';
import { programVersion } from '../version.ts';

/** `watcher doctor`: looks at this machine, its managers, the rules and the agent, and says what is wrong. Changes nothing. */
export const doctor: Command = async (call) => {
  const { io } = call;
  const host = createHost();
  try {
    const origin = await findRules(call, () => host.processes);
    const [loaded, surveys, agent] = await Promise.all([
      loadRules(origin, surroundingsOf(io)),
      surveyManagers(host),
      askAgent(call),
    ]);
    const { config } = loaded;
    const watched = await Promise.all((config?.services ?? []).map((service) => findWatched(service, host)));
    const running = new Set([...(await host.processes.table()).byPid.values()].map(({ comm }) => comm));
    const program = process.argv[1] ?? process.execPath;
    const groups = await Promise.all([
      lookAtRules(loaded, origin.title, host),
      agent === undefined ? [] : lookAtAgent(agent, { version: programVersion, config: config?.file }),
      lookAtManagers(surveys, watched),
      findRivals(watched, surveys, running),
      lookAtRights(host, watched, surveys),
      lookAtMachine(host, { stateDir: config?.stateDir, program }),
    ]);
    const findings = topics.flatMap((topic) => groups.flat().filter((finding) => finding.topic === topic));
    const redact = createRedactor(config?.secrets ?? []);
    if (call.options['json']) io.out(redact(printJson(asData(findings, surveys, watched))));
    else io.out(redact(printFindings(findings, io, { quiet: flagOption(call, 'quiet') })));
    return codeOf(findings);
  } finally {
    host.close();
  }
};

async function askAgent(call: Call) {
  const socket = await findSocket({ ...call, io: { ...call.io, err: () => undefined } });
  return socket.ok ? createClient(socket.value).summary() : undefined;
}

function asData(findings: readonly Finding[], surveys: readonly Surveyed[], watched: readonly Watched[]) {
  const managers = surveys.map(({ kind, services, trouble }) => ({
    kind,
    ...(trouble === undefined ? {} : { trouble }),
    services: services.map((service) => ({ ...service, rule: ruleFor(kind, service, watched) })),
  }));
  return { version: 1, findings, managers };
}

function codeOf(findings: readonly Finding[]): ExitCode {
  if (findings.some(({ code }) => code === 'rules-refused')) return exitCodes.configuration;
  if (findings.some(({ level }) => level === 'error')) return exitCodes.down;
  return findings.some(({ level }) => level === 'warning') ? exitCodes.failed : exitCodes.ok;
}
