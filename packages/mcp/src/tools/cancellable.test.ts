import { expect, test, vi } from 'vitest'
import type { RoomFeed } from '../events/room-feed.ts'
import { cancellable } from './cancellable.ts'
import { cancelCall } from './running-calls.ts'

test.each(['before its result', 'between its result and its end', 'after its end'])(
  '[U3] what a call showed is given again once, if it is cancelled %s',
  when => {
    const feed: RoomFeed = { read: () => Promise.reject(new Error('not read')) }
    const giveAgain = vi.fn()
    const call = cancellable(feed, 1, new AbortController().signal)
    if (when === 'before its result') {
      expect(cancelCall(feed, 1)).toBe(true)
      expect(call.signal.aborted).toBe(true)
      // A call that is cancelled has no result.
      call.end()
    } else if (when === 'between its result and its end') {
      cancelCall(feed, 1)
      call.end(giveAgain)
    } else {
      call.end(giveAgain)
      cancelCall(feed, 1)
    }
    cancelCall(feed, 1)
    expect(giveAgain).toHaveBeenCalledTimes(when === 'before its result' ? 0 : 1)
  },
)
