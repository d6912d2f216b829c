import type { Notice } from '../../model/notice.ts';
import type { Check } from '../../model/service.ts';
import type { CheckState } from '../../model/state.ts';
import { maintenanceOf, silenceFor } from '../notices/mute.ts';
import { recipientsOf } from '../notices/routing.ts';
import { nextSequence, record, type Work } from '../work.ts';
import { percentOfChange } from './flapping.ts';

/** Flapping is told once; until it ends, failures and repairs of the check go on but only ends are told. */
export function flappingChanged(work: Work, name: string, check: Check, state: CheckState): void {
  const { flapping, changes } = state.flap;
  const percent = Math.round(percentOfChange(changes));
  const text = flapping
    ? `${name}/${check.name} is flapping: ${percent} % of its last readings differ from the one before`
    : `${name}/${check.name} is steady again`;
  record(work, { type: flapping ? 'flapping' : 'flapping-ended', service: name, check: check.name, text });
  work.flush = true;
  const service = work.index.services.get(name)?.service;
  if (!flapping || !service || silenceFor(work, service, check) || maintenanceOf(work, service).length > 0)
    return;
  const id = nextSequence(work);
  for (const notifier of recipientsOf(work, { service: name, check: check.name, severity: 'warning' })) {
    const notice: Notice = {
      id: `${name}/${check.name}/flapping-${id}/${notifier}`,
      notifier,
      kind: 'flapping',
      status: 'info',
      severity: 'warning',
      at: work.at.wall,
      host: work.config.hostName,
      title: `FLAPPING ${name}/${check.name}: it keeps changing (${percent} % of its readings)`,
      items: [],
      text: `${text}. Until it is steady, its failures are not told one by one; whoever was told of one is told of its end. Its readings: watcher why ${name}/${check.name}`,
    };
    work.actions.push({ do: 'notify', notice });
  }
}
