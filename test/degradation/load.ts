import { crc32 } from 'node:zlib';

/** The same picture as another file: a PNG text chunk before the end. */
export function withComment(png: Buffer<ArrayBuffer>, index: number): Buffer<ArrayBuffer> {
  const chunk = Buffer.from(`tEXtComment\0${String(index).padStart(8)}`);
  const frame = Buffer.alloc(chunk.length + 8);
  frame.writeUInt32BE(chunk.length - 4, 0);
  chunk.copy(frame, 4);
  frame.writeUInt32BE(crc32(chunk), chunk.length + 4);
  return Buffer.concat([png.subarray(0, -12), frame, png.subarray(-12)]);
}

/** The whole answer: one whose body nobody reads keeps its connection, and the server waits for it when it stops. */
export async function whole(answer: Promise<Response>): Promise<Response> {
  const response = await answer;
  const { status, headers } = response;
  const body = await response.arrayBuffer();
  const bodyless = status === 204 || status === 304;
  return new Response(bodyless ? null : body, { status, headers });
}
