import { defineRepair } from './repair-kind.ts';

/** Whatever the other repairs cannot express: clear a queue, rotate a log, call a script of the house. */
export const run = defineRepair({
  kind: 'run',
  summary:
    'Runs a command (an argument list, no shell unless asked); exit code 0 means that it did its work.',
  operation: 'run',
  takesCommand: true,
  example: 'repair: { run: [/usr/local/bin/clear-queue, --force] }',
});
