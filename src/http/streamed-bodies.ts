import { z } from 'zod';

const schemas = new WeakSet<object>();

/** A body that is documented by the schema, and read and checked by the route itself: forms with files are streams. */
export function streamedBody<T extends z.ZodType>(schema: T): T {
  schemas.add(schema);
  return schema;
}

export function isStreamedBody(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && schemas.has(schema);
}
