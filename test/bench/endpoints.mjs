// Many HTTP endpoints on one port, told apart by path, in a process of their own: `node endpoints.mjs`. The paths /hang/N accept and
// never answer. Prints its port; on each empty line of standard input it answers with what it saw since the last one, as JSON;
// a line with a path makes that path hang, or answer again.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

let arrivals = new Map();
const hanging = new Set();
const server = createServer((request, response) => {
  const path = request.url ?? '/';
  const seen = arrivals.get(path);
  if (seen === undefined) arrivals.set(path, [performance.now()]);
  else seen.push(performance.now());
  if (!path.startsWith('/hang/') && !hanging.has(path)) response.end('{"status":"ok"}');
});
server.keepAliveTimeout = 1000;
server.listen(0, '127.0.0.1', 1024, () => console.log(server.address().port));
createInterface({ input: process.stdin }).on('line', (line) => {
  if (line !== '') {
    if (!hanging.delete(line)) hanging.add(line);
    return;
  }
  const cpu = process.cpuUsage();
  console.log(
    JSON.stringify({ arrivals: Object.fromEntries(arrivals), cpuMs: (cpu.user + cpu.system) / 1000 }),
  );
  arrivals = new Map();
});
process.stdin.on('end', () => process.exit(0));
