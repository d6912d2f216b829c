import type { Kinds } from '../config/kinds.ts';
import { type Answered, refusal } from '../control/answered.ts';
import {
  type AgentInfo,
  API_VERSION,
  type CommandRequest,
  type ReloadAnswer,
  type SilenceRequest,
} from '../control/api.ts';
import { incidentOnWall } from '../control/describe-incident.ts';
import { describeMetrics } from '../control/describe-metrics.ts';
import { describeStatus } from '../control/describe-status.ts';
import { redactedSurface } from '../control/redacted-surface.ts';
import { summarise } from '../control/summarise.ts';
import type { ControlSurface } from '../control/surface.ts';
import type { ViewSource } from '../control/view-source.ts';
import type { Clock } from '../host/clock.ts';
import { nearestWord } from '../lib/nearest.ts';
import type { Redactor } from '../lib/redactor.ts';
import { getFromShelf, shelfValues } from '../lib/shelf.ts';
import type { Config } from '../model/config.ts';
import type { Event } from '../model/event.ts';
import type { Input } from '../model/step.ts';
import type { EventLog } from '../state/event-log.ts';
import type { EvidenceShelf } from '../state/evidence-shelf.ts';
import { printMetrics } from '../telemetry/exposition.ts';
import { checkKey } from './check-key.ts';
import type { Core } from './core.ts';
import { incidentEvidence } from './evidence/incident-evidence.ts';
import type { Figures } from './figures.ts';
import type { Jobs } from './schedule/jobs.ts';
import type { Scheduler } from './schedule/scheduler.ts';

export interface SurfaceParts {
  readonly clock: Clock;
  readonly kinds: Kinds['checks'];
  readonly core: Core;
  readonly scheduler: Scheduler;
  readonly jobs: Pick<Jobs, 'passedAt'>;
  readonly events: EventLog;
  readonly evidence: EvidenceShelf;
  readonly figures: Figures['now'];
  readonly info: () => AgentInfo;
  readonly tell: (input: Input) => void;
  readonly follow: (told: (event: Event) => void) => () => void;
  readonly command: (
    request: CommandRequest,
    stopping: () => boolean,
  ) => Promise<Answered<readonly { service: string; ok: boolean; detail: string }[]>>;
  readonly reload: (by: string) => Promise<Answered<ReloadAnswer>>;
  readonly quit: (by: string) => void;
  readonly stopping: () => boolean;
  readonly why: (service: string, check: string | undefined) => readonly string[];
  readonly redact: Redactor;
  /** The configuration for people: without secrets. */
  readonly printable: (config: Config) => unknown;
  readonly loadedAt: () => number;
}

const SOMEBODY = 'somebody at the control socket';

/** What the agent offers at its socket; no secret leaves it. */
export function createSurface(parts: SurfaceParts): ControlSurface {
  return redactedSurface(openSurface(parts), parts.redact);
}

