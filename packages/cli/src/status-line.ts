import type { WriteStream } from 'node:tty'

/** A line of a terminal that changes. */
export interface StatusLine {
  /** `out` is a terminal. Otherwise the line is never written. */
  readonly isLive: boolean
  show(text: string): void
  clear(): void
}

export function statusLine(out: WriteStream): StatusLine {
  const isLive = out.isTTY === true && process.env.TERM !== 'dumb'
  const write = (text: string) => {
    if (isLive) out.write(`\r\x1b[K${text.slice(0, (out.columns || 80) - 1)}`)
  }
  return { isLive, show: write, clear: () => write('') }
}
