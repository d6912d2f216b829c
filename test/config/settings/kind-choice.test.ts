import { expect, it } from 'vitest';
import { kindChoice } from '../../../src/config/settings/kind-choice.ts';
import { docker } from '../../../src/managers/docker.ts';
import { podman } from '../../../src/managers/podman.ts';
import type { Problem } from '../../../src/schema/problem.ts';
import { parseYaml } from '../../../src/schema/yaml.ts';

const field = kindChoice({ docker, podman }, 'manager', { summary: '', optional: true });

function read(yaml: string) {
  const problems: Problem[] = [];
  const [node] = parseYaml(yaml, 'api.yaml').documents;
  const value = node && field.read(node, { report: (problem) => void problems.push(problem) });
  return { value, problems };
}

it.each([
  'docker: {}',
  'docker:',
  'docker: { socket: /run/docker.sock }',
  'docker: { label: [] }',
  'podman: {}',
])('%s would be every container of the machine', (yaml) => {
  const { value, problems } = read(yaml);
  const name = yaml.slice(0, 6);
  expect(value).toBeUndefined();
  expect(problems).toMatchObject([
    {
      code: 'missing-key',
      message: `'${name}' does not say which: one of container, label, compose is missing`,
      place: { line: 1, column: 1 },
      hint: 'add container: api',
    },
  ]);
});

it.each(['docker: api', 'docker: { label: app=web }', 'podman: { compose: shop/api }'])(
  '%s is enough',
  (yaml) => {
    expect(read(yaml).problems).toEqual([]);
  },
);

it('the schema for editors says the same', () => {
  const schema = JSON.stringify(field.schema);
  expect(schema).toContain(
    '"anyOf":[{"required":["container"]},{"required":["label"]},{"required":["compose"]}]',
  );
});
