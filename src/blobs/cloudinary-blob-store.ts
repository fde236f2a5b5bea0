import { Agent, get, type RequestOptions } from 'node:https';
import { v2 as cloudinary } from 'cloudinary';
import { FoveaError } from '../errors.ts';
import { checkBlobKey, type BlobStore } from './blob-store.ts';
import { probeBlob, remoteStoreUnavailable, verifiedBlob } from './remote-blob.ts';

export interface CloudinaryOptions {
  readonly cloudName: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Folder of the blobs, without a slash at its end. */
  readonly folder: string;
  /** Longest time for one operation. */
  readonly timeoutMs: number;
  /** Largest blob that is taken back. */
  readonly maxBytes: number;
  /** Where the API is; Cloudinary's own unless given. */
  readonly apiUrl?: string | undefined;
  /** Certificates to trust besides the system's, as PEM. */
  readonly ca?: string | undefined;
}

/** Asset of type `raw`, so that bytes stay as they are, and `authenticated`, so that no public URL leads to it. */
const kind = { resource_type: 'raw', type: 'authenticated' } as const;
const downloadLifeSeconds = 60;

/** Blobs as raw, authenticated assets `<folder>/<key>`. Every call is signed; none gives out a URL. */
export class CloudinaryBlobStore implements BlobStore {
  readonly #options: CloudinaryOptions;
  readonly #agent: Agent;

  constructor(options: CloudinaryOptions) {
    this.#options = options;
    this.#agent = new Agent({ keepAlive: true, ...(options.ca ? { ca: options.ca } : {}) });
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const public_id = this.#publicId(key);
    await this.#timely(async () => {
      const { promise, resolve, reject } = Promise.withResolvers<undefined>();
      const call = { ...this.#call(), public_id, overwrite: true };
      const upload = cloudinary.uploader.upload_stream(call, (error) => {
        if (error) reject(new Error(error.message));
        else resolve(undefined);
      });
      upload.end(bytes);
      await promise;
    });
  }

  async has(key: string): Promise<boolean> {
    const publicId = this.#publicId(key);
    // Not the Admin API, which is limited to some hundred calls an hour.
    const found = await this.#timely(
      async () => await unlessMissing(cloudinary.uploader.explicit(publicId, this.#call())),
    );
    return found !== undefined;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const url = cloudinary.utils.private_download_url(this.#publicId(key), '', {
      ...this.#call(),
      expires_at: Math.floor(Date.now() / 1000) + downloadLifeSeconds,
    });
    return await this.#timely(async (signal) => {
      const bytes = await download(url, { agent: this.#agent, signal }, this.#options.maxBytes);
      return bytes && (await verifiedBlob(key, bytes));
    });
  }

  async delete(key: string): Promise<void> {
    const publicId = this.#publicId(key);
    await this.#timely(async () => {
      const call = { ...this.#call(), invalidate: true };
      const answer = (await cloudinary.uploader.destroy(publicId, call)) as { result?: unknown };
      if (answer.result !== 'ok' && answer.result !== 'not found')
        throw new Error(`destroy answered ${String(answer.result)}`);
    });
  }

  async probe(): Promise<void> {
    const { key, bytes } = await probeBlob();
    await this.put(key, bytes);
    await this.get(key);
    await this.delete(key);
  }

  /** Closes its connections. */
  close(): void {
    this.#agent.destroy();
  }

  #publicId(key: string): string {
    checkBlobKey(key);
    return `${this.#options.folder}/${key}`;
  }

  /** Said with each call, as the SDK's own configuration is one for the whole process. */
  #call() {
    const { cloudName, apiKey, apiSecret, apiUrl, timeoutMs } = this.#options;
    return {
      ...kind,
      cloud_name: cloudName,
      api_key: apiKey,
      api_secret: apiSecret,
      agent: this.#agent,
      timeout: timeoutMs,
      ...(apiUrl === undefined ? {} : { upload_prefix: apiUrl }),
    };
  }

  /** The SDK's time-out counts silence only. */
  async #timely<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const signal = AbortSignal.timeout(this.#options.timeoutMs);
    const { promise: late, reject } = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => reject(new Error('time-out')), { once: true });
    late.catch(() => undefined);
    const answer = work(signal);
    answer.catch(() => undefined);
    try {
      return await Promise.race([answer, late]);
    } catch (error) {
      if (error instanceof FoveaError) throw error;
      throw remoteStoreUnavailable(reasonOf(error), error);
    }
  }
}

/** The SDK rejects with the API's answer, `{ message, http_code }`, or with that in `error`. */
function apiError(error: unknown): { readonly http_code?: unknown } {
  const outer = (error ?? {}) as { http_code?: unknown; error?: { http_code?: unknown } };
  return outer.error ?? outer;
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (apiError(error).http_code === 404) return undefined;
    throw error;
  }
}

function reasonOf(error: unknown): string {
  const { http_code: status } = apiError(error);
  if (typeof status === 'number') return `status ${status}`;
  return (error as NodeJS.ErrnoException | null)?.code ?? 'no answer';
}

async function download(
  url: string,
  options: RequestOptions,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array<ArrayBuffer> | undefined>();
  const request = get(url, options, (response) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxBytes) request.destroy(new Error('larger than any image'));
    });
    response.on('error', reject);
    response.on('end', () => {
      const status = response.statusCode ?? 0;
      if (status === 200) resolve(Uint8Array.from(Buffer.concat(chunks)));
      else if (status === 404) resolve(undefined);
      else reject(Object.assign(new Error('refused'), { http_code: status }));
    });
  });
  request.on('error', reject);
  return await promise;
}
