import { describe, expect, it } from 'vitest';
import { readSocketSetting } from '../../../src/cli/ask/socket-setting.ts';

describe('readSocketSetting', () => {
  it.each([
    ['socket: /run/w.sock', '/run/w.sock'],
    ['# top\nevery: 5s\nsocket:   /run/w.sock   # where\nrules: []\n', '/run/w.sock'],
    ['socket: "/run/a b.sock"\r\n', '/run/a b.sock'],
    ["socket: '/run/w.sock'", '/run/w.sock'],
    ['socket: ~/w.sock', '~/w.sock'],
  ])('%j', (text, path) => {
    expect(readSocketSetting(text)).toEqual({ is: 'given', path });
  });

  it.each([[''], ['every: 5s\n'], ['# socket: /x\n'], ['notifiers:\n  socket: /not/this\n']])(
    '%j has none',
    (text) => {
      expect(readSocketSetting(text)).toEqual({ is: 'absent' });
    },
  );

  it.each([
    ['socket: ${env:SOCK}'],
    ['socket: "/run/${env:NAME}.sock"'],
    ['socket: "/run/\\x41.sock"'],
    ['socket: *anchor'],
    ['socket: &a /run/w.sock'],
    ['socket: >-\n  /run/w.sock'],
    ['socket:\n  /run/w.sock'],
    ['socket: /a\nsocket: /b'],
    ['"socket": /run/w.sock'],
    ['{ socket: /run/w.sock }'],
    ['<<: *base\n'],
    ['include: more.yaml\n'],
  ])('%j takes the real loader', (text) => {
    expect(readSocketSetting(text)).toEqual({ is: 'hidden' });
  });
});
