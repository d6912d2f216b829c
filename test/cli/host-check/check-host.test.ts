import { describe, expect, it } from 'vitest';
import { checkHost } from '../../../src/cli/host-check/check-host.ts';
import { loadRules } from '../../../src/cli/rules/load-rules.ts';
import { createFakeFiles } from '../../fakes/fake-files.ts';
import { createFakeHost } from '../../fakes/fake-host.ts';

const text = `service: api
manager:
  commands:
    pidfile: /run/api.pid
    start: [/opt/api/bin/api, --daemon]
    stop: { run: [/bin/true], user: nobody-like-this }
checks:
  alive: { process: {}, repair: [restart, { run: [/opt/mend, now] }] }
  data: { filesystem: /srv/data }
  other: { process: { pidfile: /run/other/other.pid } }
  disk: { filesystem: { path: /srv/data, mounted: true } }
  root: { filesystem: { path: /, mounted: true } }
  theirs: { process: { match: { command: worker, user: nosuchuser } } }
  ours: { process: { match: { command: worker, user: web } } }
hold_while: { run: [/opt/deploying] }
---
notifiers:
  pager: { exec: [/opt/page, --now] }
`;

async function problemsOf(files: Readonly<Record<string, string>>, ...missing: readonly string[]) {
  const surroundings = { env: {}, cwd: '/', home: '/root', uid: 0 };
  const loaded = await loadRules({ embedded: [{ file: 'api.yaml', text }], title: 'api' }, surroundings);
  if (loaded.config === undefined) throw new Error('the rules do not load');
  const host = createFakeHost({ files: createFakeFiles(files, () => 0) });
  host.commands.lacks(...missing);
  const problems = await checkHost(loaded.config, loaded, host);
  return problems.map(({ code, message, place }) => `${place?.line} ${code}: ${message}`);
}

describe('checkHost', () => {
  it('says which programs and users there are not, with the place in the rules', async () => {
    const problems = await problemsOf({}, '/opt/api/bin/api', '/opt/mend', '/opt/deploying', '/opt/page');
    expect(problems).toEqual(
      expect.arrayContaining([
        '5 no-such-program: api: /opt/api/bin/api does not exist',
        '6 no-such-user: api: there is no user nobody-like-this',
        '8 no-such-program: api/alive: /opt/mend does not exist',
        '9 no-such-path: api/data: there is no /srv/data',
        '10 no-such-folder: api/other: there is no folder /run/other for the pid file /run/other/other.pid',
        '13 no-such-user: api/theirs: there is no user nosuchuser',
        '15 no-such-program: api: /opt/deploying does not exist',
        '18 no-such-program: the notifier pager: /opt/page does not exist',
      ]),
    );
  });

  it('is content with what is there', async () => {
    const problems = await problemsOf({
      '/opt/page': '',
      '/srv/data': '',
      '/run': '',
      '/run/other': '',
    });
    expect(problems.filter((problem) => /no-such-(program|path|folder)|not-mounted/.test(problem))).toEqual([
      '11 not-mounted: api/disk: /srv/data is no mount point: it lies on /',
    ]);
  });
});
