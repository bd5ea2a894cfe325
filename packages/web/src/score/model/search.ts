/** Returns how many of the sorted `list` have a value of at most `limit`. O(log n). */
export function countUpTo<T>(list: ArrayLike<T>, limit: number, keyOf: (item: T) => number): number {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (keyOf(list[middle]!) <= limit) low = middle + 1
    else high = middle
  }
  return low
}

/** Returns the last of the sorted `list` with a value of at most `limit`. O(log n). */
export const lastUpTo = <T>(list: ArrayLike<T>, limit: number, keyOf: (item: T) => number): T | undefined =>
  list[countUpTo(list, limit, keyOf) - 1]
