/** The one file of undici that a probe needs: the whole package takes 9 MB and 0.1 s more. It has no types of its own. */
declare module 'undici/lib/dispatcher/client.js' {
  import { Client } from 'undici';

  export default Client;
}
