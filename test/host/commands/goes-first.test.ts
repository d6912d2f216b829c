import { expect, it } from 'vitest';
import { launchPosixCommand } from '../../../src/host/commands/posix-commands.ts';
import { createSpawnCommands } from '../../../src/host/commands/spawn-commands.ts';
import { createRealUsers } from '../../../src/host/machine/real-users.ts';
import { loadKoffi } from '../../../src/host/packages/load-koffi.ts';
import { createRealClock } from '../../../src/host/time/real-clock.ts';

const happened: string[] = [];

const command = { argv: ['/bin/true'], shell: false, env: {}, timeout: 10_000 };

/** Says when what was started is listened to. */
const quick: typeof launchPosixCommand = (given) => {
  const launched = launchPosixCommand(given);
  happened.push('started');
  return (
    launched && {
      pid: launched.pid,
      follow() {
        happened.push('listened to');
        return launched.follow();
      },
    }
  );
};

it.runIf(process.platform === 'linux')(
  'what stays behind goes before everything else that its start brings, and no other command does',
  async () => {
    await loadKoffi();
    const clock = createRealClock();
    const commands = createSpawnCommands(clock, createRealUsers(clock), 300, quick, () =>
      happened.push('our turn is given up'),
    );
    expect(await commands.run(command, { leaves: 'daemon' })).toMatchObject({ code: 0 });
    expect(happened).toEqual(['started', 'our turn is given up', 'listened to']);
    happened.length = 0;
    expect(await commands.run(command)).toMatchObject({ code: 0 });
    expect(happened).toEqual(['started', 'listened to']);
  },
);
