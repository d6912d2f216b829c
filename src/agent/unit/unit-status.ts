import type { Summary } from '../../control/api.ts';
import type { ServiceStateName } from '../../model/state.ts';

/** All states in the order in which they are told: what is well, what is not, what is meant to be so. */
const order: readonly ServiceStateName[] = [
  'up',
  'down',
  'failing',
  'warning',
  'unknown',
  'starting',
  'stopping',
  'pending',
  'stopped',
  'paused',
  'unmonitored',
];

/** One line for `systemctl status`: `42 services up, 1 down`, and what is the matter with the agent itself. */
export function unitStatus({ agent, services }: Summary): string {
  const counts = new Map<ServiceStateName, number>();
  for (const { state } of services) counts.set(state, (counts.get(state) ?? 0) + 1);
  const up = counts.get('up') ?? 0;
  const states = order
    .filter((state) => state !== 'up' && counts.has(state))
    .map((state) => `${counts.get(state)} ${state}`);
  const notes = [
    [`${up} ${up === 1 ? 'service' : 'services'} up`, ...states].join(', '),
    ...(agent.distrust === undefined ? [] : [`does not trust its results: ${agent.distrust}`]),
    ...(agent.reloadRefused === undefined
      ? []
      : [`last reload refused, the old rules run: ${agent.reloadRefused.summary}`]),
    ...(agent.stateTrouble === undefined ? [] : [`state not saved: ${agent.stateTrouble}`]),
  ];
  return notes.join('; ');
}
