import type { Origin, Origins } from '../config/layers.ts';
import type { ServiceOrigins } from '../config/load-config.ts';
import { registeredKinds } from '../config/registered-kinds.ts';
import { formatDuration } from '../lib/duration.ts';
import type { Config } from '../model/config.ts';
import type {
  Cadence,
  Check,
  Choice,
  CommandSpec,
  RepairBudget,
  Service,
  Tolerance,
} from '../model/service.ts';
import type { Fields } from '../schema/field.ts';
import { detectionTime } from './detection-time.ts';
import type { Io } from './io.ts';
import { oneLine } from './one-line.ts';
import { printTable } from './table.ts';

interface Line {
  readonly name: string;
  readonly value: string;
  readonly from: string;
}

/** A service as it was understood: every value, and where it came from. */
export function printRules(
  service: Service,
  origins: ServiceOrigins | undefined,
  config: Pick<Config, 'notices'>,
  io: Pick<Io, 'style' | 'columns'>,
): string {
  const parts = [
    `${io.style.bold(service.name)}\n${table(serviceLines(service, origins?.service ?? {}), io)}`,
  ];
  for (const check of service.checks) {
    const lines = checkLines(check, origins?.checks[check.name] ?? {}, config.notices.groupWait);
    parts.push(`${io.style.bold(`${service.name}/${check.name}`)} (${check.kind})\n${table(lines, io)}`);
  }
  return parts.join('\n');
}

function table(lines: readonly Line[], io: Pick<Io, 'style' | 'columns'>): string {
  const printed = printTable(
    lines,
    [
      { title: '  SETTING', value: (line) => `\u00a0\u00a0${line.name}` },
      { title: 'VALUE', value: (line) => line.value },
      { title: 'FROM', value: (line) => line.from, paint: io.style.dim },
    ],
    { style: io.style },
  );
  return `${printed.split('\n').slice(1).join('\n').replaceAll('\u00a0', ' ')}`;
}

function serviceLines(service: Service, origins: Origins): Line[] {
  const line = liner(origins);
  const { manager, budget } = service;
  return [
    ...(service.description === undefined ? [] : [line('description', service.description)]),
    line('manager', manager === undefined ? 'none' : managerText(manager)),
    line('groups', listText(service.groups)),
    line('labels', plainText(service.labels)),
    line('depends_on', listText(service.dependsOn)),
    ...(service.runbook === undefined ? [] : [line('runbook', service.runbook)]),
    line('mode', service.mode),
    line('repair_budget', budgetText(budget)),
    line('start_timeout', formatDuration(service.startTimeout)),
    line('stop_timeout', formatDuration(service.stopTimeout)),
  ];
}

function checkLines(check: Check, origins: Origins, groupWait: number): Line[] {
  const line = liner(origins);
  const time = detectionTime(check);
  const span = (extra: number): string =>
    time === undefined
      ? 'by the calendar'
      : `${formatDuration(time.least + extra)} to ${formatDuration(time.most + extra)} after it broke`;
  return [
    ...optionTexts(check.options, registeredKinds().checks[check.kind]?.options).map(([name, text]) =>
      line(name, text, check.kind),
    ),
    line('every', cadenceText(check.cadence)),
    ...(check.retryEvery === undefined ? [] : [line('retry_every', formatDuration(check.retryEvery))]),
    line('timeout', formatDuration(check.timeout)),
    line('expect', listText(check.expect.map(({ text }) => text))),
    line('warn', listText(check.warn.map(({ text }) => text))),
    line('fail_after', toleranceText(check.failAfter)),
    line('recover_after', toleranceText(check.recoverAfter)),
    line('severity', check.severity),
    line('repair', listText(check.repair.map(({ kind, command }) => repairText(kind, command)))),
    line('notify', listText(check.notify)),
    line('unknown_after', formatDuration(check.unknownAfter)),
    { name: check.repair.length > 0 ? 'repaired' : 'counts', value: span(0), from: '' },
    ...(check.notify.length > 0 ? [{ name: 'told', value: span(groupWait), from: '' }] : []),
  ];
}

/** Makes lines; the origin is that of the key, or of the key that it was written under. */
function liner(origins: Origins): (name: string, value: string, under?: string) => Line {
  return (name, value, under) => ({
    name,
    value: oneLine(value),
    from: originText(origins[name] ?? origins[under ?? name]),
  });
}

function originText(origin: Origin | undefined): string {
  if (origin === undefined) return 'built in';
  if (origin.place === undefined) return origin.label;
  return `${origin.label}, ${origin.place.file}:${origin.place.line}`;
}

function cadenceText(cadence: Cadence): string {
  if ('every' in cadence) return formatDuration(cadence.every);
  return cadence.timezone === undefined ? cadence.cron : `${cadence.cron} (${cadence.timezone})`;
}

function toleranceText(tolerance: Tolerance): string {
  if ('duration' in tolerance) return formatDuration(tolerance.duration);
  const { count, of } = tolerance;
  return count === of ? `${count} in a row` : `${count} of ${of}`;
}

function budgetText({ attempts, window, backoff, hold, retryAfter }: RepairBudget): string {
  const pause = `${formatDuration(backoff.min)} to ${formatDuration(backoff.max)} between them`;
  const again = retryAfter === undefined ? 'then a human' : `again after ${formatDuration(retryAfter)}`;
  return `${attempts} in ${formatDuration(window)}, ${pause}, held after ${formatDuration(hold)}, ${again}`;
}

function repairText(kind: string, command: CommandSpec | undefined): string {
  return command === undefined ? kind : `${kind}: ${command.argv.join(' ')}`;
}

function listText(texts: readonly string[]): string {
  return texts.length === 0 ? 'none' : texts.join(', ');
}

function managerText({ kind, options }: Choice): string {
  const texts = optionTexts(options, registeredKinds().managers[kind]?.options);
  return `${kind}: ${texts.map(([name, text]) => `${name} ${text}`).join(', ')}`;
}

/** Options as a user would write them; what may be a secret is only named. */
function optionTexts(
  options: Choice['options'],
  fields: Fields = {},
): readonly (readonly [name: string, text: string])[] {
  return Object.entries(options).map(([name, value]) => {
    const field = fields[name];
    if (field === undefined) return [name, plainText(value)];
    return [name, field.secret === true ? '(secret)' : field.print(value)];
  });
}

function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  const text = JSON.stringify(value) ?? '';
  return text === '{}' ? 'none' : text;
}
