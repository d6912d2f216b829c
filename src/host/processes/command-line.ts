import type { ProcessEntry } from '../processes.ts';

/** Joined once for as long as the details are kept: every check of every turn asks. */
const joined = new WeakMap<readonly string[], string>();

/** The arguments joined by blanks; the bare name where there are none (kernel threads). */
export function commandLine(entry: ProcessEntry): string {
  const { argv } = entry.details();
  if (argv.length === 0) return entry.comm;
  const known = joined.get(argv);
  if (known !== undefined) return known;
  const line = argv.join(' ');
  joined.set(argv, line);
  return line;
}
