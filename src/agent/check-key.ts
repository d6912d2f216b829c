/** How the shell calls one check of one service: `api/responds`. */
export function checkKey(service: string, check: string): string {
  return `${service}/${check}`;
}
