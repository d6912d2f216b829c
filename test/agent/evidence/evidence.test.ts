import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { captureEvidence, type EvidenceParts } from '../../../src/agent/evidence/evidence.ts';
import { socketLines, unixLines } from '../../../src/agent/evidence/evidence-sockets.ts';
import type { ManagerDesk } from '../../../src/agent/manager-desk.ts';
import { createHost } from '../../../src/host/real-host.ts';
import { createRedactor } from '../../../src/lib/redactor.ts';
import type { Service } from '../../../src/model/service.ts';
import { openEvidenceShelf } from '../../../src/state/evidence-shelf.ts';

let folder: string;
const host = createHost({ name: 'web-1' });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watcher-evidence-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const occasion = { text: 'before restart: responds is down', commands: true };

function parts(pid: number | undefined, more: Partial<EvidenceParts> = {}): EvidenceParts {
  const main = pid === undefined ? {} : { main: host.processes.identify(pid) };
  const desk = {
    managerOf: () => ({ logs: async (lines: number) => [`the last of ${lines} lines: out of handles`] }),
    report: async () => ({
      intent: 'run',
      activity: 'running',
      detail: 'running',
      lastExit: 'exit code 3',
      ...main,
    }),
  } as unknown as ManagerDesk;
  return {
    host,
    desk,
    shelf: openEvidenceShelf(folder),
    redact: createRedactor([{ text: 'hunter2', source: '${env:PASSWORD}' }]),
    exhibits: () => [['responds', { title: 'HTTP 500 from http://127.0.0.1/', text: 'password is hunter2' }]],
    onTrouble: (text) => expect(text).toBe(''),
    ...more,
  };
}

function service(evidence: Partial<Service['evidence']> = {}): Service {
  return { name: 'api', evidence: { timeout: 2000, commands: [], ...evidence } } as unknown as Service;
}

const command = (...argv: string[]) => ({ argv, shell: false, env: {}, timeout: 1000 });

