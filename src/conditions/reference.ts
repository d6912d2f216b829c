import { functionNames } from './parse/function-names.ts';

/** One line of the reference of the language: what is written, what it means, and a condition that a test compiles. */
export interface ReferenceEntry {
  readonly name: string;
  readonly meaning: string;
  readonly example: string;
}

export interface ConditionReference {
  readonly operators: readonly ReferenceEntry[];
  readonly functions: readonly ReferenceEntry[];
  readonly units: readonly { readonly units: string; readonly meaning: string }[];
  /** What `watcher` does where a value is not there, or not yet. */
  readonly rules: readonly string[];
}

const operators: readonly ReferenceEntry[] = [
  {
    name: '== !=',
    meaning: 'equal, not equal; numbers of like units, text, true and false',
    example: 'status == 200',
  },
  { name: '< <= > >=', meaning: 'smaller, larger; numbers of like units', example: 'latency < 500 ms' },
  { name: 'in [..]', meaning: 'one of a list of values', example: 'status in [200, 204]' },
  {
    name: 'contains',
    meaning: 'the text has this part, or the list this item',
    example: 'body contains "ready"',
  },
  { name: 'starts with', meaning: 'the text begins so', example: 'header.content-type starts with "text/"' },
  { name: 'ends with', meaning: 'the text ends so', example: 'body ends with "</html>"' },
  {
    name: 'matches /../',
    meaning:
      'the pattern is found in the text; flags i (any case), m (^ and $ at lines), s (dot matches line ends); takes time in proportion to the text, whatever the pattern',
    example: 'body matches /ready|up/i',
  },
  { name: 'exists', meaning: 'there is a value; null is none', example: 'json.database exists' },
  {
    name: 'changed unchanged',
    meaning: 'differs from its last known value, or not; the first value counts as unchanged',
    example: 'pid unchanged',
  },
  { name: 'and', meaning: 'both hold; binds tighter than or', example: 'status == 200 and latency < 1 s' },
  { name: 'or', meaning: 'at least one holds', example: 'status == 200 or status == 204' },
  {
    name: 'not',
    meaning: 'does not hold; also before a word: not contains, not in, not matches',
    example: 'not body contains "error"',
  },
  { name: '( )', meaning: 'first what is inside', example: 'not (status == 200 or status == 204)' },
  {
    name: '+ - * /',
    meaning: 'sums of like units, products with plain numbers, ratios of like units',
    example: 'used / size < 0.9',
  },
  {
    name: 'clear at',
    meaning:
      'once it alarmed, this limit counts until it is well again; after a condition with and/or write a whole condition in parentheses',
    example: 'memory < 500 MB clear at 400 MB',
  },
  {
    name: '.name [0]',
    meaning: 'a step into JSON, a header field, an item of a list',
    example: 'json.nodes[0].state == "ok"',
  },
];

const functions: readonly ReferenceEntry[] = [
  { name: 'avg', meaning: 'the mean over a window', example: 'avg(cpu, 5m) < 80%' },
  { name: 'min', meaning: 'the smallest value in a window', example: 'min(free, 5m) > 1 GB' },
  { name: 'max', meaning: 'the largest value in a window', example: 'max(latency, 5m) < 2 s' },
  {
    name: 'p95',
    meaning: 'the percentile over a window; any from p1 to p99',
    example: 'p95(latency, 10m) < 1 s',
  },
  {
    name: 'rate',
    meaning: 'how fast a value grows (or shrinks: negative)',
    example: 'rate(used, 10m) < 5 MB/min',
  },
  { name: 'delta', meaning: 'by how much a value grew over a window', example: 'delta(used, 1h) < 1 GB' },
  {
    name: 'count',
    meaning: 'in how many cycles of a window a condition held',
    example: 'count(pid changed, 1h) < 3',
  },
  {
    name: 'full_in',
    meaning: 'when a value reaches its total, if it goes on as in the window (a straight line through it)',
    example: 'full_in(used, 6h) > 24 h',
  },
  { name: 'age', meaning: 'the time since a point in time', example: 'age(modified) < 1 h' },
  { name: 'until', meaning: 'the time until a point in time', example: 'until(expires_at) > 7 d' },
  {
    name: 'length',
    meaning: 'how many items a list has, or characters a text',
    example: 'length(json.nodes) >= 3',
  },
];

/** The language as data: the reference and the completion texts are made from it. */
export const conditionReference: ConditionReference = {
  operators,
  functions: functions.filter(({ name }) => functionNames.includes(name)),
  units: [
    { units: 'B kB KB MB GB TB', meaning: 'sizes; each is 1024 of the one before, as in Monit, ps and free' },
    { units: 'KiB MiB GiB TiB', meaning: 'the same sizes by their exact names' },
    { units: 'ms s m h d w', meaning: 'durations (min is the same as m); joined as in 1h30m' },
    {
      units: '%',
      meaning: 'percent: of a reading that is one, or of the known total of a reading (memory < 80%)',
    },
    { units: '/s /min /h /d', meaning: 'rates of all of these and of plain numbers: 5 MB/min, 10/s' },
  ],
  rules: [
    'A reading that could not be measured makes its condition undecided; and, or and not still decide where the rest is enough. A check with an undecided expectation is unknown, unless another one fails.',
    'In JSON a path that leads nowhere is null: it equals nothing but null, is neither smaller nor larger than anything, and does not exist.',
    'A windowed function says nothing until half of its window has been seen. Until then its condition counts as fine if it was fine before, and never as recovered. max, min and count decide earlier where more samples could not change the outcome.',
    'A window keeps at most 240 points; of more samples, neighbours are joined.',
  ],
};
