type Schema = Readonly<Record<string, unknown>>;

/** The part of JSON Schema draft-07 that the schema of the rules uses; the first things that are wrong, as sentences. */
export function violations(
  value: unknown,
  schema: Schema,
  root: Schema = schema,
  at = '$',
): readonly string[] {
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    const name = reference.replace('#/definitions/', '');
    const definition = (root['definitions'] as Record<string, Schema>)[name];
    return definition === undefined
      ? [`${at}: no definition ${name}`]
      : violations(value, definition, root, at);
  }
  const wrong: string[] = [];
  const { type, enum: words, pattern, minimum, maximum, anyOf, oneOf } = schema;
  if (
    type !== undefined &&
    ![type].flat().includes(typeOf(value)) &&
    !(typeOf(value) === 'integer' && [type].flat().includes('number'))
  ) {
    return [`${at}: is ${typeOf(value)}, not ${String(type)}`];
  }
  if ('const' in schema && value !== schema['const']) wrong.push(`${at}: is not ${String(schema['const'])}`);
  if (Array.isArray(words) && !words.includes(value)) wrong.push(`${at}: is none of ${words.join(', ')}`);
  if (typeof value === 'string' && typeof pattern === 'string' && !new RegExp(pattern, 'u').test(value)) {
    wrong.push(`${at}: '${value}' does not match ${pattern}`);
  }
  if (typeof value === 'number' && typeof minimum === 'number' && value < minimum)
    wrong.push(`${at}: below ${minimum}`);
  if (typeof value === 'number' && typeof maximum === 'number' && value > maximum)
    wrong.push(`${at}: above ${maximum}`);
  if (Array.isArray(anyOf)) {
    const tried = (anyOf as Schema[]).map((one) => violations(value, one, root, at));
    if (tried.every((each) => each.length > 0))
      wrong.push(`${at}: fits none of: ${tried.flat().join(' / ')}`);
  }
  if (Array.isArray(oneOf)) {
    const fitting = (oneOf as Schema[]).filter((one) => violations(value, one, root, at).length === 0);
    if (fitting.length !== 1) wrong.push(`${at}: fits ${fitting.length} of what it must fit one of`);
  }
  if (schema['if'] !== undefined) {
    const holds = violations(value, schema['if'] as Schema, root, at).length === 0;
    wrong.push(...violations(value, schema[holds ? 'then' : 'else'] as Schema, root, at));
  }
  if (Array.isArray(value)) {
    if (typeof schema['minItems'] === 'number' && value.length < schema['minItems'])
      wrong.push(`${at}: too short`);
    const { items } = schema;
    if (items !== undefined)
      wrong.push(
        ...value.flatMap((item, index) => violations(item, items as Schema, root, `${at}[${index}]`)),
      );
  } else if (typeof value === 'object' && value !== null) {
    wrong.push(...objectViolations(value, schema, root, at));
  }
  return wrong;
}

function objectViolations(value: object, schema: Schema, root: Schema, at: string): readonly string[] {
  const properties = (schema['properties'] ?? {}) as Record<string, Schema>;
  const further = schema['additionalProperties'];
  const missing = ((schema['required'] ?? []) as string[]).filter((key) => !Object.hasOwn(value, key));
  return [
    ...missing.map((key) => `${at}: ${key} is missing`),
    ...Object.entries(value).flatMap(([key, item]) => {
      const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
      if (property !== undefined) return violations(item, property, root, `${at}.${key}`);
      if (further === false) return [`${at}: unknown key ${key}`];
      return further === undefined || further === true
        ? []
        : violations(item, further as Schema, root, `${at}.${key}`);
    }),
  ];
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}
