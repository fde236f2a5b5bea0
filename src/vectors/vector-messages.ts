import type { Neighbour, SearchBounds, VectorBlock } from './vector-index.ts';

/** What the search thread is asked; each is answered by its number. */
export type VectorRequest = { readonly request: number } & (
  | {
      readonly type: 'put';
      readonly set: string;
      readonly dimensions: number;
      readonly block: VectorBlock;
      /** Surely none of the faces is there. */
      readonly fresh: boolean;
    }
  | { readonly type: 'remove'; readonly set: string; readonly faceIds: Uint8Array<ArrayBuffer> }
  | { readonly type: 'drop'; readonly set: string }
  | {
      readonly type: 'search';
      readonly set: string;
      readonly queries: Float32Array<ArrayBuffer>;
      readonly bounds: SearchBounds;
    }
  /** Searches a block that is not kept. */
  | {
      readonly type: 'scan';
      readonly dimensions: number;
      readonly block: VectorBlock;
      readonly queries: Float32Array<ArrayBuffer>;
      readonly bounds: SearchBounds;
    }
);

export interface VectorReply {
  readonly request: number;
  readonly found?: Neighbour[][];
  /** Bytes that the set holds now. */
  readonly bytes?: number;
  readonly error?: string;
}

type Unnumbered<T> = T extends unknown ? Omit<T, 'request'> : never;
export type VectorWork = Unnumbered<VectorRequest>;
