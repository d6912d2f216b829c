/** The functions of the language; `p95` stands for every percentile. */
export const functionNames: readonly string[] = [
  'avg',
  'min',
  'max',
  'p95',
  'rate',
  'delta',
  'count',
  'full_in',
  'age',
  'until',
  'length',
];
