import type { WriteStream } from 'node:tty'
import { statusLine } from '../status-line.ts'

/** Milliseconds between two lines where the output is no terminal. */
const LINE_MS = 10_000

/** Shows how many of the seeds are done: on a terminal in one line that changes, else in a line now and then. */
export function seedProgress(out: WriteStream, scenario: string, seeds: number) {
  const line = statusLine(out)
  const started = performance.now()
  let written = started
  return {
    show(done: number, policy: string): void {
      const now = performance.now()
      const left = done === 0 ? '' : `, ${Math.ceil(((now - started) * (seeds - done)) / done / 1_000)} s left`
      if (line.isLive) line.show(`${scenario}: seed ${done + 1} of ${seeds}, ${policy}${left}`)
      else if (now - written >= LINE_MS) {
        written = now
        out.write(`${scenario}: ${done} of ${seeds} seeds${left}\n`)
      }
    },
    clear: line.clear,
  }
}
