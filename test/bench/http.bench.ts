import { spawn } from 'node:child_process';
import { settled, startAgent } from './agent.ts';
import { end } from './contenders/contender.ts';
import { launchMonit, monitHttp } from './contenders/monit.ts';
import { openEndpoints } from './endpoints.ts';
import { figure, printTable } from './figures.ts';
import { machine, usage, which } from './machine.ts';
import { openYard } from './service.ts';

/** HTTP probes a second and their cost: 1,000 endpoints at 1 s. Baseline: a bare Node loop over node:http without any judgement. */
export async function bench({ root, words }: { root: string; words: readonly string[] }): Promise<void> {
  const seconds = words.includes('--quick') ? 10 : 20;
  const rows: string[][] = [];
  let base = Number.NaN;
  const measure = async (name: string, pid: number, endpoints: Awaited<ReturnType<typeof openEndpoints>>) => {
    await endpoints.arrivals();
    const before = usage(pid);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const probes = Object.values(await endpoints.arrivals()).reduce((sum, times) => sum + times.length, 0);
    const perProbe = (usage(pid).cpuMs - before.cpuMs) / probes;
    if (Number.isNaN(base)) base = perProbe;
    rows.push([
      name,
      figure(probes / seconds),
      figure(perProbe),
      figure(perProbe / base),
      figure(usage(pid).rssMb),
    ]);
  };
  {
    const endpoints = await openEndpoints(root);
    const loop = `const http=require('node:http');const probe=(i)=>http.get({host:'127.0.0.1',port:${endpoints.port},path:'/ok/'+i,agent:false},(r)=>{r.on('data',()=>{});}).on('error',()=>{});
for(let i=0;i<1000;i++)setTimeout(()=>{probe(i);setInterval(()=>probe(i),1000);},i);`;
    const child = spawn(process.execPath, ['-e', loop], { stdio: 'ignore' });
    await new Promise((resolve) => setTimeout(resolve, 4000));
    await measure('bare Node loop', child.pid ?? 0, endpoints);
    await end(child);
    endpoints.close();
  }
  if (which('monit') !== undefined) {
    const monitYard = openYard();
    const endpoints = await openEndpoints(root);
    const checks = Array.from({ length: 1000 }, (_, i) => monitHttp(i, endpoints.port, `/ok/${i}`, 5));
    const { child } = launchMonit(monitYard.dir, 1, checks);
    await new Promise((resolve) => setTimeout(resolve, 4000));
    await measure('Monit, cycle 1 s', child.pid ?? 0, endpoints);
    await end(child);
    endpoints.close();
    await monitYard.close();
  }
  const yard = openYard();
  const endpoints = await openEndpoints(root);
  const services = Array.from(
    { length: 1000 },
    (_, i) =>
      `service: s${i}\nevery: 1s\nchecks:\n  responds: { http: "http://127.0.0.1:${endpoints.port}/ok/${i}", expect: status == 200 }`,
  );
  const agent = await startAgent(root, yard.dir, services);
  try {
    await settled(agent);
    await measure('watcher', agent.pid, endpoints);
  } finally {
    await agent.close();
    endpoints.close();
    await yard.close();
  }
  printTable(
    `HTTP probes, 1,000 endpoints at 1 s — ${machine()}`,
    ['tool', 'probes/s', 'CPU ms/probe', 'ratio', 'RSS MB'],
    rows,
  );
}
