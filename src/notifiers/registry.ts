import { alertmanager } from './alertmanager.ts';
import { discord } from './discord.ts';
import { email } from './email.ts';
import { exec } from './exec.ts';
import type { NotifierKind } from './notifier-kind.ts';
import { ntfy } from './ntfy.ts';
import { pagerduty } from './pagerduty.ts';
import { slack } from './slack.ts';
import { teams } from './teams.ts';
import { telegram } from './telegram.ts';
import { webhook } from './webhook.ts';

/** A notifier whatever its options are: what the registry, the schema and the reference work with. */
export type AnyNotifierKind = Omit<NotifierKind, 'main'> & { readonly main?: string };

/** Every kind of notifier, in the order of the reference. */
export const notifierKinds: readonly AnyNotifierKind[] = [
  email,
  webhook,
  slack,
  discord,
  teams,
  telegram,
  ntfy,
  pagerduty,
  alertmanager,
  exec,
];
