import type { Notice } from '../model/notice.ts';

/** Red for critical, amber for warning, green for over, grey for information: as chats show them beside a message. */
export function colorOf(notice: Pick<Notice, 'status' | 'severity'>): string {
  if (notice.status === 'resolved') return '#2eb67d';
  if (notice.status === 'info') return '#8d8d8d';
  return notice.severity === 'critical' ? '#d0021b' : '#f5a623';
}
