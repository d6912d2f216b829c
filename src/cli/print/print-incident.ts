import type { IncidentAnswer } from '../../control/api.ts';
import { formatDuration } from '../../lib/duration.ts';
import type { Incident } from '../../model/incident.ts';
import { manyLines, oneLine } from './one-line.ts';
import { printMoment } from './print-moment.ts';
import type { Style } from './style.ts';

/** One incident with its timeline and evidence, for people. `now` in wall milliseconds. */
export function printIncident({ incident, evidence }: IncidentAnswer, now: number, style: Style): string {
  const closed = incident.closedAt;
  const state = closed === undefined ? incident.severity : (incident.closedBecause ?? 'closed');
  const paint = closed !== undefined ? style.good : incident.severity === 'critical' ? style.bad : style.odd;
  const lines = [
    `${style.bold(incident.id)}  ${incident.service}/${incident.check}  ${paint(state)}`,
    `  ${oneLine(incident.summary)}`,
    `  since ${printMoment(incident.failingSince)}, ${closed === undefined ? 'for' : 'lasted'} ${formatDuration(
      lasted(incident, now),
    )}, counted ${incident.tolerance}`,
    ...acknowledgedLine(incident),
    ...(incident.told.length === 0 ? [] : [`  told: ${incident.told.join(', ')}`]),
    ...section(
      'Repairs',
      incident.repairs.flatMap((repair) => [
        `${printMoment(repair.at)}  ${repair.kind}  ${repair.outcome}  ${oneLine(repair.detail)}`,
        ...outputLines(repair.output),
      ]),
      style,
    ),
    ...section(
      'Timeline',
      incident.timeline.map((entry) => `${printMoment(entry.at)}  ${oneLine(entry.text)}`),
      style,
    ),
    ...(evidence === undefined ? [] : section('Evidence', manyLines(evidence).split('\n'), style)),
  ];
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

/** From the first bad reading to the first good one, milliseconds. `now` in wall milliseconds, for what is not over. */
export function lasted({ failingSince, upAt, closedAt }: Incident, now: number): number {
  return Math.max(0, (closedAt === undefined ? now : (upAt ?? closedAt)) - failingSince);
}

/** Lines of a failed operation's output that are shown: its end, where the cause is. */
const OUTPUT_LINES = 15;

function outputLines(output: string | undefined): readonly string[] {
  if (output === undefined) return [];
  const lines = manyLines(output.trimEnd()).split('\n');
  return lines.slice(-OUTPUT_LINES).map((line) => `  | ${line}`);
}

function acknowledgedLine({ acknowledged }: Incident): string[] {
  if (acknowledged === undefined) return [];
  const { by, at, comment, until } = acknowledged;
  const end = until === undefined ? '' : `, until ${printMoment(until)}`;
  const why = comment === undefined ? '' : `: ${oneLine(comment)}`;
  return [`  acknowledged by ${oneLine(by)} at ${printMoment(at)}${end}${why}`];
}

function section(title: string, lines: readonly string[], style: Style): string[] {
  return lines.length === 0 ? [] : ['', style.bold(title), ...lines.map((line) => `  ${line}`)];
}
