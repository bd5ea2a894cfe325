import { createInterface } from 'node:readline'
import type { OpenConsole } from './chat-console.ts'

/** Opens a console on pipes: plain lines in, plain lines out. */
export const pipeConsole: OpenConsole = (input, output, signal) => {
  const reader = createInterface({ input, terminal: false, crlfDelay: Number.POSITIVE_INFINITY, signal })
  return {
    lines: reader,
    interactive: false,
    show: text => void output.write(`${text}\n`),
    prompt() {},
    close() {
      reader.close()
      input.destroy()
    },
  }
}
