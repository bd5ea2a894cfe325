/** Counts the clusters that a Segmenter finds during `act`. A clock would measure the machine instead. */
export function segmentsTouched(steps: () => void): number {
  const { segment } = Intl.Segmenter.prototype
  let touched = 0
  Intl.Segmenter.prototype.segment = function (this: Intl.Segmenter, text) {
    const segments = segment.call(this, text)
    return {
      containing: index => {
        touched++
        return segments.containing(index)
      },
      *[Symbol.iterator]() {
        for (const found of segments) {
          touched++
          yield found
        }
        return undefined
      },
    } as Intl.Segments
  }
  try {
    steps()
  } finally {
    Intl.Segmenter.prototype.segment = segment
  }
  return touched
}
