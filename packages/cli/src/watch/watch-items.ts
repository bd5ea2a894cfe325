import { inLine, type ScoreItem, type WatchRoomOptions, watchRoom } from '@midsentence/client'

/**
 * Calls `take` with everything but the link, whose losses go to standard error, as `opening` does, once the server answers.
 * Resolves once `signal` aborts.
 */
export function watchItems(
  options: WatchRoomOptions,
  signal: AbortSignal,
  opening: string,
  take: (item: Exclude<ScoreItem, { readonly type: 'link' }>) => void,
): Promise<void> {
  // Its sockets keep no process alive.
  const awake = setInterval(() => {}, 2 ** 30)
  let isFirst = true
  return new Promise<void>((resolve, reject) => {
    watchRoom({ ...options, signal }).subscribe({
      next(item) {
        if (item.type !== 'link') take(item)
        else if (item.link.state === 'down') process.stderr.write(`midsentence: ${inLine(item.link.reason)}\n`)
        else if (isFirst) {
          isFirst = false
          process.stderr.write(`${opening}\n`)
        }
      },
      error: reject,
      complete: resolve,
    })
  }).finally(() => clearInterval(awake))
}
