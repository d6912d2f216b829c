import type { CheckStatus, ServiceStatus } from '../../control/api.ts';
import { formatDuration } from '../../lib/duration.ts';
import type { Io } from '../io.ts';
import { oneLine } from './one-line.ts';
import { paintState } from './paint-state.ts';
import type { Style } from './style.ts';
import { textWidth } from './text-width.ts';

/** Everything known of a service: a block of lines that ends with a line end. `now` in wall milliseconds. */
export function printStatus(service: ServiceStatus, now: number, io: Pick<Io, 'style'>): string {
  const { style } = io;
  const state = paintState(style, service.state)(service.state);
  const silenced = service.silenced ? ' (silenced)' : '';
  const head = `${style.bold(service.service)}  ${state}${silenced} for ${ago(service.since, now)}`;
  const facts = factLines(serviceFacts(service), 2);
  const checks = service.checks.flatMap((check) => checkLines(check, now, style));
  return `${[head, ...facts, ...checks].join('\n')}\n`;
}

type Fact = readonly [name: string, text: string];

function serviceFacts(service: ServiceStatus): Fact[] {
  const facts: Fact[] = [];
  const add = (name: string, text: string | undefined): void => {
    if (text !== undefined && text !== '') facts.push([name, text]);
  };
  add('problem', service.problem);
  add('activity', service.activity);
  add('about', service.description);
  add('groups', service.groups.join(', '));
  if (service.manager !== undefined) {
    const { kind, report } = service.manager;
    add('manager', report === undefined ? kind : `${kind}: ${report.detail}`);
    for (const warning of report?.warnings ?? []) add('note', warning);
  }
  if (!service.monitored) add('monitored', 'no');
  if (service.repairsAllowed > 0) {
    add('repairs', `${service.repairsInWindow} of ${service.repairsAllowed} spent`);
  }
  add('incidents', service.incidents.join(', '));
  return facts;
}

function checkLines(check: CheckStatus, now: number, style: Style): string[] {
  const state = paintState(style, check.state)(check.state);
  const head = `  ${style.bold(check.name)}  ${state} for ${ago(check.since, now)}  ${style.dim(check.kind)}`;
  const facts: Fact[] = check.measurements.map(({ name, text }) => [name, text] as const);
  for (const finding of check.findings) facts.push([finding.level, finding.sentence]);
  if (check.findings.length === 0 && check.state !== 'up' && check.summary !== '') {
    facts.push(['says', check.summary]);
  }
  if (check.history.length > 0 && check.state !== 'up') facts.push(['history', check.history.join(', ')]);
  facts.push(['looked', lookedText(check, now)]);
  return [head, ...factLines(facts, 4)];
}

function lookedText(check: CheckStatus, now: number): string {
  if (check.lastRun === undefined) return `not yet, every ${check.every}`;
  const took = check.tookMs === undefined ? '' : `, took ${formatDuration(check.tookMs)}`;
  const missed = check.missed === 0 ? '' : `, ${check.missed} late`;
  return `${ago(check.lastRun, now)} ago${took}, every ${check.every}${missed}`;
}

function factLines(facts: readonly Fact[], indent: number): string[] {
  const width = Math.max(0, ...facts.map(([name]) => textWidth(name)));
  return facts.map(([name, text]) => `${' '.repeat(indent)}${name.padEnd(width)}  ${oneLine(text)}`);
}

function ago(at: number, now: number): string {
  return formatDuration(Math.max(0, now - at));
}
