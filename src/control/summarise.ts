import { isSilenceActive, silenceMatches } from '../engine/notices/mute.ts';
import { serviceState } from '../engine/services/service-state.ts';
import { getFromShelf } from '../lib/shelf.ts';
import type { Service } from '../model/service.ts';
import { API_VERSION, type Summary, type SummaryRow } from './api.ts';
import { toWall, type ViewSource } from './view-source.ts';

/** One row for each service, in the order of the rules. */
export function summarise(source: ViewSource): Summary {
  const services = source.config.services.map((service) => rowOf(source, service));
  return { version: API_VERSION, agent: source.agent, services };
}

export function rowOf(source: ViewSource, service: Service): SummaryRow {
  const { config, state, at } = source;
  const view = serviceState(state, config, service.name, at.now);
  const checks = Object.values(getFromShelf(state.services, service.name)?.checks ?? {});
  return {
    service: service.name,
    state: view?.state ?? 'pending',
    since: toWall(source, view?.since ?? at.now),
    problem: view?.problem ?? '',
    ...(view?.severity === undefined ? {} : { severity: view.severity }),
    incidents: view?.incidents ?? [],
    ...(view?.activity === undefined ? {} : { activity: view.activity }),
    checksUp: checks.filter((check) => check.state === 'up').length,
    checksTotal: service.checks.length,
    silenced: state.silences.some(
      (silence) => isSilenceActive(silence, at.wall) && silenceMatches(silence, service, undefined),
    ),
  };
}
