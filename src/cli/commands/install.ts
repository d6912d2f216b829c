import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createHost } from '../../host/real-host.ts';
import { type Call, type Command, flagOption, textOption } from '../command.ts';
import { complain } from '../complain.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { carryOut, type Step } from '../install/carry-out.ts';
import { type UnitControl, type UnitState, unitControl } from '../install/unit-control.ts';
import { unitFile } from '../install/unit-file.ts';
import { type UnitPlace, unitPlace } from '../install/unit-place.ts';
import { whyNoUnits } from '../install/why-no-units.ts';
import { createStep, replaceStep, textOf } from '../install/write-step.ts';
import { loadRules, showProblems } from '../rules/load-rules.ts';
import { packageFile } from '../rules/package-file.ts';
import { surroundingsOf } from '../rules/surroundings.ts';
import { starterRules, starterSettings } from '../starter/starter-rules.ts';

/**
 * `watcher install [--user] [--dry-run]`: the agent as a service of systemd, with starter rules where there are none.
 * Says what it does; once more changes nothing.
 */
export const install: Command = async (call) => {
  const { io } = call;
  const scope = flagOption(call, 'user') ? 'user' : 'system';
  const dryRun = flagOption(call, 'dry-run');
  const refused = whyNoUnits(call, scope, dryRun) ?? whyNoProgram(call);
  if (refused !== undefined) return refused;
  const place = unitPlace(scope, surroundingsOf(io));
  const named = textOption(call, 'config');
  const config = named === undefined ? place.config : resolve(io.cwd, named);
  const broken = await whyNoRules(call, config);
  if (broken !== undefined) return broken;

  const host = createHost();
  try {
    const control = unitControl(place, host.commands);
    const state = await control.state();
    if ('reason' in state)
      return complain(io, exitCodes.unavailable, `systemd does not answer: ${state.reason}`);
    const rules = existsSync(config) ? [] : await starterRules(join(dirname(config), 'rules'), host);
    const steps = await planOf({ place, config, state, control, rules });
    const trouble = await carryOut(steps, io, { dryRun, quiet: flagOption(call, 'quiet') });
    if (trouble === undefined) return done(call, place, config, dryRun);
    io.err(await control.lastWords());
    return complain(
      io,
      exitCodes.failed,
      trouble,
      `what it said stands above; ${place.journalctl.join(' ')} has all of it`,
    );
  } finally {
    host.close();
  }
};

interface Plan {
  readonly place: UnitPlace;
  readonly config: string;
  readonly state: UnitState;
  readonly control: UnitControl;
  readonly rules: Awaited<ReturnType<typeof starterRules>>;
}

async function planOf({ place, config, state, control, rules }: Plan): Promise<readonly Step[]> {
  const shipped = await textOf(packageFile('deploy', 'watcher.service'));
  const text = unitFile(shipped ?? '', { program: ownProgram(), config, scope: place.scope });
  const unit = await replaceStep({ path: place.unit, text }, 'the unit');
  const starter = await Promise.all([
    createStep(starterSettings(config), 'settings of the agent'),
    ...rules.map((file) => createStep(file, 'rules for what runs here')),
  ]);
  const ask = (verb: string, says: string): Step => ({ says, act: () => control.ask(verb) });
  const reload = unit.changes ? [ask('daemon-reload', 'have systemd read its units again')] : [];
  const enable = state.enabled
    ? { says: 'keep it enabled' }
    : ask('enable', `enable it: it starts ${place.scope === 'user' ? 'with the user' : 'with the machine'}`);
  const start = !state.active
    ? ask('start', 'start it and wait until it watches')
    : unit.changes
      ? ask('restart', 'restart it with the new unit')
      : { says: 'leave it running' };
  return [...starter, unit.step, ...reload, enable, start];
}

/** The interpreter and the script that run now: what `watcher` means here is what the unit starts. */
function ownProgram(): readonly string[] {
  return [process.execPath, resolve(process.argv[1] ?? '')];
}

/** A unit must not depend on a folder that the next `npx` clears away. */
function whyNoProgram({ io }: Call): ExitCode | undefined {
  const script = ownProgram()[1] ?? '';
  if (!script.includes('/_npx/')) return undefined;
  const hint = 'in a clone: npm pack, npm install --global ./watcher-*.tgz, then watcher install';
  return complain(
    io,
    exitCodes.cannotCreate,
    `${script} belongs to the cache of npx, which is cleared`,
    hint,
  );
}

/** Rules that do not load would make a service that does not start: that is told before anything is done. */
async function whyNoRules(call: Call, config: string): Promise<ExitCode | undefined> {
  if (!existsSync(config)) return undefined;
  const loaded = await loadRules({ file: config, title: config }, surroundingsOf(call.io), { pure: true });
  if (loaded.config !== undefined) return undefined;
  call.io.err(showProblems(loaded, call));
  return complain(
    call.io,
    exitCodes.configuration,
    `${config} does not load; nothing was done`,
    'mend it and try again',
  );
}

function done(
  { io, options }: Call,
  { scope, config: usual, journalctl }: UnitPlace,
  config: string,
  dryRun: boolean,
): ExitCode {
  if (dryRun || options['quiet']) return exitCodes.ok;
  const more = config === usual ? '' : ` -c ${config}`;
  io.out(
    `The watcher runs. See: watcher summary${more}; systemctl ${scope === 'user' ? '--user ' : ''}status watcher; ${journalctl.join(' ')}\n`,
  );
  if (scope === 'user') {
    io.out('To have it run without a login: loginctl enable-linger\n');
    io.out(
      'To let it restart units of the system: a polkit rule; deploy/README.md of the package says which\n',
    );
  }
  return exitCodes.ok;
}
