import { step } from '../../src/engine/engine.ts';
import { isSilenceActive, silenceMatches } from '../../src/engine/notices/mute.ts';
import { foreseeRepair } from '../../src/engine/repairs/foresee.ts';
import { getFromShelf, shelfValues } from '../../src/lib/shelf.ts';
import type { Instant } from '../../src/model/instant.ts';
import type { ManagerReport } from '../../src/model/manager.ts';
import type { Notice } from '../../src/model/notice.ts';
import type { Check, Service } from '../../src/model/service.ts';
import type { Operation } from '../../src/model/state.ts';
import type { Action, Input } from '../../src/model/step.ts';
import { openIncidents, serviceOf, type World } from './world.ts';

/** What must hold in every history. Each throws one line about the first thing that does not. */

/** `attempts` of the rules' budget in `window`, for histories in which no human starts anything over. */
export function withinBudget(w: World, attempts: number, window: number): void {
  for (const { name } of w.config.services) {
    // One that was interrupted and is done again is the same repair.
    const seen = new Set<string>();
    const starts = w.actions.flatMap(({ real, action }) => {
      if (action.do !== 'operate' || action.service !== name || action.operation.by !== 'repair') return [];
      const { id } = action.operation;
      if (seen.has(id)) return [];
      seen.add(id);
      return [real];
    });
    for (const [index, start] of starts.entries()) {
      const recent = starts.slice(0, index + 1).filter((at) => at > start - window);
      if (recent.length > attempts)
        throw new Error(`${name}: ${recent.length} repairs in the window before ${start}`);
    }
  }
}

/** After all is well again: nothing waits for ever, for then its service would never be watched again. */
export function nothingWaits({ state }: World): void {
  for (const { name, queue, operation, startup } of shelfValues(state.services)) {
    const [next] = queue;
    if (next) throw new Error(`${name}: ${next.kind} still waits its turn: ${next.reason}`);
    if (operation ?? startup) throw new Error(`${name}: ${(operation ?? startup)?.kind} never ended`);
  }
}

/** After all is well again: for each reader and incident one beginning at most, one end exactly, nothing after it. */
export function everybodyKnows(w: World): void {
  const [open] = openIncidents(w);
  if (open) throw new Error(`${open.id} is still open: ${open.timeline.map(({ text }) => text).join(' | ')}`);
  const heard = new Map<string, string[]>();
  const hear = (name: string, incident: string, what: string): void => {
    const key = `${name} about ${incident}`;
    heard.set(key, [...(heard.get(key) ?? []), what]);
  };
  for (const notice of w.notices) {
    if (w.dropped.has(notice.id)) continue;
    for (const name of readersOf(w, notice)) {
      for (const { incident, status, opening } of notice.items) {
        hear(
          name,
          incident,
          `${notice.kind} ${status}${opening && name === notice.notifier ? ' opening' : ''}`,
        );
      }
    }
  }
  for (const [key, kinds] of heard) {
    const own = ['log'].some((name) => key.startsWith(`${name} `));
    const ends = kinds.filter((kind) => kind.includes('resolved'));
    const begins = kinds.filter((kind) => kind.endsWith('opening'));
    const carrier = key.startsWith('pager ');
    const inOrder = carrier || kinds.at(-1) === ends[0];
    if (ends.length !== (own ? 0 : 1) || (!own && !inOrder) || begins.length > 1)
      throw new Error(`${key}: ${kinds.join(', ')}`);
  }
}

/** Who really got a notice: its own notifier, or the one that carried it, or perhaps both. */
function readersOf({ carried }: World, { id, notifier }: Notice): readonly string[] {
  const perhaps = carried.get(id);
  if (perhaps === undefined) return [notifier];
  return perhaps ? [notifier, 'pager'] : ['pager'];
}

/** What a manager may say of a process that is found dead. */
const said: readonly ManagerReport[] = [
  { intent: 'unknown', activity: 'failed', detail: 'no such process' },
  { intent: 'run', activity: 'running', detail: 'pid 7' },
  { intent: 'run', activity: 'restarting', detail: 'in 1 s' },
  { intent: 'stopped', activity: 'stopped', detail: 'systemctl stop' },
  { intent: 'unknown', activity: 'missing', detail: 'no container', maybeStopped: true },
];

