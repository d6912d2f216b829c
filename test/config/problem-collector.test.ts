import { expect, it } from 'vitest';
import { collectProblems } from '../../src/config/problem-collector.ts';

it('prints no part of a secret that contains a shorter one, in no form', () => {
  const collector = collectProblems({});
  collector.context.secret?.('abcd', '${env:A}');
  collector.context.secret?.('abcd/1234', '${env:B}');
  collector.context.report({ level: 'error', code: 'x', message: 'not abcd/1234', hint: 'nor abcd%2F1234' });
  expect(collector.problems()).toMatchObject([{ message: 'not ***', hint: 'nor ***' }]);
});
