import { errorBody } from '../protocol/error.ts';

/** What every route may answer besides its own. */
export const errorResponses = { '4xx': errorBody, '5xx': errorBody };