describe('an evidence pack', () => {
  it.runIf(process.platform === 'linux')('shows what a human would have looked at', async () => {
    const child = spawn(process.execPath, [
      '-e',
      "require('net').createServer().listen(0,'127.0.0.1',function(){console.log(this.address().port)})",
    ]);
    const port = Number(await new Promise((resolve) => child.stdout.once('data', resolve)));
    try {
      const evidence = service({ commands: [command('echo', 'from a command')] });
      const { summary } = await captureEvidence(parts(child.pid), evidence, occasion, 'api-7K3F-1');
      const text = (await openEvidenceShelf(folder).read('api-7K3F-1')) ?? '';
      expect(text).toMatch(/^Evidence of api on web-1, captured .* before restart: responds is down/);
      expect(text).toContain(
        '== responds: HTTP 500 from http://127.0.0.1/ ==\npassword is <${env:PASSWORD}>',
      );
      expect(text).toContain('last exit: exit code 3');
      expect(text).toContain('the last of 60 lines: out of handles');
      expect(text).toMatch(new RegExp(`== processes ==\n${child.pid} .* threads: .*node`));
      expect(text).toMatch(new RegExp(`== threads and what they wait for ==\n${child.pid} node S`));
      expect(text).toMatch(
        /== memory map totals ==\nresident \S+ MB: \S+ MB private, .* shared\nproportional share .*\npeak resident \S+ MB, address space /,
      );
      expect(text).toMatch(/\d+ descriptors of \d+ allowed/);
      expect(text).toContain(`127.0.0.1:${port} LISTEN`);
      expect(text).toMatch(/== top processes of the host ==\nby CPU/);
      expect(text).toMatch(/load .* processors/);
      expect(text).toContain('== echo from a command ==\nfrom a command\n(exit code 0)');
      expect(summary).toMatch(/^last log line: the last of 60 lines: out of handles; \d+ exhibits captured$/);
    } finally {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    }
  });

  it.runIf(process.platform === 'linux')(
    'names other programs without what they were given, and masks what the service was given',
    async () => {
      const run = (secret: string) =>
        spawn(process.execPath, [
          '-e',
          "const b = Buffer.alloc(99e6, 1); console.log('up'); setInterval(() => b, 1e6)",
          '--',
          `--password=${secret}`,
        ]);
      const children = [run('mine-secret'), run('other-secret')];
      try {
        await Promise.all(
          children.map((child) => new Promise((resolve) => child.stdout.once('data', resolve))),
        );
        await captureEvidence(parts(children[0]?.pid), service(), occasion, 'pack');
        const text = (await openEvidenceShelf(folder).read('pack')) ?? '';
        expect(text).toContain('--password=***');
        expect(text).not.toMatch(/mine-secret|other-secret/);
        const top = text.slice(text.indexOf('== top processes')).split('\n==')[0] ?? '';
        expect(top).toMatch(/\n {2}\d+ [^ ]+, cpu \d+%, /);
        expect(top).not.toContain('--');
      } finally {
        const ended = children.map((child) => new Promise((resolve) => child.once('exit', resolve)));
        for (const child of children) child.kill('SIGKILL');
        await Promise.all(ended);
      }
    },
  );

  it.runIf(process.platform === 'linux')(
    'shows a process that is younger than the shared table',
    async () => {
      await host.processes.table(0);
      const child = spawn('sleep', ['1000']);
      try {
        await new Promise((resolve) => child.once('spawn', resolve));
        await captureEvidence(parts(child.pid), service(), occasion, 'pack');
        const text = (await openEvidenceShelf(folder).read('pack')) ?? '';
        expect(text).toMatch(/== processes ==\n\d+ \w up .*: sleep 1000\n/);
      } finally {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        await ended;
      }
    },
  );

  it('keeps its time limit whatever hangs, and names what is missing', async () => {
    const desk = {
      managerOf: () => ({ logs: () => new Promise(() => {}) }),
      report: () => new Promise(() => {}),
    } as unknown as ManagerDesk;
    const hung = service({ timeout: 100, commands: [command('sleep', '30')] });
    const shelf = openEvidenceShelf(folder);
    await captureEvidence(parts(undefined, { desk, shelf }), hung, occasion, 'pack');
    const text = (await shelf.read('pack')) ?? '';
    expect(text).toContain('== last log lines ==\n(not ready within 100 ms)');
    expect(text).toContain('== sleep 30 ==\n(not ready within 100 ms)');
    expect(text).toContain('password is');
  });

  it('keeps its time limit when the disk hangs, and what it had to be pruned of too', async () => {
    const never = () => new Promise<never>(() => {});
    const shelf = openEvidenceShelf(folder);
    const quick = service({ timeout: 300 });
    for (const hanging of [{ write: never }, { prune: never }]) {
      const { summary } = await captureEvidence(
        parts(undefined, { shelf: { ...shelf, ...hanging } }),
        quick,
        occasion,
        'pack',
      );
      expect(summary).toContain('exhibits captured');
    }
    expect(await shelf.read('pack')).toContain('Evidence of api');
  });

  it('keeps its size limit, and of what is too long mostly the end', async () => {
    const log = join(folder, 'big.log');
    writeFileSync(log, `${'x'.repeat(5_000_000)}\nthe end`);
    const exhibits = () =>
      Array.from({ length: 20 }, (_, n) => [`c${n}`, { title: 'body', text: 'y'.repeat(100_000) }] as const);
    await captureEvidence(parts(undefined, { exhibits }), service({ log }), occasion, 'pack');
    const text = (await openEvidenceShelf(folder).read('pack')) ?? '';
    expect(Buffer.byteLength(text)).toBeLessThan(66_000);
    expect(text).toContain('bytes left out');
  });

  it('runs the commands of the rule only where it is asked to', async () => {
    const evidence = service({ commands: [command('echo', 'a core dump')] });
    const warned = { text: 'while responds is slow', commands: false };
    await captureEvidence(parts(undefined), evidence, warned, 'pack');
    const text = (await openEvidenceShelf(folder).read('pack')) ?? '';
    expect(text).toMatch(/^Evidence of api on web-1, captured \S+ while responds is slow\n/);
    expect(text).not.toContain('a core dump');
  });

  it('takes what an operation printed at its end, where there is a pack', async () => {
    const shelf = openEvidenceShelf(folder);
    await shelf.append('pack', 'nothing to add to');
    expect(await shelf.read('pack')).toBeUndefined();
    await captureEvidence(parts(undefined), service(), occasion, 'pack');
    await shelf.append('pack', '\n== what restart printed ==\naddress in use\n');
    expect(await shelf.read('pack')).toMatch(
      /^Evidence of api[\s\S]*== what restart printed ==\naddress in use\n$/,
    );
  });

  it('takes the log file that the rule names, and says when it is not there', async () => {
    const log = join(folder, 'service.log');
    writeFileSync(log, 'one\ntwo\nthree\n');
    const { summary } = await captureEvidence(parts(undefined), service({ log }), occasion, 'pack');
    expect(summary).toContain('last log line: three');
    await captureEvidence(parts(undefined), service({ log: join(folder, 'none') }), occasion, 'pack');
    expect(await openEvidenceShelf(folder).read('pack')).toMatch(/== last log lines ==\n\(.*none: /);
  });

  it('is told of when it cannot be written, and the repair goes on', async () => {
    writeFileSync(join(folder, 'evidence'), 'a file in the way');
    const troubles: string[] = [];
    const captured = await captureEvidence(
      parts(undefined, { onTrouble: (text) => troubles.push(text) }),
      service(),
      occasion,
      'pack',
    );
    expect(captured.summary).toContain('exhibits captured');
    expect(troubles.join()).toContain('cannot write');
  });
});

describe('sockets', () => {
  it('are read from the table of the kernel, version 4 and 6', async () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:0BB8 00000000:0000 0A 00000000:00000005 00:00000000 00000000     0        0 111 1',
      '   1: 0100007F:0BB8 0200A8C0:D431 08 00000010:00000000 00:00000000 00000000     0        0 222 1',
      '   2: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1',
    ].join('\n');
    expect(socketLines(table, new Set(['111', '222']))).toEqual([
      '127.0.0.1:3000 LISTEN, 0 bytes to send, 5 not yet read',
      '127.0.0.1:3000 -> 192.168.0.2:54321 CLOSE_WAIT, 16 bytes to send, 0 not yet read',
    ]);
    const six = [
      'header',
      '   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 444 1',
    ].join('\n');
    expect(socketLines(six, new Set(['444']))).toEqual(['[::1]:8080 LISTEN']);
  });

  it('of the Unix family have names, or are counted', () => {
    const table = [
      'Num       RefCount Protocol Flags    Type St Inode Path',
      '0000000000000000: 00000002 00000000 00010000 0001 01 111 /run/api.sock',
      '0000000000000000: 00000003 00000000 00000000 0001 03 222',
      '0000000000000000: 00000003 00000000 00000000 0001 03 223',
      '0000000000000000: 00000002 00000000 00000000 0002 01 333 @abstract',
      '0000000000000000: 00000002 00000000 00010000 0001 01 444 /run/other.sock',
    ].join('\n');
    expect(unixLines(table, new Set(['111', '222', '223', '333']))).toEqual([
      'unix stream /run/api.sock LISTEN',
      'unix dgram @abstract',
      'unix sockets without a name: 2',
    ]);
  });

  it.runIf(process.platform === 'linux')('of this very process are found', async () => {
    const servers = [createServer(), createServer()] as const;
    await new Promise<void>((resolve) => servers[0].listen(0, '127.0.0.1', resolve));
    await new Promise<void>((resolve) => servers[1].listen(join(folder, 'own.sock'), resolve));
    const datagrams = createSocket('udp4');
    await new Promise<void>((resolve) => datagrams.bind(0, '127.0.0.1', resolve));
    const { port } = servers[0].address() as { port: number };
    const shelf = openEvidenceShelf(folder);
    await captureEvidence(parts(process.pid, { shelf }), service(), occasion, 'pack');
    const sockets = ((await shelf.read('pack')) ?? '').split('== sockets ==')[1] ?? '';
    expect(sockets).toContain(`127.0.0.1:${port} LISTEN`);
    expect(sockets).toContain(`\nudp 127.0.0.1:${datagrams.address().port}\n`);
    expect(sockets).toContain(`\nunix stream ${join(folder, 'own.sock')} LISTEN\n`);
    datagrams.close();
    for (const server of servers) await new Promise((resolve) => server.close(resolve));
  });
});
