import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRegex, regexOf } from '../../../src/lib/regex/regex.ts';

function matches(pattern: string, text: string, flags = ''): boolean | undefined {
  const regex = compileRegex(pattern, flags);
  if ('message' in regex) throw new Error(regex.message);
  return regex.test(text);
}

function fault(pattern: string, flags = '') {
  const regex = compileRegex(pattern, flags);
  return 'message' in regex ? regex : undefined;
}

describe('patterns', () => {
  it.each([
    ['ok', 'all ok here', '', true],
    ['^ok$', 'ok', '', true],
    ['^ok$', 'ok\n', '', false],
    ['^ok$', 'not\nok\n', 'm', true],
    ['OK', 'ok', 'i', true],
    ['[^A-Z]', 'abc', 'i', false],
    ['straße', 'STRAßE', 'i', true],
    ['a.c', 'a\nc', '', false],
    ['a.c', 'a\nc', 's', true],
    ['^(ready|up) in \\d{1,3} ms$', 'up in 41 ms', '', true],
    ['^(ready|up) in \\d{1,3} ms$', 'up in 4100 ms', '', false],
    ['\\bfail(ed|ure)?\\b', 'it failed.', '', true],
    ['\\bfail\\b', 'failover', '', false],
    ['a{2,3}?b', 'aab', '', true],
    ['a{,3}', 'a{,3}', '', true],
    ['(?<word>a+)b', 'aab', '', true],
    ['(?:x|)y', 'y', '', true],
    ['[[:digit:]]+[[:space:]]', 'n 12 ', '', true],
    ['[\\w.-]+@[\\w.-]+', 'mail ops@example.com now', '', true],
    ['[]', 'a', '', false],
    ['[^]', 'a', '', true],
    ['\\u{1F600}|x', '😀', '', true],
    ['^.$', '😀', '', true],
    ['\\x41\\t', 'A\t', '', true],
    ['', '', '', true],
    ['^$', '', '', true],
    ['\\B', '', '', true],
  ] as const)('/%s/ on %j (%s) is %s', (pattern, text, flags, expected) =>
    expect(matches(pattern, text, flags)).toBe(expected),
  );

  it.each([
    ['a(?=b)', 1, 3],
    ['(?<!x)y', 0, 4],
    ['(a)\\1', 3, 2],
    ['(?i)a', 0, 3],
    ['a++', 2, 1],
    ['a**', 2, 1],
    ['*a', 0, 1],
    ['(a', 0, 1],
    ['a)', 1, 1],
    ['[a', 0, 1],
    ['[b-a]', 1, 3],
    ['a{3,1}', 1, 5],
    ['\\', 0, 1],
    ['\\q', 0, 2],
    ['\\p{L}', 0, 2],
    ['[[:foo:]]', 1, 7],
    ['(a{500}){500}', 0, 13],
    ['('.repeat(60) + ')'.repeat(60), 50, 1],
  ])('/%s/ is a fault at %i', (pattern, at, length) => {
    expect(fault(pattern)).toMatchObject({ at, length });
  });

  it('names wrong flags behind the pattern', () => {
    expect(fault('ab', 'ig')).toMatchObject({ at: 4, message: "there is no flag 'g'" });
    expect(fault('ab', 'ii')).toMatchObject({ at: 4, message: "the flag 'i' is given twice" });
  });

  it('takes bounded time for what makes backtracking engines hang', () => {
    const text = `${'a'.repeat(100_000)}!`;
    expect(matches('^(a+)+$', text)).toBe(false);
    expect(matches('^(a|a)*$', text)).toBe(false);
    expect(matches('(a*)*b', text)).toBe(false);
    expect(matches('^(\\w+\\s?)*$', text)).toBe(false);
    // The subset automaton of this one has a million states: it must be followed, not built.
    expect(matches('(a|b)*a(a|b){20}c', 'ab'.repeat(50_000))).toBe(false);
  });

  it('finds the end of a match in bounded time, too', () => {
    const text = `${'a'.repeat(20_000)}!`;
    expect(regexOf('(a+)+!').end(text)).toBe(20_001);
    expect(regexOf('(a|a)*?!').end(text)).toBe(20_001);
    expect(regexOf('^(a+)+$').end(text)).toBeUndefined();
    expect(regexOf('x😀').end('ax😀b')).toBe(4);
  });

  it('gives up where even that is too much', () => {
    let seed = 7;
    let text = '';
    for (let i = 0; i < 200_000; i++) {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      text += seed > 1073741824 ? 'a' : 'b';
    }
    expect(matches('a(a|b){230}c', text)).toBeUndefined();
  });

  it('does not stumble over halves of characters', () => {
    expect(matches('x', '\ud800x')).toBe(true);
    expect(matches('x', '\udc00\ud800')).toBe(false);
  });
});

