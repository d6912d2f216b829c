import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Event } from '../../src/model/event.ts';
import type { Bed } from './bed.ts';
import { makeBed } from './bed.ts';
import { eventually } from './eventually.ts';
import { nodeService } from './services.ts';

let bed: Bed;
beforeEach(() => {
  bed = makeBed();
});
afterEach(() => bed.close());

/** What happened to a service that was killed, from its failure to its recovery. */
async function lifeAfterKill(nudges: boolean): Promise<readonly Event['type'][]> {
  bed.write(
    'watcher.yaml',
    `state_dir: ${bed.path('state')}\nsocket: ${bed.socket}\nrules: [./rules/*.yaml]\nnudges: ${nudges}\n`,
  );
  const service = await nodeService(bed, 'api');
  await service.start();
  bed.write(
    'rules/api.yaml',
    `service: api
${service.manager}
every: 1s
start_timeout: 20s
repair_budget: { attempts: 3 in 15m, backoff: 100ms..1s, hold: 1s }
checks:
  alive: { process: {}, repair: restart }
`,
  );
  await bed.startAgent();
  await bed.until('api', 'up', (row) => row.state === 'up');
  const pid = service.pid();
  if (pid === undefined) throw new Error('the service has no pid file');
  process.kill(pid, 'SIGKILL');
  const events = await eventually('its recovery', async () => {
    const all = await bed.events();
    return all.some(({ type }) => type === 'recovered') ? all : undefined;
  });
  const types = events.filter((event) => event.service === 'api').map(({ type }) => type);
  return types.slice(types.indexOf('failed'));
}

it('without nudges the same happens, only later', async () => {
  const with_ = await lifeAfterKill(true);
  await bed.close();
  bed = makeBed();
  const without = await lifeAfterKill(false);
  expect(without).toEqual(with_);
  expect(without).toContain('repair-started');
});
