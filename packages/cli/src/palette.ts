import type { WriteStream } from 'node:tty'

type Paint = (text: string) => string

export interface Palette {
  readonly dim: Paint
  readonly bold: Paint
  readonly struck: Paint
  readonly good: Paint
  readonly bad: Paint
  readonly Claude: Paint
  readonly GPT: Paint
  /** Marks the reader's own name. */
  readonly mention: Paint
  /** Paints `text` in the colour of a participant: the same name has the same colour everywhere. */
  name(name: string, text: string): string
}

/** Colours of names in the 256-colour table that are readable on dark and on light backgrounds. */
const nameColours = [32, 36, 64, 97, 131, 136, 167, 30, 103, 172, 68, 134]

/** Returns ANSI styles for `out`. Returns text unchanged without a terminal, with NO_COLOR, and with TERM=dumb. */
export function palette(out: WriteStream): Palette {
  const enabled = out.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
  const paint = (...codes: number[]): Paint =>
    enabled ? text => (text === '' ? '' : `\x1b[${codes.join(';')}m${text}\x1b[0m`) : text => text
  return {
    dim: paint(2),
    bold: paint(1),
    struck: paint(2, 9),
    good: paint(32),
    bad: paint(33),
    Claude: paint(38, 5, 173),
    GPT: paint(38, 5, 73),
    mention: paint(1, 7),
    name: (name, text) => paint(38, 5, nameColours[hashOf(name) % nameColours.length]!)(text),
  }
}

/** Hashes a name, ignoring case (FNV-1a). */
function hashOf(name: string): number {
  let hash = 0x811c9dc5
  for (const character of name.toLowerCase()) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193)
  return hash >>> 0
}
