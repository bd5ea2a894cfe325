import { prop } from '@midsentence/testing/properties'
import { simulatedScore } from '@midsentence/testing/score/simulated-score'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { foldScore, ScoreFold } from '../model/fold.ts'
import type { ScoreTimeline } from '../model/model.ts'
import { isVisibleTo } from '../model/moment.ts'
import { type AxisOptions, ScoreAxis } from './axis.ts'
import { BAR, isAcross } from './extent.ts'
import { layoutScore, leastZoom, type ScoreLayout, type ScoreViewport } from './layout.ts'

const anyRecords = fc
  .record({
    records: fc.integer({ min: 1, max: 150 }),
    seed: fc.integer(),
    participants: fc.integer({ min: 1, max: 5 }),
  })
  .map(simulatedScore)

const anyOptions: fc.Arbitrary<AxisOptions> = fc.record(
  {
    axis: fc.constantFrom('order', 'time'),
    compressed: fc.boolean(),
    orientation: fc.constantFrom('horizontal', 'vertical'),
    laneSize: fc.constantFrom(104, 148, 168),
    shown: fc.subarray(['P1', 'P2', 'P3', 'P4', 'P5']).map(names => new Set(names)),
  },
  { requiredKeys: ['axis', 'compressed', 'orientation', 'laneSize'] },
)

const anyWindow = fc.record({ from: fc.nat(9000), length: fc.nat(2000), zoom: fc.constantFrom(0.25, 0.7, 1, 2) })

const axisOf = (model: ScoreTimeline, options: AxisOptions) => new ScoreAxis(options).extend(model)

const whole = (position: number): ScoreViewport => ({
  along: [0, Number.POSITIVE_INFINITY],
  across: [0, Number.POSITIVE_INFINITY],
  zoom: 1,
  position,
})

/** A layout as plain values that two models can be compared by. */
const plain = ({ along, across, lanes, boxes, bars, rails, bands, pegs, shortened }: ScoreLayout) => ({
  along,
  across,
  lanes: lanes.map(({ lane, offset }) => [lane.name, offset]),
  boxes: boxes.map(({ item, start, length, offset }) => [item.index, start, length, offset]),
  bars: bars.map(({ item, start, length }) => [item.index, start, length]),
  rails: rails.map(({ message, start, length }) => [message.seq, start, length]),
  bands: bands.map(({ floor, start, length }) => [floor.from, start, length]),
  pegs: pegs.map(({ hold, start, offset }) => [hold.index, start, offset]),
  shortened: shortened.map(({ time, start, length }) => [time.ms, start, length]),
})

prop(
  'boxes of a lane do not overlap, and the axis keeps the order of positions',
  [anyRecords, anyOptions],
  (records, options) => {
    const model = foldScore(records)
    const { boxes, bars } = layoutScore(model, axisOf(model, options), whole(model.last))
    const laneEnds = new Map<number, number>()
    let last = -1
    // One `expect` a case: it takes longer than what it compares.
    const misplaced = boxes.filter(({ start, length, offset }) => {
      const fits = start > last && start >= (laneEnds.get(offset) ?? 0) && offset % options.laneSize === 0
      laneEnds.set(offset, start + length)
      last = start
      return !fits
    })
    expect(misplaced).toEqual([])
    const seqs = bars.flatMap(({ item }) => (item.kind === 'message' ? [item.seq] : []))
    expect(seqs).toEqual(model.messages.map(({ seq }) => seq))
  },
)

prop(
  'what came before a message is before its bar, what came after is after it',
  [anyRecords, anyOptions],
  (records, options) => {
    const model = foldScore(records)
    const axis = axisOf(model, options)
    for (const item of model.items) {
      if (!isAcross(item) || axis.starts[item.index] === axis.ends[item.index]) continue
      const start = axis.starts[item.index]!
      const late = axis.ends.slice(0, item.index).filter(end => end > start)
      const early = axis.starts.filter((from, nth) => nth > item.index && from !== axis.ends[nth] && from < start + BAR)
      if (late.length + early.length > 0) expect({ index: item.index, late, early }).toEqual({ late: [], early: [] })
    }
  },
)

