import type { SilenceRequest } from '../../control/api.ts';

/** What is to be silenced, without how long, by whom and why. */
export type Silenced = Required<Pick<SilenceRequest, 'services' | 'checks' | 'labels'>>;

/**
 * One request for the services that are named alone and one for all `SERVICE/CHECK`, each check kept with its own
 * service; one for everything when nothing, or `all`, is named. Labels narrow each of them.
 */
export function silencedBy(
  references: readonly string[],
  labels: Silenced['labels'],
): readonly [Silenced, ...Silenced[]] {
  const pairs = unique(references.filter((text) => text.includes('/')));
  const alone = unique(references.filter((text) => !text.includes('/')));
  const whole = { services: alone.includes('all') ? [] : alone, checks: [], labels };
  if (pairs.length === 0 || alone.includes('all')) return [whole];
  const services = unique(pairs.map((text) => text.slice(0, text.indexOf('/'))));
  const single = { services, checks: pairs, labels };
  return alone.length === 0 ? [single] : [whole, single];
}

/** `team=web,tier=front` as labels; a comma within a value stays one. Undefined for what is no `name=value`. */
export function readLabels(text: string): Silenced['labels'] | undefined {
  const pairs = text.split(/,(?=[^,=]+=)/).map((pair) => /^([^=\s]+)=(.*)$/s.exec(pair));
  const read = pairs.flatMap((match) => (match === null ? [] : [[match[1] ?? '', match[2] ?? ''] as const]));
  return read.length === pairs.length ? Object.fromEntries(read) : undefined;
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
