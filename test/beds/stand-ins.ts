import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { eventually, must, run } from './bed.ts';
import { home, type Owner, script } from './owners.ts';

/**
 * OpenRC, Upstart, Circus and Oxmgr cannot be installed in a box. Programs of the same name stand in for them, with the
 * states, exit codes, files, answers and log lines that their sources and documentation have, so that the built agent can
 * be tried beside them.
 */
export type StandIn = Pick<Owner, 'name' | 'up' | 'down' | 'rule' | 'stop' | 'start' | 'startBad'> & {
  readonly revives: boolean;
  readonly givesUp: boolean;
};

const state = `${home}/stand-in`;
const places = ['rc-service', 'initctl', 'circusctl', 'oxmgr'].map((name) => `/usr/local/bin/${name}`);

async function down(): Promise<void> {
  for (const place of places) rmSync(place, { force: true });
  rmSync('/run/openrc', { recursive: true, force: true });
  rmSync('/etc/init', { recursive: true, force: true });
}

/** Starts the service of that name apart from the program that was asked to. */
const launch = `setsid ${home}/$name </dev/null >/dev/null 2>&1 & echo $! >$s.pid`;

/** `bad` is one that supervise-daemon respawned too often: stopped, and marked as failed. */
const openrc: StandIn = {
  name: 'openrc (stand-in)',
  revives: false,
  givesUp: true,
  async up() {
    for (const folder of [state, '/run/openrc/daemons/app', '/run/openrc/failed'])
      mkdirSync(folder, { recursive: true });
    script('/run/openrc/daemons/app/001', `pidfile=${state}/app.pid`);
    script(
      '/usr/local/bin/rc-service',
      [
        '#!/bin/sh',
        `name=$1 s=${state}/$1`,
        'alive() { kill -0 "$(cat $s.pid)" 2>/dev/null; }',
        'case $2 in',
        'status) test -e $s.stopping && exit 4; test -e $s.started || exit 3; alive || exit 32;;',
        'start) test -e $s.started && exit 0',
        '  if test $name = bad; then touch /run/openrc/failed/bad; exit 0; fi',
        `  ${launch}; touch $s.started;;`,
        'stop) touch $s.stopping',
        '  if test -e $s.started && alive; then kill "$(cat $s.pid)"; while alive; do sleep 0.05; done; fi',
        '  rm -f $s.started $s.stopping;;',
        'restart) "$0" $name stop; "$0" $name start;;',
        'esac',
      ].join('\n'),
    );
    await must('rc-service', 'app', 'start');
  },
  async down() {
    await run('rc-service', 'app', 'stop');
    await down();
  },
  rule: (service) => ({ openrc: service }),
  stop: () => must('rc-service', 'app', 'stop'),
  start: () => must('rc-service', 'app', 'start'),
  startBad: () => must('rc-service', 'bad', 'start'),
};

/** A job without respawn: its death ends it, and init writes down how it died, before whoever asks next is answered. */
const upstart: StandIn = {
  name: 'upstart (stand-in)',
  revives: false,
  givesUp: false,
  async up() {
    for (const folder of [state, '/etc/init']) mkdirSync(folder, { recursive: true });
    script('/etc/init/app.conf', `exec ${home}/app`);
    script(`${state}/syslog`, '');
    script(
      '/usr/local/bin/initctl',
      [
        '#!/bin/sh',
        `name=$2 s=${state}/$2`,
        'alive() { kill -0 "$(cat $s.pid)" 2>/dev/null; }',
        `died() { echo "Jan  1 00:00:00 box init: $name main process ($(cat $s.pid)) killed by $1 signal" >>${state}/syslog; }`,
        'if test -e $s.goal && ! alive; then died KILL; rm $s.goal; fi',
        'case $1 in',
        'status) if test -e $s.goal; then echo "$name start/running, process $(cat $s.pid)"; else echo "$name stop/waiting"; fi;;',
        `start) test -e $s.goal || { ${launch}; touch $s.goal; };;`,
        'stop) test -e $s.goal || { echo "initctl: Unknown instance: " >&2; exit 1; }',
        '  rm $s.goal; kill "$(cat $s.pid)"; while alive; do sleep 0.05; done; died TERM;;',
        'restart) "$0" stop $name && "$0" start $name;;',
        'esac',
      ].join('\n'),
    );
    await must('initctl', 'start', 'app');
  },
  async down() {
    // It may have ended by itself: then there is nothing to stop.
    await run('initctl', 'stop', 'app');
    await down();
  },
  rule: (service) => ({ upstart: { job: service, log: `${state}/syslog` } }),
  stop: () => must('initctl', 'stop', 'app'),
  start: () => must('initctl', 'start', 'app'),
};

