import { corruptPickle } from '../errors.ts';
import type { Machine } from '../machine.ts';
import { latin1 } from '../python-text.ts';
import type { Handlers } from './handler.ts';

const highestProtocol = 5;

/** The stack, the memo and the frame. */
export const stack: Handlers = {
  0x80: (m, offset) => {
    const protocol = m.cursor.u8();
    if (protocol > highestProtocol)
      throw corruptPickle(`protocol ${protocol}, at most ${highestProtocol} exist,`, offset);
    m.session.protocol = Math.max(m.session.protocol, protocol);
  },
  // The length of a frame is for readers of streams; here all bytes are at hand (PEP 3154, "Framing").
  0x95: (m) => m.cursor.skip(8),
  0x28: (m) => m.mark(),
  0x30: (m) => m.drop(),
  0x31: (m) => void m.popMark(),
  0x32: (m) => m.push(m.top()),
  0x70: (m, offset) => m.remember(index(m, offset)),
  0x71: (m) => m.remember(m.cursor.u8()),
  0x72: (m) => m.remember(m.cursor.u32()),
  0x94: (m) => m.rememberNext(),
  0x67: (m, offset) => m.push(m.recall(index(m, offset))),
  0x68: (m) => m.push(m.recall(m.cursor.u8())),
  0x6a: (m) => m.push(m.recall(m.cursor.u32())),
};

function index(machine: Machine, offset: number): number {
  const text = latin1(machine.cursor.line());
  if (!/^\d{1,15}$/.test(text)) throw corruptPickle('a memo number that is none', offset);
  return Number(text);
}
