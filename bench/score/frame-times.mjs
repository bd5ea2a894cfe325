/** Trace events that are script, style or layout. Those inside another are not counted twice. */
const work = new Set([
  'FunctionCall',
  'EvaluateScript',
  'RunMicrotasks',
  'FireAnimationFrame',
  'EventDispatch',
  'TimerFire',
  'UpdateLayoutTree',
  'Layout',
  'PrePaint',
  'MajorGC',
  'MinorGC',
])

/**
 * Returns script and layout time per frame of the page's main thread, in milliseconds: the median, and the slowest twentieth.
 * Times are those of the thread, so that other processes do not count. A frame lasts from one `BeginMainThreadFrame` to the next.
 */
export function frameTimes(events) {
  const thread = events.find(({ name }) => name === 'FireAnimationFrame')
  const own = events.filter(({ pid, tid }) => pid === thread?.pid && tid === thread?.tid).sort((a, b) => a.ts - b.ts)
  const starts = own.filter(({ name }) => name === 'BeginMainThreadFrame').map(({ ts }) => ts)
  const times = starts.map(() => 0)
  let [frame, end] = [-1, 0]
  for (const { name, ph, ts, dur = 0, tdur = dur } of own) {
    while (frame + 1 < starts.length && starts[frame + 1] <= ts) frame++
    if (ph !== 'X' || !work.has(name) || ts < end || frame < 0) continue
    times[frame] += tdur / 1000
    end = ts + dur
  }
  const sorted = times.filter(ms => ms > 0).sort((a, b) => a - b)
  return {
    frames: sorted.length,
    median: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
    slow: sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN,
  }
}
