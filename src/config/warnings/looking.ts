import type { Place } from '../../schema/place.ts';
import type { Problem } from '../../schema/problem.ts';
import type { Kinds } from '../kinds.ts';
import type { Drafts } from '../resolve/check-names.ts';
import type { CheckDraft, ServiceDraft } from '../resolve/draft.ts';
import { withUse } from '../templates/templates.ts';

/** What all looks at whole rules are given. */
export interface Looking {
  readonly drafts: Drafts;
  readonly kinds: Kinds;
  /** It is known who is told: not of rule files without their watcher.yaml, nor of the embedded default. */
  readonly told: boolean;
  /** There is no problem in the rules, so that nothing can be hidden by one. */
  readonly whole: boolean;
}

/** A look at whole rules: what is no mistake of language but will not do what was meant. */
export type Look = (looking: Looking) => readonly Problem[];

/** Applies a look to every check that could be read, with its service. */
export function eachCheck(
  look: (draft: CheckDraft, service: ServiceDraft, looking: Looking) => readonly Problem[],
): Look {
  return (looking) =>
    looking.drafts.services.flatMap((service) =>
      service.settled
        ? service.checks.flatMap((check) =>
            check.complete ? blamed(look(check, service, looking), check, service) : [],
          )
        : [],
    );
}

function blamed(problems: readonly Problem[], check: CheckDraft, service: ServiceDraft): readonly Problem[] {
  if (check.used.length + service.used.length === 0) return problems;
  return problems.map((problem) => withUse(problem, [...check.used, ...service.used]));
}

/** Where a setting of a check was written; the check itself if it was not. */
export function placeOf(draft: Pick<CheckDraft, 'origins' | 'place'>, setting: string): Place {
  const origin = draft.origins(setting);
  // A value from the defaults is no fault of theirs: it is this check that it does not suit.
  return origin?.label === 'the check' || origin?.label === 'the service'
    ? (origin.place ?? draft.place)
    : draft.place;
}

/** `api/alive` */
export function nameOf({ check }: CheckDraft, { service }: ServiceDraft): string {
  return `${service.name}/${check.name}`;
}
