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
  ['MYSQL_PWD', true, true, true],
  ['DB_PASS', true, true, true],
  ['DBPASS', false, true, true],
  ['PASS_PROD', false, true, true],
  ['PASSENGER_PORT', false, false, false],
  ['PAGERDUTY_KEY', true, true, true],
  ['SIGNING_KEY', true, true, true],
  ['X-Auth-Key', true, true, true],
  ['SSH_PUBLIC_KEY', false, false, false],
  ['sort-key', false, false, false],
  ['PWD', false, false, true],
  ['www-authenticate', false, false, true],
  ['X-Session-Id', false, false, true],
  ['author', false, false, false],
  ['content-type', false, false, false],
  ['MONKEY', false, false, false],
])('%s: a secret %s, speaks of one %s, may be one %s', (name, is, speaks, may) => {
  expect([namesSecret(name), speaksOfSecret(name), mayNameSecret(name)]).toEqual([is, speaks, may]);
});
