import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Agent, createAgent } from '../../src/agent/agent.ts';
import type { AgentOptions, Loaded } from '../../src/agent/options.ts';
import { realRuleFiles } from '../../src/config/files/real-rule-files.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { registeredKinds } from '../../src/config/registered-kinds.ts';
import type { Summary } from '../../src/control/api.ts';
import { type Client, createClient } from '../../src/control/client.ts';
import { createHost } from '../../src/host/real-host.ts';
import { countProblems, renderProblems } from '../../src/schema/frame.ts';
import { createLogger } from '../../src/telemetry/logger.ts';

/** A folder with rules and agents that live in this process on the real host. */
export interface AgentBed {
  readonly folder: string;
  readonly socket: string;
  readonly client: Client;
  readonly log: string[];
  path(name: string): string;
  write(name: string, text: string): void;
  /** What reads the rules of the folder. */
  loader(): AgentOptions['load'];
  agent(more?: Partial<AgentOptions>): Agent;
  /** Starts one or throws. */
  started(more?: Partial<AgentOptions>): Promise<Agent>;
  summary(): Promise<Summary>;
  stopAgents(): Promise<void>;
  close(): Promise<void>;
}

export function makeAgentBed(settings = 'every: 200ms\n'): AgentBed {
  const folder = mkdtempSync(join(tmpdir(), 'watcher-agent-'));
  const path = (name: string): string => join(folder, name);
  const socket = path('run/watcher.sock');
  const client = createClient(socket);
  const log: string[] = [];
  const closing: (() => Promise<void>)[] = [];
  mkdirSync(path('rules'));
  const write = (name: string, text: string): void => writeFileSync(path(name), text, { mode: 0o600 });
  write(
    'watcher.yaml',
    `rules: [./rules/*.yaml]\nstate_dir: ${path('state')}\nsocket: ${socket}\n${settings}`,
  );

  async function load(): Promise<Loaded> {
    const loaded = await loadConfig({
      file: path('watcher.yaml'),
      files: realRuleFiles,
      kinds: registeredKinds(),
      surroundings: { env: {}, cwd: folder, home: folder, uid: process.getuid?.() ?? 0 },
      hostName: 'web-1',
    });
    const { config, problems, sources, secrets, files, folders } = loaded;
    return {
      ...(config === undefined ? {} : { config }),
      report: renderProblems(problems, sources, { colour: false, secrets }),
      summary: countProblems(problems),
      files,
      folders,
    };
  }

  function agent(more: Partial<AgentOptions> = {}): Agent {
    const host = createHost({ name: 'web-1' });
    const logger = createLogger({ write: (line) => void log.push(line), journal: true, wall: () => 0 });
    const made = createAgent({ host, kinds: registeredKinds(), version: '1.2.3', load, logger, ...more });
    closing.push(async () => {
      await made.stop('end of the test');
      host.close();
    });
    return made;
  }

  async function stopAgents(): Promise<void> {
    for (const close of closing.splice(0).reverse()) await close();
  }

  async function summary(): Promise<Summary> {
    const answered = await client.summary();
    if (!answered.ok) throw new Error(answered.failure.message);
    return answered.value;
  }

  return {
    folder,
    socket,
    client,
    log,
    path,
    write,
    loader: () => load,
    agent,
    async started(more) {
      const made = agent(more);
      const started = await made.start();
      if (!started.ok) throw new Error(JSON.stringify(started.failure));
      return made;
    },
    summary,
    stopAgents,
    async close() {
      await stopAgents();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
