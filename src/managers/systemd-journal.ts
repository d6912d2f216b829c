import type { Host } from '../host/host.ts';
import { succeeded } from './outcome.ts';

/** Which journal: of the system's units, or of one user's. */
export interface JournalScope {
  /** User number for user units. */
  readonly uid?: number;
}

/** MESSAGE_IDs of systemd's own lines (sd-messages.h). */
const startingId = '7d4958e842da4a758f6c1cdc7b36dcc5';
const startedId = '39f53479d3a045ac8e11786248231fbf';
const stoppedId = '9d1aaa27d60140bd96365438aad20286';
const readWithin = 5_000;
const entriesLooked = 40;

interface Entry {
  readonly [field: string]: unknown;
}

/**
 * Whether the last thing that happened to the unit in this boot is that somebody stopped it: systemd notes the kind of
 * job with "Stopped ..." (JOB_TYPE=stop; a restart says restart, an end by itself says nothing).
 * `unknown` where the journal cannot be read or has nothing of it.
 */
export async function lastStopByHand(
  host: Host,
  unit: string,
  scope: JournalScope,
): Promise<'yes' | 'no' | 'unknown'> {
  const entries = await read(host, ['-b', '-n', String(entriesLooked), ...managerMatches(unit, scope)]);
  if (entries === undefined || entries.length === 0) return 'unknown';
  let answer: 'yes' | 'no' | 'unknown' = 'unknown';
  for (const entry of entries) {
    const id = entry.MESSAGE_ID;
    if (id === startingId || id === startedId) answer = 'no';
    else if (id === stoppedId) answer = entry.JOB_TYPE === 'stop' ? 'yes' : 'no';
  }
  return answer;
}

/** The last lines of the unit and of systemd about it, oldest first: `2026-01-31T12:00:00.000Z worker[42]: text`. */
export async function journalLines(
  host: Host,
  unit: string,
  scope: JournalScope,
  lines: number,
): Promise<readonly string[]> {
  const of = scope.uid === undefined ? ['-u', unit] : userMatches(unit, scope.uid);
  const entries = (await read(host, ['-n', String(lines), ...of])) ?? [];
  return entries.map((entry) => {
    const at = new Date(Number(entry.__REALTIME_TIMESTAMP) / 1000).toISOString();
    const name = textOf(entry.SYSLOG_IDENTIFIER) || textOf(entry._COMM) || '-';
    const pid = textOf(entry.SYSLOG_PID) || textOf(entry._PID);
    return `${at} ${name}${pid === '' ? '' : `[${pid}]`}: ${textOf(entry.MESSAGE)}`;
  });
}

function managerMatches(unit: string, scope: JournalScope): readonly string[] {
  return scope.uid === undefined ? ['_PID=1', `UNIT=${unit}`] : [`_UID=${scope.uid}`, `USER_UNIT=${unit}`];
}

function userMatches(unit: string, uid: number): readonly string[] {
  return [`_UID=${uid}`, `_SYSTEMD_USER_UNIT=${unit}`, '+', `_UID=${uid}`, `USER_UNIT=${unit}`];
}

async function read(host: Host, argv: readonly string[]): Promise<readonly Entry[] | undefined> {
  const ran = await host.commands.run(
    {
      argv: ['journalctl', '--no-pager', '-q', '-o', 'json', ...argv],
      shell: false,
      env: { LC_ALL: 'C' },
      timeout: readWithin,
    },
    { keep: 1_048_576 },
  );
  if (!succeeded(ran)) return undefined;
  return ran.stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Entry];
      } catch {
        // The first line is cut where the kept end of a long output begins.
        return [];
      }
    });
}

/** Text that is no valid UTF-8 comes as a list of bytes (systemd.io/JOURNAL_EXPORT_FORMATS). */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? Buffer.from(value as number[]).toString('utf8') : '';
}
