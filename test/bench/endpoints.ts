import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** The endpoints of `endpoints.mjs`. */
export interface Endpoints {
  readonly port: number;
  /** Arrival times by path (ms on the server's clock) since the last call. */
  arrivals(): Promise<Readonly<Record<string, readonly number[]>>>;
  /** Makes a path hang, or answer again. */
  toggle(path: string): void;
  close(): void;
}

export async function openEndpoints(root: string): Promise<Endpoints> {
  const child = spawn(process.execPath, [`${root}test/bench/endpoints.mjs`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const port = Number((await lines.next()).value);
  return {
    port,
    async arrivals() {
      child.stdin.write('\n');
      const { value } = await lines.next();
      return (JSON.parse(String(value)) as { arrivals: Record<string, number[]> }).arrivals;
    },
    toggle: (path) => {
      child.stdin.write(`${path}\n`);
    },
    close: () => child.stdin.end(),
  };
}
