import { isLoopback, type Config } from '../config.ts';
import type { RegistrationMode } from '../accounts/registration.ts';
import type { AppOptions } from '../http/app-deps.ts';
import type { ByteBudget } from '../http/byte-budget.ts';
import type { ImageInputOptions } from '../http/image-input.ts';
import type { ValidationRules } from '../images/validation-rules.ts';
import { FoveaError } from '../errors.ts';
import { fetchRemote } from '../remote/fetch-remote.ts';
import type { RemotePolicy } from '../remote/remote-policy.ts';
import { version } from '../version.ts';

/** What parts of the server want to be told, out of the flat settings. */

export function validationRules(config: Config): ValidationRules {
  return {
    maxBytes: config.FOVEA_RULE_MAX_BYTES,
    maxPixels: config.FOVEA_RULE_MAX_PIXELS,
    minSide: config.FOVEA_RULE_MIN_SIDE,
    maxSide: config.FOVEA_RULE_MAX_SIDE,
    minSharpness: config.FOVEA_RULE_MIN_SHARPNESS,
    minBrightness: config.FOVEA_RULE_MIN_BRIGHTNESS,
    maxBrightness: config.FOVEA_RULE_MAX_BRIGHTNESS,
    minFaces: config.FOVEA_RULE_MIN_FACES,
    maxFaces: config.FOVEA_RULE_MAX_FACES,
    minFaceSide: config.FOVEA_RULE_MIN_FACE_SIDE,
    minFaceSharpness: config.FOVEA_RULE_MIN_FACE_SHARPNESS,
    maxYaw: config.FOVEA_RULE_MAX_YAW,
    maxPitch: config.FOVEA_RULE_MAX_PITCH,
    maxRoll: config.FOVEA_RULE_MAX_ROLL,
  };
}

export function imageInput(config: Config, uploads: ByteBudget): ImageInputOptions {
  const policy = remotePolicy(config);
  return {
    maxBytes: config.FOVEA_MAX_IMAGE_BYTES,
    uploads,
    fetchImage: async (url, signal) => {
      if (!config.FOVEA_REMOTE_IMAGES)
        throw new FoveaError(
          'IMAGE_URL_FORBIDDEN',
          'This server takes no image_url; upload the image instead.',
        );
      return (await fetchRemote(url, policy, { signal: signal ?? new AbortController().signal }))
        .bytes;
    },
  };
}

function remotePolicy(config: Config): RemotePolicy {
  return {
    protocols: config.FOVEA_REMOTE_PROTOCOLS,
    allowedDomains: config.FOVEA_REMOTE_DOMAINS,
    allowedPorts: config.FOVEA_REMOTE_PORTS,
    allowedNetworks: config.FOVEA_REMOTE_NETWORKS,
    maxBytes: config.FOVEA_MAX_IMAGE_BYTES,
    connectTimeoutMs: Math.min(3_000, config.FOVEA_REMOTE_TIMEOUT),
    totalTimeoutMs: config.FOVEA_REMOTE_TIMEOUT,
    maxRedirects: config.FOVEA_REMOTE_REDIRECTS,
  };
}

/** Whether requests must say who asks. */
export function needsAccounts({ FOVEA_AUTH: auth, HOST: host }: Config): boolean {
  return auth === 'required' || (auth === 'auto' && !isLoopback(host));
}

export function appOptions(config: Config): AppOptions {
  return {
    version,
    requestTimeoutMs: config.FOVEA_REQUEST_TIMEOUT,
    uploadTimeoutMs: config.FOVEA_UPLOAD_TIMEOUT,
    allowedHosts: allowedHosts(config),
    trustedProxies: config.FOVEA_TRUSTED_PROXIES,
  };
}

/** While open on loopback, the names that lead there and no other; `undefined` answers to any. */
export function allowedHosts(config: Config): string[] | undefined {
  if (!isLoopback(config.HOST) || needsAccounts(config)) return undefined;
  return ['localhost', '127.0.0.1', '::1', config.HOST, ...config.FOVEA_ALLOWED_HOSTS];
}

/** Anybody may make an account where only this machine can ask; elsewhere it takes an invite. */
export function registrationMode(config: Config): RegistrationMode {
  return config.FOVEA_REGISTRATION ?? (isLoopback(config.HOST) ? 'open' : 'invite');
}
