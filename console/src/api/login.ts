import { asProblem, problemOf } from './problem.ts';

/**
 * Who is signed in, in this browser. Tokens lie in local storage (all tabs share one login) or, unless
 * one is to stay signed in, in session storage. The page's Content-Security-Policy lets no foreign
 * script near them.
 */
interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  /** Milliseconds since 1970. */
  readonly expires_at: number;
}

const key = 'fovea.login';
const listeners = new Set<() => void>();

/** Tells of every login and logout, of other tabs too. Returns how to stop it. */
export function onLogin(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function signedIn(): boolean {
  return stored() !== undefined;
}

/** @throws Problem LOGIN_FAILED, RATE_LIMITED, UNREACHABLE… */
export async function signIn(email: string, password: string, stay: boolean): Promise<void> {
  keep(await post('/api/v1/auth/login', { email, password }), stay ? localStorage : sessionStorage);
}

export async function signOut(): Promise<void> {
  const tokens = stored();
  forget();
  if (tokens) {
    // The login also ends by itself; that the server is away must not keep anybody signed in here.
    await post('/api/v1/auth/logout', { refresh_token: tokens.refresh_token }).catch(() => {});
  }
}

/** The `Authorization` header's value, of a token that lasts another 30 s at least; `undefined` when nobody is signed in. */
export async function authorization(): Promise<string | undefined> {
  const tokens = stored();
  if (!tokens) return undefined;
  if (tokens.expires_at - Date.now() > 30_000) return `Bearer ${tokens.access_token}`;
  const fresh = await refreshed();
  return fresh && `Bearer ${fresh.access_token}`;
}

/**
 * The server does not take this header any more, whatever its token says of its age: the login was
 * ended elsewhere, or the keys were replaced. Another token is asked for; without one the login is over.
 */
export async function doubt(header: string): Promise<void> {
  const tokens = stored();
  if (header !== `Bearer ${tokens?.access_token}`) return; // there is a newer one
  placeOf().setItem(key, JSON.stringify({ ...tokens, expires_at: 0 }));
  await refreshed().catch(() => {}); // the server is away: the next request tries again
}

/**
 * A refresh token is good for one use, and a second use ends the login; so tabs take turns, and who
 * comes second finds the new pair.
 */
async function refreshed(): Promise<Tokens | undefined> {
  return await navigator.locks.request(key, async () => {
    const tokens = stored();
    if (!tokens || tokens.expires_at - Date.now() > 30_000) return tokens;
    try {
      const body = { refresh_token: tokens.refresh_token };
      return keep(await post('/api/v1/auth/refresh', body), placeOf());
    } catch (error) {
      if (asProblem(error).status === 401) {
        forget();
        return undefined;
      }
      throw error;
    }
  });
}

async function post(path: string, body: object): Promise<unknown> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).catch((error: unknown) => {
    throw asProblem(error);
  });
  const answer: unknown =
    response.status === 204 ? undefined : await response.json().catch(() => undefined);
  if (!response.ok) throw problemOf(response, answer);
  return answer;
}

function keep(answer: unknown, place: Storage): Tokens {
  const { access_token, refresh_token, expires_in } = answer as Tokens & { expires_in: number };
  const tokens = { access_token, refresh_token, expires_at: Date.now() + expires_in * 1000 };
  place.setItem(key, JSON.stringify(tokens));
  tell();
  return tokens;
}

function forget(): void {
  localStorage.removeItem(key);
  sessionStorage.removeItem(key);
  tell();
}

function placeOf(): Storage {
  return sessionStorage.getItem(key) === null ? localStorage : sessionStorage;
}

function stored(): Tokens | undefined {
  const text = placeOf().getItem(key);
  return text === null ? undefined : (JSON.parse(text) as Tokens);
}

function tell(): void {
  for (const listener of listeners) listener();
}

addEventListener('storage', (event) => {
  if (event.key === key) tell();
});
