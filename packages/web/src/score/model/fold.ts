import { type Draft, type ScoreRecord, type ScoreState, segmentsOf } from '@midsentence/core'
import { emptyScore, evolveScore } from '@midsentence/core/hub'
import type {
  Block,
  BlockEnd,
  FloorSpan,
  Lane,
  Mark,
  MarkType,
  MessageBar,
  ScoreMoment,
  ScoreTimeline,
  TimelineItem,
} from './model.ts'
import { lastUpTo } from './search.ts'

type Change<T extends ScoreRecord['type']> = Extract<ScoreRecord, { readonly type: T }>
type LaneChange = Change<'joined' | 'left' | 'appended' | 'undone' | 'reset' | 'pushed' | 'draft' | 'given'>

/** How a segment left its draft, and as which message. */
interface Ending {
  readonly how: BlockEnd
  readonly seq?: number
}

/**
 * Folds records into a model: live records, history and a file alike, in any grouping. What a record does to drafts, reads
 * and the floor is decided by `evolveScore` of core. O(1) per record, O(draft) for a reset or a push, O(participants) for a
 * `state`.
 */
export class ScoreFold implements ScoreTimeline {
  readonly lanes = new Map<string, Lane>()
  readonly items: TimelineItem[] = []
  readonly messages: MessageBar[] = []
  readonly floors: FloorSpan[] = []
  readonly holds: Mark[] = []
  readonly crossings: MessageBar[] = []
  readonly positions: number[] = []
  readonly times: number[] = []
  /** Participants that have text in their draft. */
  #writing = 0

  get first(): number {
    return this.positions[0] ?? 0
  }

  get last(): number {
    return this.positions.at(-1) ?? 0
  }

  /** Adds records. Those at a position that is already there are ignored. */
  add(records: Iterable<ScoreRecord>): this {
    for (const record of records) if (record.position > this.last) this.#add(record)
    return this
  }

