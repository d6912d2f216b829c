import type { ControlSurface } from '../../control/surface.ts';
import { formatDuration } from '../../lib/duration.ts';
import type { Io } from '../io.ts';
import { createLiveScreen } from './live-screen.ts';
import { agentNotes, printSummary } from './print-summary.ts';
import { cutText } from './text-width.ts';

/** What `watcher run` shows on a terminal: the summary, drawn again in place, and log lines above it. */
export interface LiveSummary {
  readonly log: (line: string) => void;
  /** Begins to draw. */
  readonly follow: (surface: ControlSurface) => void;
  readonly end: () => void;
}

/** Milliseconds between two drawings when nothing happens: ages are shown in seconds. */
const REDRAW = 1000;

export function createLiveSummary(io: Io, terminal: NodeJS.WriteStream): LiveSummary {
  const screen = createLiveScreen({
    write: (text) => void terminal.write(text),
    rows: () => terminal.rows || 24,
  });
  let timer: NodeJS.Timeout | undefined;
  let unfollow = (): void => undefined;
  let soon: NodeJS.Immediate | undefined;

  function draw(surface: ControlSurface): void {
    const { agent, services } = surface.summary();
    // A serial console does not say how large it is.
    const width = Math.max(20, terminal.columns || 80);
    const age = formatDuration(Math.max(0, io.now() - agent.startedAt));
    const head = `watcher ${agent.version} on ${agent.host}, running for ${age}. Ctrl-C stops it; services run on.`;
    const lines = [head, ...agentNotes(agent)].map((line) => cutText(line, width));
    const table = printSummary(services, io.now(), { style: io.style, columns: width });
    screen.show(`${io.style.dim('-'.repeat(Math.min(width, 80)))}\n${lines.join('\n')}\n${table}`);
  }

  return {
    log: screen.log,
    follow(surface) {
      const again = (): void => {
        soon ??= setImmediate(() => {
          soon = undefined;
          draw(surface);
        });
      };
      again();
      timer = setInterval(again, REDRAW);
      terminal.on('resize', again);
      const unwatch = surface.follow(again);
      unfollow = () => {
        terminal.off('resize', again);
        unwatch();
      };
    },
    end() {
      clearInterval(timer);
      clearImmediate(soon);
      unfollow();
      screen.end();
    },
  };
}
