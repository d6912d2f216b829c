import type { CommandDeclaration, OptionDeclaration } from './command.ts';
import { ack } from './commands/ack.ts';
import { events } from './commands/events.ts';
import { incident } from './commands/incident.ts';
import { incidents } from './commands/incidents.ts';
import { monitor, restart, start, stop, unmonitor } from './commands/operate.ts';
import { quit } from './commands/quit.ts';
import { reload } from './commands/reload.ts';
import { silence } from './commands/silence.ts';
import { status } from './commands/status.ts';
import { summary } from './commands/summary.ts';
import { version } from './commands/version.ts';
import { why } from './commands/why.ts';

/** Options that every command takes, before or after its name. */
export const globalOptions: readonly OptionDeclaration[] = [
  {
    name: 'config',
    short: 'c',
    value: 'file',
    meaning:
      'the watcher.yaml to use (else $WATCHER_CONFIG, ./watcher.yaml, your configuration folder, /etc/watcher)',
  },
  {
    name: 'socket',
    value: 'path',
    meaning: 'the control socket of the agent (else what the configuration says)',
  },
  { name: 'json', meaning: 'print JSON, for programs' },
  { name: 'quiet', short: 'q', meaning: 'print nothing that was not asked for; the exit code tells' },
  { name: 'help', short: 'h', meaning: 'print the help, of a command when one is named' },
  { name: 'version', short: 'V', meaning: 'print the version' },
];

const wait: OptionDeclaration = { name: 'wait', meaning: 'come back when it is done, not when it is queued' };
const comment: OptionDeclaration = {
  name: 'comment',
  value: 'text',
  meaning: 'why, for whoever reads it later',
};
const exitCode: OptionDeclaration = {
  name: 'exit-code',
  meaning: 'exit with 1, 2 or 3 when the worst state is warning, down or unknown',
};

function lasting(meaning: string): OptionDeclaration {
  return { name: 'for', value: 'duration', meaning };
}

const userUnit: OptionDeclaration = {
  name: 'user',
  meaning: "as a service of your own user's systemd, not of the machine's",
};
const dryRun: OptionDeclaration = { name: 'dry-run', meaning: 'say what it would do, do nothing' };

/**
 * Every command. Those that only ask the agent are small and part of the entry file: reading one file is quicker than
 * reading ten. The others are loaded when they are called.
 */
export const commands: readonly CommandDeclaration[] = [
  {
    name: 'summary',
    group: 'look',
    arguments: '[service...]',
    summary: 'one line for each service: state, since when, what is wrong',
    options: [exitCode],
    load: async () => summary,
  },
  {
    name: 'status',
    group: 'look',
    arguments: '[service...]',
    summary: 'every check with every measurement',
    options: [exitCode],
    load: async () => status,
  },
  {
    name: 'incidents',
    group: 'look',
    arguments: '[service]',
    summary: 'what is broken now, newest first',
    options: [{ name: 'all', meaning: 'closed ones too' }],
    load: async () => incidents,
  },
  {
    name: 'incident',
    group: 'look',
    arguments: '<id>',
    summary: 'one incident: timeline, repairs, evidence',
    load: async () => incident,
  },
  {
    name: 'events',
    group: 'look',
    arguments: '[service]',
    summary: 'what happened, oldest first',
    options: [
      { name: 'follow', short: 'f', meaning: 'wait for more, until Ctrl-C' },
      { name: 'lines', short: 'n', value: 'count', meaning: 'how many of the past (default 50)' },
    ],
    load: async () => events,
  },
  {
    name: 'why',
    group: 'look',
    arguments: '<service[/check]>',
    summary: 'the reasons for its state, and for what was done and not done',
    load: async () => why,
  },
  {
    name: 'metrics',
    group: 'look',
    summary: 'figures for Prometheus: states, looks, repairs, notices, the agent itself',
    load: async () => (await import('./commands/metrics.ts')).metrics,
  },
  {
    name: 'monitor',
    group: 'act',
    arguments: '<service...>',
    summary: 'watch again (services by name, or all)',
    options: [wait],
    load: async () => monitor,
  },
  {
    name: 'unmonitor',
    group: 'act',
    arguments: '<service...>',
    summary: 'leave alone: no checks, no repairs, no notices',
    options: [lasting('watch again by itself after this long, such as 30m'), wait],
    load: async () => unmonitor,
  },
  {
    name: 'start',
    group: 'act',
    arguments: '<service...>',
    summary: 'start through its manager, dependencies first',
    options: [wait],
    load: async () => start,
  },
  {
    name: 'stop',
    group: 'act',
    arguments: '<service...>',
    summary: 'stop through its manager, and leave it stopped',
    options: [wait],
    load: async () => stop,
  },
  {
    name: 'restart',
    group: 'act',
    arguments: '<service...>',
    summary: 'restart through its manager',
    options: [wait],
    load: async () => restart,
  },
  {
    name: 'ack',
    group: 'act',
    arguments: '<incident>',
    summary: 'say that you have it: no more reminders and escalations',
    options: [comment, lasting('only for this long'), { name: 'undo', meaning: 'take it back' }],
    load: async () => ack,
  },
  {
    name: 'silence',
    group: 'act',
    arguments: '[service[/check]...]',
    summary: 'tell nobody for a while; without services: list what is silenced',
    options: [
      lasting('how long, such as 2h'),
      {
        name: 'label',
        value: 'name=value',
        many: true,
        meaning: 'only what has this label; several must all fit',
      },
      comment,
      { name: 'no-repair', meaning: 'hold repairs back too' },
      { name: 'end', value: 'id', meaning: 'end a silence now' },
    ],
    load: async () => silence,
  },
  {
    name: 'check',
    group: 'rules',
    arguments: '[file...]',
    summary: 'read the configuration and report every mistake in it',
    options: [
      { name: 'host', meaning: 'also ask this machine: do the programs, users, folders and notifiers exist' },
      { name: 'strict', meaning: 'exit with 1 when there are warnings' },
      { name: 'format', value: 'format', meaning: 'text (default), json, github or sarif' },
    ],
    load: async () => (await import('./commands/check.ts')).check,
  },
  {
    name: 'doctor',
    group: 'rules',
    summary: 'look at this machine: managers, what restarts the same, rights, agent, notifiers, clock',
    load: async () => (await import('./commands/doctor.ts')).doctor,
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
    options: [
      { name: 'dry-run', meaning: 'decide everything, do nothing; there is no socket then, the log tells' },
    ],
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
    load: async () => reload,
  },
  {
    name: 'quit',
    group: 'agent',
    summary: 'stop the agent; the services run on',
    load: async () => quit,
  },
  {
    name: 'install',
    group: 'agent',
    summary: 'have systemd run the agent from now on, with starter rules where there are none',
    options: [userUnit, dryRun],
    load: async () => (await import('./commands/install.ts')).install,
  },
  {
    name: 'uninstall',
    group: 'agent',
    summary: 'take it out of systemd again; configuration and state are left',
    options: [userUnit, dryRun],
    load: async () => (await import('./commands/uninstall.ts')).uninstall,
  },
  {
    name: 'version',
    group: 'agent',
    summary: 'the version of this program and of what it runs on',
    load: async () => version,
  },
];
