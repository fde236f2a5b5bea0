import type { AgeGender } from './age-gender.ts';
import type { OutputDecoder } from './output-decoder.ts';
import { outputRows } from './output-tensor.ts';

/**
 * InsightFace's three numbers: the larger of the first two says female or male, the third is years / 100. The score of
 * the label is their softmax.
 */
export const decodeGenderAge: OutputDecoder<'gender-age', AgeGender[]> = (outputs, { output }) =>
  outputRows(outputs, output.values, 3).map(([female = 0, male = 0, years = 0]) => ({
    age: years * 100,
    gender: {
      // Of equals the first, as numpy's argmax has it.
      label: male > female ? 'male' : 'female',
      score: 1 / (1 + Math.exp(-Math.abs(male - female))),
    },
  }));
