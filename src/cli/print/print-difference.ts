import { writeDuration } from '../../schema/fields/units.ts';
import type { Difference } from '../rules/config-differences.ts';

/** What is a duration in milliseconds by its name alone, in a resolved configuration. */
const durations = new Set(
  'every retryEvery remindEvery unknownAfter timeout duration window hold min max retryAfter startTimeout stopTimeout after groupWait'.split(
    ' ',
  ),
);

/** Names that rule files have others for. */
const written: Readonly<Record<string, string>> = {
  budget: 'repair_budget',
  watchFiles: 'watch',
};

/**
 * A difference for people, in the words of rule files: `api/responds: timeout`, below it what runs and what the files say.
 * What is there on one side only is one line.
 */
export function printDifference({ path, running, files }: Difference): string {
  const names = path.split('.');
  const { about, setting } = place(names);
  if (setting === '') return `${about}: ${running === undefined ? 'added' : 'removed'}\n`;
  const key = names.at(-1) ?? '';
  const line = (mark: string, value: unknown): string =>
    value === undefined ? '' : `  ${mark} ${write(value, key)}\n`;
  return `${about}: ${setting}\n${line('-', running)}${line('+', files)}`;
}

function place(names: readonly string[]): { readonly about: string; readonly setting: string } {
  const [first = '', second = '', third = '', fourth = '', ...rest] = names;
  if (first === 'services' && third === 'checks' && names.length > 3) {
    return { about: `${second}/${fourth}`, setting: settingName(rest) };
  }
  if (first === 'services' && names.length > 1) {
    return { about: second, setting: settingName(names.slice(2)) };
  }
  if (first === 'notifiers' && names.length > 1) {
    return { about: `the notifier ${second}`, setting: settingName(names.slice(2)) };
  }
  return { about: 'the agent', setting: settingName(names) };
}

function settingName(names: readonly string[]): string {
  const path = names.filter((name) => name !== 'cadence' && name !== 'options').join('.');
  const whole = written[path] ?? path.replace(/^budget\b/, 'repair_budget');
  return whole.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A value as a rule file would have it, or near enough to be recognised. */
function write(value: unknown, key: string): string {
  if (typeof value === 'number' && durations.has(key)) return writeDuration(value);
  if (typeof value === 'string') return /^[\w./:@%-]+$/.test(value) ? value : JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => write(item, key)).join(', ')}]`;
  const data = value as Readonly<Record<string, unknown>>;
  // A condition, a command, a step of a repair.
  if ('expression' in data) return String(data['text']);
  if (Array.isArray(data['argv'])) return write(data['argv'], 'argv');
  if ('command' in data) return `{ ${String(data['kind'])}: ${write(data['command'], 'command')} }`;
  if (Object.keys(data).join() === 'kind') return String(data['kind']);
  if (Object.keys(data).join() === 'duration') return write(data['duration'], 'duration');
  if ('count' in data && 'of' in data)
    return data['count'] === data['of'] ? String(data['of']) : `${data['count']} of ${data['of']}`;
  const entries = Object.entries(data).map(([name, one]) => `${settingName([name])}: ${write(one, name)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}
