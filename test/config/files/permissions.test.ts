import { describe, expect, it } from 'vitest';
import { readableByOthers, writableByOthers } from '../../../src/config/files/permissions.ts';

const at = (mode: number, uid = 0, gid = 0) => ({ mode, uid, gid });

describe('who may touch a rule file', () => {
  it('is root and the user of the agent', () => {
    expect(writableByOthers('/r.yaml', at(0o644), 1000)).toBeUndefined();
    expect(writableByOthers('/r.yaml', at(0o644, 1000, 1000), 1000)).toBeUndefined();
    expect(writableByOthers('/r.yaml', at(0o664, 1000, 1000), 1000)).toBeUndefined();
    expect(writableByOthers('/r.yaml', at(0o664), 0)).toBeUndefined();
  });

  it('is nobody else, and the message says the way out', () => {
    expect(writableByOthers('/r.yaml', at(0o600, 7), 0)).toMatchObject({ hint: 'run: chown root /r.yaml' });
    expect(writableByOthers('/r.yaml', at(0o666), 0)).toMatchObject({ hint: 'run: chmod go-w /r.yaml' });
    expect(writableByOthers("/it's.yaml", at(0o660, 0, 50), 0)).toMatchObject({
      hint: "run: chmod g-w '/it'\\''s.yaml'",
    });
  });

  it('tells who may read', () => {
    expect(readableByOthers(at(0o600))).toBe(false);
    expect(readableByOthers(at(0o640))).toBe(false);
    expect(readableByOthers(at(0o640, 0, 50))).toBe(true);
    expect(readableByOthers(at(0o604))).toBe(true);
  });
});
