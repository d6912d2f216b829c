import { describe, expect, it } from 'vitest';
import { command } from '../../src/checks/command.ts';
import { nagios } from '../../src/checks/nagios.ts';
import { parsePerfData } from '../../src/checks/perf-data.ts';
import { createFakeHost } from '../fakes/fake-host.ts';
import { lookOnce, readingOf } from './look-once.ts';

describe('a command', () => {
  it('is run within the deadline and measured', async () => {
    const host = createFakeHost();
    host.commands.answer('/bin/check', { code: 2, stdout: 'out', stderr: 'err\n', tookMs: 12 });
    const result = await lookOnce(command, '[/bin/check, -v]', { host, timeout: 700 });
    expect(readingOf(result)).toEqual({ exit_code: 2, output: 'out\nerr', took: 12 });
    expect(result.outcome === 'read' && result.exhibit).toEqual({
      title: 'output of /bin/check -v',
      text: 'out\nerr',
    });
    expect(host.commands.calls[0]?.command.timeout).toBe(700);
    expect(host.commands.calls[0]?.options.env).toEqual({ WATCHER_SERVICE: 'api' });
  });

  it('that hangs has failed; one that cannot be started is unknown', async () => {
    const host = createFakeHost();
    host.commands.answer('/bin/hang', { outcome: 'timed-out', signal: 'TERM', stdout: 'so far' });
    expect(await lookOnce(command, '[/bin/hang]', { host, timeout: 700 })).toMatchObject({
      outcome: 'failed',
      reason: '/bin/hang did not end within 700 ms and was ended',
      exhibit: { text: 'so far' },
    });
    host.commands.answer('/bin/none', { outcome: 'not-started', reason: '/bin/none does not exist' });
    expect(await lookOnce(command, '[/bin/none]', { host })).toEqual({
      outcome: 'unknown',
      reason: '/bin/none does not exist',
    });
  });

  it('that a signal ended has the exit code that a shell would show', async () => {
    const host = createFakeHost();
    host.commands.answer('/bin/crash', { outcome: 'signalled', signal: 'SEGV' });
    expect(readingOf(await lookOnce(command, '[/bin/crash]', { host }))).toMatchObject({ exit_code: 139 });
  });
});

describe('a plugin', () => {
  const plugin = (code: number, stdout: string) => {
    const host = createFakeHost();
    host.commands.answer('/p', { code, stdout });
    return lookOnce(nagios, '[/p]', { host });
  };

  it('gives its status, its text and its performance data', async () => {
    expect(readingOf(await plugin(1, 'DISK WARNING - 12% free| /=88%;80;90 time=0.5s;;;0\n'))).toMatchObject({
      exit_code: 1,
      status: 'warning',
      text: 'DISK WARNING - 12% free',
      perf: { '/': 88, time: 500 },
    });
    expect(readingOf(await plugin(0, 'fine'))).toMatchObject({ status: 'ok', perf: {} });
    expect(readingOf(await plugin(2, 'CRITICAL'))).toMatchObject({ status: 'critical' });
  });

  it('that cannot tell is unknown', async () => {
    expect(await plugin(3, 'UNKNOWN - no route')).toEqual({
      outcome: 'unknown',
      reason: 'the plugin could not tell (exit code 3: UNKNOWN - no route)',
    });
    expect(await plugin(127, '')).toMatchObject({ outcome: 'unknown' });
  });
});

describe('performance data', () => {
  it('comes in base units, by label', () => {
    expect(parsePerfData("OK|'free space'=3GB;1;2 rta=1.5ms 'it''s'=-2c load1=0.41;5;10;0;\n")).toEqual({
      'free space': 3e9,
      rta: 1.5,
      "it's": -2,
      load1: 0.41,
    });
  });

  it('may go on after the long text', () => {
    expect(parsePerfData('OK | a=1\nlong text\nmore | b=2\nc=3\n')).toEqual({ a: 1, b: 2, c: 3 });
  });

  it('that is unknown or broken is left out', () => {
    expect(parsePerfData('OK | a=U b= =4 c=1.2.3 d=5')).toEqual({ d: 5 });
    expect(parsePerfData('OK, x=1 in the text')).toEqual({});
  });
});
