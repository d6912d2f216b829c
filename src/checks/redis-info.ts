import type { Reading, ReadingFields } from '../model/reading.ts';

/** What INFO tells (https://redis.io/docs/latest/commands/info). */
export const redisReadings = {
  version: { type: 'text', meaning: 'Version of the server.' },
  uptime: { type: 'number', quantity: 'duration', meaning: 'Time since the server started.', min: 0 },
  role: { type: 'text', meaning: 'master or slave.' },
  clients: { type: 'number', quantity: 'count', meaning: 'Clients that are connected.', min: 0 },
  blocked_clients: {
    type: 'number',
    quantity: 'count',
    meaning: 'Clients that wait in a blocking call.',
    min: 0,
  },
  used_memory: {
    type: 'number',
    quantity: 'bytes',
    meaning: 'Memory of the data.',
    min: 0,
    total: 'max_memory',
  },
  max_memory: {
    type: 'number',
    quantity: 'bytes',
    meaning: 'Limit of the memory; absent when there is none.',
    min: 0,
  },
  evicted_keys: {
    type: 'number',
    quantity: 'count',
    meaning: 'Keys thrown out for want of memory since the start.',
    min: 0,
  },
  replicas: { type: 'number', quantity: 'count', meaning: 'Replicas that are connected.', min: 0 },
  master_link_up: { type: 'flag', meaning: 'Whether a replica is connected to its master.' },
  replication_silence: {
    type: 'number',
    quantity: 'duration',
    meaning: 'Time since a replica heard from its master.',
    min: 0,
  },
  loading: { type: 'flag', meaning: 'Whether the server is still reading its data from disk.' },
  last_save_ok: { type: 'flag', meaning: 'Whether the last save to disk (RDB) worked.' },
  last_append_ok: { type: 'flag', meaning: 'Whether the last write of the log (AOF) worked.' },
} as const satisfies ReadingFields;

/** The readings from the text of INFO; what the server does not tell is absent. */
export function redisInfo(received: string): Reading {
  const lines = received.split('\r\n').flatMap((line) => {
    const colon = line.indexOf(':');
    return colon <= 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const];
  });
  const values = new Map(lines);
  const text = (name: string, key: string) => {
    const value = values.get(key);
    return value === undefined ? {} : { [name]: value };
  };
  const number = (name: string, key: string, factor = 1) => {
    const value = values.get(key);
    return value === undefined || !/^\d+(\.\d+)?$/.test(value) ? {} : { [name]: Number(value) * factor };
  };
  const flag = (name: string, key: string, yes: string) => {
    const value = values.get(key);
    return value === undefined ? {} : { [name]: value === yes };
  };
  return {
    ...text('version', 'redis_version'),
    ...number('uptime', 'uptime_in_seconds', 1000),
    ...text('role', 'role'),
    ...number('clients', 'connected_clients'),
    ...number('blocked_clients', 'blocked_clients'),
    ...number('used_memory', 'used_memory'),
    ...(values.get('maxmemory') === '0' ? {} : number('max_memory', 'maxmemory')),
    ...number('evicted_keys', 'evicted_keys'),
    ...number('replicas', 'connected_slaves'),
    ...flag('master_link_up', 'master_link_status', 'up'),
    ...number('replication_silence', 'master_last_io_seconds_ago', 1000),
    ...flag('loading', 'loading', '1'),
    ...flag('last_save_ok', 'rdb_last_bgsave_status', 'ok'),
    ...flag('last_append_ok', 'aof_last_write_status', 'ok'),
  };
}
