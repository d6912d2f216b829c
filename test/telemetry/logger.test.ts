import { describe, expect, it } from 'vitest';
import { logEvent } from '../../src/telemetry/log-event.ts';
import { createLogger } from '../../src/telemetry/logger.ts';

const wall = () => Date.UTC(2026, 0, 15, 12, 0, 0);

function lines(journal: boolean) {
  const written: string[] = [];
  return { written, logger: createLogger({ write: (line) => written.push(line), journal, wall }) };
}

describe('the log', () => {
  it('begins lines with the time, and with the level where it is not information', () => {
    const { written, logger } = lines(false);
    logger.info('started');
    logger.error('it broke');
    logger.debug('detail');
    logger.warn('two\nlines');
    expect(written).toEqual([
      '2026-01-15T12:00:00.000Z started\n',
      '2026-01-15T12:00:00.000Z error: it broke\n',
      '2026-01-15T12:00:00.000Z warn: two\n  lines\n',
    ]);
  });

  it('leaves the time to the journal and gives each line its priority', () => {
    const { written, logger } = lines(true);
    logger.info('started');
    logger.error('two\nlines');
    expect(written).toEqual(['<6>started\n', '<3>two\n<3>lines\n']);
  });

  it('goes by the configured level', () => {
    const { written, logger } = lines(true);
    logger.configure({ level: 'error', redact: (text) => text });
    logger.warn('no');
    logger.error('yes');
    logger.configure({ level: 'debug', redact: (text) => text });
    logger.debug('detail');
    expect(written).toEqual(['<3>yes\n', '<7>detail\n']);
  });

  it('says of an event what it is about', () => {
    const { written, logger } = lines(true);
    const event = { at: 1, service: 'api', check: 'responds', incident: 'api-7K3F' } as const;
    logEvent(logger, { ...event, type: 'failed', severity: 'critical', text: 'status 500' });
    logEvent(logger, { ...event, type: 'failed', severity: 'warning', text: 'status 500' });
    logEvent(logger, { at: 1, service: '', type: 'agent-started', text: 'watching 3 services' });
    expect(written).toEqual([
      '<3>api/responds: failed: status 500 [api-7K3F]\n',
      '<4>api/responds: failed: status 500 [api-7K3F]\n',
      '<6>agent-started: watching 3 services\n',
    ]);
  });
});
