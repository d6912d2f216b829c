import type { Fields, OptionsOf } from '../../src/schema/field.ts';
import type { Node } from '../../src/schema/node.ts';
import type { Problem } from '../../src/schema/problem.ts';
import { readFields } from '../../src/schema/read-fields.ts';
import { parseYaml } from '../../src/schema/yaml.ts';

/** The options of a kind as a user writes them below its key, in YAML; a plain value stands for the main option. */
export function readOptions<F extends Fields>(
  kind: { readonly options: F; readonly main?: string },
  yaml: string,
): OptionsOf<F> {
  const problems: Problem[] = [];
  const context = { report: (problem: Problem) => void problems.push(problem), home: '/home/me' };
  const { documents, problems: syntax } = parseYaml(yaml, 'test.yaml');
  const [node] = documents;
  const map = node === undefined ? undefined : asMap(node, kind.main);
  const options = map?.kind === 'map' ? readFields(kind.options, map, context) : undefined;
  if (options === undefined) {
    throw new Error([...syntax, ...problems].map((problem) => problem.message).join('\n') || 'no options');
  }
  return options;
}

function asMap(node: Node, main: string | undefined): Node {
  if (node.kind === 'map' || main === undefined) return node;
  const { place } = node;
  return { kind: 'map', place, entries: [{ key: main, keyPlace: place, value: node }] };
}
