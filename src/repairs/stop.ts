import { defineRepair } from './repair-kind.ts';

/** The last resort against a service that does harm while it runs; somebody must start it again. */
export const stop = defineRepair({
  kind: 'stop',
  summary: 'Stops the service and leaves it stopped until somebody starts it again.',
  operation: 'stop',
  takesCommand: false,
  example: 'repair: stop',
});