/**
 * The repair that is foreseen for a failed look, alone or with what the manager says along, is begun in a hurry by the step. How many
 * were foreseen.
 */
export function beginsWhatIsForeseen(w: World, input: Input, at: Instant): number {
  if (input.type !== 'observed' || input.result.outcome !== 'failed') return 0;
  const { service } = input;
  const reports = said.map((report): Input => ({ type: 'reported', service, report }));
  let foreseen = 0;
  for (const inputs of [[input], ...reports.map((report) => [report, input])]) {
    const found = foreseeRepair(w.config, w.state, inputs, at, w.judge);
    if (found === undefined) continue;
    foreseen += 1;
    let { state } = w;
    const actions: Action[] = [];
    for (const one of inputs) {
      const done = step(w.config, state, one, at, w.judge);
      actions.push(...done.actions);
      state = done.state;
    }
    const begun = actions.filter((one) => one.do === 'operate');
    const [only] = begun;
    if (
      begun.length !== 1 ||
      only?.service !== service ||
      only.operation.kind !== found.kind ||
      only.operation.command !== undefined ||
      only.operation.by !== 'repair' ||
      only.hurry !== true
    )
      throw new Error(`${found.kind} of ${service} was foreseen, and not begun: ${JSON.stringify(begun)}`);
  }
  return foreseen;
}

export function noticeIdsDiffer(w: World): void {
  const seen = new Set<string>();
  for (const { id } of w.notices) {
    if (seen.has(id)) throw new Error(`two notices have the id ${id}`);
    seen.add(id);
  }
}

/** Asked at the moment of the action: nothing that the watcher starts by itself meets a reason against it. */
export function mayOperate(w: World, action: Action): void {
  if (action.do !== 'operate' || action.operation.by === 'operator') return;
  const { service: name, operation } = action;
  const service = serviceOf(w, name);
  const rule = w.config.services.find((one) => one.name === name);
  const repair = operation.by === 'repair';
  const against = {
    stopped: service.stop !== undefined,
    unmonitored: !service.monitored,
    held: service.holding !== undefined,
    distrusted: !w.state.trust.trusted,
    passive: rule?.mode === 'passive',
    maintenance: (name === 'api' || name === 'job') && w.state.calendar.maintenance.length > 0,
    silenced:
      rule !== undefined &&
      w.state.silences.some(
        (silence) =>
          silence.noRepair &&
          isSilenceActive(silence, w.now + w.wallShift) &&
          concerned(w, operation, rule).some((check) => silenceMatches(silence, rule, check)),
      ),
    busy: w.underway.some((one) => one.service === name),
    crowded: repair && isCrowded(w),
  };
  for (const [reason, holds] of Object.entries(against)) {
    if (holds) throw new Error(`${operation.kind} of ${name} by ${operation.by} although ${reason}`);
  }
}

/** On behalf of which checks (none: the service as a whole) something is done. */
function concerned(w: World, { incident }: Operation, rule: Service): readonly (Check | undefined)[] {
  if (incident === undefined) return [undefined, ...rule.checks];
  const name = getFromShelf(w.state.incidents, incident)?.check;
  return rule.checks.filter((check) => check.name === name);
}

/** The first difference between two lists of plain data. */
export function sameList(what: string, one: readonly unknown[], other: readonly unknown[]): void {
  for (let i = 0; i < Math.max(one.length, other.length); i++) {
    const [a, b] = [JSON.stringify(one[i]), JSON.stringify(other[i])];
    if (a !== b) throw new Error(`${what} number ${i} differs:\n${a}\n${b}`);
  }
}

/** Whether more is under repair than may be at once on the host or in a group. */
function isCrowded({ state: { repairing }, config: { maxRepairs, services } }: World): boolean {
  const inGroup = (group: string): number =>
    repairing.filter((name) => services.find((one) => one.name === name)?.groups.includes(group)).length;
  return (
    repairing.length > maxRepairs.host ||
    Object.entries(maxRepairs.groups).some(([group, most]) => inGroup(group) > most)
  );
}
