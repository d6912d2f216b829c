import type { Host } from '../../host/host.ts';
import { succeeded } from '../outcome.ts';
import { until } from '../until.ts';

/** Which journal: of the system's units, or of one user's. */
export interface JournalScope {
  /** User number for user units. */
  readonly uid?: number;
}

/** MESSAGE_IDs of systemd's own lines (sd-messages.h). */
const ids = {
  starting: '7d4958e842da4a758f6c1cdc7b36dcc5',
  started: '39f53479d3a045ac8e11786248231fbf',
  stopping: 'de5b426a63be47a7b6ac3eaac82e2f6f',
  stopped: '9d1aaa27d60140bd96365438aad20286',
  success: '7ad2d189f7e94e70a38c781354912448',
  failure: 'd9b373ed55a64feb8242e02dbe79a49c',
} as const;
const readWithin = 5_000;
const entriesLooked = 40;
/** The journal is written after the fact: systemd's line may come a moment later than the state it speaks of. */
const lagWithin = 2_000;
const lagLook = 25;

export interface JournalEntry {
  readonly [field: string]: unknown;
}

/** What the journal knows of the end of a unit that is down. */
export interface KnownEnd {
  /** Whether somebody stopped it. */
  readonly byHand: 'yes' | 'no' | 'unknown';
  /** Whether systemd refused to start it once more, because it did so too often. */
  readonly gaveUp: 'yes' | 'no' | 'unknown';
}

/**
 * How the unit came to be down. `unknown` where the journal cannot be read or has nothing of it since the machine booted.
 * `activeState` is the unit's: a failed and an inactive unit leave different last lines. Undefined when `overtaken`
 * aborts while a line must still come.
 */
export async function endOf(
  host: Host,
  unit: string,
  scope: JournalScope,
  activeState: string,
  overtaken: AbortSignal,
): Promise<KnownEnd | undefined> {
  const arguments_ = ['-b', '-n', String(entriesLooked), ...managerMatches(unit, scope)];
  const unknown: KnownEnd = { byHand: 'unknown', gaveUp: 'unknown' };
  let guess = unknown;
  const sure = await until(host.clock, { within: lagWithin, every: lagLook, signal: overtaken }, async () => {
    const entries = await read(host, arguments_);
    if (entries === undefined) return unknown;
    const { byHand, complete } = endingIn(entries, activeState);
    guess = { byHand, gaveUp: byHand === 'unknown' ? 'unknown' : gaveUpIn(entries) };
    return complete ? guess : undefined;
  });
  return sure ?? (overtaken.aborted ? undefined : guess);
}

/**
 * Whether systemd's last word was that it starts the unit no more. That line has no number of its own (unit.c,
 * unit_test_start_limit); with the property Result alone it cannot be told from any other failure before systemd 254.
 */
export function gaveUpIn(entries: readonly JournalEntry[]): 'yes' | 'no' {
  const start = entries.findLastIndex(({ MESSAGE_ID: id }) => id === ids.starting || id === ids.started);
  const after = entries.slice(start + 1).map(({ MESSAGE: message }) => textOf(message));
  return after.some((line) => line.endsWith('Start request repeated too quickly.')) ? 'yes' : 'no';
}

/**
 * What systemd's lines say of a unit that is down. A stop writes "Stopping" (JOB_TYPE=stop), how it ended, and "Stopped"
 * with the kind of job: stop, or restart. An end by itself writes only how it ended; a stop while it waits for its
 * automatic restart only "Stopped". `complete` is false while a line must still come.
 */
export function endingIn(
  entries: readonly JournalEntry[],
  activeState: string,
): { readonly byHand: 'yes' | 'no' | 'unknown'; readonly complete: boolean } {
  let stopping = false;
  let last: (typeof ids)[keyof typeof ids] | undefined;
  let job: unknown;
  for (const entry of entries) {
    const id = Object.values(ids).find((known) => known === entry.MESSAGE_ID);
    if (id === undefined) continue;
    // The stop of a restart is over then, also where the start that was to follow is refused and leaves no line of its own.
    const isRestart = id === ids.stopped && entry.JOB_TYPE === 'restart';
    if (id === ids.starting || id === ids.started || isRestart) stopping = false;
    if (id === ids.stopping) stopping = true;
    last = id;
    job = entry.JOB_TYPE;
  }
  switch (last) {
    case undefined:
      return { byHand: 'unknown', complete: true };
    case ids.stopped:
      return { byHand: job === 'stop' ? 'yes' : 'no', complete: true };
    case ids.success:
      return { byHand: stopping ? 'yes' : 'no', complete: !stopping };
    case ids.failure:
      return { byHand: stopping ? 'yes' : 'no', complete: !stopping && activeState === 'failed' };
    default:
      return { byHand: stopping ? 'yes' : 'no', complete: false };
  }
}

