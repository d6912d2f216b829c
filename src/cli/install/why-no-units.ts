import { existsSync } from 'node:fs';
import type { Call } from '../command.ts';
import { complain } from '../complain.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';

/** Complains where units cannot be put in place: no systemd (sd_booted(3)), or no rights. A dry run needs no rights. */
export function whyNoUnits({ io }: Call, scope: 'system' | 'user', dryRun: boolean): ExitCode | undefined {
  if (!existsSync('/run/systemd/system')) {
    const hint = "systemd does not run here: have this machine's own init run 'watcher run'";
    return complain(io, exitCodes.unavailable, 'there is no systemd to put the watcher into', hint);
  }
  if (scope === 'user' || dryRun || process.geteuid?.() === 0) return undefined;
  const hint = 'as root: sudo watcher install; as a service of your own: watcher install --user';
  return complain(io, exitCodes.forbidden, 'units of the system belong to root', hint);
}
