import type { Redactor } from '../lib/redactor.ts';
import { redactValue } from '../telemetry/redact-value.ts';
import type { ControlSurface } from './surface.ts';

/**
 * The surface with every secret taken out of whatever it answers: commands, programs and probed services print what they
 * were given, and their words come back in results, readings and incidents.
 */
export function redactedSurface(surface: ControlSurface, redact: Redactor): ControlSurface {
  const clean = <T>(value: T): T => redactValue(value, redact);
  return {
    summary: () => clean(surface.summary()),
    // Made of names of rules and numbers alone; and a short secret may be part of a word that the form is made of.
    metrics: (format) => surface.metrics(format),
    status: (service) => clean(surface.status(service)),
    command: async (request) => clean(await surface.command(request)),
    reload: async (by) => clean(await surface.reload(by)),
    quit: (by) => surface.quit(by),
    events: (query) => clean(surface.events(query)),
    follow: (told) => surface.follow((event) => told(clean(event))),
    incidents: (query) => clean(surface.incidents(query)),
    incident: async (id) => clean(await surface.incident(id)),
    why: (service, check) => clean(surface.why(service, check)),
    acknowledge: (request) => clean(surface.acknowledge(request)),
    silences: () => clean(surface.silences()),
    silence: (request) => clean(surface.silence(request)),
    unsilence: (id, by) => clean(surface.unsilence(id, by)),
    config: () => clean(surface.config()),
  };
}
