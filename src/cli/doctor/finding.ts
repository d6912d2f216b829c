/** How bad a finding is: `error` is broken now, `warning` will be, `note` is worth knowing, `ok` is as it should be. */
export type FindingLevel = 'error' | 'warning' | 'note' | 'ok';

/** What a finding is about, in the order in which people read them. */
export const topics = [
  'configuration',
  'agent',
  'managers',
  'rivals',
  'rights',
  'notices',
  'machine',
] as const;

/** One thing that `watcher doctor` found. */
export interface Finding {
  readonly level: FindingLevel;
  readonly topic: (typeof topics)[number];
  /** Stable, for programs: `two-repairers`. */
  readonly code: string;
  readonly message: string;
  /** What to do. */
  readonly hint?: string;
  /** The service of the rules that it is about. */
  readonly service?: string;
}
