import { defineRepair } from './repair-kind.ts';

/** Start only: for a service that must not be interrupted while it still answers in part. */
export const start = defineRepair({
  kind: 'start',
  summary: 'Starts the service where it does not run; one that runs is left as it is.',
  operation: 'start',
  takesCommand: false,
  example: 'repair: start',
});
