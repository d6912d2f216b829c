import type { CommandDeclaration, OptionDeclaration } from './command.ts';

/** Options that every command takes, before or after its name. */
export const globalOptions: readonly OptionDeclaration[] = [
  [
    '-c, --config <file>',
    'the watcher.yaml to use (else $WATCHER_CONFIG, ./watcher.yaml, your configuration folder, /etc/watcher)',
  ],
  ['--socket <path>', 'the control socket of the agent (else what the configuration says)'],
  ['--json', 'print JSON, for programs'],
  ['-q, --quiet', 'print nothing that is not asked for; the exit code tells'],
];

const wait: OptionDeclaration = ['--wait', 'come back when it is done, not when it is queued'];
const comment: OptionDeclaration = ['--comment <text>', 'why, for whoever reads it later'];
const exitCode: OptionDeclaration = [
  '--exit-code',
  'exit with 1, 2 or 3 when the worst state is warning, down or unknown',
];

/** Every command. A command's own file is loaded when it is called, so that none pays for the others. */
export const commands: readonly CommandDeclaration[] = [
  {
    name: 'summary',
    group: 'look',
    arguments: '[service...]',
    summary: 'one line for each service: state, since when, what is wrong',
    options: [exitCode],
    load: async () => (await import('./commands/summary.ts')).summary,
  },
  {
    name: 'status',
    group: 'look',
    arguments: '[service...]',
    summary: 'every check with every measurement',
    options: [exitCode],
    load: async () => (await import('./commands/status.ts')).status,
  },
  {
    name: 'incidents',
    group: 'look',
    summary: 'what is broken now, and what was',
    options: [['--all', 'closed ones too']],
    load: async () => (await import('./commands/incidents.ts')).incidents,
  },
  {
    name: 'incident',
    group: 'look',
    arguments: '<id>',
    summary: 'one incident: timeline, repairs, evidence',
    load: async () => (await import('./commands/incident.ts')).incident,
  },
  {
    name: 'events',
    group: 'look',
    arguments: '[service...]',
    summary: 'what happened, oldest first',
    options: [
      ['-f, --follow', 'wait for more, until Ctrl-C'],
      ['-n, --lines <count>', 'how many of the past (default 50)'],
    ],
    load: async () => (await import('./commands/events.ts')).events,
  },
  {
    name: 'why',
    group: 'look',
    arguments: '<service[/check]>',
    summary: 'the reasons for a state, and for what was done and not done',
    load: async () => (await import('./commands/why.ts')).why,
  },
  {
    name: 'monitor',
    group: 'act',
    arguments: '<service...>',
    summary: 'watch again (services by name, or all)',
    load: async () => (await import('./commands/operate.ts')).monitor,
  },
  {
    name: 'unmonitor',
    group: 'act',
    arguments: '<service...>',
    summary: 'leave alone: no checks, no repairs, no notices',
    options: [['--for <duration>', 'watch again by itself after this long, such as 30m']],
    load: async () => (await import('./commands/operate.ts')).unmonitor,
  },
  {
    name: 'start',
    group: 'act',
    arguments: '<service...>',
    summary: 'start through its manager, dependencies first',
    options: [wait],
    load: async () => (await import('./commands/operate.ts')).start,
  },
  {
    name: 'stop',
    group: 'act',
    arguments: '<service...>',
    summary: 'stop through its manager, and leave it stopped',
    options: [wait],
    load: async () => (await import('./commands/operate.ts')).stop,
  },
  {
    name: 'restart',
    group: 'act',
    arguments: '<service...>',
    summary: 'restart through its manager',
    options: [wait],
    load: async () => (await import('./commands/operate.ts')).restart,
  },
  {
    name: 'ack',
    group: 'act',
    arguments: '<incident>',
    summary: 'say that you have it: no more reminders and escalations',
    options: [comment, ['--for <duration>', 'only for this long'], ['--undo', 'take it back']],
    load: async () => (await import('./commands/ack.ts')).ack,
  },
  {
    name: 'silence',
    group: 'act',
    arguments: '[service[/check]...]',
    summary: 'tell nobody for a while; without services: list the silences',
    options: [
      ['--for <duration>', 'how long, such as 2h'],
      comment,
      ['--no-repair', 'hold repairs back too'],
      ['--end <id>', 'end a silence now'],
    ],
    load: async () => (await import('./commands/silence.ts')).silence,
  },
  {
    name: 'check',
    group: 'rules',
    arguments: '[file...]',
    summary: 'read the configuration and report every mistake in it',
    options: [
      ['--host', 'also ask this machine: do the programs, users, folders and notifiers exist'],
      ['--strict', 'exit 1 when there are warnings'],
      ['--format <format>', 'text (default), json, github or sarif'],
    ],
    load: async () => (await import('./commands/check.ts')).check,
  },
  {
    name: 'config',
    group: 'rules',
    arguments: '<show|diff> [service]',
    summary: 'the rules as understood, or how the files differ from what the agent runs',
    load: async () => (await import('./commands/config.ts')).config,
  },
  {
    name: 'kinds',
    group: 'rules',
    arguments: '[kind]',
    summary: 'what can be checked, managed, notified and repaired, and how it is written',
    load: async () => (await import('./commands/kinds.ts')).kinds,
  },
  {
    name: 'init',
    group: 'rules',
    arguments: '[folder]',
    summary: 'write starter rules for what runs on this machine',
    load: async () => (await import('./commands/init.ts')).init,
  },
  {
    name: 'test-notify',
    group: 'rules',
    arguments: '[notifier...]',
    summary: 'send a test notice through notifiers',
    load: async () => (await import('./commands/test-notify.ts')).testNotify,
  },
  {
    name: 'run',
    group: 'agent',
    summary: 'the agent, in the foreground',
    options: [['--dry-run', 'decide everything, do nothing']],
    load: async () => (await import('./commands/run.ts')).run,
  },
  {
    name: 'once',
    group: 'agent',
    arguments: '[service...]',
    summary: 'one pass over everything without an agent; exit code by the worst state',
    load: async () => (await import('./commands/once.ts')).once,
  },
  {
    name: 'reload',
    group: 'agent',
    summary: 'have the agent read its files again',
    load: async () => (await import('./commands/reload.ts')).reload,
  },
  {
    name: 'quit',
    group: 'agent',
    summary: 'stop the agent; the services run on',
    load: async () => (await import('./commands/quit.ts')).quit,
  },
  {
    name: 'version',
    group: 'agent',
    summary: 'the version of this program and of what it runs on',
    load: async () => (await import('./commands/version.ts')).version,
  },
];
