import type { Fields, JsonSchema } from './field.ts';

/** JSON Schema of a map with these options and no others. */
export function fieldsSchema(fields: Fields): JsonSchema {
  const required = Object.entries(fields)
    .filter(([, field]) => field.presence === 'required')
    .map(([name]) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.schema])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}
