/**
 * Stands in for Oxmgr, which cannot be installed in a box: a daemon that keeps `app` and `bad` as its children, and the
 * program that asks it. States, fields, events and their socket are those of Oxmgr's documentation (CLI.md, event bus) and
 * of its src/process.rs. `oxmgr-stand-in.mjs daemon FOLDER` is the daemon; FOLDER has the programs.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { homedir } from 'node:os';
import { text } from 'node:stream/consumers';

const home = process.env.OXMGR_HOME ?? `${homedir()}/.local/share/oxmgr`;
const delay = 1000;
/** After so many restarts of a process that never lasted it is given up. */
const most = 3;

function daemon(folder) {
  const listeners = new Set();
  const known = ['app', 'bad'].map((name, id) => ({
    id,
    name,
    pid: null,
    status: 'stopped',
    desired_state: 'stopped',
    restart_count: 0,
    restart_delay_secs: delay / 1000,
    last_exit_code: null,
    health_status: 'unknown',
  }));
  const children = new Map();
  const timers = new Map();

  function say(event, { name, status }) {
    for (const socket of listeners)
      socket.write(`${JSON.stringify({ event: `process:${event}`, process: { name, status } })}\n`);
  }

  function launch(entry) {
    const child = spawn(`${folder}/${entry.name}`, { stdio: 'ignore', detached: true });
    children.set(entry.name, child);
    Object.assign(entry, { pid: child.pid ?? null, status: 'running' });
    say('started', entry);
    child.once('exit', (code) => {
      Object.assign(entry, { pid: null, last_exit_code: code });
      if (entry.desired_state === 'stopped') return;
      const over = entry.restart_count >= most;
      entry.status = over ? 'errored' : 'restarting';
      say('crashed', entry);
      if (over) return;
      entry.restart_count += 1;
      timers.set(
        entry.name,
        setTimeout(() => launch(entry), delay),
      );
    });
  }

  async function stop(entry) {
    entry.desired_state = 'stopped';
    clearTimeout(timers.get(entry.name));
    if (entry.pid !== null) {
      const child = children.get(entry.name);
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      await ended;
    }
    entry.status = 'stopped';
    say('stopped', entry);
  }

  async function answer([verb, name]) {
    if (verb === 'list') return { code: 0, out: JSON.stringify(known) };
    const entry = known.find((each) => each.name === name);
    if (entry === undefined) return { code: 1, out: 'Error: process not found' };
    await stop(entry);
    if (verb === 'stop') return { code: 0, out: '' };
    Object.assign(entry, { desired_state: 'running', restart_count: 0 });
    launch(entry);
    return { code: 0, out: '' };
  }

  mkdirSync(home, { recursive: true });
  for (const name of ['events.sock', 'control.sock']) rmSync(`${home}/${name}`, { force: true });
  createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => listeners.add(socket));
    socket.once('close', () => listeners.delete(socket));
  }).listen(`${home}/events.sock`);
  createServer((socket) => {
    socket.on('error', () => {});
    // A few words come in one piece.
    socket.once('data', async (bytes) => socket.end(JSON.stringify(await answer(JSON.parse(String(bytes))))));
  }).listen(`${home}/control.sock`);
}

const words = process.argv.slice(2);
if (words[0] === 'daemon') daemon(words[1]);
else {
  const socket = connect(`${home}/control.sock`);
  socket.once('error', ({ message }) => {
    console.error(`Error: ${message}`);
    process.exit(1);
  });
  socket.write(JSON.stringify(words));
  const { code, out } = JSON.parse(await text(socket));
  console.log(out);
  process.exitCode = code;
}
