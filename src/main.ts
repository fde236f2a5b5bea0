import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { banner, firstAccountLine } from './banner.ts';
import type { Inference } from './compose/inference.ts';
import { composeServer, type ComposedServer } from './compose/server.ts';
import { ConfigError, type Config } from './config.ts';
import { claimDataDirectory } from './db/data-directory.ts';
import type { App } from './http/app-deps.ts';
import { createLogger, type Logger } from './telemetry/logger.ts';

export interface RunningServer {
  readonly url: string;
  /** The first lines a person sees. */
  readonly banner: string;
  readonly inference: Inference;
  /** Resolves when the first setup is over, well or badly. */
  readonly settled: Promise<void>;
  /** Resolves with how to make the first account, when accounts are needed and there is none. */
  readonly firstAccount: Promise<string | undefined>;
  /** Finishes what is under way, then ends every process it started. With `grace` it waits for balancers first. */
  readonly stop: (grace: boolean) => Promise<void>;
}

const flushEveryMs = 10_000;
const sweepEveryMs = 3_600_000;
const drainLimitMs = 30_000;
const firstAccountTimeoutMs = 120_000;

/**
 * Starts everything and listens. HTTP answers before the database is up and before the models are
 * warm; `/health/ready` tells when a request succeeds.
 * @throws ConfigError for a file of labels that is none, or a port that cannot be listened on
 * @throws FoveaError STORAGE_UNAVAILABLE when another server holds the data directory.
 */
export async function startServer(
  config: Config,
  logger: Logger = createLogger(config.LOG_LEVEL),
): Promise<RunningServer> {
  const claim = await claimDataDirectory(config.FOVEA_DATA_DIR, { address: `port ${config.PORT}` });
  const server = await composeServer(config, logger).catch((error: unknown) => {
    claim.release();
    throw error;
  });
  const { foundation, services } = server;
  const { inference, redis, database } = foundation;
  await services.userModels.files.clean();
  const url = await listen(server.app, config).catch((error: unknown) => {
    inference.engine.close();
    claim.release();
    throw error;
  });
  claim.announce(url);
  const stopTimers = keepHouse(config, server);
  redis?.start();
  database.start();
  services.predictions.start();
  services.sessions.start();
  return {
    url,
    banner: banner(url, config, inference.registry.list()),
    inference,
    settled: inference.setup.start(),
    firstAccount: firstAccountAdvice(url, config, server),
    stop: async (grace) => {
      server.health.drain();
      if (grace) await sleep(config.FOVEA_DRAIN_GRACE);
      stopTimers();
      await close(server);
      claim.release();
    },
  };
}

/** First what brings work, then what does it, then what it is written to. */
async function close({ app, foundation, services, flush }: ComposedServer): Promise<void> {
  await Promise.race([app.close(), sleep(drainLimitMs, undefined, { ref: false })]);
  await services.jobs.stop();
  await services.faces.stop();
  await foundation.inference.close();
  await flush();
  await foundation.journal.close();
  await services.predictions.stop();
  await services.sessions.stop();
  await foundation.database.close();
  await foundation.redis?.close();
  await foundation.blobs.close();
}

/** Asked once, when the database is up for the first time. */
async function firstAccountAdvice(
  url: string,
  config: Config,
  { foundation: { database }, services: { accounts } }: ComposedServer,
): Promise<string | undefined> {
  if (!accounts.required) return undefined;
  const none = await database
    .ready(firstAccountTimeoutMs)
    .then(accounts.none)
    .catch(() => false);
  return none ? firstAccountLine(url, config) : undefined;
}

/** Writes what waits for the database and deletes what nobody used for long; returns the way to stop. */
function keepHouse(config: Config, { foundation, services, flush }: ComposedServer): () => void {
  const unusedSince = (): Date => new Date(Date.now() - config.FOVEA_IMAGE_TTL);
  const sweeps: readonly (() => Promise<unknown>)[] = [
    () => foundation.library.removeUnused(unusedSince()),
    services.accounts.sweep,
    () => services.userModels.purger.sweep(),
    () => services.userModels.files.clean(),
  ];
  const sweep = (): void => {
    for (const each of sweeps) void each().catch(() => undefined);
  };
  const timers = [setInterval(() => void flush(), flushEveryMs), setInterval(sweep, sweepEveryMs)];
  return () => timers.forEach((timer) => clearInterval(timer));
}

async function listen(app: App, config: Config): Promise<string> {
  await app
    .listen({ host: config.HOST, port: config.PORT })
    .catch((error: NodeJS.ErrnoException) => {
      const advice =
        error.code === 'EADDRINUSE'
          ? 'is in use; set PORT to another one, or to 0 for a free one'
          : `cannot be listened on (${error.code ?? error.message})`;
      throw new ConfigError([`PORT=${config.PORT} on HOST=${config.HOST} ${advice}`]);
    });
  const { address, port, family } = app.server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
