import type { LoadResult } from '../../config/load-config.ts';
import type { Place } from '../../schema/place.ts';
import type { Problem } from '../../schema/problem.ts';

type Findings = Pick<LoadResult, 'problems' | 'sources'>;

/**
 * Names files below the folder as one would from there: short for people, and what services that check changes expect,
 * as they know a repository and not where it is checked out.
 */
export function shortenFiles<F extends Findings>(findings: F, folder: string): F {
  const root = folder.endsWith('/') ? folder : `${folder}/`;
  const short = (file: string): string => (file.startsWith(root) ? file.slice(root.length) : file);
  const place = (one: Place): Place => ({ ...one, file: short(one.file) });
  return {
    ...findings,
    problems: findings.problems.map(
      (problem): Problem => ({
        ...problem,
        ...(problem.place === undefined ? {} : { place: place(problem.place) }),
        ...(problem.related === undefined
          ? {}
          : { related: problem.related.map((other) => ({ ...other, place: place(other.place) })) }),
      }),
    ),
    sources: new Map([...findings.sources].map(([file, text]) => [short(file), text])),
  };
}
