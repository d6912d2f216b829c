import type { ServiceStateName } from '../../model/state.ts';
import type { Style } from './style.ts';

/** The colour of a state: red is broken, yellow wants a look, cyan is on its way, dim is not watched. */
export function paintState(style: Style, state: ServiceStateName): (text: string) => string {
  switch (state) {
    case 'up':
      return style.good;
    case 'down':
    case 'failing':
      return style.bad;
    case 'warning':
    case 'unknown':
      return style.odd;
    case 'pending':
    case 'starting':
    case 'stopping':
      return style.busy;
    case 'paused':
    case 'stopped':
    case 'unmonitored':
      return style.dim;
  }
}
