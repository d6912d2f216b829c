/** Plain data in YAML's flow style, on one line: `{ systemd: api.service }`, as it may stand after `manager:`. */
export function inlineYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inlineYaml).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const parts = Object.entries(value).map(([name, part]) => `${name}: ${inlineYaml(part)}`);
    return `{ ${parts.join(', ')} }`;
  }
  if (typeof value !== 'string') return JSON.stringify(value);
  // What could be read as anything but a text is quoted; JSON's quoting is YAML's.
  const plain =
    /^[A-Za-z_/][A-Za-z0-9_./@-]*$/.test(value) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(value);
  return plain ? value : JSON.stringify(value);
}
