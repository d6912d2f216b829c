import { placeText, sortProblems } from './frame.ts';
import type { Problem } from './problem.ts';

/** For programs: `{ problems: [{ level, code, message, file, line, column, length, hint, related }] }`. */
export function problemsAsJson(problems: readonly Problem[]): string {
  const rows = sortProblems(problems).map(({ place, related, ...rest }) => ({
    ...rest,
    ...place,
    ...(related === undefined
      ? {}
      : { related: related.map((other) => ({ ...other.place, message: other.message })) }),
  }));
  return `${JSON.stringify({ version: 1, problems: rows }, undefined, 2)}\n`;
}

/** Workflow commands that GitHub Actions shows beside the lines of a change. */
export function problemsAsGithub(problems: readonly Problem[]): string {
  return sortProblems(problems)
    .map((problem) => {
      const { place } = problem;
      const properties = [
        ...(place === undefined
          ? []
          : [
              `file=${escapeProperty(place.file)}`,
              `line=${place.line}`,
              `col=${place.column}`,
              `endColumn=${place.column + place.length}`,
            ]),
        `title=${escapeProperty(problem.code)}`,
      ];
      const related = (problem.related ?? []).map((other) => `${placeText(other.place)} ${other.message}`);
      return `::${problem.level} ${properties.join(',')}::${escapeData([sentence(problem), ...related].join('\n'))}\n`;
    })
    .join('');
}

/** SARIF 2.1.0, as code scanning tools read it. */
export function problemsAsSarif(problems: readonly Problem[], version: string): string {
  const sorted = sortProblems(problems);
  const codes = [...new Set(sorted.map((problem) => problem.code))].sort();
  const results = sorted.map((problem) => ({
    ruleId: problem.code,
    level: problem.level,
    message: { text: sentence(problem) },
    ...(problem.place === undefined ? {} : { locations: [location(problem.place)] }),
    ...(problem.related === undefined
      ? {}
      : {
          relatedLocations: problem.related.map((other) => ({
            ...location(other.place),
            message: { text: other.message },
          })),
        }),
  }));
  const driver = { name: 'watcher', version, rules: codes.map((id) => ({ id })) };
  return `${JSON.stringify(
    {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [{ tool: { driver }, results }],
    },
    undefined,
    2,
  )}\n`;
}

/** One line for logs and for the summary of a refused reload. */
export function problemLine(problem: Problem): string {
  const where = problem.place === undefined ? '' : `${placeText(problem.place)} `;
  return `${where}${problem.level}: ${sentence(problem)}`;
}

function sentence(problem: Problem): string {
  return problem.hint === undefined ? problem.message : `${problem.message} (${problem.hint})`;
}

function location(place: NonNullable<Problem['place']>) {
  return {
    physicalLocation: {
      artifactLocation: { uri: place.file.split('/').map(encodeURIComponent).join('/') },
      region: { startLine: place.line, startColumn: place.column, endColumn: place.column + place.length },
    },
  };
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
