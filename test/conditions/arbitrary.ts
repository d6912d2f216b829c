import fc from 'fast-check';
import type { Reading } from '../../src/model/reading.ts';

/** A condition as text together with what it means, said in plain JavaScript. Undefined: not known. */
export interface Meant<T> {
  readonly text: string;
  readonly of: (reading: Reading) => T | undefined;
}

type Num = Meant<number>;
type Truth = Meant<boolean>;

const blank = fc.constantFrom('', ' ', '  ');

function number(name: string): Num {
  return { text: name, of: (reading) => reading[name] as number | undefined };
}

/** A literal in one of the units of a quantity, with the blanks and the decimals that people write. */
function literal(units: Readonly<Record<string, number>>, max: number): fc.Arbitrary<Num> {
  return fc
    .tuple(fc.integer({ min: 0, max: max * 4 }), fc.constantFrom(...Object.entries(units)), blank)
    .map(([quarters, [unit, factor], gap]) => {
      const value = (quarters / 4) * factor;
      return { text: `${quarters / 4}${gap}${unit}`, of: () => value };
    });
}

const durations = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 };
const sizes = { B: 1, kB: 1024, KB: 1024, KiB: 1024, MB: 1024 ** 2, GiB: 1024 ** 3 };

/** Numbers of one quantity: readings, literals, and arithmetic of both. */
function numbers(
  readings: readonly string[],
  units: Readonly<Record<string, number>>,
  max: number,
): fc.Arbitrary<Num> {
  const one = fc.oneof(
    { arbitrary: fc.constantFrom(...readings.map(number)), weight: 3 },
    literal(units, max),
  );
  const pair = fc.tuple(one, one, fc.constantFrom('+', '-')).map(
    ([a, b, sign]): Num => ({
      text: `${a.text} ${sign} ${b.text}`,
      of: (reading) => lift(a.of(reading), b.of(reading), (x, y) => (sign === '+' ? x + y : x - y)),
    }),
  );
  const product = fc.tuple(one, fc.integer({ min: 2, max: 5 })).map(
    ([a, factor]): Num => ({
      text: `${a.text} * ${factor}`,
      of: (reading) => lift(a.of(reading), factor, (x, y) => x * y),
    }),
  );
  return fc.oneof({ arbitrary: one, weight: 6 }, pair, product);
}

function lift<A, B, R>(a: A | undefined, b: B | undefined, result: (a: A, b: B) => R): R | undefined {
  return a === undefined || b === undefined ? undefined : result(a, b);
}

const operators: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function comparison(side: fc.Arbitrary<Num>): fc.Arbitrary<Truth> {
  return fc
    .tuple(side, fc.constantFrom(...Object.entries(operators)), side, blank)
    .map(([a, [sign, holds], b, gap]) => ({
      text: `${a.text}${gap}${sign}${gap}${b.text}`,
      of: (reading) => lift(a.of(reading), b.of(reading), holds),
    }));
}

const share: fc.Arbitrary<Truth> = fc
  .tuple(fc.integer({ min: 0, max: 100 }), fc.constantFrom(...Object.entries(operators)))
  .map(([percent, [sign, holds]]) => ({
    text: `memory ${sign} ${percent}%`,
    of: (reading) =>
      lift(
        reading['memory'] as number | undefined,
        reading['memory_total'] as number | undefined,
        (part, whole) => holds((part / whole) * 100, percent),
      ),
  }));

const membership: fc.Arbitrary<Truth> = fc
  .array(fc.integer({ min: 100, max: 599 }), { minLength: 1, maxLength: 4 })
  .map((list) => ({
    text: `status in [${list.join(', ')}]`,
    of: (reading) => lift(reading['status'] as number | undefined, list, (value, all) => all.includes(value)),
  }));

const word = fc.string({
  unit: fc.constantFrom('a', 'b', '"', '\\', ' ', '\n', 'é', '/'),
  minLength: 1,
  maxLength: 3,
});

const texts: fc.Arbitrary<Truth> = fc
  .tuple(word, fc.constantFrom('contains', 'starts with', 'ends with', '==', '!='), fc.boolean())
  .map(([part, operator, single]) => ({
    text: `body ${operator} ${single ? `'${part.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'` : JSON.stringify(part)}`,
    of: (reading) =>
      lift(reading['body'] as string | undefined, part, (body, wanted) => {
        if (operator === 'contains') return body.includes(wanted);
        if (operator === 'starts with') return body.startsWith(wanted);
        if (operator === 'ends with') return body.endsWith(wanted);
        return (body === wanted) === (operator === '==');
      }),
  }));

const patterns: fc.Arbitrary<Truth> = fc
  .constantFrom('a', '^a+b?$', '[ab]{2}', 'é|\\\\', '\\s')
  .map((pattern) => ({
    text: `body matches /${pattern}/`,
    of: (reading) =>
      lift(reading['body'] as string | undefined, new RegExp(pattern), (body, regex) => regex.test(body)),
  }));

