/** Who asks, for the record: behind sudo it is the person, not root. */
export function operatorName(env: Readonly<Record<string, string | undefined>>): string {
  const name = env['SUDO_USER'] ?? env['DOAS_USER'] ?? env['USER'] ?? env['LOGNAME'];
  if (name !== undefined && name !== '') return name;
  return `uid ${process.getuid?.() ?? 'unknown'}`;
}
