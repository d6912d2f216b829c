import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { createHost } from '../../host/real-host.ts';
import { type Command, flagOption } from '../command.ts';
import { complain } from '../complain.ts';
import { exitCodes } from '../exit-codes.ts';
import { carryOut, type Step } from '../install/carry-out.ts';
import { unitControl } from '../install/unit-control.ts';
import { unitPlace } from '../install/unit-place.ts';
import { whyNoUnits } from '../install/why-no-units.ts';
import { removeStep } from '../install/write-step.ts';
import { surroundingsOf } from '../rules/surroundings.ts';

/** `watcher uninstall [--user] [--dry-run]`: undoes `install`, but leaves what people wrote and what the agent knows. */
export const uninstall: Command = async (call) => {
  const { io } = call;
  const scope = flagOption(call, 'user') ? 'user' : 'system';
  const dryRun = flagOption(call, 'dry-run');
  const refused = whyNoUnits(call, scope, dryRun);
  if (refused !== undefined) return refused;
  const place = unitPlace(scope, surroundingsOf(io));
  const quiet = flagOption(call, 'quiet');
  if (!existsSync(place.unit)) {
    if (!quiet) io.out(`There is no ${place.unit}: nothing to do.\n`);
    return exitCodes.ok;
  }
  const host = createHost();
  try {
    const control = unitControl(place, host.commands);
    const state = await control.state();
    if ('reason' in state)
      return complain(io, exitCodes.unavailable, `systemd does not answer: ${state.reason}`);
    const ask = (verb: string, says: string): Step => ({ says, act: () => control.ask(verb) });
    const steps: readonly Step[] = [
      ...(state.active ? [ask('stop', 'stop it; the services run on')] : []),
      ...(state.enabled ? [ask('disable', 'disable it')] : []),
      removeStep(place.unit),
      ask('daemon-reload', 'have systemd read its units again'),
    ];
    const trouble = await carryOut(steps, io, { dryRun, quiet });
    if (trouble !== undefined) return complain(io, exitCodes.failed, trouble);
    const left = [dirname(place.config), place.stateDir, `${place.unit}.d`, `${place.unit}.before`].filter(
      existsSync,
    );
    if (left.length > 0 && !quiet) {
      io.out(
        `Left in place, as they are yours: ${left.join(', ')}\nTo remove them, too: rm -r ${left.join(' ')}\n`,
      );
    }
    return exitCodes.ok;
  } finally {
    host.close();
  }
};
