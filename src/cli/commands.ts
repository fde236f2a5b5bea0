import type { Command } from 'commander';
import { addAnalyze } from './analyze.ts';
import { addConvert } from './convert.ts';
import { addDetect } from './detect.ts';
import { addInspect } from './inspect.ts';
import { addKeys } from './keys.ts';
import { addModels } from './models.ts';
import { addServe } from './serve.ts';
import { addSetup } from './setup.ts';
import { addUsers } from './users.ts';

/** Every command: one file, one line. */
export const commands: readonly ((program: Command) => void)[] = [
  addServe,
  addAnalyze,
  addDetect,
  addConvert,
  addInspect,
  addModels,
  addSetup,
  addUsers,
  addKeys,
];
