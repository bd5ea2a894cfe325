import { shownName } from '@midsentence/client'
import type { ComponentChildren } from 'preact'
import { describeItem, storyOf } from '../model/describe.ts'
import type { Block, Lane, Mark, MessageBar, ScoreTimeline, TimelineItem } from '../model/model.ts'
import { authorAt, draftAt, floorAt, givenAt, isVisibleTo, presenceAt } from '../model/moment.ts'
import { hueOf } from './lanes/score-items.tsx'
import { Sentence, shortened } from './sentence.tsx'
import { clockTime } from './time.ts'

interface PanelProps {
  readonly model: ScoreTimeline
  readonly position: number
  readonly as: Lane | undefined
  readonly selected: TimelineItem | undefined
  readonly onSelect: (item: TimelineItem | undefined) => void
  readonly onSeek: (position: number) => void
}

/** Tells about the selected item, or else what everybody's draft is at the position that is looked at. */
export function Panel(props: PanelProps) {
  const { selected, position, onSelect, onSeek } = props
  if (!selected || selected.position > position) return <Drafts {...props} />
  return (
    <aside class="score-panel" aria-label="Selection">
      <p class="score-panel-tools">
        <span>
          {clockTime(selected.at)} · record {selected.position}
        </span>
        <button type="button" onClick={() => onSeek(selected.position)}>
          Go to this moment
        </button>
        <button type="button" aria-label="Close the selection" onClick={() => onSelect(undefined)}>
          ✕
        </button>
      </p>
      <p class="score-panel-head">
        <Sentence of={describeItem(selected, position)} quoted={20_000} />
      </p>
      {selected.kind === 'block' && <BlockDetails {...props} block={selected} />}
      {selected.kind === 'message' && <MessageDetails {...props} message={selected} />}
      {selected.kind === 'mark' && selected.type === 'held' && <HoldDetails {...props} hold={selected} />}
    </aside>
  )
}

function BlockDetails({ block, ...props }: PanelProps & { readonly block: Block }) {
  const { model, position } = props
  const { read, unread, crossing, holds, outcome, message } = storyOf(model, block, position)
  const { base } = block
  return (
    <>
      <Fact title="Its author had read then">
        {read ? (
          <MessageLink message={read} {...props} />
        ) : base === 0 ? (
          'no message'
        ) : (
          `up to #${base}, which is not in this recording`
        )}
      </Fact>
      <Fact title="Its author had not read then">
        <MessageLinks messages={unread} {...props} none="nothing: it had read everything" />
      </Fact>
      <Fact title="Came while this was in the draft">
        <MessageLinks messages={crossing} {...props} none="nothing" />
      </Fact>
      <Fact title="What happened to it">
        {holds.map(hold => (
          <p key={hold.index}>
            <Sentence of={describeItem(hold, position)} />
          </p>
        ))}
        <p>
          <Sentence of={outcome} />
        </p>
        {message && <MessageLink message={message} {...props} />}
      </Fact>
    </>
  )
}

function MessageDetails({ message, ...props }: PanelProps & { readonly message: MessageBar }) {
  const { model, position, as } = props
  const { base, crossed, blocks, holds } = message
  const isJoined = (message.joinedAt ?? Number.POSITIVE_INFINITY) <= position
  const lanes = [...model.lanes.values()]
  const seen = lanes.filter(
    lane => lane !== message.lane && presenceAt(lane, position) && givenAt(lane, position) >= message.seq,
  )
  const here = lanes.filter(lane => lane !== message.lane && presenceAt(lane, position))
  const sentUnread = new Set(crossed)
  const own = holds.filter(hold => hold.position <= position && (!as || as === hold.lane))
  return (
    <>
      {base !== undefined && (
        <Fact title="Its author had read">{base === 0 ? 'no message' : `everything up to #${base}`}</Fact>
      )}
      {crossed.length > 0 && (
        <Fact title="Sent although its author had not read">
          <MessageLinks messages={model.messages.filter(({ seq }) => sentUnread.has(seq))} {...props} none="" />
        </Fact>
      )}
      {isJoined && (!as || as === message.lane) && (
        <Fact title="Written in">{`${blocks.length} ${blocks.length === 1 ? 'segment' : 'segments'}`}</Fact>
      )}
      {!as && (
        <Fact title="Given by now to">
          {seen.length === here.length ? 'everybody here' : `${seen.length} of the ${here.length} others here`}
        </Fact>
      )}
      {own.length > 0 && (
        <Fact title="Pushes that it held">
          {own.slice(0, 20).map(hold => (
            <p key={hold.index}>
              <button type="button" class="score-link" onClick={() => props.onSelect(hold)}>
                <Sentence of={describeItem(hold, position)} />
              </button>
            </p>
          ))}
        </Fact>
      )}
    </>
  )
}

