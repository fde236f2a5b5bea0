import { FoveaError } from '../errors.ts';
import { expiresAt, type SeenSession } from './session-state.ts';

export function sessionNotFound(id: string): FoveaError {
  const message = `There is no session ${id}; it was never made, or it ended too long ago to be known.`;
  return new FoveaError('SESSION_NOT_FOUND', message, { session_id: id });
}

export function sessionExpired({ state }: SeenSession): FoveaError {
  const expired = new Date(expiresAt(state)).toISOString();
  const message = `The session ${state.id} expired at ${expired}, ${state.ttlMs / 1000} s after its last activity.`;
  return new FoveaError('SESSION_EXPIRED', message, { session_id: state.id, expired_at: expired });
}

export function sessionEnded({ state }: SeenSession): FoveaError {
  const ended = new Date(state.endedAt ?? 0).toISOString();
  const message = `The session ${state.id} was ended at ${ended} and takes nothing more.`;
  return new FoveaError('SESSION_ENDED', message, { session_id: state.id, ended_at: ended });
}

export function sessionStoreAway(cause?: unknown): FoveaError {
  const message =
    'The session store does not answer, and this server has not seen the session before.';
  return new FoveaError('SESSION_STORE_UNAVAILABLE', message, { retry_after_seconds: 2 }, cause);
}
