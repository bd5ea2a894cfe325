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

/** Opens a view with one line per event, for pipes and narrow terminals. `settled` waits as long as typing would take. */
export const lineView: OpenDemoView = (out, palette, timing) => {
  let unpaced = 0
  let closed = false
  const write = (text: string) => {
    if (!closed) out.write(`${text}\n`)
  }
  return {
    show({ name, type, text }) {
      unpaced += type === 'writes' ? text.length : 10
      write(`${palette[name](name.padEnd(6))}  ${palette.bold(verbs[type].padEnd(10))}  ${text.trim()}`)
    },
    note: text => write(palette.dim(`# ${text}`)),
    async settled() {
      const ms = timing.typing(unpaced)
      unpaced = 0
      await timing.wait(ms)
    },
    close() {
      closed = true
    },
  }
}