/** Its arbiter starts anew what died, and never gives up with `max_retry = -1`, as its notes ask for. */
const circus: StandIn = {
  name: 'circus (stand-in)',
  revives: true,
  givesUp: false,
  async up() {
    mkdirSync(state, { recursive: true });
    const common = [
      '#!/bin/sh',
      'alive() { kill -0 "$(cat $s.pid)" 2>/dev/null; }',
      `launch() { setsid ${home}/$name </dev/null >/dev/null 2>&1 9>&- & echo $! >$s.pid; }`,
    ];
    script(
      '/usr/local/bin/circusctl',
      [
        ...common,
        'while :; do case $1 in --json) shift;; --timeout | --endpoint) shift 2;; *) break;; esac; done',
        `verb=$1 name=$2 s=${state}/$2`,
        `exec 9>${state}/lock; flock 9`,
        `say() { echo "{$1, \\"time\\": 1.5}"; exit; }`,
        'up() { test -e $s.active || launch; touch $s.active; }',
        'down() { rm -f $s.active; kill "$(cat $s.pid)" 2>/dev/null; while alive; do sleep 0.05; done; }',
        `test $name = app || say "\\"status\\": \\"error\\", \\"reason\\": \\"program $name not found\\", \\"errno\\": 2"`,
        'case $verb in',
        `status) test -e $s.active && say '"status": "active"'; say '"status": "stopped"';;`,
        `list) alive && pid=$(cat $s.pid); say "\\"status\\": \\"ok\\", \\"pids\\": [$pid]";;`,
        `options) say '"status": "ok", "options": {}';;`,
        'start) up;;',
        'stop) down;;',
        'restart) down; up;;',
        'esac',
        `say '"status": "ok"'`,
      ].join('\n'),
    );
    script(
      `${state}/circusd`,
      [
        ...common,
        `name=app s=${state}/app`,
        'while sleep 1; do',
        `  exec 9>${state}/lock; flock 9`,
        '  if test -e $s.active && ! alive; then launch; fi',
        '  exec 9>&-',
        'done',
      ].join('\n'),
    );
    await must('systemd-run', '-q', '--unit=circusd', `${state}/circusd`);
    await must('circusctl', 'start', 'app');
  },
  async down() {
    await run('circusctl', 'stop', 'app');
    await run('systemctl', 'stop', 'circusd');
    await down();
  },
  rule: (service) => ({ circus: service }),
  stop: () => must('circusctl', 'stop', 'app'),
  start: () => must('circusctl', 'start', 'app'),
};

const oxmgr: StandIn = {
  name: 'oxmgr (stand-in)',
  revives: true,
  givesUp: true,
  async up() {
    const program = '/usr/local/bin/oxmgr';
    const code = fileURLToPath(new URL('oxmgr-stand-in.mjs', import.meta.url));
    script(program, `#!/bin/sh\nexec ${process.execPath} ${code} "$@"`);
    await must('systemd-run', '-q', '--unit=oxmgr', '--setenv=HOME=/root', program, 'daemon', home);
    await eventually(async () => (await run('oxmgr', 'list', '--json')).code === 0);
    await must('oxmgr', 'restart', 'app');
  },
  async down() {
    await run('systemctl', 'stop', 'oxmgr');
    await down();
  },
  rule: (service) => ({ oxmgr: service }),
  stop: () => must('oxmgr', 'stop', 'app'),
  // What Oxmgr knows is started again by its restart: its start makes new ones.
  start: () => must('oxmgr', 'restart', 'app'),
  startBad: () => must('oxmgr', 'restart', 'bad'),
};

export const standIns: readonly StandIn[] = [openrc, upstart, circus, oxmgr];
