// A small service as watched ones really are: it puts itself into the background, writes a pid file, answers over
// HTTP, and can be told to misbehave.
//   daemon.mjs start|stop|restart PIDFILE PORT
//   GET /health -> 200 {"status":"ok","pid":N,...}
//   POST /fail (500 from now on), /hang (accepts, never answers), /leak?mb=N (keeps that much), /mend
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const [verb, pidfile, port] = process.argv.slice(2);

if (verb === 'serve') serve();
else if (verb === 'start') await start();
else if (verb === 'stop') await stop();
else if (verb === 'restart') {
  await stop();
  await start();
} else {
  console.error('usage: daemon.mjs start|stop|restart PIDFILE PORT');
  process.exitCode = 64;
}

function serve() {
  const kept = [];
  let mood = 'well';
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    if (request.method === 'POST') {
      if (url.pathname === '/leak')
        kept.push(Buffer.alloc(Number(url.searchParams.get('mb')) * 1024 * 1024, 1));
      else mood = { '/fail': 'failing', '/hang': 'hanging', '/mend': 'well' }[url.pathname] ?? mood;
      response.end('ok\n');
    } else if (mood === 'well') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ status: 'ok', pid: process.pid, kept: kept.length }));
    } else if (mood === 'failing') {
      response.statusCode = 500;
      response.end('the database is away\n');
    }
  });
  server.listen(Number(port), '127.0.0.1', () => {
    writeFileSync(pidfile, `${process.pid}\n`);
    process.send?.('ready');
    process.disconnect?.();
  });
  process.on('SIGTERM', () => {
    rmSync(pidfile, { force: true });
    process.exit(0);
  });
}

async function start() {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), 'serve', pidfile, port], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const said = await new Promise((resolve) => {
    child.once('message', () => resolve('ready'));
    child.once('exit', (code) => resolve(`exit code ${code}`));
  });
  if (said !== 'ready') {
    console.error(`the service did not come up: ${said}`);
    process.exit(1);
  }
  child.unref();
  process.exit(0);
}

async function stop() {
  const pid = readPid();
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    rmSync(pidfile, { force: true });
    return;
  }
  const deadline = Date.now() + 5000;
  while (alive(pid) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
  if (alive(pid)) process.kill(pid, 'SIGKILL');
  rmSync(pidfile, { force: true });
}

function readPid() {
  try {
    const pid = Number(readFileSync(pidfile, 'utf8'));
    return Number.isInteger(pid) && pid > 1 && isOurs(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** A stale pid file may name somebody else's process by now. */
function isOurs(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(pidfile);
  } catch {
    return false;
  }
}

/** A dead process whose parent has not asked for it yet still has a number: state Z in /proc/PID/stat. */
function alive(pid) {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
