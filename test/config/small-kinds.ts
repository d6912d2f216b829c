import { defineCheck } from '../../src/checks/check-kind.ts';
import type { Kinds } from '../../src/config/kinds.ts';
import { defineManager } from '../../src/managers/manager-kind.ts';
import { defineNotifier } from '../../src/notifiers/notifier-kind.ts';
import type { RepairKind } from '../../src/repairs/repair-kind.ts';
import {
  choice,
  command,
  duration,
  group,
  hostPort,
  integer,
  list,
  path,
  record,
  secretText,
  text,
  url,
} from '../../src/schema/fields.ts';

const unknown = async () => ({ outcome: 'unknown', reason: 'this kind never looks' }) as const;

/** Small kinds of the same look as the real ones, so that the language is tested apart from what others build. */
export const smallKinds: Kinds = {
  checks: {
    process: defineCheck({
      kind: 'process',
      summary: 'A process.',
      options: {
        pidfile: path({ summary: 'Pid file.', optional: true }),
        match: group(
          {
            command: text({ summary: 'Pattern of the command line.', optional: true }),
            user: text({ summary: 'Owner.', optional: true }),
          },
          { summary: 'Which process.', optional: true },
        ),
      },
      readings: {
        running: { type: 'flag', meaning: 'whether it runs' },
        memory: { type: 'number', quantity: 'bytes', meaning: 'resident memory', total: 'memory_total' },
        memory_total: { type: 'number', quantity: 'bytes', meaning: 'memory of the machine' },
        cpu: { type: 'number', quantity: 'percent', max: 100, min: 0, meaning: 'share of all CPUs' },
        children: { type: 'number', quantity: 'count', meaning: 'child processes' },
        uptime: { type: 'number', quantity: 'duration', meaning: 'time since its start' },
      },
      expects: [],
      failAfter: 1,
      timeout: 5000,
      target: () => undefined,
      needsManager: (options) => options.pidfile === undefined && options.match === undefined,
      headline: ['memory'],
      example: 'process: {}',
      probe: unknown,
    }),
    http: defineCheck({
      kind: 'http',
      summary: 'An HTTP endpoint.',
      main: 'url',
      options: {
        url: url({
          schemes: ['http', 'https'],
          summary: 'Address.',
          example: 'http://127.0.0.1:3000/health',
        }),
        method: choice(['GET', 'HEAD', 'POST'], { summary: 'Method.', default: 'GET' }),
        headers: record(text(), { summary: 'Headers.', default: {} }),
        password: secretText({ summary: 'Password.', optional: true }),
        retries: integer({ summary: 'Retries.', default: 0, min: 0, max: 5 }),
      },
      readings: {
        status: { type: 'number', quantity: 'count', min: 100, max: 599, meaning: 'status code' },
        latency: { type: 'number', quantity: 'duration', meaning: 'time to the whole answer' },
        body: { type: 'text', meaning: 'body' },
        json: { type: 'json', meaning: 'body as JSON' },
        header: { type: 'map', meaning: 'headers' },
      },
      expects: ['status < 400'],
      failAfter: 3,
      timeout: 10_000,
      target: () => 'remote.example',
      headline: ['status', 'latency'],
      example: 'http: http://127.0.0.1:3000/health',
      probe: unknown,
    }),
    tls: defineCheck({
      kind: 'tls',
      summary: 'A certificate.',
      main: 'address',
      options: { address: hostPort({ summary: 'Server.', defaultPort: 443 }) },
      readings: { expires_in: { type: 'number', quantity: 'duration', meaning: 'time until it expires' } },
      expects: [],
      failAfter: 3,
      timeout: 10_000,
      target: () => 'remote.example',
      headline: ['expires_in'],
      example: 'tls: example.com:443',
      probe: unknown,
    }),
    command: defineCheck({
      kind: 'command',
      summary: 'A command.',
      main: 'run',
      options: { run: command({ summary: 'What to run.' }) },
      readings: { exit_code: { type: 'number', quantity: 'count', meaning: 'exit code' } },
      expects: ['exit_code == 0'],
      failAfter: 1,
      timeout: 30_000,
      target: () => undefined,
      headline: ['exit_code'],
      example: 'command: [/bin/true]',
      probe: unknown,
    }),
  },
  managers: {
    systemd: defineManager({
      kind: 'systemd',
      summary: 'systemd.',
      main: 'unit',
      options: { unit: text({ summary: 'Unit.' }) },
      can: () => ['start', 'stop', 'restart', 'reload'],
      notes: { sees: '', events: '', rights: '', intent: '' },
      example: 'systemd: api.service',
      open: () => {
        throw new Error('never opened');
      },
    }),
    pm2: defineManager({
      kind: 'pm2',
      summary: 'PM2.',
      main: 'name',
      options: { name: text({ summary: 'Name.' }), home: path({ summary: 'PM2_HOME.', optional: true }) },
      can: () => ['start', 'stop', 'restart'],
      notes: { sees: '', events: '', rights: '', intent: '' },
      example: 'pm2: api',
      open: () => {
        throw new Error('never opened');
      },
    }),
    commands: defineManager({
      kind: 'commands',
      summary: 'Own commands.',
      options: {
        pidfile: path({ summary: 'Pid file.', optional: true }),
        start: command({ summary: 'Start.' }),
        stop: command({ summary: 'Stop.', optional: true }),
      },
      can: (options) => (options.stop === undefined ? ['start'] : ['start', 'stop', 'restart']),
      notes: { sees: '', events: '', rights: '', intent: '' },
      example: 'commands: { start: [/bin/true] }',
      open: () => {
        throw new Error('never opened');
      },
    }),
  },
  notifiers: {
    email: defineNotifier({
      kind: 'email',
      summary: 'Mail.',
      options: {
        to: list(text(), { summary: 'To.', single: true }),
        smtp: list(url({ schemes: ['smtp', 'smtps'], summary: '' }), { summary: 'Servers.', default: [] }),
      },
      example: 'email: { to: ops@example.com }',
      send: async () => ({ ok: true, detail: 'sent' }),
    }),
    pagerduty: defineNotifier({
      kind: 'pagerduty',
      summary: 'PagerDuty.',
      options: {
        routing_key: secretText({ summary: 'Key.' }),
        region: choice(['us', 'eu'], { summary: 'Where.', default: 'us' }),
      },
      example: 'pagerduty: { routing_key: "${file:/etc/watcher/pagerduty.key}" }',
      send: async () => ({ ok: true, detail: 'sent' }),
    }),
    webhook: defineNotifier({
      kind: 'webhook',
      summary: 'A webhook.',
      main: 'url',
      options: {
        url: url({ schemes: ['http', 'https'], summary: 'Address.', secret: true }),
        timeout: duration({ summary: 'How long.', default: '10s' }),
      },
      example: 'webhook: https://hooks.example/x',
      send: async () => ({ ok: true, detail: 'sent' }),
    }),
  },
  repairs: {
    restart: repair('restart', 'restart'),
    reload: repair('reload', 'reload'),
    start: repair('start', 'start'),
    stop: repair('stop', 'stop'),
    run: { ...repair('run', 'run'), takesCommand: true },
  },
};

function repair(kind: string, operation: RepairKind['operation']): RepairKind {
  return { kind, summary: `${kind} it.`, operation, takesCommand: false, example: `repair: ${kind}` };
}
