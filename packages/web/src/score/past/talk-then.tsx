import { nameInSentence, printable, shownName } from '@midsentence/client'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { NameTag } from '../../shared/name-tag.tsx'
import { enterFeed, isSameGroup, moveFocus } from '../../talk/feed.ts'
import { MessageRow } from '../../talk/message-row.tsx'
import { describeItem } from '../model/describe.ts'
import type { Lane, ScoreTimeline } from '../model/model.ts'
import { Sentence } from '../view/sentence.tsx'
import { type PastParticipant, talkAt } from './talk-at.ts'
import './past.css'

export interface TalkThenProps {
  readonly model: ScoreTimeline
  readonly position: number
  /** The time at the position, in milliseconds since 1970. */
  readonly time: number
  readonly as: Lane | undefined
}

/** Messages at first, and how many more a button adds. */
const PAGE = 100
/** Names, drafts, and segments of a draft that are shown at most. */
const [NAMES, DRAFTS, SEGMENTS] = [100, 20, 60]

/** Shows the conversation, who was there, their drafts and the floor as they were at a position. */
export function TalkThen(props: TalkThenProps) {
  const { position } = props
  const [most, setMost] = useState(PAGE)
  const { messages, from, participants, floor } = talkAt(props.model, { ...props, most })
  const scroller = useRef<HTMLElement>(null)
  useLayoutEffect(() => {
    scroller.current!.scrollTop = scroller.current!.scrollHeight
  }, [position])
  const drafts = participants.filter(({ draft }) => draft.length > 0)
  const firstSeq = messages[0]?.seq ?? 1
  return (
    <div class="past-talk">
      <ul class="past-people" aria-label="Here at this moment">
        <li aria-hidden="true">
          <strong>Here then:</strong>
        </li>
        {participants.length === 0 && <li>as far as this recording goes, no one</li>}
        {participants.slice(0, NAMES).map(({ lane, isAway, draft }) => (
          <li class="past-person" key={lane.name}>
            <NameTag name={lane.name} /> {isAway && <span class="tag">away</span>}{' '}
            {draft.length > 0 && <span class="tag writing">draft</span>}
          </li>
        ))}
        {participants.length > NAMES && <li>and {participants.length - NAMES} more</li>}
      </ul>
      <section
        class="scroller"
        ref={scroller}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard
        tabIndex={0}
        aria-label="Conversation at this moment"
        onKeyDown={enterFeed}
      >
        {from > 0 && (
          <button type="button" class="quiet earlier" onClick={() => setMost(most + PAGE)}>
            Show earlier messages
          </button>
        )}
        <div class="rows">
          {from === 0 && firstSeq > 1 && (
            <p class="notice">Messages up to #{firstSeq - 1} are older than this recording.</p>
          )}
          {messages.length === 0 && (
            <p class="notice">No message had been sent by then, as far as this recording goes.</p>
          )}
          <div
            role="feed"
            aria-busy={messages.every(({ content }) => content === undefined)}
            aria-label="Messages at this moment"
            onKeyDown={moveFocus}
          >
            {messages.map((message, at) =>
              message.content === undefined ? (
                <p class="notice" key={message.seq}>
                  Message #{message.seq}. The room does not keep its text any more.
                </p>
              ) : (
                <MessageRow
                  key={message.seq}
                  message={message}
                  isOwn={message.sender_id === props.as?.name}
                  showsName={!isSameGroup(messages[at - 1], message)}
                  position={from + at + 1}
                />
              ),
            )}
          </div>
        </div>
      </section>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard */}
      <section class="past-drafts" aria-label="Drafts at this moment" tabIndex={0}>
        {floor && (
          <p class="banner floor">
            <span>
              <strong>{nameInSentence(floor.lane.name)} has the floor.</strong> The others wait until it has sent.
              {floor.seconds !== undefined && <span class="seconds"> {floor.seconds} s left</span>}
            </span>
          </p>
        )}
        {drafts.slice(0, DRAFTS).map(each => (
          <DraftThen key={each.lane.name} {...each} position={position} />
        ))}
        {drafts.length > DRAFTS && <p>{drafts.length - DRAFTS} more were writing.</p>}
        {drafts.length === 0 && (
          <p class="past-quiet">{props.as ? 'Its draft was empty.' : 'No draft had any text.'}</p>
        )}
      </section>
    </div>
  )
}

function DraftThen({ lane, draft, hold, position }: PastParticipant & { readonly position: number }) {
  const from = Math.max(0, draft.length - SEGMENTS)
  return (
    <section class="draft" aria-label={`Draft of ${shownName(lane.name)}`}>
      <div class="draft-head">
        <h2>
          Draft of <NameTag name={lane.name} />
        </h2>
        <span>not sent yet</span>
      </div>
      {hold && (
        <p class="past-hold">
          <strong>Not sent.</strong> <Sentence of={describeItem(hold, position)} />
        </p>
      )}
      <ol class="segments" dir="auto" start={from + 1}>
        {from > 0 && <li class="more-segments">{from} earlier segments</li>}
        {draft.slice(from).map(({ index, text }) => (
          <li class="segment" key={index} data-testid="past-segment">
            {printable(text)}
          </li>
        ))}
      </ol>
    </section>
  )
}
