import { describe, expect, it } from 'vitest';
import type { ContainerEvent } from '../../../src/managers/containers/container-api.ts';
import { type EndFacts, endIn } from '../../../src/managers/containers/container-end.ts';

/** `kill 15` is a kill with that signal; `+30` lets 30 seconds pass, and otherwise a tenth of one does. */
function events(...words: readonly string[]): readonly ContainerEvent[] {
  let at = 1_000_000;
  return words.flatMap((word) => {
    if (word.startsWith('+')) {
      at += Number(word) * 1000;
      return [];
    }
    at += 100;
    const [action = '', signal] = word.split(' ');
    const attributes = signal === undefined ? {} : { signal };
    return [{ Action: action, timeNano: at * 1e6, Actor: { ID: 'x', Attributes: attributes } }];
  });
}

const day = '+86400';
const docker: EndFacts = { engine: 'Docker' };
const podman: EndFacts = { engine: 'Podman' };

describe('the end of a container', () => {
  it.each([
    ['docker stop', events('start', 'kill 15', 'die', 'stop'), docker, 'by-hand'],
    ['docker stop -t 60', events('start', 'kill 15', '+60', 'kill 9', 'die', 'stop'), docker, 'by-hand'],
    ['docker kill', events('start', 'kill 9', 'die'), docker, 'by-hand'],
    ['a kill that is not told as ended yet', events('start', 'kill 9'), docker, 'by-hand'],
    ['docker kill -s TERM', events('start', 'kill 15', '+5', 'die'), docker, 'by-hand'],
    ['a death', events('start', 'die'), docker, 'by-itself'],
    ['a death after an earlier stop', events('kill 15', 'die', 'stop', 'start', 'die'), docker, 'by-itself'],
    [
      'a restart, and a death',
      events('kill 15', 'die', 'stop', 'start', 'restart', 'die'),
      docker,
      'by-itself',
    ],
    ['nothing remembered', events(), docker, 'forgotten'],
    ['a reload, and a death', events('start', 'kill 1', 'die'), docker, 'by-itself'],
    ["logrotate's USR1, and a death", events('start', 'kill 10', '+1', 'die'), docker, 'by-itself'],
    [
      'a TERM that was ignored, and a death',
      events('start', 'kill 15', day, 'die'),
      docker,
      'by-itself-late',
    ],
    ['no signal in the event', events('start', 'kill', 'die'), docker, 'by-hand'],
    [
      'its own stop signal',
      events('start', 'kill 10', 'die'),
      { ...docker, stopSignal: 'SIGUSR1' },
      'by-hand',
    ],
    [
      'the same as a number',
      events('start', 'kill 37', 'die'),
      { ...docker, stopSignal: 'SIGRTMIN+3' },
      'by-hand',
    ],
    [
      'its own time to stop',
      events('start', 'kill 15', '+50', 'die'),
      { ...docker, stopTimeout: 60 },
      'by-hand',
    ],
    ['cleaned up twice', events('start', 'died', 'cleanup', 'cleanup'), podman, 'by-hand'],
    ['Podman says nothing', events('start', 'died', 'cleanup'), podman, 'unclear'],
    ['podman kill', events('start', 'kill', 'die', 'cleanup'), podman, 'by-hand'],
    ['an old signal, and a death', events('start', 'kill', day, 'die', 'cleanup'), podman, 'unclear'],
    ['Podman remembers nothing', events(), podman, 'forgotten'],
  ] as const)('%s', (_, list, facts, end) => {
    expect(endIn(list, facts)).toBe(end);
  });

  it("the watcher's own reload is no stop, also where the engine tells no signals", () => {
    const list = events('start', 'kill', 'die');
    const ownReload = { from: 1_000_150, to: 1_000_250 };
    expect(endIn(list, { ...podman, ownReload })).toBe('unclear');
    expect(endIn(list, { ...podman, ownReload: { from: 0, to: 1 } })).toBe('by-hand');
    expect(endIn(events('start', 'kill 9', 'die'), { ...docker, ownReload })).toBe('by-hand');
  });
});
