import { isSameProcess } from '../host/processes/alive.ts';
import { type FinderMemory, findProcess } from '../host/processes/find-process.ts';
import type { ProcessMatch } from '../host/processes/process-match.ts';
import { pause } from '../host/time/pause.ts';
import type { ManagerReport } from '../model/manager.ts';
import type { ProbeResult, Reading } from '../model/reading.ts';
import { flag, group, path, pattern, text } from '../schema/fields.ts';
import { defineCheck, type Foregone, type Look } from './check-kind.ts';
import { type Finding, findByManager, findNameless, type RunningProcess } from './process-finder.ts';
import { GROUP_READINGS } from './process-group.ts';
import {
  type MeasureCarry,
  measureProcess,
  SHOWN_AGE_MS,
  TREE_AGE_MS,
  TREE_READINGS,
} from './process-measure.ts';
import { processReadings } from './process-readings.ts';

interface Options {
  readonly pidfile?: string;
  readonly match?: ProcessMatch;
  readonly pss: boolean;
}

interface Carry extends FinderMemory {
  readonly measured?: MeasureCarry | undefined;
  readonly shown?: Shown | undefined;
}

/** The last measurements of a process of which only is judged that it runs. */
interface Shown {
  /** Monotonic milliseconds. */
  readonly until: number;
  readonly reading: Reading;
  readonly pidFile: RunningProcess['pidFile'];
}

/** Readings that finding the process answers by itself. */
const FOUND = new Set(['running', 'pid']);

/** Readings that need two looks, and so a second one at once when it is the first time. */
const RATES = [
  'cpu',
  'cpu_tree',
  'cpu_group',
  'read_rate',
  'write_rate',
  'disk_read_rate',
  'disk_write_rate',
];
const FIRST_SPAN_MS = 500;
const SECOND = 1000;

/** A process: by its service's manager, by a pid file, or by what it looks like. */
export const process = defineCheck({
  kind: 'process',
  summary:
    "Looks whether a process runs and what it uses: the service's main process, or one found by pid file or match.",
  options: {
    pidfile: path({
      summary: 'File with the number of the process.',
      optional: true,
      example: '/run/nginx.pid',
    }),
    match: group(
      {
        exe: path({ summary: 'Path of the program.', optional: true, example: '/usr/sbin/nginx' }),
        command: pattern({
          summary: 'Regular expression found in the arguments joined by blanks.',
          optional: true,
        }),
        user: text({ summary: 'User whose rights it has, name or number.', optional: true }),
        name: text({ summary: "The kernel's name of it (at most 15 characters count).", optional: true }),
      },
      { summary: 'How the process is recognised; all that is given must fit.', optional: true },
    ),
    pss: flag({ summary: 'Also measure `memory_pss` (costs more for large processes).', default: false }),
  },
  readings: processReadings,
  expects: ['running'],
  failAfter: 1,
  timeout: 5000,
  target: () => undefined,
  brief: true,
  needsManager: ({ pidfile, match }) => pidfile === undefined && match === undefined,
  headline: ['memory_tree', 'cpu_tree', 'uptime'],
  example: `
process: { pidfile: /run/nginx.pid, match: { exe: /usr/sbin/nginx } }
expect: memory_tree < 500 MB
`,
  async probe(look) {
    const last = (look.carry ?? {}) as Carry;
    const { pidfile, match } = look.options;
    const report = pidfile === undefined && match === undefined ? await look.manager?.() : undefined;
    const sure = report && asLastTime(report, last, look);
    if (sure !== undefined) return sure.result;
    const { finding, memory: kept } = await find(look, last, report);
    if (finding.state === 'unclear') return { outcome: 'unknown', reason: finding.reason, carry: kept };
    if (finding.state === 'somewhere') return { outcome: 'read', reading: { running: true }, carry: kept };
    if (finding.state === 'gone') return gone(finding, kept);

    const wanted = wantedOf(look);
    const first = look.carry === undefined && RATES.some((name) => look.wanted?.has(name));
    const isSame = last.seen?.pid === finding.entry.pid && last.seen.start === finding.entry.identity.start;
    const now = look.host.clock.monotonic();
    if (isSame && last.shown && isFresh(last.shown, finding, now) && isOnlyFound(look)) {
      const same = kept.look === last.look && kept.garbledSince === last.garbledSince;
      const carry: Carry = same ? last : carryOf(kept, last.measured ?? {}, last.shown);
      return { outcome: 'read', reading: last.shown.reading, carry };
    }
    // Of one that came up since the last look, a table of before does not know what is below it.
    const fresh = isSame ? wanted : { ...wanted, tableAge: TREE_AGE_MS };
    let measured = await measureProcess(look.host, finding, (isSame && last.measured) || {}, fresh);
    if (first) {
      await pause(look.host.clock, FIRST_SPAN_MS, look.signal);
      const again = await look.host.processes.one(finding.entry.pid);
      if (again?.identity.start === finding.entry.identity.start) {
        // A table of before would be the same one again, and tell no rate.
        const newly = { ...wanted, tableAge: FIRST_SPAN_MS / 2 };
        measured = await measureProcess(look.host, { ...finding, entry: again }, measured.carry, newly);
      }
    }
    const shown: Shown = { until: shownUntil(now), reading: measured.reading, pidFile: finding.pidFile };
    return { outcome: 'read', reading: measured.reading, carry: carryOf(kept, measured.carry, shown) };
  },
  foregone(known) {
    const { pidfile, match } = known.options;
    const last = known.carry as Carry | undefined;
    if (pidfile !== undefined || match !== undefined || last === undefined) return undefined;
    return asLastTime(known.report, last, known);
  },
  byReport({ options: { pidfile, match }, report, carry = {} }) {
    if (pidfile !== undefined || match !== undefined) return undefined;
    if (report.main !== undefined || report.mains !== undefined) return undefined;
    const finding = findNameless(report);
    const { seen, look, garbledSince } = carry as Carry;
    return finding.state === 'gone' ? gone(finding, { seen, look, garbledSince }) : undefined;
  },
});

