import type { Incident } from '../model/incident.ts';
import { toWall, type ViewSource } from './view-source.ts';

/** The incident as the API shows it: every time in wall milliseconds. */
export function incidentOnWall(source: Pick<ViewSource, 'at'>, incident: Incident): Incident {
  const wall = (time: number): number => toWall(source, time);
  const maybe = (time: number | undefined): number | undefined =>
    time === undefined ? undefined : wall(time);
  return {
    ...incident,
    openedAt: wall(incident.openedAt),
    failingSince: wall(incident.failingSince),
    worseSince: maybe(incident.worseSince),
    upAt: maybe(incident.upAt),
    closedAt: maybe(incident.closedAt),
    toldAt: maybe(incident.toldAt),
    acknowledged:
      incident.acknowledged === undefined
        ? undefined
        : { ...incident.acknowledged, at: wall(incident.acknowledged.at) },
    repairs: incident.repairs.map((repair) => ({
      ...repair,
      at: wall(repair.at),
      endedAt: maybe(repair.endedAt),
    })),
    timeline: incident.timeline.map((entry) => ({ ...entry, at: wall(entry.at) })),
  };
}
