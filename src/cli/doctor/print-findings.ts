import type { Io } from '../io.ts';
import { type Finding, type FindingLevel, topics } from './finding.ts';

/** The findings for people, by topic; what is as it should be is left out with `quiet`. */
export function printFindings(
  findings: readonly Finding[],
  { style }: Pick<Io, 'style'>,
  { quiet }: { readonly quiet: boolean },
): string {
  const shown = quiet ? findings.filter(({ level }) => level === 'error' || level === 'warning') : findings;
  const paint: Readonly<Record<FindingLevel, (text: string) => string>> = {
    error: style.bad,
    warning: style.odd,
    note: style.dim,
    ok: style.good,
  };
  const blocks = topics.flatMap((topic) => {
    const own = shown.filter((finding) => finding.topic === topic);
    if (own.length === 0) return [];
    const lines = own.flatMap(({ level, message, hint }) => [
      `  ${paint[level](level.padEnd(7))}  ${message}`,
      ...(hint === undefined ? [] : [`           ${hint}`]),
    ]);
    return [`${style.bold(topic)}\n${lines.join('\n')}\n`];
  });
  const count = (level: FindingLevel) => findings.filter((finding) => finding.level === level).length;
  const [errors, warnings] = [count('error'), count('warning')];
  const verdict =
    errors + warnings === 0
      ? 'Nothing is wrong.'
      : [plural(errors, 'error'), plural(warnings, 'warning')].filter((text) => text !== '').join(', ');
  return quiet ? blocks.join('') : `${blocks.join('')}${verdict}\n`;
}

function plural(number: number, noun: string): string {
  if (number === 0) return '';
  return number === 1 ? `1 ${noun}` : `${number} ${noun}s`;
}
