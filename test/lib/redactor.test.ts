import { describe, expect, it } from 'vitest';
import { createRedactor, maskTexts } from '../../src/lib/redactor.ts';

describe('the redactor', () => {
  const redact = createRedactor([
    { text: 'hunter2/&"x', source: '${env:PASSWORD}' },
    { text: 'hunter2', source: '${file:/etc/key}' },
    { text: 'ab', source: '${env:SHORT}' },
  ]);

  it('replaces every form of a secret by where it came from, longest first', () => {
    expect(redact('pw hunter2/&"x here')).toBe('pw <${env:PASSWORD}> here');
    expect(redact('key hunter2!')).toBe('key <${file:/etc/key}>!');
    expect(redact(encodeURIComponent('hunter2/&"x'))).toBe('<${env:PASSWORD}>');
    expect(redact(JSON.stringify({ a: 'hunter2/&"x' }))).toBe('{"a":"<${env:PASSWORD}>"}');
    expect(redact(Buffer.from('hunter2/&"x').toString('base64'))).toBe('<${env:PASSWORD}>');
  });

  it('leaves what is too short to be told from ordinary text', () => {
    expect(redact('cab')).toBe('cab');
    expect(createRedactor([])('plain')).toBe('plain');
  });
});

describe('masked texts', () => {
  it('are never printed in part, whichever was told first', () => {
    expect(maskTexts(['abcd', 'abcd1234', 'a', ''])('a abcd1234 abcd b')).toBe('a *** *** b');
  });

  it('are found as URLs, JSON and base64 write them, too', () => {
    const mask = maskTexts(['hunter2/&"x']);
    expect(mask('?p=hunter2%2F%26%22x')).toBe('?p=***');
    expect(mask('"hunter2/&\\"x"')).toBe('"***"');
    expect(mask(Buffer.from('hunter2/&"x').toString('base64'))).toBe('***');
    expect(maskTexts(['a "key"\n of two lines'])('it said "a \\"key\\" of two lines"')).toBe('it said "***"');
    expect(maskTexts(['half \ud800 a character'])('plain')).toBe('plain');
  });
});