describe('patterns against the engine of JavaScript', () => {
  const atom = fc.constantFrom(
    'a',
    'b',
    'c',
    'A',
    '.',
    '\\d',
    '\\w',
    '\\s',
    '\\W',
    '[ab]',
    '[^a]',
    '[a-c]',
    '[\\d_]',
    '1',
    ' ',
    '\\n',
    '^',
    '$',
    '\\b',
    '\\B',
  );
  const { pattern } = fc.letrec<{ pattern: string; part: string; repeated: string }>((tie) => ({
    part: fc.oneof(
      { maxDepth: 2, depthSize: 'small' },
      atom,
      tie('pattern').map((inner) => `(${inner})`),
      tie('pattern').map((inner) => `(?:${inner})`),
    ),
    repeated: fc
      .tuple(tie('part'), fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,3}', '{0,2}', '{1,}', '*?'))
      .map(([part, repeat]) => (/^(\^|\$|\\b|\\B)$/.test(part) ? part : part + repeat)),
    pattern: fc
      .array(
        fc.array(tie('repeated'), { maxLength: 4 }).map((parts) => parts.join('')),
        { minLength: 1, maxLength: 2 },
      )
      .map((options) => options.join('|')),
  }));
  const text = fc.string({
    unit: fc.constantFrom('a', 'b', 'c', 'A', 'B', '1', '_', ' ', '\n', 'é'),
    maxLength: 12,
  });
  const flags = fc.constantFrom('', 'i', 'm', 's', 'ims');

  it('finds the same', () => {
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 1, maxLength: 5 }), flags, (source, texts, flag) => {
        const regex = compileRegex(source, flag);
        // Repetitions of repetitions grow too large; nothing else may be refused.
        if ('message' in regex) expect(regex.message).toBe('this pattern is too large');
        fc.pre(!('message' in regex));
        const oracle = new RegExp(source, flag);
        for (const one of texts)
          expect(regex.test(one), `/${source}/${flag} on ${JSON.stringify(one)}`).toBe(oracle.test(one));
      }),
      { numRuns: 1000 },
    );
  });

  it('ends where its match ends', () => {
    // What repeats nothing at all may end elsewhere: that engine gives up such a repetition, and takes another way.
    const simple = fc
      .array(
        fc.tuple(atom, fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,3}', '*?', '+?', '??', '{1,3}?')),
        {
          minLength: 1,
          maxLength: 5,
        },
      )
      .map((parts) => parts.map(([a, b]) => (/^(\^|\$|\\b|\\B)$/.test(a) ? a : a + b)).join(''));
    const grouped = fc.tuple(simple, simple, simple).map(([a, b, c]) => `${a}(${b}|${c})`);
    fc.assert(
      fc.property(fc.oneof(simple, grouped), text, flags, (source, one, flag) => {
        const match = new RegExp(source, flag).exec(one);
        const end = match === null ? undefined : match.index + match[0].length;
        expect(regexOf(source, flag).end(one), `/${source}/${flag} on ${JSON.stringify(one)}`).toBe(end);
      }),
      { numRuns: 1000 },
    );
  });

  it('never throws, whatever the pattern', () => {
    const noise = fc.string({ unit: fc.constantFrom(...'ab[](){}|*+?^$\\.-,:=!<12dwsbkpux'), maxLength: 20 });
    fc.assert(
      fc.property(fc.oneof(noise, fc.string()), fc.string(), (source, one) => {
        const regex = compileRegex(source);
        if ('message' in regex) expect(regex.at).toBeLessThanOrEqual(source.length);
        else expect(typeof regex.test(one)).toBe('boolean');
      }),
      { numRuns: 4000 },
    );
  });
});