prop(
  'a viewport has what it touches, and nothing else',
  [anyRecords, anyOptions, anyWindow],
  (records, options, window) => {
    const model = foldScore(records)
    const axis = axisOf(model, options)
    const [from, to] = [window.from, window.from + window.length]
    const size = options.laneSize
    const everything = layoutScore(model, axis, { ...whole(model.last), zoom: window.zoom })
    const viewport: ScoreViewport = {
      ...whole(model.last),
      zoom: window.zoom,
      along: [from, to],
      across: [size, 2 * size],
    }
    const touches = ({ start, length }: { start: number; length: number }) => start < to && start + length > from
    const inLane = ({ offset }: { offset: number }) => offset === size
    const part = layoutScore(model, axis, viewport)
    const bars = new Set(everything.bars.filter(touches).map(({ start }) => start))
    expect(plain(part)).toEqual({
      ...plain({
        ...everything,
        lanes: everything.lanes.filter(inLane),
        boxes: everything.boxes.filter(box => touches(box) && inLane(box)),
        bars: everything.bars.filter(touches),
        rails: everything.rails.filter(rail => touches(rail) && inLane(rail)),
        bands: everything.bands.filter(band => touches(band) && inLane(band)),
        pegs: everything.pegs.filter(peg => inLane(peg) && bars.has(peg.start)),
        shortened: part.shortened,
      }),
    })
    expect(layoutScore(model, axis, viewport)).toEqual(part)
  },
)

prop(
  'new records extend an axis as if they had been there',
  [anyRecords, anyOptions, fc.nat()],
  (records, options, cut) => {
    const position = 1 + (cut % records.length)
    const fold = new ScoreFold().add(records.slice(0, position))
    const axis = axisOf(fold, options)
    const before = plain(layoutScore(fold, axis, whole(position)))
    fold.add(records)
    axis.extend(fold)
    expect(plain(layoutScore(fold, axis, whole(fold.last)))).toEqual(
      plain(layoutScore(foldScore(records), axisOf(foldScore(records), options), whole(fold.last))),
    )
    expect(plain(layoutScore(fold, axis, whole(position)))).toEqual(before)
  },
)

prop('as a participant, only what it had been given is in the layout', [anyRecords, anyOptions], (records, options) => {
  const model = foldScore(records)
  const axis = axisOf(model, options)
  const all = layoutScore(model, axis, whole(model.last))
  for (const as of model.lanes.values()) {
    const own = layoutScore(model, axis, { ...whole(model.last), as })
    const visible = (box: { item: (typeof model.items)[number] }) => isVisibleTo(as, box.item, model.last)
    expect(own.boxes).toEqual(all.boxes.filter(visible))
    expect(own.bars).toEqual(all.bars.filter(visible))
    for (const { message } of own.rails) expect(message.lane).toBe(as)
  }
})

prop('the axis has space for time, and names a time that it shortens', [anyRecords], records => {
  const model = foldScore(records)
  const options = { axis: 'time', orientation: 'horizontal', laneSize: 104 } as const
  const scaled = axisOf(model, { ...options, compressed: false })
  const compressed = axisOf(model, { ...options, compressed: true })
  expect(scaled.shortened).toEqual([])
  const pauses = model.items.slice(1).map(({ at }, nth) => ({ index: nth + 1, ms: at - model.items[nth]!.at }))
  const space = (index: number) => scaled.starts[index]! - scaled.starts[index - 1]! + 1e-6
  expect(pauses.filter(({ index, ms }) => space(index) < (ms / 1000) * 24)).toEqual([])
  expect(compressed.shortened.map(({ index, ms }) => ({ index, ms }))).toEqual(pauses.filter(({ ms }) => ms > 5000))
})

test('10,000 records: a wide viewport holds at most 300 elements at any place and zoom', () => {
  const records = simulatedScore({ records: 10_000, participants: 8, seed: 7 })
  const model = foldScore(records)
  for (const orientation of ['horizontal', 'vertical'] as const) {
    const axis = axisOf(model, { axis: 'order', compressed: false, orientation, laneSize: 104 })
    const length = orientation === 'horizontal' ? 3840 : 2160
    const zoom = leastZoom(length)
    let most = 0
    for (let from = 0; from < axis.end * zoom; from += 500) {
      const layout = layoutScore(model, axis, { ...whole(model.last), along: [from, from + length], zoom })
      most = Math.max(
        most,
        layout.boxes.length + layout.bars.length + layout.rails.length + layout.bands.length + layout.pegs.length,
      )
    }
    expect(most).toBeGreaterThan(50)
    expect(most).toBeLessThanOrEqual(300)
  }
})
