import { maskTexts, type Redactor, shortestSecret } from '../lib/redactor.ts';
import type { Secret } from '../model/config.ts';
import type { ReadContext } from '../schema/field.ts';
import { sortProblems } from '../schema/frame.ts';
import type { Place } from '../schema/place.ts';
import type { Problem } from '../schema/problem.ts';

/** Where all readers of one load put their problems and the secrets they met. */
export interface Collector {
  readonly context: ReadContext;
  add(problems: readonly Problem[]): void;
  /** Sorted by place, each once: what many services share is read once for each of them. */
  problems(): readonly Problem[];
  secrets(): readonly Secret[];
  /** The first secret that stands openly in each file. */
  inlineSecrets(): readonly Place[];
}

const MOST_RELATED = 3;

export function collectProblems(settings: Pick<ReadContext, 'home' | 'cronProblem'>): Collector {
  const byKey = new Map<string, Problem>();
  const secrets = new Map<string, Secret>();
  const inline = new Map<string, Place>();
  const report = (problem: Problem): void => {
    const { file, line, column } = problem.place ?? {};
    const key = JSON.stringify([file, line, column, problem.code, problem.message]);
    const earlier = byKey.get(key);
    byKey.set(key, earlier === undefined ? problem : withRelated(earlier, problem));
  };
  const secret = (text: string, source: string, places: readonly Place[] = []): void => {
    for (const one of places) if (!inline.has(one.file)) inline.set(one.file, one);
    const [place] = places;
    if (text.length >= shortestSecret) {
      if (!secrets.has(text)) secrets.set(text, { text, source });
    } else if (text !== '') {
      report(shortSecret(source, place));
    }
  };
  return {
    context: { ...settings, report, secret },
    add: (problems) => problems.forEach(report),
    problems: () => {
      const mask = maskTexts([...secrets.keys()]);
      return sortProblems([...byKey.values()].map((problem) => maskProblem(problem, mask)));
    },
    secrets: () => [...secrets.values()],
    inlineSecrets: () => [...inline.values()],
  };
}

function shortSecret(source: string, place: Place | undefined): Problem {
  const which = place === undefined ? `the secret from ${source}` : 'this secret';
  return {
    level: 'warning',
    code: 'short-secret',
    message: `${which} has fewer than ${shortestSecret} characters: it cannot be masked where it is printed`,
    ...(place === undefined ? {} : { place }),
    hint: 'use a longer one: one so short is guessed at once, and is part of ordinary words',
  };
}

/** Whatever a message quotes, it never quotes a secret. */
export function maskProblem(problem: Problem, mask: Redactor): Problem {
  const { message, hint } = problem;
  return { ...problem, message: mask(message), ...(hint === undefined ? {} : { hint: mask(hint) }) };
}

function withRelated(first: Problem, second: Problem): Problem {
  const seen = new Set(
    (first.related ?? []).map(({ place }) => `${place.file}:${place.line}:${place.column}`),
  );
  const more = (second.related ?? []).filter(
    ({ place }) => !seen.has(`${place.file}:${place.line}:${place.column}`),
  );
  if (more.length === 0 || seen.size >= MOST_RELATED) return first;
  return { ...first, related: [...(first.related ?? []), ...more] };
}
