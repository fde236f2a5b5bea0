/** Why a well-formed ONNX file is not served. The message says what was found and what to do. */
export class ModelRefusal extends Error {
  readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = 'ModelRefusal';
    this.details = details;
  }
}
