import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readPlainYaml } from '../../src/schema/plain-yaml.ts';
import { parseYaml } from '../../src/schema/yaml.ts';
import { mutate, randomNumbers } from '../config/mutate.ts';
import { parseCase } from '../config/run-case.ts';

const cases = fileURLToPath(new URL('../cases/', import.meta.url));
const rules = fileURLToPath(new URL('../../rules/', import.meta.url));
const texts = [
  ...readdirSync(cases)
    .filter((name) => name.endsWith('.case'))
    .flatMap((name) => Object.values(parseCase(readFileSync(cases + name, 'utf8')).texts)),
  ...readdirSync(rules)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => readFileSync(rules + name, 'utf8')),
];

/** What both make of a text; the same, or the quick reader leaves it to the library. */
function compare(text: string): 'same' | 'left' {
  const plain = readPlainYaml(text, 'f.yaml');
  if (plain === undefined) return 'left';
  const whole = parseYaml(text, 'f.yaml');
  expect({ text, documents: plain, problems: [] }).toEqual({ text, ...whole });
  return 'same';
}

describe('the quick reader of plain YAML', () => {
  it('makes the same of rule files as the library, and reads nearly all of them', () => {
    const results = texts.map(compare);
    expect(results.filter((result) => result === 'same').length).toBeGreaterThan(texts.length * 0.85);
  });

  it('makes the same of mutated rule files, or leaves them to the library', () => {
    const random = randomNumbers(11);
    let same = 0;
    for (let index = 0; index < 1500; index += 1) {
      const text = mutate(texts[Math.floor(random() * texts.length)] ?? '', texts, random).slice(0, 1500);
      if (compare(text) === 'same') same += 1;
    }
    expect(same).toBeGreaterThan(100);
  });

  it.each([
    'a: 1\nb: -2.5\nc: +3\nd: .5\ne: 5.\nf: 007\ng: 99999999999999999999\nh: 1.10\n',
    'a: null\nb: ~\nc: true\nd: FALSE\ne: Null\nf: yes\ng: off\n',
    'a:\nb:\n  c:\n',
    'a: \'it\'\nb: "x # y" # z\n\'k\': v\n"l": w\n',
    'a: [1, two, "three", {b: c}]\n',
    'a: [1, { b: c, "d": [] }, {}]\n',
    'a:\n- x\n- y: 1\n  z: 2\nb:\n    - 1\n',
    '# only a comment\n---\na: 1\n---\n---\nb: http://x:80/y#z\n',
    '- a\n- b\n',
    'a: --flag\nb: -x\nc: a-b - c\nd: x:y\n',
    '  a: 1\n  b: 2\n',
    'a: { b: http://x:80/, c: a b }\n',
    'é: ü\nb: \u{1F600}\n',
    '',
    '\n\n',
    '---\n',
  ])('reads %j', (text) => {
    expect(compare(text)).toBe('same');
  });

  it.each([
    'a: &b 1\nc: *b\n',
    'a: !x 1\n',
    'a: |\n  text\n',
    'a: one\n  two\n',
    'a: "x\\ny"\n',
    "a: 'it''s'\n",
    'a: [1,\n  2]\n',
    'a: b: c\n',
    'a: 1\na: 2\n',
    '\ta: 1\n',
    'a: 1\r\nb: 2\r\n',
    '? a\n: b\n',
    '<<: {}\n',
    'a: 0x1F\n',
    'a: .inf\n',
    '--- a\n',
    '...\n',
    '%YAML 1.2\n---\na: 1\n',
    'a: 1\n b: 2\n',
    'a: [b: c]\n',
    'a: {b}\n',
    'a: [1, ]\n',
    'a: @x\n',
    'plain\n',
  ])('leaves %j to the library', (text) => {
    expect(compare(text)).toBe('left');
  });
});