function openSurface(parts: SurfaceParts): ControlSurface {
  const { core, tell, clock } = parts;
  const source = (): ViewSource => ({
    config: core.config,
    state: core.state,
    at: clock.instant(),
    agent: parts.info(),
    kinds: parts.kinds,
    passedAt: parts.jobs.passedAt,
    missedOf: (service, check) => parts.scheduler.missedOf(checkKey(service, check)),
  });
  const silences = () => ({ version: API_VERSION, silences: core.state.silences }) as const;
  const shown = (
    id: string,
  ): Answered<{ version: typeof API_VERSION; incident: ReturnType<typeof incidentOnWall> }> => {
    const incident = getFromShelf(core.state.incidents, id);
    if (incident === undefined) return unknownIncident(core, id);
    return {
      ok: true,
      value: { version: API_VERSION, incident: incidentOnWall({ at: clock.instant() }, incident) },
    };
  };
  return {
    summary: () => summarise(source()),
    metrics: (format) =>
      printMetrics(describeMetrics({ ...source(), ...parts.figures(), loadedAt: parts.loadedAt() }), format),
    status(name) {
      const { services } = core.config;
      const found = name === undefined ? services : services.filter((service) => service.name === name);
      return name !== undefined && found.length === 0
        ? unknownService(core.config, name)
        : { ok: true, value: describeStatus(source(), found) };
    },
    async command(request) {
      const names = request.services === 'all' ? [] : request.services;
      for (const name of names) {
        if (!core.config.services.some((service) => service.name === name))
          return unknownService(core.config, name);
      }
      const done = await parts.command(request, parts.stopping);
      return done.ok ? { ok: true, value: { version: API_VERSION, results: done.value } } : done;
    },
    reload: parts.reload,
    quit(by) {
      parts.quit(by);
      return { version: API_VERSION, pid: parts.info().pid };
    },
    events: ({ service, since, limit }) =>
      parts.events.read({
        ...(service === undefined ? {} : { service }),
        ...(since === undefined ? {} : { since }),
        ...(limit === undefined ? {} : { limit }),
      }),
    follow: parts.follow,
    incidents({ all, service }) {
      if (service !== undefined && !core.config.services.some(({ name }) => name === service)) {
        return unknownService(core.config, service);
      }
      const incidents = shelfValues(core.state.incidents)
        .filter(
          (incident) =>
            (all || incident.closedAt === undefined) && (service ?? incident.service) === incident.service,
        )
        .sort((a, b) => b.openedAt - a.openedAt)
        .map((incident) => incidentOnWall({ at: clock.instant() }, incident));
      return { ok: true, value: { version: API_VERSION, incidents } };
    },
    async incident(id) {
      const found = shown(id);
      const text = found.ok
        ? await incidentEvidence(found.value.incident, (name) => parts.evidence.read(name))
        : undefined;
      return found.ok && text !== undefined ? { ok: true, value: { ...found.value, evidence: text } } : found;
    },
    why(service, check) {
      const of = core.config.services.find(({ name }) => name === service);
      if (of === undefined) return unknownService(core.config, service);
      if (check !== undefined && !of.checks.some(({ name }) => name === check)) {
        const near = nearestWord(
          check,
          of.checks.map(({ name }) => name),
        );
        return refusal('unknown-check', `${service} has no check '${check}'`, didYouMean(near));
      }
      const value = { version: API_VERSION, service, reasons: parts.why(service, check) } as const;
      return { ok: true, value: check === undefined ? value : { ...value, check } };
    },
    acknowledge({ incident, by = SOMEBODY, comment, for: lasting, undo }) {
      const before = getFromShelf(core.state.incidents, incident);
      if (before === undefined) return unknownIncident(core, incident);
      if (before.closedAt !== undefined) return refusal('refused', `incident ${incident} is over already`);
      const until = lasting === undefined ? {} : { until: clock.instant().wall + lasting };
      const more = { ...(comment === undefined ? {} : { comment }), ...until };
      tell({
        type: 'command',
        command: undo === true ? { do: 'unacknowledge', incident } : { do: 'acknowledge', incident, ...more },
        by,
      });
      return shown(incident);
    },
    silences,
    silence(request) {
      const unknown = (request.services ?? []).find(
        (pattern) => !pattern.includes('*') && !core.config.services.some(({ name }) => name === pattern),
      );
      if (unknown !== undefined) return unknownService(core.config, unknown);
      const stray = unknownCheck(core.config, request);
      if (stray !== undefined) return stray;
      const { wall } = clock.instant();
      const by = request.by ?? SOMEBODY;
      tell({
        type: 'command',
        command: {
          do: 'silence',
          silence: {
            services: request.services ?? [],
            checks: request.checks ?? [],
            labels: request.labels ?? {},
            by,
            comment: request.comment ?? '',
            from: wall,
            until: wall + request.for,
            noRepair: request.noRepair ?? false,
          },
        },
        by,
      });
      return { ok: true, value: silences() };
    },
    unsilence(id, by) {
      const ids = core.state.silences.map((silence) => silence.id);
      if (!ids.includes(id)) {
        return refusal(
          'unknown-silence',
          `there is no silence '${id}'`,
          didYouMean(nearestWord(id, ids), 'watcher silence'),
        );
      }
      tell({ type: 'command', command: { do: 'unsilence', id }, by });
      return { ok: true, value: silences() };
    },
    config: () => ({
      version: API_VERSION,
      loadedAt: parts.loadedAt(),
      config: parts.printable(core.config),
    }),
  };
}

function unknownService(config: Config, name: string) {
  const near = nearestWord(
    name,
    config.services.map((service) => service.name),
  );
  return refusal('unknown-service', `there is no service '${name}'`, didYouMean(near));
}

function unknownIncident(core: Core, id: string) {
  const near = nearestWord(
    id,
    shelfValues(core.state.incidents).map((incident) => incident.id),
  );
  return refusal('unknown-incident', `there is no incident '${id}'`, didYouMean(near, 'watcher incidents'));
}

/** A silence of a check that none of its services has would be one of nothing. */
function unknownCheck(config: Config, { services = [], checks = [] }: SilenceRequest) {
  const all = services.length === 0 || services.some((pattern) => pattern.includes('*'));
  const meant = config.services.filter(({ name }) => all || services.includes(name));
  const names = meant.flatMap((service) => service.checks.map(({ name }) => name));
  const paired = meant.flatMap((service) => service.checks.map(({ name }) => checkKey(service.name, name)));
  const known = new Set([...names, ...paired]);
  const unknown = checks.find((pattern) => !pattern.includes('*') && !known.has(pattern));
  if (unknown === undefined) return undefined;
  const near = didYouMean(
    nearestWord(unknown, unknown.includes('/') ? paired : names),
    `watcher status ${all ? '' : services.join(' ')}`.trim(),
  );
  return refusal(
    'unknown-check',
    `${all ? 'no service' : services.join(', ')} has ${all ? 'a' : 'no'} check '${unknown}'`,
    near,
  );
}

function didYouMean(near: string | undefined, list = 'watcher summary'): string {
  return near === undefined ? `see: ${list}` : `did you mean '${near}'?`;
}
