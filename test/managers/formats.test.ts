import { describe, expect, it } from 'vitest';
import { logLines } from '../../src/managers/containers/container-manager.ts';
import { labelsOf } from '../../src/managers/docker.ts';
import { listedAs, scriptsIn } from '../../src/managers/forever.ts';
import { jobsIn } from '../../src/managers/launchd.ts';
import { servicesIn } from '../../src/managers/monit/monit-client.ts';
import { parseMonitrc } from '../../src/managers/monit/monitrc.ts';
import { gaveUpIn } from '../../src/managers/monit.ts';
import { startedIn } from '../../src/managers/openrc.ts';
import { decodeAmp, encodeAmp } from '../../src/managers/pm2/amp.ts';
import { runitReport } from '../../src/managers/runit.ts';
import { s6Report } from '../../src/managers/s6.ts';
import { decodeResponse, encodeCall } from '../../src/managers/supervisor/xml-rpc.ts';

describe('XML-RPC', () => {
  it('writes calls', () => {
    expect(encodeCall('supervisor.startProcess', ['a<b', true, 3])).toContain(
      '<param><value><string>a&lt;b</string></value></param><param><value><boolean>1</boolean></value></param>',
    );
  });

  it('reads structs, arrays, bare text and entities, with blanks between', () => {
    const xml = `<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><array><data>
<value><struct>\n<member>\n<name>name</name>\n<value><string>a &amp; &#66;</string></value>\n</member>
<member><name>pid</name><value><int>42</int></value></member></struct></value>
<value>bare</value><value><boolean>0</boolean></value><value><string></string></value>
</data></array></value>\n</param>\n</params>\n</methodResponse>`;
    expect(decodeResponse(xml)).toEqual({ ok: true, value: [{ name: 'a & B', pid: 42 }, 'bare', false, ''] });
  });

  it('reads faults, and refuses what is no response', () => {
    const fault = `<?xml version='1.0'?><methodResponse><fault><value><struct><member><name>faultCode</name><value><int>10</int></value></member>
<member><name>faultString</name><value><string>BAD_NAME: x</string></value></member></struct></value></fault></methodResponse>`;
    expect(decodeResponse(fault)).toEqual({ ok: false, code: 10, reason: 'BAD_NAME: x' });
    expect(() => decodeResponse('<html></html>')).toThrow();
  });
});

it('AMP messages come in pieces and several at once', () => {
  const bytes = Buffer.concat([encodeAmp([{ a: 1 }, 'id:0']), encodeAmp(['next'])]);
  for (let at = 0; at < 20; at++) expect(decodeAmp(bytes.subarray(0, at))).toBeUndefined();
  const first = decodeAmp(bytes);
  expect(first?.values).toEqual([{ a: 1 }, 'id:0']);
  expect(decodeAmp(first?.rest ?? Buffer.alloc(0))?.values).toEqual(['next']);
});

describe('containers', () => {
  it('log lines lose their binary heads, also those that are no text', () => {
    const line = '2026-01-01T00:00:00.1Z hello';
    expect(logLines(`\x01\0\0\0\0\0\0\x1d${line}\n\x02\0\0\0\0\0\0\ufffd${line}\n${line}\n`)).toEqual([
      line,
      line,
      line,
    ]);
  });

  it('compose projects and services become labels', () => {
    expect(labelsOf({ compose: 'shop/api', label: ['a=b'] })).toEqual([
      'a=b',
      'com.docker.compose.project=shop',
      'com.docker.compose.service=api',
    ]);
  });
});

describe('runit', () => {
  const status = (last: string) => `\ufffd\0\0garbage${last}`;
  const main = { pid: 7, start: 1 };
  it.each([
    ['up', '\0u\0\x01', main, 'run', 'running'],
    ['down', '\0d\0\0', undefined, 'stopped', 'stopped'],
    ['down, want up', '\0u\0\0', undefined, 'run', 'restarting'],
    ['finish', '\0u\0\x02', undefined, 'run', 'restarting'],
    ['up, want down', '\0d\x01\x01', main, 'stopped', 'stopping'],
    ['paused', '\x01u\0\x01', main, 'stopped', 'stopped'],
    ['after once', '\0\0\0\0', undefined, 'stopped', 'stopped'],
    ['up, just dead', '\0u\0\x01', undefined, 'run', 'restarting'],
  ])('%s', (_, last, process, intent, activity) => {
    expect(runitReport(status(last), process)).toMatchObject({ intent, activity });
  });
});

it.each([
  ['true true false 7 -1 NA', { pid: 7, start: 1 }, 'run', 'running'],
  ['false true false -1 3 NA', undefined, 'run', 'restarting'],
  ['false false false -1 -1 SIGTERM', undefined, 'stopped', 'stopped'],
  ['true false false 7 -1 NA', { pid: 7, start: 1 }, 'stopped', 'stopping'],
])('s6: %s', (answer, main, intent, activity) => {
  expect(s6Report(answer.split(' '), main)).toMatchObject({ intent, activity });
});

