import { isDeepStrictEqual } from 'node:util';

/** One value that differs between what runs and what the files say. */
export interface Difference {
  /** `services.api.checks.responds.timeout` */
  readonly path: string;
  /** Absent: it was not there. */
  readonly running?: unknown;
  readonly files?: unknown;
}

/** Where two resolved configurations differ. Lists whose entries have names are compared by name, not by place. */
export function configDifferences(running: unknown, files: unknown, path = ''): readonly Difference[] {
  if (isDeepStrictEqual(running, files)) return [];
  const [left, right] = [named(running), named(files)];
  if (left === undefined || right === undefined) {
    return [
      {
        path,
        ...(running === undefined ? {} : { running }),
        ...(files === undefined ? {} : { files }),
      },
    ];
  }
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return keys.flatMap((key) =>
    configDifferences(left[key], right[key], path === '' ? key : `${path}.${key}`),
  );
}

function named(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  // A tolerance, `3 of 5` or `30s`, is one value.
  if ('count' in value || ('duration' in value && !('cron' in value))) return undefined;
  if (!Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  const entries = value.map((item: unknown) => [nameOf(item), item] as const);
  return entries.every(([name]) => name !== undefined) ? Object.fromEntries(entries) : undefined;
}

function nameOf(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null || !('name' in item)) return undefined;
  return typeof item.name === 'string' ? item.name : undefined;
}
