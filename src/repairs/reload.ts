import { defineRepair } from './repair-kind.ts';

/** The gentlest rung of a ladder: the service keeps running. */
export const reload = defineRepair({
  kind: 'reload',
  summary: 'Asks the service to read its configuration anew without interrupting it.',
  operation: 'reload',
  takesCommand: false,
  example: 'repair: [reload, restart]',
});
