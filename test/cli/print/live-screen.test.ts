import { describe, expect, it } from 'vitest';
import { createLiveScreen } from '../../../src/cli/print/live-screen.ts';

/** Just enough of a terminal: text, line ends, CPL and ED. */
function terminal(rows = 20) {
  const lines: string[] = [''];
  let at = 0;
  const write = (text: string): void => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what a terminal reads
    for (const [part] of text.matchAll(/\u001b\[(\d*)[FJ]|\n|[^\u001b\n]+/g)) {
      if (part === '\n') {
        at += 1;
        lines[at] ??= '';
      } else if (part.endsWith('F') && part.startsWith('\u001b')) {
        at = Math.max(0, at - Number(part.slice(2, -1)));
      } else if (part === '\u001b[J') {
        lines.splice(at, lines.length, '');
      } else {
        lines[at] += part;
      }
    }
  };
  return { screen: createLiveScreen({ write, rows: () => rows }), shown: () => lines.join('\n') };
}

describe('createLiveScreen', () => {
  it('draws a block again in place', () => {
    const { screen, shown } = terminal();
    screen.show('one\ntwo\nthree\n');
    screen.show('1\n2\n');
    expect(shown()).toBe('1\n2\n');
  });

  it('lets log lines scroll by above it', () => {
    const { screen, shown } = terminal();
    screen.log('started');
    screen.show('a\nb\n');
    screen.log('something\nhappened\n');
    screen.show('c\n');
    expect(shown()).toBe('started\nsomething\nhappened\nc\n');
  });

  it('never scrolls away what it must erase later', () => {
    const { screen, shown } = terminal(4);
    screen.show('1\n2\n3\n4\n5\n6\n');
    expect(shown()).toBe('1\n2\n3\n');
  });

  it('leaves the last block behind', () => {
    const { screen, shown } = terminal();
    screen.show('a\n');
    screen.end();
    screen.log('bye');
    expect(shown()).toBe('a\nbye\n');
  });
});