it.each([
  ['false false false -1 3 NA', 'run', 'failed'],
  ['false false false -1 -1 SIGSEGV', 'run', 'failed'],
  // What s6-svc -d brings about.
  ['false false false -1 143 NA', 'stopped', 'stopped'],
  ['false false false -1 -1 SIGTERM', 'stopped', 'stopped'],
])('s6, with a finish script that can give up: %s', (answer, intent, activity) => {
  const around = { mayGiveUp: true, deaths: 4 };
  expect(s6Report(answer.split(' '), undefined, around)).toMatchObject({ intent, activity, restarts: 4 });
  expect(s6Report(answer.split(' '), undefined).intent).toBe('stopped');
});

it('forever: running, given up, unknown; with colours', () => {
  const row = (end: string) =>
    `\x1b[32minfo\x1b[39m:    Forever processes running\n\x1b[90mdata\x1b[39m:    [0] api /usr/bin/node f.js 132 140 /tmp/f.log ${end} \n`;
  expect(listedAs(row('0:0:0:0.988'), 'api')).toBe('running');
  expect(listedAs(row('STOPPED'), 'api')).toBe('stopped');
  expect(listedAs(row('STOPPED'), 'other')).toBe('absent');
});

it('monit: services and who took one out of monitoring', () => {
  const xml =
    '<monit><service type="3"><name>api</name><status>512</status><monitor>1</monitor><pendingaction>0</pendingaction><pid>83</pid><status_message><![CDATA[not running]]></status_message></service><service type="5"><name>host</name></service></monit>';
  expect(servicesIn(xml)[0]).toEqual({
    type: 3,
    name: 'api',
    status: 512,
    message: 'not running',
    monitor: 1,
    pending: 0,
    pid: 83,
  });
  const gaveUp = "[2026] error    : 'api' service restarted 2 times within 2 cycles(s) - unmonitor";
  expect(gaveUpIn(`${gaveUp}\n`, 'api')).toContain('restarted 2 times');
  expect(gaveUpIn(`${gaveUp}\n[2026] info     : 'api' stop on user request\n`, 'api')).toBeUndefined();
  expect(gaveUpIn(`${gaveUp}\n`, 'other')).toBeUndefined();
});

it('forever: scripts with their process', () => {
  const row = 'data:    [0] api /usr/bin/node f.js 132 140 /root/.forever/api.log 0:0:0:0.988 \n';
  expect(scriptsIn(row)).toEqual([{ uid: 'api', command: '/usr/bin/node f.js', pid: 140 }]);
  expect(scriptsIn('info:    No forever processes running\n')).toEqual([]);
});

it('OpenRC: started services', () => {
  const output = ' nginx        [  started 01:02:03 (0) ]\n sshd   [  started  ]\n cron   [  stopped  ]\n';
  expect(startedIn(output)).toEqual(['nginx', 'sshd']);
});

it("launchd: jobs that run and are not macOS's own", () => {
  const output =
    'PID\tStatus\tLabel\n88\t0\tcom.apple.trustd\n-\t0\tcom.example.off\n91\t-9\tcom.example.api\n';
  expect(jobsIn(output)).toMatchObject([
    { name: 'api', manager: { launchd: 'com.example.api' }, pids: [91] },
  ]);
});

describe('the control file of Monit', () => {
  it('says where Monit answers and what it watches', () => {
    const rules = parseMonitrc(`
# set httpd port 1
set daemon 30
set httpd unixsocket /run/monit.sock and
    allow 127.0.0.1
    allow "ops":secret1   # read and write
    ALLOW ops:secret2
include /etc/monit/conf.d/*
check process nginx with pidfile /run/nginx.pid
  start program = "/bin/systemctl start nginx" with timeout 60 seconds
  stop program  = "/bin/systemctl stop nginx"
  if failed port 80 protocol http then restart
CHECK PROCESS "my app" MATCHING "^/srv/app # not a comment"
  start = "/bin/sh -c '/srv/app & echo $! >/run/app.pid'" as uid app
check filesystem root with path /
check system $HOST
`);
    expect(rules).toMatchObject({
      socket: '/run/monit.sock',
      username: 'ops',
      password: 'secret2',
      includes: ['/etc/monit/conf.d/*'],
      processes: [
        { name: 'nginx', pidfile: '/run/nginx.pid', start: ['/bin/systemctl', 'start', 'nginx'] },
        {
          name: 'my app',
          matching: '^/srv/app # not a comment',
          start: ['/bin/sh', '-c', '/srv/app & echo $! >/run/app.pid'],
        },
      ],
    });
    expect(rules.port).toBeUndefined();
    expect(rules.processes[1]?.pidfile).toBeUndefined();
  });

  it('with a port instead of a socket', () => {
    expect(parseMonitrc('set httpd port 2812 and use address localhost allow localhost')).toEqual({
      includes: [],
      processes: [],
      port: 2812,
    });
  });
});
