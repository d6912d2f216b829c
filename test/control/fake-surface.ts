import type { AgentInfo, ServiceStatus, SummaryRow } from '../../src/control/api.ts';
import type { ControlSurface } from '../../src/control/surface.ts';
import type { Event } from '../../src/model/event.ts';

/** A surface that answers plainly and writes down what it was asked. */
export interface FakeSurface extends ControlSurface {
  readonly asked: readonly (readonly [what: string, detail: unknown])[];
  readonly followers: number;
  happen(event: Event): void;
  /** The next command waits until this is called. */
  holdCommands(): () => void;
}

export const agent: AgentInfo = {
  version: '1.2.3',
  pid: 4242,
  host: 'web-1',
  startedAt: 1_700_000_000_000,
  config: '/etc/watcher/watcher.yaml',
  stateDir: '/var/lib/watcher',
  socket: '/run/watcher/watcher.sock',
  undelivered: 0,
  missedRuns: 0,
};

export const row: SummaryRow = {
  service: 'api',
  state: 'up',
  since: 1_700_000_000_000,
  problem: '',
  incidents: [],
  checksUp: 2,
  checksTotal: 2,
  silenced: false,
};

const service: ServiceStatus = {
  ...row,
  groups: [],
  monitored: true,
  checks: [],
  repairsInWindow: 0,
  repairsAllowed: 3,
};

export function createFakeSurface(): FakeSurface {
  const asked: (readonly [string, unknown])[] = [];
  const followers = new Set<(event: Event) => void>();
  const events: Event[] = [];
  let held: Promise<void> = Promise.resolve();
  const unknown = {
    ok: false,
    failure: { code: 'unknown-service', message: "there is no service 'x'", hint: 'see: watcher summary' },
  } as const;
  return {
    asked,
    get followers() {
      return followers.size;
    },
    happen(event) {
      events.push(event);
      for (const told of followers) told(event);
    },
    holdCommands() {
      let release = (): void => {};
      held = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    },
    summary: () => ({ version: 1, agent, services: [row] }),
    metrics: (format) => `# TYPE watcher_fake gauge\nwatcher_fake{format="${format}"} 1\n`,
    status: (name) =>
      name === undefined || name === 'api'
        ? { ok: true, value: { version: 1, agent, services: [service] } }
        : unknown,
    async command(request) {
      asked.push(['command', request]);
      await held;
      return {
        ok: true,
        value: { version: 1, results: [{ service: 'api', ok: true, detail: 'restarted' }] },
      };
    },
    async reload(by) {
      asked.push(['reload', by]);
      return { ok: false, failure: { code: 'reload-refused', message: 'the new configuration has errors' } };
    },
    quit(by) {
      asked.push(['quit', by]);
      return { version: 1, pid: agent.pid };
    },
    events: ({ service: name }) => events.filter((event) => name === undefined || event.service === name),
    follow(told) {
      followers.add(told);
      return () => followers.delete(told);
    },
    incidents(query) {
      asked.push(['incidents', query]);
      return { ok: true, value: { version: 1, incidents: [] } };
    },
    async incident(id) {
      asked.push(['incident', id]);
      throw new Error('a bug in the agent');
    },
    why(name, check) {
      asked.push(['why', [name, check]]);
      return { ok: true, value: { version: 1, service: name, reasons: ['api is up'] } };
    },
    acknowledge(request) {
      asked.push(['acknowledge', request]);
      return unknown;
    },
    silences: () => ({ version: 1, silences: [] }),
    silence(request) {
      asked.push(['silence', request]);
      return { ok: true, value: { version: 1, silences: [] } };
    },
    unsilence(id, by) {
      asked.push(['unsilence', [id, by]]);
      return { ok: true, value: { version: 1, silences: [] } };
    },
    config: () => ({ version: 1, loadedAt: 1, config: {} }),
  };
}
