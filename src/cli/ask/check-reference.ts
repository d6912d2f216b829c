/** `api/responds` as service and check; `api` alone is the service. */
export function readCheckReference(text: string): { readonly service: string; readonly check?: string } {
  const slash = text.indexOf('/');
  if (slash === -1) return { service: text };
  return { service: text.slice(0, slash), check: text.slice(slash + 1) };
}
