import { formatDuration } from '../../lib/duration.ts';
import type { Incident } from '../../model/incident.ts';
import { askAgent } from '../ask/ask-agent.ts';
import type { Command } from '../command.ts';
import { flagOption } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { lasted } from '../print/print-incident.ts';
import { printJson } from '../print/print-json.ts';
import { printMoment } from '../print/print-moment.ts';
import { printTable } from '../print/table.ts';

/** `watcher incidents [SERVICE] [--all]`: what is broken now, newest first. */
export const incidents: Command = async (call) => {
  const { io, options } = call;
  const service = call.arguments[0];
  const all = flagOption(call, 'all');
  const asked = await askAgent(call, (client) =>
    client.incidents({ all, ...(service === undefined ? {} : { service }) }),
  );
  if (!asked.ok) return asked.code;
  const found = asked.value.incidents;
  if (options['json']) io.out(printJson(asked.value));
  else if (found.length === 0 && !options['quiet']) io.err(all ? 'No incidents.\n' : 'No open incidents.\n');
  else if (!options['quiet']) {
    const now = io.now();
    io.out(
      printTable(
        found,
        [
          { title: 'INCIDENT', value: (incident) => incident.id },
          { title: 'CHECK', value: (incident) => `${incident.service}/${incident.check}` },
          {
            title: 'STATE',
            value: incidentState,
            paint: (cell, incident) => paintIncident(incident, io.style)(cell),
          },
          { title: 'SINCE', value: (incident) => printMoment(incident.failingSince) },
          { title: 'LASTED', value: (incident) => formatDuration(lasted(incident, now)), align: 'right' },
          { title: 'WHAT', value: (incident) => incident.summary },
        ],
        io,
      ),
    );
  }
  return exitCodes.ok;
};

function incidentState(incident: Incident): string {
  if (incident.closedAt !== undefined) return incident.closedBecause ?? 'closed';
  return incident.acknowledged === undefined ? incident.severity : `${incident.severity}, acknowledged`;
}

function paintIncident(incident: Incident, style: Parameters<typeof printTable>[2]['style']) {
  if (incident.closedAt !== undefined) return style.dim;
  return incident.severity === 'critical' ? style.bad : style.odd;
}
