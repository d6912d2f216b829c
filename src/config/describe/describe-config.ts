import { formatDuration } from '../../lib/duration.ts';
import { maskTexts } from '../../lib/redactor.ts';
import type { Config } from '../../model/config.ts';
import type { Check, Service } from '../../model/service.ts';
import type { Fields } from '../../schema/field.ts';
import { writeDuration } from '../../schema/fields/units.ts';
import { originText } from '../combine/layers.ts';
import { writeTolerance } from '../fields/tolerance.ts';
import type { AnyCheckKind, Kinds } from '../kinds.ts';
import { makeLanguage } from '../language.ts';
import type { CheckTrace, LoadResult, Trace } from '../load-config.ts';
import { kindNamed } from '../settings/kind-choice.ts';
import { agentLines, notifierLines } from './describe-agent.ts';
import { type Line, printLines } from './described-lines.ts';
import { type Delay, type LongestGap, noticeDelay, repairDelay } from './worst-case.ts';

interface Describing {
  readonly kinds: Kinds;
  /** Only these. */
  readonly services?: readonly string[];
  /** How long a check that runs at calendar times may not look. */
  readonly gap?: LongestGap;
}

/**
 * The rules as they were understood: every default filled in, where each value came from, and for each check how long
 * after a failure somebody is told and something is done. The services of these names, or everything; undefined when
 * there is no configuration. Secrets are masked.
 */
export function describeConfig(
  result: LoadResult,
  { kinds, services: wanted, gap }: Describing,
): string | undefined {
  const { config } = result;
  if (config === undefined) return undefined;
  const services = config.services.filter(({ name }) => wanted === undefined || wanted.includes(name));
  const lines: Line[] =
    wanted === undefined
      ? [...agentLines(config, result.agentOrigins), ...notifierLines(config, result.notifiers, kinds)]
      : [];
  for (const service of services)
    lines.push(...serviceLines(service, result, config, { kinds, ...(gap && { gap }) }));
  return maskTexts(result.secrets.map(({ text }) => text))(printLines(lines));
}

function serviceLines(
  service: Service,
  result: LoadResult,
  config: Config,
  describing: Describing,
): readonly Line[] {
  const trace = result.traces.get(service.name);
  if (trace === undefined) return [];
  const language = makeLanguage(describing.kinds);
  const known = { values: trace.values, origins: trace.origins };
  return [
    { indent: 0, text: '---' },
    { indent: 0, text: `service: ${service.name}` },
    ...settingLines(language.service, known, 0),
    { indent: 0, text: 'checks:' },
    ...service.checks.flatMap((check) => {
      const own = trace.checks[check.name];
      return own === undefined ? [] : checkLines(check, own, service, config, describing);
    }),
  ];
}

function checkLines(
  check: Check,
  trace: CheckTrace,
  service: Service,
  config: Config,
  { kinds, gap }: Describing,
): readonly Line[] {
  const kind = kindNamed(kinds.checks, check.kind);
  const fields = makeLanguage(kinds).check;
  const options = kind === undefined ? [] : optionLines(kind, check.options, trace);
  // What the kind decides when nobody else does, and what follows from the whole service.
  const values = {
    ...trace.values,
    timeout: check.timeout,
    fail_after: check.failAfter,
    vital: check.vital,
    notify: check.notify.map((name) => ({ name })),
  };
  const { expect: _, warn: __, ...rest } = fields;
  const repair = repairDelay(check, service, gap);
  return [
    {
      indent: 1,
      text: `${check.name}:`,
      note: times(toldText(check, config, repair, gap), repair, check),
    },
    {
      indent: 2,
      text: `${check.kind}:${options.length === 0 ? ' {}' : ''}`,
      note: originText(trace.origins(check.kind)),
    },
    ...options,
    ...conditionLines('expect', check.expect, trace, check.kind),
    ...conditionLines('warn', check.warn, trace, check.kind),
    ...settingLines(rest, { values, origins: trace.origins }, 2, check.kind),
  ];
}

function conditionLines(
  key: 'expect' | 'warn',
  conditions: Check['expect'],
  trace: Trace,
  kind: string,
): readonly Line[] {
  if (conditions.length === 0) return [];
  const written = trace.values[key] as readonly { readonly value: unknown }[] | undefined;
  const own = new Set((written ?? []).map(({ value }) => String(value).trim()));
  return [
    { indent: 2, text: `${key}:` },
    ...conditions.map(({ text }) => {
      const note = own.has(text) ? originText(trace.origins(key)) : `built in, of kind ${kind}`;
      return { indent: 3, text: `- ${text}`, note };
    }),
  ];
}

function settingLines(fields: Fields, trace: Trace, indent: number, kind?: string): readonly Line[] {
  return Object.entries(fields).flatMap(([name, field]): readonly Line[] => {
    const value = trace.values[name];
    if (value === undefined) return [];
    const ofKind = kind !== undefined && (name === 'timeout' || name === 'fail_after');
    const builtIn = ofKind ? `built in, of kind ${kind}` : 'built in';
    return [
      { indent, text: `${name}: ${field.print(value)}`, note: originText(trace.origins(name)) ?? builtIn },
    ];
  });
}

function optionLines(
  { kind, options: fields }: AnyCheckKind,
  options: Check['options'],
  { optionOrigin }: CheckTrace,
): readonly Line[] {
  return Object.entries(fields).flatMap(([name, field]): readonly Line[] => {
    const value = options[name];
    if (value === undefined) return [];
    const note = originText(optionOrigin(name)) ?? `built in, of kind ${kind}`;
    return [{ indent: 3, text: `${name}: ${field.print(value)}`, note }];
  });
}

/** When the first of those that it names is told. What is repaired opens as a warning, which not everybody takes. */
function toldText(
  check: Check,
  { notices, notifiers, routes }: Config,
  repair: Delay | undefined,
  gap: LongestGap | undefined,
): string {
  if (check.notify.length === 0) return 'told to nobody';
  const warning = repair !== undefined || check.severity === 'warning';
  // Routes may tell others; that depends on the incident.
  const critical = (name: string): boolean => notifiers[name]?.minSeverity === 'critical';
  if (!warning || routes.length > 0 || !check.notify.every(critical))
    return `told after ${span(noticeDelay(check, notices.groupWait, gap))}`;
  return check.severity === 'critical'
    ? 'told when the repair does not hold'
    : 'told to nobody: it is a warning';
}

function times(told: string, repair: Delay | undefined, check: Check): string {
  const repaired = repair === undefined ? '' : `, repaired after ${span(repair)}`;
  const recovered =
    'duration' in check.recoverAfter
      ? `${writeDuration(check.recoverAfter.duration)} of being well`
      : `${writeTolerance(check.recoverAfter)} good looks`;
  return `${told}${repaired}, recovered after ${recovered}`;
}

function span({ least, most }: Delay): string {
  return `${least === 0 ? '0 s' : formatDuration(least)} to ${formatDuration(most)}`;
}
