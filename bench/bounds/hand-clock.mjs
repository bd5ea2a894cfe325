// A clock whose time is set by hand. Timers that are due run in order when time moves on.
export function handClock() {
  let time = 0
  const timers = new Set()
  const soon = run => setImmediate(run)
  return {
    now: () => 1_800_000_000_000 + time,
    monotonic: () => time,
    after(ms, run) {
      const timer = { at: time + Math.max(ms, 0), run }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    soon,
    keepProcessAlive: () => () => {},
    /** Moves time on by `ms`, and runs what is due on the way. */
    advance(ms) {
      const until = time + ms
      for (;;) {
        let next
        for (const timer of timers) if (timer.at <= until && (!next || timer.at < next.at)) next = timer
        if (!next) break
        timers.delete(next)
        time = Math.max(time, next.at)
        next.run()
      }
      time = until
    },
  }
}

export const turn = () => new Promise(resolve => setImmediate(resolve))

/** Bytes in use after a collection. */
export function heapBytes() {
  for (let round = 0; round < 3; round++) globalThis.gc()
  return process.memoryUsage().heapUsed
}

/** Moves `clock` on by 200 s, and further until `rooms` returns 0: idle rooms leave memory. */
export async function letGo(clock, rooms) {
  for (let second = 0; second < 200; second++) {
    clock.advance(1000)
    await turn()
  }
  for (let round = 0; round < 2000 && rooms() > 0; round++) {
    clock.advance(1)
    await turn()
  }
}
