import { createInterface } from 'node:readline'
import type { MakeFace } from './face.ts'

/** For pipes: plain lines in, plain lines out. */
export const pipeFace: MakeFace = (input, output, signal) => {
  const reader = createInterface({ input, terminal: false, crlfDelay: Number.POSITIVE_INFINITY, signal })
  return {
    lines: reader,
    attended: false,
    show: text => void output.write(`${text}\n`),
    prompt() {},
    close() {
      reader.close()
      input.destroy()
    },
  }
}
