import { nearestWord } from '../../lib/nearest.ts';
import { complain } from '../complain.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';

export type Picked<Row> =
  | { readonly ok: true; readonly rows: readonly Row[] }
  | { readonly ok: false; readonly code: ExitCode };

/** The rows of the named services in the order of the names; all of them when none or `all` is named. */
export function pickServices<Row extends { readonly service: string }>(
  rows: readonly Row[],
  names: readonly string[],
  io: Io,
): Picked<Row> {
  if (names.length === 0 || (names.length === 1 && names[0] === 'all')) return { ok: true, rows };
  const picked: Row[] = [];
  let code: ExitCode = exitCodes.ok;
  for (const name of new Set(names)) {
    const row = rows.find((candidate) => candidate.service === name);
    if (row === undefined) code = noSuchService(io, name, rows);
    else picked.push(row);
  }
  return code === exitCodes.ok ? { ok: true, rows: picked } : { ok: false, code };
}

function noSuchService(io: Io, name: string, rows: readonly { readonly service: string }[]): ExitCode {
  const names = rows.map((row) => row.service);
  const nearest = nearestWord(name, names);
  const hint =
    nearest !== undefined
      ? `did you mean '${nearest}'?`
      : names.length === 0
        ? 'no service is configured'
        : `there are: ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', ...' : ''}`;
  return complain(io, exitCodes.missing, `there is no service '${name}'`, hint);
}
