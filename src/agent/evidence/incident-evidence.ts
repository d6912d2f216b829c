import type { Incident } from '../../model/incident.ts';

/**
 * The packs of an incident as one text: the newest, and what was seen before anything was done, which tells most of the
 * cause. Undefined where there is none any more.
 */
export async function incidentEvidence(
  { id, evidence }: Pick<Incident, 'id' | 'evidence'>,
  read: (name: string) => Promise<string | undefined>,
): Promise<string | undefined> {
  if (evidence === undefined) return undefined;
  const newest = await read(evidence);
  for (const name of [`${id}-failing`, `${id}-1`, `${id}-warning`]) {
    const first = name === evidence ? undefined : await read(name);
    if (first !== undefined) return newest === undefined ? first : `${newest.trimEnd()}\n\n${first}`;
  }
  return newest;
}
