import { describe, expect, it } from 'vitest';
import { printCondition } from '../../../src/conditions/print.ts';
import { good } from '../fields.ts';

describe('conditions that are understood', () => {
  it.each([
    ['status == 200'],
    ['status==200', 'status == 200'],
    ['  latency<500ms ', 'latency < 500 ms'],
    ['latency < 1h30m'],
    ['latency < 1 h 30 m', 'latency < 1h30m'],
    ['latency < 5 min'],
    ['cpu<50%', 'cpu < 50%'],
    ['cpu < 12.50 %', 'cpu < 12.5%'],
    ['memory < 10MB', 'memory < 10 MB'],
    ['memory < 10 KiB'],
    ['memory < 80%'],
    ['memory < 2 GB clear at 1.5GB', 'memory < 2 GB clear at 1.5 GB'],
    ['memory < 2 GB clear at memory < 1 GB', 'memory < 2 GB clear at 1 GB'],
    ['memory < 2 GB and cpu < 9% clear at (memory < 1 GB and cpu < 5%)'],
    ['80% > memory'],
    ['500 ms > latency'],
    ['state == "running"'],
    ["state == 'running'", 'state == "running"'],
    ['body == "a \\"quoted\\"\\nline \\u00e4"', 'body == "a \\"quoted\\"\\nline ä"'],
    ['status in [200, 204]'],
    ['status in [200,204,]', 'status in [200, 204]'],
    ['state in ["running", "sleeping"]'],
    ['status not in [500, 503]', 'not status in [500, 503]'],
    ['body contains "ready"'],
    ['body not contains "error"', 'not body contains "error"'],
    ['body starts with "<html" or body ends with "</html>"'],
    ['body matches /^re\\/ady[/]?$/im'],
    ['names contains "x"'],
    ['json.path[0].to == "ok"'],
    ['json.a-b["x y"].c exists'],
    ['json.0.x == null'],
    ['json.count > 3'],
    ['json.healthy'],
    ['json.nodes contains 3'],
    ['header.Content-Type starts with "text/"', 'header.content-type starts with "text/"'],
    ['header["X-Request-Id"] exists', 'header.x-request-id exists'],
    ['pid unchanged'],
    ['pid changed'],
    ['not running'],
    ['running == false'],
    ['not not running'],
    ['running and status == 200 or cpu < 5%'],
    ['running and (status == 200 or cpu < 5%)'],
    ['(running and status == 200) and cpu < 5%'],
    ['not (running and status == 200)'],
    ['(status == 200) == true'],
    ['used / size < 0.9'],
    ['used - (free - 1 MB) < size'],
    ['used - free - 1 MB < size'],
    ['2 * used < size'],
    ['-5 d < expires_in'],
    ['expires_in > -(1 d + 2 h)'],
    ['expires_at - modified > 1 d'],
    ['modified + 1 d > expires_at'],
    ['avg(cpu, 5m) < 80%'],
    ['avg( memory , 5 m ) < 80%', 'avg(memory, 5m) < 80%'],
    ['min(free, 5m) > 10%'],
    ['p99(latency, 10m) < 1 s'],
    ['rate(used, 10m) < 5MB/min', 'rate(used, 10m) < 5 MB/min'],
    ['rate(pid, 10m) < 10 / s', 'rate(pid, 10m) < 10/s'],
    ['rate(cpu, 10m) < 5 %/h', 'rate(cpu, 10m) < 5%/h'],
    ['delta(modified, 1h) < 5 m'],
    ['count(pid changed, 1h) < 3'],
    ['count(not running or status == 500, 1h) < 3'],
    ['full_in > 24h', 'full_in > 24 h'],
    ['full_in(used, 6h) > 24 h'],
    ['age(modified) < 1 h'],
    ['until(expires_at) > 7 d'],
    ['length(json.nodes) >= 3'],
    ['length(names) == 0'],
    ['read < 5 MB/s'],
  ])('%s', (text, canonical = text) => expect(printCondition(good(text))).toBe(canonical));

  it('keep the text as it was written, and are plain data', () => {
    const condition = good('  memory<80%   clear at 70%');
    expect(condition.text).toBe('memory<80%   clear at 70%');
    expect(JSON.parse(JSON.stringify(condition))).toEqual(condition);
  });

  it('turn units into base units', () => {
    expect(good('latency < 1h30m').expression).toMatchObject({ right: { value: 5_400_000 } });
    expect(good('memory < 1.5 GB').expression).toMatchObject({ right: { value: 1_610_612_736 } });
    expect(good('rate(used, 10m) < 6 kB/min').expression).toMatchObject({ right: { value: 102.4 } });
  });

  it('take no more nesting than the stack can bear', () => {
    expect(good(`${'('.repeat(35)}running${')'.repeat(35)}`)).toBeDefined();
    expect(() => good(`${'('.repeat(900)}running${')'.repeat(900)}`)).toThrow('less nesting');
    expect(good(`${'not '.repeat(490)}running`)).toBeDefined();
    expect(() => good(`status == ${'2'.repeat(3000)}`)).toThrow('at most 2000 characters');
  });
});
