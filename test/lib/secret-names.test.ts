import { expect, it } from 'vitest';
import { mayNameSecret, namesSecret, speaksOfSecret } from '../../src/lib/secret-names.ts';

it.each([
  // name, is one, speaks of one, may be one
  ['DB_PASSWORD', true, true, true],
  ['PGPASSWORD', false, true, true],
  ['Authorization', true, true, true],
  ['X-Api-Key', true, true, true],
  ['AWS_ACCESS_KEY', true, true, true],
  ['GOOGLE_CREDENTIALS', true, true, true],
  ['SECRET_FILE', false, true, true],
  ['X_AUTH', false, true, true],
  ['MYSQL_PWD', false, false, true],
  ['PWD', false, false, true],
  ['www-authenticate', false, false, true],
  ['X-Session-Id', false, false, true],
  ['author', false, false, false],
  ['content-type', false, false, false],
  ['MONKEY', false, false, false],
])('%s: a secret %s, speaks of one %s, may be one %s', (name, is, speaks, may) => {
  expect([namesSecret(name), speaksOfSecret(name), mayNameSecret(name)]).toEqual([is, speaks, may]);
});
