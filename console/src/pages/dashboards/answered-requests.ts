import type { Where } from './metrics-series.ts';

export const requests = 'fovea_http_request_duration_seconds';

/** Requests of callers: probes, metrics and this very page are left out. */
export const ofCallers: Where = ({ route = '' }) =>
  !['/health', '/metrics', '/app', '/api/v1/analytics'].some((own) => route.startsWith(own));

export function answering(kind: '2' | '4' | '5'): Where {
  return (labels) => ofCallers(labels) && labels['status']?.startsWith(kind) === true;
}
