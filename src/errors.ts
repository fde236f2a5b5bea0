interface ErrorEntry {
  /** What went wrong, in one sentence. */
  readonly meaning: string;
  /** What the caller should change or do. */
  readonly advice: string;
  /** The same request, sent again later, may succeed. */
  readonly retryable?: true;
}

/**
 * The one table of error codes. Codes are stable: clients branch on them. `docs/errors.md` is
 * generated from it, and `http/status.ts` does not compile until it maps every one.
 */
export const errorCodes = {
  // The request
  REQUEST_INVALID: {
    meaning: 'The request does not fit the documented schema.',
    advice: 'Change what `details.issues` names.',
  },
  REQUEST_TOO_LARGE: {
    meaning: 'The request body is over the byte limit.',
    advice: 'Send less; images have their own limit.',
  },
  REQUEST_CANCELLED: {
    meaning: 'The client left before the answer was ready.',
    advice: 'Nobody reads this answer; it is for the log.',
  },
  ROUTE_NOT_FOUND: { meaning: 'No such route.', advice: 'Look it up in `/docs`.' },
  METHOD_NOT_ALLOWED: {
    meaning: 'The route exists, but not for this HTTP method.',
    advice: 'Use a method that `Allow` names.',
  },
  MEDIA_TYPE_UNSUPPORTED: {
    meaning: 'The route does not read this Content-Type.',
    advice: 'Send a form, JSON, or the image as `image/png` or `image/jpeg`.',
  },
  HOST_NOT_ALLOWED: {
    meaning: 'The `Host` or `Origin` header names a host that the open server does not answer for.',
    advice: 'Use the address the server printed, or add the name to `FOVEA_ALLOWED_HOSTS`.',
  },

  // Access
  UNAUTHENTICATED: {
    meaning: 'The request carries no valid access token or API key, and the route needs one.',
    advice:
      'Log in or refresh, and send `Authorization: Bearer …` or `X-API-Key`; `details.reason` says what is wrong.',
  },
  LOGIN_FAILED: {
    meaning: 'The e-mail address or the password is wrong, or the account is disabled.',
    advice: 'Check both; the answer does not say which one it is.',
  },
  REFRESH_TOKEN_INVALID: {
    meaning: 'The refresh token is unknown, expired, used before, or its login has ended.',
    advice:
      'Log in again. A token that is used twice ends its login: use each once, one at a time.',
  },
  FORBIDDEN: {
    meaning: 'The caller is known, but its role or key does not allow this.',
    advice: 'Use a key or account with the scope that `details.scope` names.',
  },
  RATE_LIMITED: {
    meaning:
      'Too many requests of one caller or frames of one session, or too many attempts on one account or from one address.',
    advice:
      'Try again after `Retry-After` seconds; `RateLimit` headers say beforehand how much is left.',
    retryable: true,
  },
  REGISTRATION_CLOSED: {
    meaning: 'This server does not let people register by themselves.',
    advice: 'Ask its administrator for an account; see `FOVEA_REGISTRATION`.',
  },
  INVITE_INVALID: {
    meaning:
      'Registration needs an invite code, and this one is missing, unknown, used or expired.',
    advice: 'Ask an administrator for a new code.',
  },
  EMAIL_TAKEN: {
    meaning: 'There is an account with this e-mail address.',
    advice: 'Log in, or use another address.',
  },
  USER_NOT_FOUND: {
    meaning: 'No account with this id.',
    advice: 'List them with `GET /api/v1/users`.',
  },
  LAST_ADMIN: {
    meaning: 'The change would leave the server without an administrator.',
    advice: 'Make somebody else an administrator first.',
  },
  API_KEY_NOT_FOUND: {
    meaning: 'No API key with this id.',
    advice: 'List your keys with `GET /api/v1/api-keys`.',
  },
  API_KEY_LIMIT: {
    meaning: 'The account has as many API keys as it may have.',
    advice: 'Revoke one that is not needed.',
  },
  INVITE_NOT_FOUND: {
    meaning: 'No invite with this id.',
    advice: 'List them with `GET /api/v1/invites`.',
  },

  // Images
  IMAGE_MISSING: {
    meaning: 'The request carries no image.',
    advice: 'Send the form field `file` or `image_url`.',
  },
  IMAGE_EMPTY: { meaning: 'The image has no bytes.', advice: 'Send the whole file.' },
  IMAGE_TOO_LARGE: {
    meaning: 'The image is over the byte limit.',
    advice: 'Scale it down or compress it more; `FOVEA_MAX_IMAGE_BYTES` is the limit.',
  },
  IMAGE_FORMAT_UNSUPPORTED: {
    meaning: 'The content is not one of the accepted image formats.',
    advice: 'Convert it to PNG or JPEG; the name and Content-Type do not matter.',
  },
  IMAGE_CORRUPT: {
    meaning: 'The image is truncated or damaged and cannot be decoded.',
    advice: 'Send it again, whole; export it anew if that does not help.',
  },
  IMAGE_TOO_MANY_PIXELS: {
    meaning: 'The image declares more pixels than the limit.',
    advice: 'Scale it down; `FOVEA_MAX_IMAGE_PIXELS` is the limit.',
  },
  IMAGE_ANIMATED: { meaning: 'The image has more than one frame.', advice: 'Send a single frame.' },
  IMAGE_NOT_FOUND: {
    meaning: 'No image with this id, or it has expired.',
    advice: 'Send the image again.',
  },
  IMAGE_URL_INVALID: {
    meaning: 'The image URL cannot be used as it is written.',
    advice: 'Write a whole URL, without user name and password.',
  },
  IMAGE_URL_FORBIDDEN: {
    meaning: 'The image URL leads to an address, domain, port or protocol that is not allowed.',
    advice: 'Use a public address, or ask the operator about the `FOVEA_REMOTE_*` settings.',
  },
  IMAGE_URL_UNREACHABLE: {
    meaning: 'The image could not be fetched from its URL.',
    advice: 'Check the URL; `details.status` is what its server answered.',
    retryable: true,
  },
  IMAGE_URL_TIMEOUT: {
    meaning: 'Fetching the image from its URL took too long.',
    advice: 'Try again, or upload the image.',
    retryable: true,
  },

  // Faces
  FACE_NOT_FOUND: {
    meaning: 'The request needs a face, and the image has none, or not the one that is asked for.',
    advice: 'Send a picture with a clear face; `details.found` says how many were seen.',
  },

  FACE_REJECTED: {
    meaning: 'No image of the request is good enough to enrol a face from.',
    advice:
      'Send better pictures; `details.images` has the reasons of each, and `force` enrols in spite of its quality.',
  },
  COLLECTION_NOT_FOUND: {
    meaning: 'No collection of faces with this id.',
    advice: 'List your collections with `GET /api/v1/collections`.',
  },
  COLLECTION_NAME_TAKEN: {
    meaning: 'The owner has another collection of this name.',
    advice: 'Use another name, or that collection.',
  },
  PERSON_NOT_FOUND: {
    meaning: 'No person with this id in the collection.',
    advice: 'List them with `GET /api/v1/collections/{id}/persons`.',
  },
  ENROLLED_FACE_NOT_FOUND: {
    meaning: 'No enrolled face with this id.',
    advice: 'List them with `GET /api/v1/collections/{id}/persons/{person_id}/faces`.',
  },
  EMBEDDING_MODEL_MISMATCH: {
    meaning: 'Vectors were made by another recogniser than the one in use; they do not compare.',
    advice:
      'Make those of a collection anew with `POST /api/v1/collections/{id}/reembed`, or use the pack that made them.',
  },

  // Models and inference
  MODEL_UNAVAILABLE: {
    meaning: 'A model that the request needs is not ready.',
    advice: 'Wait for `/health/ready`; `GET /api/v1/setup` says why it is not.',
    retryable: true,
  },
  MODEL_NOT_FOUND: {
    meaning: 'No model with this name or id, or no such version of it.',
    advice: 'Use a name that the message lists, or an id that `GET /api/v1/models` lists.',
  },
  MODEL_INVALID: {
    meaning: 'The model file or its manifest is not what it claims to be.',
    advice: 'Do what the message says, or bring the right file.',
  },
  MODEL_DIFFERS: {
    meaning: 'The model answers the samples of its upload otherwise than they say.',
    advice:
      'Compare the row that the message names with the model where it was trained; `details.parity` has the numbers.',
  },
  MODEL_ARCHIVED: {
    meaning: 'The model, or this version of it, was archived and answers no more.',
    advice: 'Restore it with `PATCH` and `{"status": "active"}`, or use another version.',
  },
  MODEL_PURGED: {
    meaning: 'The files of this model version were deleted for good.',
    advice: 'Use another version, or upload the model again.',
  },
  MODEL_TOO_LARGE: {
    meaning: 'The model files are over the byte limit.',
    advice: 'Send a smaller model; `FOVEA_MAX_MODEL_BYTES` is the limit.',
  },
  PREDICT_INPUT_INVALID: {
    meaning: 'Rows of the request are not what the model takes.',
    advice: 'Change the values that `details.mistakes` names by row and column.',
  },
  PREDICT_FAILED: {
    meaning: 'The model cannot compute these inputs.',
    advice: '`details.reason` is what the runtime says; check the values, or the model.',
  },
  QUEUE_FULL: {
    meaning: 'The server has as much work waiting as it admits.',
    advice: 'Try again after `Retry-After` seconds.',
    retryable: true,
  },
  DEADLINE_EXCEEDED: {
    meaning: 'The work did not finish within the time allowed.',
    advice: 'Try again when the server is less busy.',
    retryable: true,
  },
  WORKER_LOST: {
    meaning: 'The worker process died while it held this request; nothing was done.',
    advice: 'Send the request again.',
    retryable: true,
  },

  // Where models come from
  LICENCE_NOT_ACCEPTED: {
    meaning: 'The models come under terms that this installation has not accepted.',
    advice:
      'Read what `details.licences` names; accept with `fovea setup <pack> --accept-licence` or `accept_licences` in `POST /api/setup`.',
  },
  HUB_URL_INVALID: {
    meaning: 'The address of a model file cannot be used.',
    advice:
      'Write `hf:owner/name@revision:path`, `https://…`, `npm:` or `file:`, as the message says.',
  },
  HUB_TOKEN_MISSING: {
    meaning: 'The hub shows the file to known users only, and no token is set.',
    advice:
      'Set `HF_TOKEN` to a token with read access, and ask for access on the page that the message names.',
  },
  HUB_TOKEN_INVALID: {
    meaning: 'The hub does not accept the token: it is expired, revoked or mistyped.',
    advice: 'Make a new token and set `HF_TOKEN`; models that are here already go on serving.',
  },
  HUB_ACCESS_DENIED: {
    meaning: 'The hub knows the token, but its owner may not read the file.',
    advice: 'Accept the terms on the page that the message names, or use a token with more rights.',
  },
  HUB_FILE_NOT_FOUND: {
    meaning: 'The hub has no such repository, revision or file.',
    advice: 'Check the source; without a token a private repository looks the same.',
  },
  HUB_RATE_LIMITED: {
    meaning: 'The hub asks for fewer requests.',
    advice:
      'Try again after `Retry-After` seconds; a token or a mirror (`HF_ENDPOINT`) has more room.',
    retryable: true,
  },
  HUB_UNREACHABLE: {
    meaning: 'The source of a model file does not answer, or breaks off again and again.',
    advice: 'Try again; what has arrived is kept, and the download goes on from there.',
    retryable: true,
  },
  HUB_OFFLINE: {
    meaning: 'The model is not on this machine, and the server was told to stay offline.',
    advice: 'Unset `FOVEA_OFFLINE`, or bring the models folder from a machine that has it.',
  },
  MODEL_CORRUPT: {
    meaning: 'What arrived is not the file that the manifest, or the first download, stated.',
    advice: 'Try again or use a mirror; a file that was changed on purpose needs a new manifest.',
  },
  DISK_FULL: {
    meaning: 'The disk of the models folder has no room for the file.',
    advice:
      'Free as much as the message says, and start the setup again; it goes on where it stopped.',
  },

  // Predictions and batch jobs
  PREDICTION_NOT_FOUND: {
    meaning: 'No prediction with this id, or it is older than the retention.',
    advice: 'Use an id that a prediction of your own answered; the log follows within seconds.',
  },
  JOB_NOT_FOUND: {
    meaning: 'No batch job with this id, or it has expired.',
    advice: 'List your jobs with `GET /api/v1/jobs`.',
  },
  JOB_NOT_FINISHED: {
    meaning: 'The batch job has no result yet.',
    advice: 'Ask for the job until its `state` is neither `queued` nor `running`.',
    retryable: true,
  },
  JOB_INPUT_INVALID: {
    meaning: 'The file of the batch job is not CSV or NDJSON as documented.',
    advice:
      'Mend what the message names; single bad rows are not a reason, they are answered in the result.',
  },

  // Sessions
  SESSION_NOT_FOUND: {
    meaning: 'No session with this id, or it ended or expired too long ago to be known.',
    advice: 'Make one with `POST /api/v1/sessions`.',
  },
  SESSION_EXPIRED: {
    meaning: 'The session has had no activity for longer than its time to live.',
    advice: 'Make a new one; what it detected is still listed.',
  },
  SESSION_ENDED: {
    meaning: 'The session was ended and takes nothing more.',
    advice: 'Make a new one; what it detected is still listed.',
  },
  SESSION_STORE_UNAVAILABLE: {
    meaning: 'The session store does not answer, and this server has no copy of the session.',
    advice: 'Try again after `Retry-After` seconds; sessions that the server has seen go on.',
    retryable: true,
  },
  DETECTION_NOT_FOUND: {
    meaning: 'No detection with this id in the session, or it is older than the retention.',
    advice: 'List them with `GET /api/v1/sessions/{id}/detections`.',
  },

  // The server and what it depends on
  DATABASE_UNAVAILABLE: {
    meaning: 'The database does not answer.',
    advice: 'Try again after `Retry-After` seconds; operators look at `/health/deep`.',
    retryable: true,
  },
  STORAGE_UNAVAILABLE: {
    meaning: 'The image store does not answer or is full.',
    advice: 'Try again later; operators look at `/health/deep`.',
    retryable: true,
  },
  SHUTTING_DOWN: {
    meaning: 'The server is about to stop and takes no new work.',
    advice: 'Send the request to another server, or again shortly.',
    retryable: true,
  },
  INTERNAL: {
    meaning: 'A defect in the server.',
    advice: 'Report it with the request id; the log has the cause.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorCodes;

/** JSON-safe facts about an error. Never a stack, a path of the server or a secret. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/**
 * The only error that may reach a client. `message` states what went wrong, the current value and
 * the required one; `cause` stays in the log.
 */
export class FoveaError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'FoveaError';
    this.code = code;
    this.details = details;
  }

  get retryable(): boolean {
    return 'retryable' in errorCodes[this.code];
  }
}

/** Any thrown value as a FoveaError: itself if it is one, otherwise `INTERNAL` with a fixed message. */
export function toFoveaError(thrown: unknown): FoveaError {
  if (thrown instanceof FoveaError) return thrown;
  return new FoveaError('INTERNAL', 'The server met an unexpected condition.', {}, thrown);
}

/** A cause as text for the log: the stack when it has one. Never for a client. */
export function describeCause(cause: unknown): string {
  if (cause instanceof Error) return cause.stack ?? cause.message;
  return typeof cause === 'string' ? cause : JSON.stringify(cause);
}