/**
 * Until when what was measured at `now` is shown, at most for its whole age: checks that look in the same moment of a second measure
 * in the same second of fifteen, so that a waking measures many, and no second all of them. Monotonic milliseconds.
 */
function shownUntil(now: number): number {
  const share = (now % SECOND) / SECOND;
  return now + SHOWN_AGE_MS - ((now + (1 - share) * SHOWN_AGE_MS) % SHOWN_AGE_MS);
}

/** Named one by one: a spread with more behind it gives each object a shape of its own, and V8 never settles. */
function carryOf(
  { seen, look, garbledSince }: FinderMemory,
  measured: MeasureCarry,
  shown: Shown,
): Required<Carry> {
  return { seen, look, garbledSince, measured, shown };
}

/** What was shown last, where it is surely so still. */
function asLastTime(
  report: ManagerReport,
  last: Carry,
  look: Pick<Look<Options>, 'host' | 'judged'>,
): Foregone | undefined {
  if (last.shown === undefined || !isSurely(report, last, look)) return undefined;
  return { result: { outcome: 'read', reading: last.shown.reading, carry: last }, until: last.shown.until };
}

/** Whether it is still the process of last time, which the kernel would have told of, and nothing else is asked. */
function isSurely(
  { main, mains }: ManagerReport,
  { seen, shown }: Carry,
  look: Pick<Look<Options>, 'host' | 'judged'>,
): boolean {
  const { clock, deaths } = look.host;
  return (
    main !== undefined &&
    mains === undefined &&
    isSameProcess(main, seen) &&
    shown !== undefined &&
    clock.monotonic() < shown.until &&
    isOnlyFound(look) &&
    deaths.surelyAlive(main)
  );
}

/** Whether nothing that has to be measured is judged: then measurements of a moment ago do for showing. */
function isOnlyFound({ judged }: Pick<Look<Options>, 'judged'>): boolean {
  if (judged === undefined) return false;
  for (const name of judged) if (!FOUND.has(name)) return false;
  return true;
}

function isFresh({ until, pidFile }: Shown, finding: RunningProcess, now: number): boolean {
  return now < until && pidFile === finding.pidFile;
}

async function find(
  { options, host }: Look<Options>,
  { seen, look, garbledSince }: FinderMemory,
  report: ManagerReport | undefined,
): Promise<{ readonly finding: Finding; readonly memory: FinderMemory }> {
  const memory: FinderMemory = { seen, look, garbledSince };
  if (options.pidfile !== undefined || options.match) return findProcess(options, memory, host);
  if (report === undefined) {
    const reason = 'the service has no manager; say which process is meant, with pidfile or match';
    return { finding: { state: 'unclear', reason }, memory };
  }
  const finding = await findByManager(host, report);
  return { finding, memory: finding.state === 'running' ? { seen: finding.entry.identity } : memory };
}

function gone(finding: Extract<Finding, { state: 'gone' }>, carry: FinderMemory): ProbeResult {
  const state = finding.processState === undefined ? {} : { state: 'zombie' };
  return { outcome: 'failed', reason: finding.reason, reading: { running: false, ...state }, carry };
}

function wantedOf({ options, wanted, judged }: Look<Options>) {
  const any = (...names: readonly string[]) => wanted === undefined || names.some((name) => wanted.has(name));
  return {
    files: any('descriptors', 'descriptors_limit'),
    io: any('read_rate', 'write_rate', 'disk_read_rate', 'disk_write_rate'),
    pss: options.pss,
    // Two small files more at every look: only for conditions on them.
    group: judged === undefined || GROUP_READINGS.some((name) => judged.has(name)),
    tree: judged === undefined || TREE_READINGS.some((name) => judged.has(name)),
  };
}
