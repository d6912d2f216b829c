import { registeredKinds } from '../../config/registered-kinds.ts';
import { createHost } from '../../host/real-host.ts';
import { createRedactor } from '../../lib/redactor.ts';
import { pickServices } from '../ask/pick-services.ts';
import { worstStateCode } from '../ask/worst-state.ts';
import type { Command } from '../command.ts';
import { complain } from '../complain.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { lookOnce } from '../host-check/look-once.ts';
import { paintState } from '../print/paint-state.ts';
import { printJson } from '../print/print-json.ts';
import { printTable } from '../print/table.ts';
import { findRules, loadRules, showProblems } from '../rules/load-rules.ts';
import { surroundingsOf } from '../rules/surroundings.ts';

/** `watcher once [SERVICE...]`: one pass without an agent; nothing is repaired, nobody is told. */
export const once: Command = async (call) => {
  const { io, options } = call;
  const host = createHost();
  try {
    const origin = await findRules(call, () => host.processes);
    const loaded = await loadRules(origin, surroundingsOf(io));
    if (loaded.config === undefined) {
      io.err(showProblems(loaded, call));
      return exitCodes.configuration;
    }
    if (loaded.config.services.length === 0) {
      const hint = 'write the rules of one, or start from what runs here: watcher init FOLDER';
      return complain(io, exitCodes.configuration, `${origin.title} configures no service`, hint);
    }
    const named = loaded.config.services.map((rules) => ({ service: rules.name, rules }));
    const picked = pickServices(named, call.arguments, io);
    if (!picked.ok) return picked.code;
    let bug: ExitCode = exitCodes.ok;
    const redact = createRedactor(loaded.config.secrets);
    const services = picked.rows.map(({ rules }) => rules);
    const found = await lookOnce(services, { host, kinds: registeredKinds(), redact }, (error, about) => {
      bug = exitCodes.bug;
      const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
      io.err(redact(`watcher: a mistake in watcher itself, ${about}:\n${detail}\n`));
    });
    if (options['json']) io.out(printJson({ version: 1, services: found }));
    else if (!options['quiet']) {
      const table = printTable(
        found,
        [
          { title: 'SERVICE', value: (row) => row.service },
          {
            title: 'STATE',
            value: (row) => row.state,
            paint: (cell, row) => paintState(io.style, row.state)(cell),
          },
          { title: 'CHECKS', value: ({ checks }) => String(checks.length), align: 'right' },
          { title: 'PROBLEM', value: (row) => row.problem },
        ],
        io,
      );
      io.out(table);
    }
    return bug === exitCodes.ok ? worstStateCode(found.map(({ state }) => state)) : bug;
  } finally {
    host.close();
  }
};
