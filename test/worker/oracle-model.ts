import type { ModelManifest } from '../../src/protocol/model-manifest.ts';
import type { HostedModel } from '../../src/worker/hosted-model.ts';
import type { Session } from '../../src/worker/session.ts';
import { loadOriginal, runOriginal, useBackend } from '../import/tfjs/oracle.ts';
import { originalOf } from '../support/catalog-models.ts';

type Inputs = Parameters<Session['run']>[0];
type Outputs = Awaited<ReturnType<Session['run']>>;

/** The model that a catalog model is made from, run by TensorFlow.js (WASM) in the place of the runtime. */
export async function oracleModel(manifest: ModelManifest): Promise<HostedModel> {
  await useBackend('wasm');
  const { json, weights } = await originalOf(manifest);
  const original = await loadOriginal(JSON.parse(json.toString('utf8')), weights);
  const names = outputNames(manifest.output);
  const run = async (inputs: Inputs): Promise<Outputs> => {
    const feeds = Object.entries(inputs).map(([name, { dims, data }]) => [
      name,
      { dtype: 'float32', shape: dims, data },
    ]);
    const flat = await runOriginal(original, Object.fromEntries(feeds), names);
    return Object.fromEntries(
      flat.map(({ shape, data }, index) => [
        names[index] ?? '',
        { dims: shape, data: Float32Array.from(data) },
      ]),
    );
  };
  return {
    spec: { manifest, directory: '', digest: '' },
    session: { run } as unknown as Session,
  };
}

function outputNames(output: ModelManifest['output']): string[] {
  if (output.decoder === 'rows') return [output.boxes];
  if (output.decoder === 'classes') return [output.scores];
  if (output.decoder === 'age-gender') return [output.age, output.gender, output.descriptor];
  if (output.decoder === 'points')
    return [output.points, ...(output.presence ? [output.presence] : [])];
  if (output.decoder === 'blazeface')
    return output.scales.flatMap(({ scores, boxes }) => [scores, boxes]);
  if (output.decoder === 'nanodet')
    return output.scales.flatMap(({ scores = '', boxes = '' }) => [scores, boxes]);
  throw new Error(`No model of the catalog has decoder ${output.decoder}.`);
}
