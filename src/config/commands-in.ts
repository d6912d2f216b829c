import type { CommandSpec } from '../model/service.ts';

/** The commands anywhere within options: whatever kind they belong to, they look alike. */
export function commandsIn(value: unknown): readonly CommandSpec[] {
  if (Array.isArray(value)) return value.flatMap(commandsIn);
  if (typeof value !== 'object' || value === null) return [];
  if (isCommand(value)) return [value];
  return Object.values(value).flatMap(commandsIn);
}

function isCommand(value: object): value is CommandSpec {
  return 'argv' in value && Array.isArray(value.argv) && 'shell' in value && typeof value.shell === 'boolean';
}
