import { createSocket } from 'node:dgram';
import { formatDuration } from '../../lib/duration.ts';
import type { DatagramOutcome, DatagramTarget } from '../sockets.ts';
import { type Over, startDeadline } from '../time/deadline.ts';
import { lookupReason, placeOf, timeoutReason } from './connection-reason.ts';
import type { LookUpName } from './name-lookup.ts';

type Answer = { readonly bytes: Uint8Array } | { readonly code: string } | Over;

/** Sends one datagram to the first address of a name and waits for one answer from there. */
export async function exchangeDatagram(
  lookUp: LookUpName,
  target: DatagramTarget,
  payload: Uint8Array,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<DatagramOutcome> {
  const deadline = startDeadline(timeoutMs, signal);
  const where = placeOf(target);
  const fail = (
    phase: 'dns' | 'send' | 'expect' | 'aborted',
    code: string,
    reason: string,
  ): DatagramOutcome => ({
    ok: false,
    phase,
    code,
    reason,
    totalMs: deadline.elapsed(),
  });
  const calledOff = () => fail('aborted', 'ABORTED', `${where}: the look was called off`);
  try {
    const found = await Promise.race([
      lookUp(target.host, target.family),
      new Promise<Over>((resolve) => deadline.whenOver(resolve)),
    ]);
    if (found === 'aborted') return calledOff();
    if (found === 'timed-out') return fail('dns', 'TIMEOUT', timeoutReason('dns', where, timeoutMs));
    if (!found.ok) return fail('dns', found.code, lookupReason(target.host, found.code));
    const [first] = found.addresses;
    if (first === undefined) return fail('dns', 'ENOTFOUND', lookupReason(target.host, 'ENOTFOUND'));

    const socket = createSocket(first.family === 4 ? 'udp4' : 'udp6');
    const answer = await new Promise<Answer>((resolve) => {
      deadline.whenOver(resolve);
      socket.on('error', (error: NodeJS.ErrnoException) => resolve({ code: error.code ?? 'UNKNOWN' }));
      socket.once('message', (bytes) => resolve({ bytes }));
      // Connected, so that the refusal of a closed port reaches us (ip(7), ICMP errors) and strangers do not.
      socket.connect(target.port, first.address, () => {
        socket.send(payload, (error) => {
          if (error) resolve({ code: (error as NodeJS.ErrnoException).code ?? 'UNKNOWN' });
        });
      });
    });
    socket.close();
    if (answer === 'aborted') return calledOff();
    if (answer === 'timed-out') {
      return fail('expect', 'TIMEOUT', `sent to ${where}, but no answer within ${formatDuration(timeoutMs)}`);
    }
    if ('bytes' in answer) {
      return { ok: true, bytes: answer.bytes, totalMs: deadline.elapsed(), address: first.address };
    }
    return answer.code === 'ECONNREFUSED'
      ? fail('expect', answer.code, `${where} refused the datagram: nothing listens there`)
      : fail('send', answer.code, `cannot send to ${where} (${answer.code})`);
  } finally {
    deadline.clear();
  }
}
