import type { Host } from '../../host/host.ts';
import {
  createSystemdState,
  filesAreSilent,
  filesSayGoingDown,
  nothingToAsk,
} from '../../host/machine/going-down.ts';
import type { ShutdownNews } from '../../managers/systemd/systemd-scope.ts';

/** Whether the host is going down: then services end because they are meant to, and nothing is repaired or told. */
export interface HostEnd {
  /** Asks thoroughly; for the moment before a failure is believed. */
  look(): Promise<void>;
  /**
   * Whether it surely does not go down, told at once: no file says so, and systemd has told that it does not (a manager: `told`), or
   * there is neither systemd nor a bus that would have to be asked. Of an end that is seen and not told the reason may not have been read
   * yet: `newsHeard`.
   */
  surelyStays(told?: boolean): boolean;
  /** Resolves when all is heard that systemd had told by now; undefined where it is not listened to. */
  newsHeard(): Promise<void> | undefined;
  /** Where nothing else tells of that, systemd is listened to from now on, if it may be. */
  listen(): void;
  /** Only looks at files, unless the host was going down; to be called again and again. */
  glance(): Promise<void>;
  close(): void;
}

/** `doubt` gets the reason not to believe failures, or nothing. */
export function createHostEnd(
  host: Pick<Host, 'files' | 'dbus'>,
  doubt: (reason: string | undefined) => void,
  listenToSystemd: () => ShutdownNews | undefined = () => undefined,
): HostEnd {
  const systemdState = createSystemdState(host);
  let news: ShutdownNews | undefined;
  let closed = false;
  let down = false;
  let systemdSaid = false;
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  function conclude(found: boolean): void {
    if (found === down) return;
    down = found;
    doubt(down ? 'the host is shutting down' : undefined);
  }

  async function ask(): Promise<void> {
    const [files, systemd] = await Promise.all([filesSayGoingDown(host), systemdState.goesDown()]);
    // A shutdown can be called off; a systemd that does not answer any more has not done that.
    systemdSaid = systemd ?? systemdSaid;
    conclude(files || systemdSaid);
  }

  function begin(): Promise<void> {
    const asking = ask().finally(() => {
      if (running === asking) running = undefined;
    });
    running = asking;
    return asking;
  }

  return {
    look() {
      if (running === undefined) return begin();
      // What is being asked may have been answered before this failure came: all that come meanwhile share the next answer.
      next ??= running.then(() => {
        next = undefined;
        return begin();
      });
      return next;
    },
    surelyStays: (told) =>
      !down &&
      running === undefined &&
      (told ?? (news?.hostStays() === true || nothingToAsk(host))) &&
      filesAreSilent(host),
    // What was written by now is read in the next turn of the event loop: in this one it may be too late for that already.
    newsHeard: () => news && new Promise((resolve) => void setImmediate(() => setImmediate(resolve))),
    listen() {
      if (!closed && !nothingToAsk(host)) news ??= listenToSystemd();
    },
    async glance() {
      if (down) await ask();
      else conclude(await filesSayGoingDown(host));
    },
    close() {
      closed = true;
      news?.close();
      news = undefined;
      systemdState.close();
    },
  };
}
