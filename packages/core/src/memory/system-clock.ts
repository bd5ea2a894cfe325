import type { Cancel, Clock } from '../ports/clock.ts'

interface Unrefable {
  unref?(): void
}

/** Node.js has `setImmediate`, which runs after pending input; in a browser a message to oneself does. */
const soon: Clock['soon'] =
  (globalThis as { readonly setImmediate?: (run: () => void) => void }).setImmediate ??
  (run => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      run()
    }
    port2.postMessage(undefined)
  })

/** Creates the machine's own clock. Its timers keep no process alive; `keepProcessAlive` does. */
export const systemClock = (): Clock => ({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run): Cancel {
    const timer = setTimeout(run, Math.min(Math.max(Math.ceil(ms), 0), 2 ** 31 - 1)) as unknown
    ;(timer as Unrefable).unref?.()
    return () => clearTimeout(timer as number)
  },
  soon: run => soon(run),
  keepProcessAlive(): Cancel {
    const timer = setInterval(() => {}, 2 ** 30)
    return () => clearInterval(timer)
  },
})
