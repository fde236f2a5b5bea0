import { z } from 'zod';
import { errorCodes, type ErrorCode } from '../errors.ts';

const codes = Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]];

/** Every error of the API. */
export const errorBody = z.object({
  error: z.object({
    code: z.enum(codes),
    message: z.string(),
    details: z.record(z.string(), z.unknown()),
    request_id: z.string(),
  }),
});
export type ErrorBody = z.infer<typeof errorBody>;
