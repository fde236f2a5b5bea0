import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { FoveaError } from '../errors.ts';
import { checkBlobKey, type BlobStore } from './blob-store.ts';
import { probeBlob, remoteStoreUnavailable, verifiedBlob } from './remote-blob.ts';

export interface S3Options {
  readonly bucket: string;
  readonly region: string;
  /** Of an S3-compatible server; AWS unless given. Its buckets are then addressed by path, not by host name. */
  readonly endpoint?: string | undefined;
  /** Put before every key. */
  readonly prefix: string;
  /** Longest time for one operation, retries included. */
  readonly timeoutMs: number;
  /** Unless given, the SDK looks for them where AWS documents it. */
  readonly credentials?:
    | {
        readonly accessKeyId: string;
        readonly secretAccessKey: string;
        readonly sessionToken?: string;
      }
    | undefined;
}

type Signal = { readonly abortSignal: AbortSignal };

const connectTimeoutMs = 2_000;
const attempts = 2;

/** Blobs as objects `<prefix><key>`. S3 checks what it takes by the key, which is its SHA-256; so do we what it gives. */
export class S3BlobStore implements BlobStore {
  readonly #options: S3Options;
  readonly #client: S3Client;

  constructor(options: S3Options) {
    this.#options = options;
    const { endpoint, credentials, region, timeoutMs } = options;
    this.#client = new S3Client({
      region,
      maxAttempts: attempts,
      requestHandler: { connectionTimeout: connectTimeoutMs, requestTimeout: timeoutMs },
      // The checksum is the key, which we have; the SDK would compute another on the event loop.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
      ...(credentials === undefined ? {} : { credentials }),
    });
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const place = this.#place(key);
    const ChecksumSHA256 = Buffer.from(key, 'hex').toString('base64');
    const command = new PutObjectCommand({ ...place, Body: bytes, ChecksumSHA256 });
    // The signature covers the body by the same hash, which the SDK takes from here when it is given.
    command.middlewareStack.add(
      (next) => async (args) => {
        const { headers } = args.request as { headers: Record<string, string> };
        headers['x-amz-content-sha256'] = key;
        return await next(args);
      },
      { step: 'build' },
    );
    await this.#timely(async (signal) => await this.#client.send(command, signal));
  }

  async has(key: string): Promise<boolean> {
    const command = new HeadObjectCommand(this.#place(key));
    const found = await this.#timely(
      async (signal) => await unlessMissing(this.#client.send(command, signal)),
    );
    return found !== undefined;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const command = new GetObjectCommand(this.#place(key));
    return await this.#timely(async (signal) => {
      const object = await unlessMissing(this.#client.send(command, signal));
      const bytes = await object?.Body?.transformToByteArray();
      return bytes && (await verifiedBlob(key, new Uint8Array(bytes)));
    });
  }

  async delete(key: string): Promise<void> {
    const command = new DeleteObjectCommand(this.#place(key));
    await this.#timely(async (signal) => await this.#client.send(command, signal));
  }

  async probe(): Promise<void> {
    const { key, bytes } = await probeBlob();
    await this.put(key, bytes);
    await this.get(key);
    await this.delete(key);
  }

  /** Closes its connections. */
  close(): void {
    this.#client.destroy();
  }

  #place(key: string): { Bucket: string; Key: string } {
    checkBlobKey(key);
    return { Bucket: this.#options.bucket, Key: this.#options.prefix + key };
  }

  async #timely<T>(work: (signal: Signal) => Promise<T>): Promise<T> {
    try {
      return await work({ abortSignal: AbortSignal.timeout(this.#options.timeoutMs) });
    } catch (error) {
      if (error instanceof FoveaError) throw error;
      throw remoteStoreUnavailable(nameOf(error), error);
    }
  }
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (['NoSuchKey', 'NotFound'].includes(nameOf(error))) return undefined;
    throw error;
  }
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  return (error as NodeJS.ErrnoException).code ?? error.name;
}
