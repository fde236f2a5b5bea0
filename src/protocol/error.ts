import { z } from 'zod';
import { errorCodes, type ErrorCode } from '../errors.ts';

/** Stable names of what can go wrong; the table is in docs/errors.md. */
export const errorCode = z
  .enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]])
  .meta({ id: 'ErrorCode' });

/** Every error of the API. */
export const errorBody = z
  .object({
    error: z.object({
      code: errorCode,
      message: z.string(),
      details: z.record(z.string(), z.unknown()),
      request_id: z.string(),
    }),
  })
  .meta({ id: 'Error' });
export type ErrorBody = z.infer<typeof errorBody>;
