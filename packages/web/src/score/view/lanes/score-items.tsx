import { shownName } from '@midsentence/client'
import type { LaneShape } from '../../layout/extent.ts'
import type { ScoreBar, ScoreBox, ScoreLayout } from '../../layout/layout.ts'
import { describeItem } from '../../model/describe.ts'
import type { Lane, Mark, MarkType, TimelineItem } from '../../model/model.ts'
import { authorAt, stateAt } from '../../model/moment.ts'
import { shortened, textOfSentence } from '../sentence.tsx'
import { clockTime, duration } from '../time.ts'
import { boxArea, margins, styleOf } from './geometry.ts'

/** Longest text in a box: more does not fit, and would cost layout. */
const BOX_TEXT = 280
const HUES = 8

export const hueOf = (lane: Lane | undefined): string | undefined => lane && `score-hue-${lane.index % HUES}`

export const itemId = (item: TimelineItem): string => `score-item-${item.index}`

const markWords: Readonly<Record<MarkType, string>> = {
  undone: 'undo',
  reset: 'reset',
  held: 'held',
  joined: 'joined',
  left: 'left',
  away: 'away',
  'floor.granted': 'floor',
  'floor.ended': 'end',
  gap: 'records missing',
  stopped: 'recording stopped',
}

interface ItemsProps {
  readonly layout: ScoreLayout
  readonly shape: LaneShape
  readonly position: number
  readonly selected: TimelineItem | undefined
  readonly withTimes: boolean
}

/** Everything in the viewport except the names of the lanes. */
export function ScoreItems(props: ItemsProps) {
  const { layout, shape, position, selected, withTimes } = props
  const { orientation, laneSize: size } = shape
  const whole = { offset: 0, size: layout.across }
  const head = { offset: -margins(orientation).across, size: margins(orientation).across }
  return (
    <>
      {layout.bands.map(band => (
        <div
          key={`floor-${band.floor.from}`}
          class="score-band"
          aria-hidden="true"
          style={styleOf(orientation, { ...band, size })}
        />
      ))}
      {layout.shortened.map(({ time, start, length }) => (
        <div
          key={`time-${time.index}`}
          class="score-shortened"
          style={styleOf(orientation, { start, length, ...whole })}
        >
          <span>{duration(time.ms)} later</span>
        </div>
      ))}
      {layout.bars.map(bar => (
        <Bar
          key={`bar-${bar.item.index}`}
          bar={bar}
          {...{ orientation, position, withTimes }}
          whole={whole}
          head={head}
        />
      ))}
      {layout.rails.map(rail => (
        <div
          key={`rail-${rail.message.index}`}
          class={`score-rail ${hueOf(rail.message.lane)}`}
          aria-hidden="true"
          style={styleOf(orientation, { ...rail, offset: rail.offset + size - 7, size: 4 })}
        />
      ))}
      {layout.pegs.map(peg => (
        <div
          key={`peg-${peg.hold.index}`}
          class="score-peg"
          aria-hidden="true"
          style={styleOf(orientation, { ...peg, offset: peg.offset + size / 2 - 9, size: 18 })}
        />
      ))}
      {layout.boxes.map(box => (
        <Box
          key={`box-${box.item.index}`}
          box={box}
          shape={shape}
          position={position}
          isSelected={box.item === selected}
        />
      ))}
    </>
  )
}

interface BarProps {
  readonly bar: ScoreBar
  readonly orientation: LaneShape['orientation']
  readonly position: number
  readonly withTimes: boolean
  readonly whole: { readonly offset: number; readonly size: number }
  readonly head: { readonly offset: number; readonly size: number }
}

function Bar({ bar, orientation, position, withTimes, whole, head }: BarProps) {
  const { item, start, length } = bar
  if (item.kind !== 'message') {
    return (
      <div class="score-whole-mark" data-item={item.index} style={styleOf(orientation, { start, length, ...whole })}>
        <span>{item.kind === 'mark' ? wholeMarkText(item) : ''}</span>
      </div>
    )
  }
  const author = authorAt(item, position)
  const isCrossing = item.crossesDraft ? ' score-crossing' : ''
  return (
    <>
      <div
        class={`score-bar ${hueOf(author) ?? ''}${isCrossing}`}
        data-item={item.index}
        aria-hidden="true"
        style={styleOf(orientation, { start, length: 12, ...whole })}
      />
      <div
        class="score-seq"
        aria-hidden="true"
        style={styleOf(orientation, { start, length: Math.max(length, 60), ...head })}
      >
        #{item.seq} {author && orientation === 'horizontal' && <bdi>{shortened(shownName(author.name), 40)}</bdi>}
        {withTimes && <small> {clockTime(item.at)}</small>}
      </div>
    </>
  )
}

const wholeMarkText = ({ type, lost }: Mark): string =>
  lost === undefined ? markWords[type] : `${lost} ${markWords[type]}`

interface BoxProps {
  readonly box: ScoreBox
  readonly shape: LaneShape
  readonly position: number
  readonly isSelected: boolean
}

function Box({ box, shape, position, isSelected }: BoxProps) {
  const { item, offset, start, length } = box
  const lane = item.kind === 'message' ? authorAt(item, position) : item.lane
  const look = item.kind === 'block' ? stateAt(item, position) : item.kind === 'mark' ? item.type : 'message'
  const inset = item.kind === 'message' ? 12 : 0
  const gap = 3
  const sentence = textOfSentence(describeItem(item, position))
  const area = { start: start + inset, length: Math.max(4, length - inset - gap), ...boxArea(shape, offset) }
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus, and names its active option.
    <div
      id={itemId(item)}
      role="option"
      aria-selected={isSelected}
      aria-label={item.kind === 'mark' ? `${markWords[item.type]}: ${sentence}` : sentence}
      class={`score-box score-${item.kind} score-look-${look.replace('.', '-')} ${hueOf(lane) ?? ''}`}
      data-item={item.index}
      style={styleOf(shape.orientation, area)}
    >
      {item.kind === 'mark' ? (
        <span class="score-word">{markWords[item.type]}</span>
      ) : (
        <span class="score-text" dir="auto">
          {shortened(item.kind === 'block' ? item.text : (item.content ?? ''), BOX_TEXT)}
        </span>
      )}
    </div>
  )
}