function HoldDetails({ hold, ...props }: PanelProps & { readonly hold: Mark }) {
  const { model, position } = props
  const draft = draftAt(hold.lane!, hold.position)
  const message = hold.why === 'floor' ? undefined : model.messages.find(({ seq }) => seq === hold.seq)
  return (
    <>
      <Fact title="Held, so nothing was sent">
        {draft.length === 0 ? 'The draft is not recorded.' : <q>{draft.map(({ text }) => text).join('')}</q>}
      </Fact>
      {message && message.position <= position && (
        <Fact title="It had to be read first">
          <MessageLink message={message} {...props} />
        </Fact>
      )}
    </>
  )
}

/** Texts of drafts in the panel, in UTF-16 code units, and participants, at most. */
const DRAFT_TEXT = 2000
const DRAFTS = 20

function Drafts({ model, position, as, onSelect }: PanelProps) {
  const present = [...model.lanes.values()].filter(lane => presenceAt(lane, position))
  const visible = as ? present.filter(lane => lane === as) : present
  const floor = floorAt(model, position)
  // Participants with a draft first.
  const drafts = visible.map(lane => ({ lane, blocks: draftAt(lane, position) }))
  const writing = drafts.filter(({ blocks }) => blocks.length > 0)
  const others = drafts.filter(({ blocks }) => blocks.length === 0)
  return (
    <aside class="score-panel" aria-label="Drafts at this moment">
      <h2>At this moment</h2>
      {visible.length === 0 && <p>No participant is here.</p>}
      {[...writing, ...others].slice(0, DRAFTS).map(({ lane, blocks }) => (
        <div key={lane.index} class={`score-draft ${hueOf(lane)}`}>
          <p>
            <bdi class="score-name">{shownName(lane.name)}</bdi> {blocks.length > 0 ? 'is writing' : 'has no draft'}
            {floor?.lane === lane && ', has the floor'}
            {presenceAt(lane, position)?.isAway && ', is away'} · read up to #{givenAt(lane, position)}
          </p>
          {blocks.length > 0 && (
            <button type="button" class="score-link" onClick={() => onSelect(blocks.at(-1))}>
              <bdi>{shortened(blocks.map(({ text }) => text).join(''), DRAFT_TEXT)}</bdi>
            </button>
          )}
        </div>
      ))}
      {visible.length > DRAFTS && <p>And {visible.length - DRAFTS} more.</p>}
      <p class="score-hint">Select a block to see what its author had read, and what happened to it.</p>
    </aside>
  )
}

const Fact = ({ title, children }: { readonly title: string; readonly children: ComponentChildren }) => (
  <div class="score-fact">
    <h2>{title}</h2>
    <div>{children}</div>
  </div>
)

interface LinksProps extends PanelProps {
  readonly messages: readonly MessageBar[]
  readonly none: string
}

/** Messages that a panel lists, at most. */
const LISTED = 8

function MessageLinks({ messages, none, ...props }: LinksProps) {
  const { position, as } = props
  const visible = messages.filter(
    message => message.position <= position && (!as || isVisibleTo(as, message, position)),
  )
  if (visible.length === 0) return <>{none}</>
  return (
    <>
      {visible.slice(0, LISTED).map(message => (
        <MessageLink key={message.index} message={message} {...props} />
      ))}
      {visible.length > LISTED && <p>And {visible.length - LISTED} more.</p>}
    </>
  )
}

function MessageLink({ message, position, onSelect }: PanelProps & { readonly message: MessageBar }) {
  const author = authorAt(message, position)
  return (
    <p>
      <button type="button" class={`score-link ${hueOf(author) ?? ''}`} onClick={() => onSelect(message)}>
        <Sentence of={describeItem(message, position)} quoted={160} />
      </button>
    </p>
  )
}
