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
}

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
  }
}
