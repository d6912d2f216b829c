import type { Calendar } from '../../host/calendar.ts';
import type { Config } from '../../model/config.ts';
import type { Input } from '../../model/step.ts';

/** What the calendar says at this wall time: names of active maintenance windows, indices of routes in their hours. */
export function calendarInput(
  config: Config,
  calendar: Calendar,
  wall: number,
): Extract<Input, { type: 'maintenance' }> {
  const active = config.maintenance
    .filter(({ when }) =>
      'cron' in when
        ? calendar.last(when.cron, when.timezone, wall, when.duration) !== undefined
        : when.from <= wall && wall < when.until,
    )
    .map(({ name }) => name);
  const routes = config.routes.flatMap(({ match: { during } }, index) =>
    during !== undefined && calendar.last(during.cron, during.timezone, wall, during.duration) !== undefined
      ? [index]
      : [],
  );
  return { type: 'maintenance', active, routes };
}

/** Whether anything in the configuration goes by the calendar at all. */
export function needsCalendar(config: Config): boolean {
  return config.maintenance.length > 0 || config.routes.some(({ match }) => match.during !== undefined);
}
