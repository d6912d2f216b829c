/** A small deterministic generator of numbers (mulberry32): the same seed gives the same files. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const snippets = [
  '${',
  '}',
  '${env:X}',
  '${file:/x}',
  '$$',
  '&a ',
  '*a',
  '<<: *a',
  '!tag ',
  '%',
  '"',
  "'",
  '[',
  ']',
  '{',
  '}',
  ': ',
  '- ',
  '\n',
  '\n  ',
  '\t',
  '#',
  '|',
  '>',
  '---\n',
  '...\n',
  '0644',
  '1e999',
  '.inf',
  '~',
  'null',
  'true',
  '3 of 5',
  '30s',
  '5 MB',
  '-1',
  '99999999999999999999',
  '\u{1F600}',
  '\u0000',
  '\uFEFF',
  '\u2028',
  'é',
  '__proto__',
  'constructor',
  'service: x\n',
  'checks:\n',
  'use: t\n',
  'vars: { v: [x, x], w: ["${v}", "${v}"], x: "${w}" }\n',
  '"${w}"',
  '"${x}${x}"',
  'with: {}',
  'templates:\n',
  'include: ./x.yaml\n',
  '(',
  ')',
  'and ',
  'not ',
  '/(a+)+$/',
  'matches ',
];

/** One file made of another: characters and lines dropped, doubled, swapped, replaced by what hurts parsers. */
export function mutate(text: string, others: readonly string[], random: () => number): string {
  let mutated = text;
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const rounds = 1 + Math.floor(random() * 6);
  for (let round = 0; round < rounds; round += 1) {
    const at = Math.floor(random() * (mutated.length + 1));
    const length = Math.floor(random() * 12);
    const lines = mutated.split('\n');
    const line = Math.floor(random() * lines.length);
    switch (Math.floor(random() * 8)) {
      case 0:
        mutated = mutated.slice(0, at) + mutated.slice(at + length);
        break;
      case 1:
        mutated = mutated.slice(0, at) + (pick(snippets) ?? '') + mutated.slice(at);
        break;
      case 2:
        mutated = mutated.slice(0, at) + (pick(snippets) ?? '') + mutated.slice(at + length);
        break;
      case 3:
        lines.splice(line, 1);
        mutated = lines.join('\n');
        break;
      case 4:
        lines.splice(line, 0, lines[Math.floor(random() * lines.length)] ?? '');
        mutated = lines.join('\n');
        break;
      case 5:
        lines[line] = ' '.repeat(Math.floor(random() * 8)) + (lines[line] ?? '').trimStart();
        mutated = lines.join('\n');
        break;
      case 6: {
        const other = pick(others) ?? '';
        const from = Math.floor(random() * other.length);
        mutated = mutated.slice(0, at) + other.slice(from, from + 200) + mutated.slice(at);
        break;
      }
      default:
        mutated =
          mutated.slice(0, at) + String.fromCharCode(Math.floor(random() * 256)) + mutated.slice(at + 1);
    }
  }
  return mutated.slice(0, 20_000);
}
