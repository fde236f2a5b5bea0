import { parentPort } from 'node:worker_threads';
import { toYaml } from './to-yaml.ts';

parentPort?.on('message', ({ id, json }: { id: number; json: string }) => {
  parentPort?.postMessage({ id, yaml: toYaml(json) });
});
