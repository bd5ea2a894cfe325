import type { WriteStream } from 'node:tty'
import type { Progress } from '@midsentence/conformance/black-box'
import { statusLine } from '../status-line.ts'

/** Shows the progress of a run. */
export interface ProgressDisplay {
  show(progress: Progress): void
  /** Clears the progress line of a terminal. */
  clear(): void
}

const marks = { pass: 'pass', fail: 'FAIL', skipped: 'skip' } as const

/** Creates a display on `out`: one changing line on a terminal, else one line per finished rule. */
export function progressDisplay(out: WriteStream): ProgressDisplay {
  const line = statusLine(out)
  const running = new Set<string>()
  let done = 'Trying'
  const draw = (more = '') => line.show(`${done} ${[...running].join(' ')}${more}`)
  return {
    show(progress) {
      if (progress.type === 'begun') running.add(progress.id)
      if (progress.type === 'waiting') {
        const wait = `  the server asks to wait ${Math.ceil(progress.ms / 100) / 10} s`
        return line.isLive ? draw(wait) : void out.write(`${wait.trimStart()}\n`)
      }
      if (progress.type === 'ended') {
        const { outcome, of } = progress
        running.delete(outcome.id)
        done = `${progress.done} of ${of}`
        if (!line.isLive) out.write(`${done.padEnd(9)} ${marks[outcome.outcome]} ${outcome.id} ${outcome.title}\n`)
      }
      draw()
    },
    clear: line.clear,
  }
}
