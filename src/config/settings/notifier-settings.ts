import { choice, flag } from '../../schema/fields.ts';
import { names } from '../fields/names.ts';
import { timesIn } from '../fields/rate-and-range.ts';

/** Settings of a notifier beside its kind. */
export const notifierSettings = {
  min_severity: choice(['warning', 'critical'], {
    summary: 'What is less bad than this is not sent.',
    default: 'warning',
  }),
  fallback: names({ summary: 'Notifiers that take over when it fails, in order.', default: [] }),
  send_resolved: flag({ summary: 'Whether it is told when it is over.', default: true }),
  rate_limit: timesIn({
    summary: 'At most so many messages; the rest goes into one digest.',
    optional: true,
    example: '20 in 1h',
  }),
};
