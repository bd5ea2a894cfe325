import type { MakeScreen, What } from './cue.ts'

const verbs: Readonly<Record<What, string>> = {
  writes: 'writes',
  'takes back': 'takes back',
  empties: 'empties',
  waits: 'waits',
  hears: 'hears',
  reads: 'reads',
  pushes: 'pushes',
  held: 'is held',
  sent: 'is sent',
  trouble: 'trouble',
}

/** A line for each cue, for pipes and narrow terminals. What would have taken time to type takes it afterwards. */
export const lines: MakeScreen = (out, palette, pace) => {
  let untold = 0
  let closed = false
  const write = (text: string) => {
    if (!closed) out.write(`${text}\n`)
  }
  return {
    cue({ who, what, text }) {
      untold += what === 'writes' ? text.length : 10
      write(`${palette[who](who.padEnd(6))}  ${palette.bold(verbs[what].padEnd(10))}  ${text.trim()}`)
    },
    note: text => write(palette.dim(`# ${text}`)),
    async shown() {
      const ms = pace.typing(untold)
      untold = 0
      await pace.rest(ms)
    },
    close() {
      closed = true
    },
  }
}
