import type { Role } from '../../src/conditions/check/check-clear.ts';
import { compileCondition } from '../../src/conditions/compile.ts';
import type { Condition } from '../../src/model/condition.ts';
import type { ReadingFields } from '../../src/model/reading.ts';
import type { Problem } from '../../src/schema/problem.ts';

/** Readings of every sort, as kinds declare them. */
export const fields: ReadingFields = {
  status: { type: 'number', quantity: 'count', min: 100, max: 599, meaning: 'status code' },
  pid: { type: 'number', quantity: 'count', min: 1, meaning: 'process number' },
  latency: { type: 'number', quantity: 'duration', min: 0, meaning: 'time of the answer' },
  expires_in: { type: 'number', quantity: 'duration', meaning: 'time left' },
  cpu: { type: 'number', quantity: 'percent', min: 0, max: 100, meaning: 'share of the processors' },
  memory: { type: 'number', quantity: 'bytes', total: 'memory_total', meaning: 'memory of the process' },
  memory_total: { type: 'number', quantity: 'bytes', meaning: 'memory of the host' },
  memory_tree: { type: 'number', quantity: 'bytes', meaning: 'memory with children' },
  used: { type: 'number', quantity: 'bytes', total: 'size', meaning: 'space taken' },
  free: { type: 'number', quantity: 'bytes', total: 'size', remaining: true, meaning: 'space left' },
  load: { type: 'number', quantity: 'count', min: 0, fraction: true, meaning: 'average of tasks' },
  size: { type: 'number', quantity: 'bytes', meaning: 'space' },
  full_in: {
    type: 'number',
    quantity: 'duration',
    meaning: 'time until full',
    forecast: { of: 'used', reaches: 'size', window: 3_600_000 },
  },
  read: { type: 'number', quantity: 'bytes', per: 'second', min: 0, meaning: 'bytes read' },
  modified: { type: 'number', quantity: 'timestamp', meaning: 'last change' },
  expires_at: { type: 'number', quantity: 'timestamp', meaning: 'end of validity' },
  state: { type: 'text', values: ['running', 'sleeping', 'zombie'], meaning: 'state of the process' },
  body: { type: 'text', meaning: 'text of the answer' },
  running: { type: 'flag', meaning: 'whether it runs' },
  json: { type: 'json', meaning: 'the answer as JSON' },
  header: { type: 'map', meaning: 'header fields' },
  names: { type: 'list', meaning: 'names' },
};

/** Compiles a condition that has to be right. */
export function good(text: string, role?: Role): Condition {
  const { condition, problems } = tried(text, role);
  if (condition === undefined)
    throw new Error(`${text}: ${problems.map(({ message }) => message).join('; ')}`);
  return condition;
}

export function tried(text: string, role?: Role): { condition?: Condition; problems: readonly Problem[] } {
  return compileCondition(text, fields, { file: 'api.yaml', line: 7, column: 11, length: text.length }, role);
}

/** The problems of a condition as carets below its text, each with its sentence and its hint. */
export function frames(text: string, role?: Role): string {
  const { problems } = tried(text, role);
  const lines = problems.map(({ place, message, hint, code }) => {
    const caret = `${' '.repeat((place?.column ?? 0) - 11)}${'^'.repeat(place?.length ?? 0)}`;
    return `${caret} ${code}: ${message}${hint === undefined ? '' : ` (${hint})`}`;
  });
  return [text, ...lines].join('\n');
}
