import { resolve } from 'node:path';
import { defaultPaths, findConfig } from '../../config/files/find-config.ts';
import { realRuleFiles } from '../../config/files/real-rule-files.ts';
import type { Call } from '../command.ts';
import { textOption } from '../command.ts';
import { complain } from '../complain.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { surroundingsOf } from '../rules/surroundings.ts';
import { readSocketSetting } from './socket-setting.ts';

type FoundSocket =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly code: ExitCode };

/** The control socket of the agent that this call means: `--socket`, else what the configuration says, else the usual place. */
export async function findSocket(call: Call): Promise<FoundSocket> {
  const { io } = call;
  const named = namedSocket(call);
  if (named !== undefined) return { ok: true, value: named };
  const surroundings = surroundingsOf(io);
  const usual = { ok: true, value: defaultPaths(surroundings).socket } as const;
  const found = await findConfig(textOption(call, 'config'), surroundings, realRuleFiles);
  if (!found.found) return usual;
  const text = await realRuleFiles.read(found.file);
  if (!text.ok) {
    const hint = 'name the socket with --socket, or a configuration that this user may read with --config';
    return {
      ok: false,
      code: complain(io, exitCodes.configuration, `cannot read ${found.file}: ${text.reason}`, hint),
    };
  }
  const setting = readSocketSetting(text.text);
  if (setting.is === 'absent') return usual;
  if (setting.is === 'given') return { ok: true, value: setting.path.replace(/^~(?=\/)/, surroundings.home) };
  const { configuredSocket } = await import('./configured-socket.ts');
  return configuredSocket(call);
}

/** The path given with `--socket`, absolute. */
export function namedSocket(call: Call): string | undefined {
  const named = textOption(call, 'socket');
  return named === undefined ? undefined : resolve(call.io.cwd, named);
}