/** What the next look at the journal goes by. */
export interface JournalMemory {
  /** The run that is spoken of: systemd's number for the start of the unit that was last seen well. */
  invocation?: string | undefined;
  /** The last line of the last look. */
  cursor?: string | undefined;
}

/**
 * The last lines of the unit and of systemd about it, oldest first: `2026-01-31T12:00:00.000Z worker[42]: text`. When
 * later runs of a crash loop filled them all, the last words of the run that is spoken of come first; what was there at
 * the last look already is marked off.
 */
export async function journalLines(
  host: Host,
  unit: string,
  scope: JournalScope,
  lines: number,
  memory: JournalMemory = {},
): Promise<readonly string[]> {
  const of = scope.uid === undefined ? systemMatches(unit) : userMatches(unit, scope.uid);
  const entries = (await read(host, ['-n', String(lines), ...of])) ?? [];
  const { invocation, cursor } = memory;
  const known = entries.findLastIndex(({ __CURSOR: each }) => cursor !== undefined && each === cursor);
  memory.cursor = textOf(entries.at(-1)?.__CURSOR) || cursor;
  const shown = entries.map(lineOf);
  const marked = known < 0 || known === shown.length - 1 ? shown : shown.toSpliced(known + 1, 0, newSince);
  const told = entries.some((entry) => invocationOf(entry) === invocation);
  if (invocation === undefined || invocation === '' || entries.length < lines || told) return marked;
  const half = Math.ceil(lines / 2);
  const earlier = (await read(host, ['-n', String(half), ...ofInvocation(invocation)])) ?? [];
  return earlier.length === 0 ? marked : [...earlier.map(lineOf), leftOut, ...marked.slice(-half)];
}

/** Lines of the unit that are not older than `since` (wall milliseconds). */
export async function journalSince(
  host: Host,
  unit: string,
  scope: JournalScope,
  lines: number,
  since: number,
): Promise<readonly string[]> {
  const of = scope.uid === undefined ? systemMatches(unit) : userMatches(unit, scope.uid);
  const entries = (await read(host, ['-n', String(lines), ...of])) ?? [];
  return entries.filter((entry) => Number(entry.__REALTIME_TIMESTAMP) / 1000 >= since).map(lineOf);
}

const newSince = '-- new since the last look --';
const leftOut = '-- later runs --';

function lineOf(entry: JournalEntry): string {
  const at = new Date(Number(entry.__REALTIME_TIMESTAMP) / 1000).toISOString();
  const name = textOf(entry.SYSLOG_IDENTIFIER) || textOf(entry._COMM) || '-';
  const pid = textOf(entry.SYSLOG_PID) || textOf(entry._PID);
  return `${at} ${name}${pid === '' ? '' : `[${pid}]`}: ${textOf(entry.MESSAGE)}`;
}

/** The unit's own lines carry the first, systemd's lines about it the others (systemd.journal-fields(7)). */
function invocationOf(entry: JournalEntry): string {
  return (
    textOf(entry.INVOCATION_ID) || textOf(entry.USER_INVOCATION_ID) || textOf(entry._SYSTEMD_INVOCATION_ID)
  );
}

function ofInvocation(id: string): readonly string[] {
  return [`_SYSTEMD_INVOCATION_ID=${id}`, '+', `INVOCATION_ID=${id}`, '+', `USER_INVOCATION_ID=${id}`];
}

function managerMatches(unit: string, scope: JournalScope): readonly string[] {
  return scope.uid === undefined ? ['_PID=1', `UNIT=${unit}`] : [`_UID=${scope.uid}`, `USER_UNIT=${unit}`];
}

/**
 * What `journalctl -u` asks for, and more: the last line of a process that systemd could not start ("Unable to locate
 * executable") often lacks _SYSTEMD_UNIT=, as the process was gone before the journal looked at it, and is not of PID 1.
 */
function systemMatches(unit: string): readonly string[] {
  return [`_SYSTEMD_UNIT=${unit}`, '+', '_UID=0', `UNIT=${unit}`, '+', '_UID=0', `COREDUMP_UNIT=${unit}`];
}

function userMatches(unit: string, uid: number): readonly string[] {
  return [`_UID=${uid}`, `_SYSTEMD_USER_UNIT=${unit}`, '+', `_UID=${uid}`, `USER_UNIT=${unit}`];
}

async function read(host: Host, argv: readonly string[]): Promise<readonly JournalEntry[] | undefined> {
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
        return [JSON.parse(line) as JournalEntry];
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
