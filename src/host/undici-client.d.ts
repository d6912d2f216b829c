/** The one file of undici that a probe needs: the whole package takes 9 MB and 0.1 s more. It has no types of its own. */
declare module 'undici/lib/dispatcher/client.js' {
  // biome-ignore lint/style/noDefaultExport: that is how undici exports it
  export { Client as default } from 'undici';
}
