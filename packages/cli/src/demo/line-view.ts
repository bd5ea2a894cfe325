import type { DemoEventType, OpenDemoView } from './demo-view.ts'

const verbs: Readonly<Record<DemoEventType, string>> = {
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
export const lineView: OpenDemoView = (out, palette, pace) => {
  let untold = 0
  let closed = false
  const write = (text: string) => {
    if (!closed) out.write(`${text}\n`)
  }
  return {
    show({ name: who, type: what, text }) {
      untold += what === 'writes' ? text.length : 10
      write(`${palette[who](who.padEnd(6))}  ${palette.bold(verbs[what].padEnd(10))}  ${text.trim()}`)
    },
    note: text => write(palette.dim(`# ${text}`)),
    async settled() {
      const ms = pace.typing(untold)
      untold = 0
      await pace.wait(ms)
    },
    close() {
      closed = true
    },
  }
}
