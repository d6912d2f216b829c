import type { Commands } from '../../host/commands.ts';
import { type UnitPlace, unitName } from './unit-place.ts';

/** The watcher's own unit, through systemctl(1). */
export interface UnitControl {
  /** How systemd has it now; undefined where systemd does not answer, with the reason. */
  state(): Promise<UnitState | { readonly reason: string }>;
  /** `daemon-reload`, `enable`, `start`, ...: undefined, or why it failed. */
  ask(verb: string): Promise<string | undefined>;
  /** The last words of its journal. */
  lastWords(): Promise<string>;
}

export interface UnitState {
  readonly active: boolean;
  readonly enabled: boolean;
}

/** Starting waits until the rules are in force: longer than TimeoutStartSec= of the unit. */
const PATIENCE = 90_000;

export function unitControl(place: UnitPlace, commands: Commands): UnitControl {
  const run = (argv: readonly [string, ...string[]]) =>
    commands.run({ argv, shell: false, env: place.env, timeout: PATIENCE });
  const systemctl = (...words: readonly string[]) =>
    run([place.systemctl[0] ?? 'systemctl', ...place.systemctl.slice(1), ...words]);

  return {
    async state() {
      const shown = await systemctl('show', '--property=ActiveState,UnitFileState', unitName);
      if (shown.outcome !== 'exited' || shown.code !== 0) return { reason: reasonOf(shown) };
      return {
        active: /^ActiveState=(active|activating|reloading)$/m.test(shown.stdout),
        enabled: /^UnitFileState=enabled$/m.test(shown.stdout),
      };
    },
    async ask(verb) {
      const words = verb === 'daemon-reload' ? [verb] : [verb, unitName];
      const asked = await systemctl(...words);
      return asked.outcome === 'exited' && asked.code === 0 ? undefined : reasonOf(asked);
    },
    async lastWords() {
      const [program = 'journalctl', ...words] = place.journalctl;
      const shown = await run([program, ...words, '-n', '20', '--no-pager', '-o', 'cat']);
      return shown.stdout;
    },
  };
}

function reasonOf(result: Awaited<ReturnType<Commands['run']>>): string {
  return result.stderr.trim() || result.reason || `${result.outcome} ${result.code ?? ''}`.trim();
}
