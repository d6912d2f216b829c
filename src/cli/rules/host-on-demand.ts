import type { Host } from '../../host/host.ts';

/** This machine for a command that mostly does without: it is opened when something is asked of it. */
export interface HostOnDemand {
  get(): Promise<Host>;
  close(): void;
}

export function hostOnDemand(): HostOnDemand {
  let opened: Promise<Host & { close(): void }> | undefined;
  let close = (): void => undefined;
  return {
    get: () => {
      opened ??= import('../../host/real-host.ts').then(({ createHost }) => {
        const host = createHost();
        close = () => host.close();
        return host;
      });
      return opened;
    },
    close: () => close(),
  };
}
