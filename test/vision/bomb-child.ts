import { decode } from '../../src/vision/decode.ts';
import { astronaut, bomb, LIMITS } from './image-files.ts';

/** Prints how much the peak memory of this process grows, in bytes, while it refuses bombs. */
const file = bomb(50_000);
// Everything that a first decode loads is there before the measurement.
await decode(astronaut, LIMITS);
const before = process.resourceUsage().maxRSS;
const codes: string[] = [];
for (let attempt = 0; attempt < 5; attempt++) {
  await decode(file, LIMITS).catch((error: { code: string }) => codes.push(error.code));
}
const growth = (process.resourceUsage().maxRSS - before) * 1024;
process.stdout.write(JSON.stringify({ growth, codes }));
