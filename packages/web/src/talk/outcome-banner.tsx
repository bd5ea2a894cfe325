import { nameInSentence } from '@midsentence/client'
import { useEffect, useState } from 'preact/hooks'
import type { RoomSession } from '../room/room-session.ts'
import type { Outcome, ShownFloor } from '../room/room-state.ts'

export interface OutcomeBannerProps {
  readonly outcome: Outcome
  readonly session: RoomSession
  /** Called after each choice. */
  readonly onDone: () => void
}

/** Says in one sentence what became of the last action, and offers what to do. */
export function OutcomeBanner({ outcome, session, onDone }: OutcomeBannerProps) {
  const act = (action: () => Promise<unknown>) => () => void action().then(onDone)
  const close = () => {
    session.dismiss()
    onDone()
  }
  switch (outcome.kind) {
    case 'held':
      return (
        <div class="banner held">
          <p>
            <strong>Not sent.</strong> {heldSentence(outcome)}
          </p>
          <div class="banner-buttons">
            <button type="button" class="primary" onClick={act(() => session.push())}>
              Send again
            </button>
            <button type="button" onClick={act(() => session.revise())}>
              Revise
            </button>
            <button type="button" onClick={act(() => session.askReset())}>
              Discard
            </button>
          </div>
        </div>
      )
    case 'cut':
      return (
        <div class="banner">
          <p>
            <strong>Cut.</strong> {outcome.accepted.toLocaleString()} characters were added; the other{' '}
            {outcome.dropped.toLocaleString()} are still in the field.{' '}
            {outcome.accepted === 0
              ? 'The draft is full: send it, or take something back.'
              : 'Add them as a new segment.'}
          </p>
          <div class="banner-buttons">
            <button type="button" onClick={close}>
              Understood
            </button>
          </div>
        </div>
      )
    case 'failed':
      return (
        <div class="banner problem">
          <p role="alert">{outcome.sentence}</p>
          <div class="banner-buttons">
            <button type="button" onClick={close}>
              Understood
            </button>
          </div>
        </div>
      )
    case 'asks':
      return (
        <div class="banner problem">
          <p role="alert">
            <strong>Discard the whole draft?</strong> This cannot be undone. Escape again discards it, any other key
            keeps it.
          </p>
          <div class="banner-buttons">
            <button type="button" onClick={close}>
              Keep
            </button>
            <button type="button" class="danger" onClick={act(() => session.reset())}>
              Discard
            </button>
          </div>
        </div>
      )
  }
}

function heldSentence({ messages, floor }: Outcome & { readonly kind: 'held' }): string {
  if (floor && !floor.isOwn) return `${nameInSentence(floor.name)} has the floor and speaks first. Your draft is kept.`
  const names = [...new Set(messages.map(({ sender_id }) => sender_id))]
  const from = names.length === 1 ? ` from ${nameInSentence(names[0]!)}` : ''
  const [what, verb] =
    messages.length === 1
      ? ['A message', 'it']
      : messages.length === 0
        ? ['Messages', 'them']
        : [`${messages.length} messages`, 'them']
  return `${what}${from} arrived before you could read ${verb}. Your draft is kept.`
}

/** Shows who has the floor, and for how much longer. */
export function FloorBanner({ floor, session }: { readonly floor: ShownFloor; readonly session: RoomSession }) {
  const [now, setNow] = useState(() => performance.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 500)
    return () => clearInterval(timer)
  }, [floor])
  const seconds = Math.ceil((floor.until - now) / 1000)
  if (seconds <= 0) return null
  return (
    <div class="banner floor">
      <p>
        <strong>{floor.isOwn ? 'You have the floor.' : `${nameInSentence(floor.name)} has the floor.`}</strong>{' '}
        {floor.isOwn ? 'The others wait until you have sent.' : 'Your push waits for it.'}{' '}
        <span class="seconds" role="timer">
          {seconds} s left
        </span>
      </p>
      {floor.isOwn && (
        <div class="banner-buttons">
          <button type="button" onClick={() => session.yieldFloor()}>
            Give it up
          </button>
        </div>
      )}
    </div>
  )
}
