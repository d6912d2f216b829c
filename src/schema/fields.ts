/** The field builders, in one place for the declarations of kinds. */
export { type HostPort, hostPort, parseHostPort, url } from './fields/address.ts';
export { choice } from './fields/choice.ts';
export { anything, list, record } from './fields/collections.ts';
export { command } from './fields/command.ts';
export { either, group } from './fields/group.ts';
export { flag, integer, number } from './fields/numbers.ts';
export { fileMode, path } from './fields/path.ts';
export { pattern, secretText, text } from './fields/text.ts';
export { duration, percent, size } from './fields/units.ts';
