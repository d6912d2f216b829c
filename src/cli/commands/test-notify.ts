import { randomUUID } from 'node:crypto';
import { registeredKinds } from '../../config/registered-kinds.ts';
import type { Host } from '../../host/host.ts';
import { createHost } from '../../host/real-host.ts';
import { didYouMean } from '../../lib/nearest.ts';
import { createRedactor } from '../../lib/redactor.ts';
import type { Config, Notifier } from '../../model/config.ts';
import type { Delivery, Notice } from '../../model/notice.ts';
import { operatorName } from '../ask/operator-name.ts';
import type { Call, Command } from '../command.ts';
import { complain } from '../complain.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { printJson } from '../print/print-json.ts';
import { findRules, loadRules, showProblems } from '../rules/load-rules.ts';
import { surroundingsOf } from '../rules/surroundings.ts';

/** Longest wait for one notifier. */
const PATIENCE = 30_000;

/** `watcher test-notify [NOTIFIER...]`: one test notice through each, now, without the agent; says what came of it. */
export const testNotify: Command = async (call) => {
  const { io } = call;
  const host = createHost();
  try {
    const origin = await findRules(call, () => host.processes);
    const loaded = await loadRules(origin, surroundingsOf(io));
    if (loaded.config === undefined) {
      io.err(showProblems(loaded, call));
      return exitCodes.configuration;
    }
    return await notifyAll(call, loaded.config, host);
  } finally {
    host.close();
  }
};

async function notifyAll(call: Call, config: Config, host: Host): Promise<ExitCode> {
  const { io, options } = call;
  const known = Object.keys(config.notifiers);
  const names = call.arguments.length > 0 ? call.arguments : known;
  const unknown = names.find((name) => config.notifiers[name] === undefined);
  if (unknown !== undefined) {
    const hint = didYouMean(unknown, known) ?? `there are: ${known.join(', ') || 'none'}`;
    return complain(io, exitCodes.missing, `there is no notifier '${unknown}'`, hint);
  }
  if (names.length === 0)
    return complain(io, exitCodes.missing, 'no notifier is configured', 'see notifiers: in watcher.yaml');
  const redact = createRedactor(config.secrets);
  const results: { readonly notifier: string; readonly ok: boolean; readonly detail: string }[] = [];
  for (const name of new Set(names)) {
    const notifier = config.notifiers[name];
    if (notifier === undefined) continue;
    const delivery = await send(notifier, testNotice(notifier, config, operatorName(io.env), io.now()), host);
    const detail = redact(delivery.ok ? delivery.detail : delivery.reason);
    results.push({ notifier: name, ok: delivery.ok, detail });
    if (options['json']) continue;
    if (!delivery.ok) io.err(`watcher: ${name}: ${detail}\n`);
    else if (!options['quiet']) io.out(`${name}: ${detail}\n`);
  }
  if (options['json']) io.out(printJson({ version: 1, results }));
  return results.every(({ ok }) => ok) ? exitCodes.ok : exitCodes.failed;
}

async function send(notifier: Notifier, notice: Notice, host: Host): Promise<Delivery> {
  const kind = registeredKinds().notifiers[notifier.kind];
  if (kind === undefined) return { ok: false, retry: false, reason: `there is no kind '${notifier.kind}'` };
  return kind.send(notice, {
    options: notifier.options,
    host,
    timeout: PATIENCE,
    signal: AbortSignal.timeout(PATIENCE),
    attempt: 1,
    lateBy: 0,
    evidence: async () => undefined,
  });
}

function testNotice(notifier: Notifier, config: Config, by: string, at: number): Notice {
  return {
    id: `test-${randomUUID()}`,
    notifier: notifier.name,
    kind: 'test',
    status: 'info',
    severity: notifier.minSeverity,
    at,
    host: config.hostName,
    title: `TEST from watcher on ${config.hostName}`,
    items: [],
    text: `This is a test of the notifier '${notifier.name}', sent by ${by}. Nothing is wrong.`,
  };
}
