import type { Machine } from '../machine.ts';

/** What one opcode does. `offset` is where the opcode stands. */
export type Handler = (machine: Machine, offset: number) => void;

export type Handlers = Readonly<Record<number, Handler>>;
