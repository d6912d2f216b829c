import { defineRepair } from './repair-kind.ts';

/** Stop and start through the service's manager. */
export const restart = defineRepair({
  kind: 'restart',
  summary: "Restarts the service through its manager; the manager's own rules for a restart apply.",
  operation: 'restart',
  takesCommand: false,
  example: 'repair: restart',
});
