import { defineCommand } from '../define-command.ts'
import { untilInterrupted } from '../interrupt.ts'
import { parseAddresses, parseSpeed } from '../parse-values.ts'

export const demo = defineCommand({
  name: 'demo',
  help: `midsentence demo [--url URL] [--speed N]

Two scripted participants chat over HTTP and server-sent events, so that you can watch every action:
append, an interruption, undo, a held push, a revision, push. It plays once and ends.

  --url URL   Play in the room lobby of the running server at this address; the existing Python
              chat server works too. Of several that share their rooms: all, with commas. Default: a
              temporary server.
  --speed N   Play N times as fast. Default: 1 in a terminal, 4 otherwise.

Prints two columns in a wide terminal, plain lines otherwise. Ctrl-C leaves the room and ends.
`,
  options: { url: { type: 'string' }, speed: { type: 'string' } },
  async run({ url, speed }) {
    const urls = url === undefined ? undefined : parseAddresses(url, '--url')
    const factor = speed === undefined ? undefined : parseSpeed(speed)
    const { runDemo } = await import('./run-demo.ts')
    return untilInterrupted(signal => runDemo(urls, factor, signal))
  },
})
