import { expect, it } from 'vitest';
import { loadedKoffi } from '../../src/host/packages/load-koffi.ts';
import { createHost } from '../../src/host/real-host.ts';

it.runIf(process.platform === 'linux')('makes ready what a repair needs', async () => {
  const host = createHost();
  try {
    await host.prepareRepairs?.();
    expect(loadedKoffi()).toBeDefined();
  } finally {
    host.close();
  }
});
