import type { Call } from '../command.ts';
import { complain } from '../complain.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { hostOnDemand } from '../rules/host-on-demand.ts';
import { findRules, loadRules, showProblems } from '../rules/load-rules.ts';
import { surroundingsOf } from '../rules/surroundings.ts';

/** The socket as the whole configuration resolves it, where reading one line was not enough. */
export async function configuredSocket(
  call: Call,
): Promise<{ readonly ok: true; readonly value: string } | { readonly ok: false; readonly code: ExitCode }> {
  const host = hostOnDemand();
  try {
    const origin = await findRules(call, async () => (await host.get()).processes);
    const loaded = await loadRules(origin, surroundingsOf(call.io));
    if (loaded.config !== undefined) return { ok: true, value: loaded.config.socket };
    call.io.err(showProblems(loaded, call));
    const message = `${origin.title} does not load, so the agent's socket is not known`;
    return { ok: false, code: complain(call.io, exitCodes.configuration, message, 'name it with --socket') };
  } finally {
    host.close();
  }
}