  #add(record: ScoreRecord): void {
    const moment: ScoreMoment = { position: record.position, at: Date.parse(record.at), head: record.head }
    this.positions.push(moment.position)
    this.times.push(moment.at)
    switch (record.type) {
      case 'message':
        return this.#addMessage(record, moment)
      case 'held':
        return this.#addHold(record, moment)
      case 'gap':
        this.#addMark('gap', moment, undefined, record.lost === undefined ? {} : { lost: record.lost })
        return
      case 'state':
        return this.#replaceAll(record, moment)
      case 'stopped':
        this.#addMark('stopped', moment, undefined)
        return this.#replaceAll(record, moment)
      case 'floor.granted':
        return this.#grantFloor(record.sender_id, moment, moment.at + record.for_ms)
      case 'floor.ended':
        return this.#endFloor(moment, record.why)
      default:
        return this.#changeLane(record, moment)
    }
  }

  #changeLane(record: LaneChange, moment: ScoreMoment): void {
    const lane = this.#laneOf(record.sender_id, moment)
    const before: ScoreState = { lanes: new Map(lane.now && [[lane.name, lane.now]]), floor: undefined }
    const after = evolveScore(before, record).lanes.get(lane.name)
    const ended = this.#setLane(lane, after, moment, endingOf(record))
    if (record.type === 'pushed') this.#join(record.seq, lane, ended, moment)
    if (record.type === 'undone' || record.type === 'reset') this.#addMark(record.type, moment, lane, { blocks: ended })
    if (record.type === 'joined') this.#addMark('joined', moment, lane)
    if (record.type === 'left') this.#addMark(record.away ? 'away' : 'left', moment, lane)
  }

  /** Makes everything what `record` says. */
  #replaceAll(record: Change<'state' | 'stopped'>, moment: ScoreMoment): void {
    const { lanes, floor } = evolveScore(emptyScore, record)
    for (const lane of this.lanes.values()) {
      if (lane.now && !lanes.has(lane.name)) this.#setLane(lane, undefined, moment, { how: 'unknown' })
    }
    for (const [name, after] of lanes) this.#setLane(this.#laneOf(name, moment), after, moment, { how: 'unknown' })
    const open = this.#openFloor()
    if (open?.lane.name === floor) return
    if (open) this.#endFloor(moment, 'unknown')
    if (floor !== undefined) this.#grantFloor(floor, moment)
  }

  /** Makes `after` the present of a lane, and returns the blocks that are no longer in its draft, oldest first. */
  #setLane(lane: Lane, after: Lane['now'], moment: ScoreMoment, ending: Ending): readonly Block[] {
    const before = lane.now
    lane.now = after
    if (after?.away !== before?.away) {
      const span = lane.presence.at(-1)
      if (span && span.to === undefined) span.to = moment.position
      if (after) lane.presence.push({ from: moment.position, isAway: after.away })
    }
    if (after && after.given !== before?.given) lane.given.push({ position: moment.position, seq: after.given })
    if (after?.draft === before?.draft) return []
    this.#writing += Number(hasText(after?.draft)) - Number(hasText(before?.draft))
    return this.#setDraft(lane, before?.draft, after?.draft, moment, ending)
  }

  #setDraft(lane: Lane, before: Draft | undefined, after: Draft | undefined, moment: ScoreMoment, ending: Ending) {
    const isEarlier = ending.how === 'unknown'
    // An append and an undo take the same time at any length of the draft.
    if (after?.head && after.head.previous === before?.head) {
      this.#addBlock(lane, moment, after.head, isEarlier)
      return []
    }
    const isUndo = before?.head !== undefined && after !== undefined && before.head.previous === after.head
    const blocks = isUndo ? [lane.top!] : openBlocks(lane)
    const segments = isUndo || !after ? [] : segmentsOf(after)
    let same = 0
    while (same < segments.length && blocks[same] && isSame(blocks[same]!, segments[same]!)) same++
    const ended = blocks.slice(same)
    for (const block of ended) block.end = { ...moment, ...ending }
    if (ended[0]) lane.top = ended[0].below
    for (const segment of segments.slice(same)) this.#addBlock(lane, moment, segment, isEarlier)
    return ended
  }

  #addBlock(
    lane: Lane,
    moment: ScoreMoment,
    segment: { readonly text: string; readonly base: number },
    isEarlier: boolean,
  ) {
    const { text, base } = segment
    const index = this.items.length
    const block: Block = { kind: 'block', index, ...moment, lane, text, base, isEarlier, below: lane.top }
    lane.top = block
    lane.blocks.push(block)
    this.items.push(block)
  }

  #addMessage({ seq, message }: Change<'message'>, moment: ScoreMoment): void {
    if (seq <= (this.messages.at(-1)?.seq ?? 0)) return
    const lane = message && this.#laneOf(message.sender_id, moment)
    const isAuthorWriting = lane ? hasText(lane.now?.draft) : this.#writing > 0
    const bar: MessageBar = {
      kind: 'message',
      index: this.items.length,
      ...moment,
      seq,
      lane,
      content: message?.content,
      message,
      base: message?.base,
      crossed: message?.crossed ?? [],
      blocks: [],
      holds: [],
      crossesDraft: this.#writing > Number(isAuthorWriting),
    }
    this.items.push(bar)
    this.messages.push(bar)
    lane?.messages.push(bar)
    if (bar.crossesDraft) this.crossings.push(bar)
  }

  /** Makes the segments of a draft those of the message that it became. */
  #join(seq: number, lane: Lane, blocks: readonly Block[], { position }: ScoreMoment): void {
    const bar = this.messages.at(-1)
    if (bar?.seq !== seq || bar.joinedAt !== undefined) return
    bar.blocks = blocks
    bar.joinedAt = position
    if (!bar.lane) lane.messages.push(bar)
    bar.lane ??= lane
  }

  #addHold({ sender_id, seq, why }: Change<'held'>, moment: ScoreMoment): void {
    const lane = this.#laneOf(sender_id, moment)
    const hold = this.#addMark('held', moment, lane, { seq, why })
    lane.holds.push(hold)
    this.holds.push(hold)
    const message = why === 'unseen' ? lastUpTo(this.messages, seq, at => at.seq) : undefined
    if (message?.seq === seq) message.holds.push(hold)
  }

  #openFloor(): FloorSpan | undefined {
    const floor = this.floors.at(-1)
    return floor?.to === undefined ? floor : undefined
  }

  #grantFloor(name: string, moment: ScoreMoment, until?: number): void {
    if (this.#openFloor()) this.#endFloor(moment, 'unknown')
    const lane = this.#laneOf(name, moment)
    const { index } = this.#addMark('floor.granted', moment, lane)
    this.floors.push({ lane, until, from: moment.position, fromIndex: index })
  }

  #endFloor(moment: ScoreMoment, why: string): void {
    const floor = this.#openFloor()
    if (!floor) return
    floor.to = moment.position
    floor.toIndex = this.#addMark('floor.ended', moment, floor.lane, { why }).index
  }

  #addMark(type: MarkType, moment: ScoreMoment, lane: Lane | undefined, more: Partial<Mark> = {}): Mark {
    const mark: Mark = { kind: 'mark', index: this.items.length, ...moment, type, lane, ...more }
    this.items.push(mark)
    return mark
  }

  #laneOf(name: string, { position }: ScoreMoment): Lane {
    const known = this.lanes.get(name)
    if (known) return known
    const lane: Lane = {
      name,
      index: this.lanes.size,
      from: position,
      blocks: [],
      messages: [],
      holds: [],
      presence: [],
      given: [],
      now: undefined,
      top: undefined,
    }
    this.lanes.set(name, lane)
    return lane
  }
}

/** Folds records into a new model. */
export const foldScore = (records: Iterable<ScoreRecord>): ScoreTimeline => new ScoreFold().add(records)

const hasText = (draft: Draft | undefined): boolean => draft !== undefined && draft.segments > 0

const isSame = (block: Block, segment: { readonly text: string; readonly base: number }): boolean =>
  block.text === segment.text && block.base === segment.base

/** The blocks of a lane's draft, oldest first. O(draft). */
function openBlocks({ top }: Lane): Block[] {
  const blocks: Block[] = []
  for (let block = top; block; block = block.below) blocks.push(block)
  return blocks.reverse()
}

function endingOf(record: LaneChange): Ending {
  switch (record.type) {
    case 'pushed':
      return { how: 'pushed', seq: record.seq }
    case 'undone':
    case 'reset':
    case 'left':
      return { how: record.type }
    default:
      return { how: 'replaced' }
  }
}