const states: fc.Arbitrary<Truth> = fc
  .tuple(fc.constantFrom('running', 'sleeping', 'zombie'), fc.boolean())
  .map(([state, equal]) => ({
    text: `state ${equal ? '==' : '!='} "${state}"`,
    of: (reading) => lift(reading['state'] as string | undefined, state, (a, b) => (a === b) === equal),
  }));

const flags: fc.Arbitrary<Truth> = fc.constantFrom<Truth>(
  { text: 'running', of: (reading) => reading['running'] as boolean | undefined },
  { text: 'running == true', of: (reading) => reading['running'] as boolean | undefined },
  { text: 'cpu exists', of: (reading) => reading['cpu'] !== undefined },
);

type Json = Readonly<Record<string, unknown>> | undefined;

function jsonOf(reading: Reading): Json {
  return reading['json'] as Json;
}

const json: fc.Arbitrary<Truth> = fc.oneof(
  fc.tuple(fc.integer({ min: -2, max: 5 }), fc.constantFrom(...Object.entries(operators))).map(
    ([limit, [sign, holds]]): Truth => ({
      text: `json.n ${sign} ${limit}`,
      of: (reading) => {
        const value = jsonOf(reading)?.['n'];
        if (typeof value === 'number') return holds(value, limit);
        return sign === '!=';
      },
    }),
  ),
  fc.constantFrom<Truth>(
    { text: 'json.n exists', of: (reading) => (jsonOf(reading)?.['n'] ?? null) !== null },
    { text: 'json.n == null', of: (reading) => (jsonOf(reading)?.['n'] ?? null) === null },
    { text: 'json.n == "x"', of: (reading) => jsonOf(reading)?.['n'] === 'x' },
    { text: 'json.n', of: (reading) => jsonOf(reading)?.['n'] === true },
    { text: 'json["n"].deep[0] == 1', of: () => false },
  ),
);

const atom: fc.Arbitrary<Truth> = fc.oneof(
  comparison(numbers(['latency', 'expires_in'], durations, 900)),
  comparison(numbers(['memory_tree', 'used'], sizes, 900)),
  comparison(numbers(['cpu'], { '%': 1 }, 90)),
  comparison(numbers(['status', 'pid'], { '': 1 }, 599)),
  share,
  membership,
  texts,
  patterns,
  states,
  flags,
  json,
);

/** Conditions with everything that needs no memory, with their meaning. */
export const truth: fc.Arbitrary<Truth> = fc.letrec<{ truth: Truth; or: Truth; and: Truth; not: Truth }>(
  (tie) => ({
    truth: fc.oneof({ maxDepth: 3, depthSize: 'small' }, atom, tie('or'), tie('and'), tie('not')),
    or: fc.tuple(tie('truth'), tie('truth')).map(([a, b]) => ({
      text: `(${a.text}) or (${b.text})`,
      of: (reading) => either(a.of(reading), b.of(reading)),
    })),
    and: fc.tuple(tie('truth'), tie('truth')).map(([a, b]) => ({
      text: `(${a.text}) and (${b.text})`,
      of: (reading) => flip(either(flip(a.of(reading)), flip(b.of(reading)))),
    })),
    not: tie('truth').map((a) => ({ text: `not (${a.text})`, of: (reading) => flip(a.of(reading)) })),
  }),
).truth;

function flip(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}

function either(a: boolean | undefined, b: boolean | undefined): boolean | undefined {
  if (a === true || b === true) return true;
  return a === undefined || b === undefined ? undefined : false;
}

const n: fc.Arbitrary<number | string | boolean | null> = fc.oneof(
  fc.integer({ min: -2, max: 5 }),
  fc.constantFrom('x', true, null),
);

/** Readings in which each value may be absent. */
export const reading: fc.Arbitrary<Reading> = fc.record(
  {
    status: fc.integer({ min: 100, max: 599 }),
    pid: fc.integer({ min: 1, max: 600 }),
    latency: fc.integer({ min: 0, max: 2_000_000 }),
    expires_in: fc.integer({ min: -1_000_000, max: 2_000_000 }),
    cpu: fc.integer({ min: 0, max: 400 }).map((quarters) => quarters / 4),
    memory: fc.integer({ min: 0, max: 500 }),
    memory_total: fc.integer({ min: 500, max: 1000 }),
    memory_tree: fc.integer({ min: 0, max: 1e9 }),
    used: fc.integer({ min: 0, max: 1e9 }),
    body: fc.string({ unit: fc.constantFrom('a', 'b', '"', '\\', ' ', '\n', 'é'), maxLength: 6 }),
    state: fc.constantFrom('running', 'sleeping', 'zombie'),
    running: fc.boolean(),
    json: fc.record({ n }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);
