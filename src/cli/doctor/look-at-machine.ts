import { readFileSync, statSync } from 'node:fs';
import type { Host } from '../../host/host.ts';
import { formatSize } from '../../lib/size.ts';
import type { Finding } from './finding.ts';

const topic = 'machine';
/** Less than this is soon full: state, outbox and evidence need a few megabytes. */
const LEAST_FREE = 100_000_000;
const PATIENCE = 5_000;

/** What the agent itself needs of the machine: a clock that is right, room for its state, control groups. */
export async function lookAtMachine(
  host: Host,
  parts: { readonly stateDir: string | undefined; readonly program: string },
): Promise<readonly Finding[]> {
  return [...(await clockOf(host, parts.program)), ...(await roomIn(host, parts.stateDir)), groupsOf(host)];
}

async function clockOf(host: Host, program: string): Promise<readonly Finding[]> {
  const { wall } = host.clock.instant();
  const built = modifiedAt(program);
  if (built !== undefined && wall < built - 86_400_000) {
    return [
      {
        level: 'error',
        topic,
        code: 'clock-behind',
        message: `the clock says ${new Date(wall).toISOString()}, which is before this program was made`,
        hint: 'set it, or let it be set: timedatectl set-ntp true',
      },
    ];
  }
  const shown = await host.commands.run({
    argv: ['timedatectl', 'show', '--property=NTPSynchronized', '--value'],
    shell: false,
    env: { LC_ALL: 'C' },
    timeout: PATIENCE,
  });
  const answer = shown.outcome === 'exited' && shown.code === 0 ? shown.stdout.trim() : '';
  if (answer === 'yes')
    return [{ level: 'ok', topic, code: 'clock-set', message: 'the clock is synchronised' }];
  if (answer !== 'no') return [];
  return [
    {
      level: 'note',
      topic,
      code: 'clock-not-set',
      message: 'nobody synchronises the clock: certificates, calendars and times in notices go by it',
      hint: 'timedatectl set-ntp true, or install chrony',
    },
  ];
}

async function roomIn(host: Host, stateDir: string | undefined): Promise<readonly Finding[]> {
  if (stateDir === undefined) return [];
  const usage = await host.filesystems.usage(stateDir, PATIENCE);
  if (!usage.ok) {
    if (usage.code !== 'ETIMEDOUT') return [];
    return [
      {
        level: 'error',
        topic,
        code: 'no-answer',
        message: usage.reason,
        hint: 'the agent keeps its state there: put state_dir on a disk of this machine',
      },
    ];
  }
  const { free } = usage.value;
  if (free >= LEAST_FREE) return [];
  return [
    {
      level: free < LEAST_FREE / 10 ? 'error' : 'warning',
      topic,
      code: 'little-room',
      message: `only ${formatSize(free)} are free for ${stateDir}`,
      hint: 'without room the agent watches and repairs, but forgets what it knew when it is restarted',
    },
  ];
}

function groupsOf(host: Host): Finding {
  if (host.platform !== 'linux') {
    return {
      level: 'note',
      topic,
      code: 'not-linux',
      message: 'without /proc some measurements are missing here',
    };
  }
  const controllers = controllersOf();
  if (controllers?.includes('memory')) {
    return { level: 'ok', topic, code: 'cgroup-v2', message: 'control groups: version 2, with memory' };
  }
  return {
    level: 'note',
    topic,
    code: 'cgroup-partly',
    message:
      host.cgroups === undefined
        ? 'control groups: none that could be read; processes of a unit are found by their parents, their end by the process itself'
        : 'control groups: memory is not counted in version 2 here; memory_group and oom_kills come from version 1 where it is mounted',
  };
}

function controllersOf(): readonly string[] | undefined {
  try {
    return readFileSync('/sys/fs/cgroup/cgroup.controllers', 'utf8').trim().split(' ');
  } catch {
    return undefined;
  }
}

function modifiedAt(file: string): number | undefined {
  try {
    return statSync(file).mtimeMs;
  } catch {
    return undefined;
  }
}
