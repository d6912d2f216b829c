import type { ReadingFields } from '../model/reading.ts';

/** What an HTTP answer is measured by. */
export const httpReadings = {
  status: {
    type: 'number',
    quantity: 'count',
    meaning: 'Status code of the answer.',
    min: 100,
    max: 999,
  },
  latency: {
    type: 'number',
    quantity: 'duration',
    meaning: 'From the start to the end of the body, redirects included.',
    min: 0,
  },
  connect_time: {
    type: 'number',
    quantity: 'duration',
    meaning: 'From the start until connected: name lookup and TCP.',
    min: 0,
  },
  first_byte: {
    type: 'number',
    quantity: 'duration',
    meaning: 'From the start until the headers of the answer had come.',
    min: 0,
  },
  body: { type: 'text', meaning: 'Body of the answer, as far as it was read.' },
  body_size: { type: 'number', quantity: 'bytes', meaning: 'Size of the body as sent.', min: 0 },
  truncated: { type: 'flag', meaning: 'Whether the body was longer than max_body.' },
  json: { type: 'json', meaning: 'Body of the answer read as JSON.' },
  header: { type: 'map', meaning: 'Headers of the answer by name.' },
  redirects: { type: 'number', quantity: 'count', meaning: 'Redirects that were followed.', min: 0 },
  url: { type: 'text', meaning: 'Address that answered in the end.' },
  certificate_expires_in: {
    type: 'number',
    quantity: 'duration',
    meaning: 'How long the certificate of the server is still valid (https only).',
  },
} as const satisfies ReadingFields;
