import type { Examination } from '../import/sklearn/examine-models.ts';
import type { SklearnImport } from '../import/sklearn/import-sklearn.ts';

export interface ModelFilesInput {
  readonly files: readonly { readonly name: string; readonly path: string }[];
  /** Resident memory of the process, in bytes, beyond which it ends itself. */
  readonly processBytes: number;
}

export interface ConvertModelInput extends ModelFilesInput {
  /** The ONNX file to write; it must not exist yet. */
  readonly output: string;
  readonly coupleOutside: boolean;
}

export interface ConvertModelOutput extends Pick<SklearnImport, 'signature' | 'report'> {
  readonly onnxBytes: number;
  readonly sha256: string;
  /** Milliseconds to read the files and make the graph, and to open it in the runtime. */
  readonly convertMs: number;
  readonly loadMs: number;
  /** Most that the process held while it worked, in bytes. */
  readonly peakBytes: number;
}

/** Work with files on this machine, for the command line: nothing is kept or served. */
export interface ConversionTasks {
  readonly 'convert-model': {
    readonly input: ConvertModelInput;
    readonly output: ConvertModelOutput;
  };
  readonly 'examine-models': { readonly input: ModelFilesInput; readonly output: Examination };
}
