import type { AnsweredCall, Call } from '../../api/call.ts';
import { perform } from '../../api/call.ts';
import { send } from '../../api/client.ts';
import type { Analysis, AnalysisPart, Validation } from '../../api/types.ts';
import { imageField } from '../../image/chosen-image.ts';
import type { ChosenImage } from '../../image/image-picker.tsx';

/** What to compute, as the analysis routes take it. */
export interface RunOptions {
  readonly include: readonly AnalysisPart[];
  readonly wipeCache: boolean;
}

/** One image on its way: validated, then analysed by the id it was given, perhaps several times. */
export interface Analysed {
  readonly options: RunOptions;
  readonly answered: AnsweredCall;
  readonly analysis: Analysis | undefined;
}

export function validateCall(image: ChosenImage): Call {
  return { method: 'POST', path: '/api/v1/validate/image', form: [imageField(image)] };
}

function analyzeCall(imageId: string, { include, wipeCache }: RunOptions): Call {
  return {
    method: 'POST',
    path: '/api/v1/analyze/by-id',
    json: {
      image_id: imageId,
      ...(include.length > 0 ? { include } : {}),
      ...(wipeCache ? { wipe_cache: true } : {}),
    },
  };
}

/** The validation in an answer; `undefined` when the call failed. */
export function validationIn({ problem, body }: AnsweredCall): Validation | undefined {
  return problem ? undefined : (body as Validation);
}

/** @throws Problem only when nothing answered. */
export async function analyse(imageId: string, options: RunOptions): Promise<Analysed> {
  const answered = await perform(analyzeCall(imageId, options));
  const analysis = answered.problem ? undefined : (answered.body as Analysis);
  return { options, answered, analysis };
}

/** The bytes that the server kept, for an image that it fetched itself. @throws Problem */
export async function contentOf(imageId: string): Promise<Blob> {
  return await (await send(`/api/v1/images/${imageId}/content`)).blob();
}
