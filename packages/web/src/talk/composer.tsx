import { writingText } from '@midsentence/client'
import { defaultLimits, SUFFIX_LENGTH, suffixOf } from '@midsentence/core'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { RoomSession } from '../room/room-session.ts'
import { modifierName, readEnterSends, writeEnterSends } from '../shared/preferences.ts'
import { useStore } from '../shared/store.ts'
import { DraftSegments } from './draft-segments.tsx'
import { FloorBanner, OutcomeBanner } from './outcome-banner.tsx'

const hushText = 'No model can send until a person sends a message, or you let them.'

/** The draft, the field for its next segment, and what became of the last push. */
export function Composer({ session }: { readonly session: RoomSession }) {
  const { view, field, outcome, floor, isPushing, name } = useStore(session)
  const [enterSends, setEnterSends] = useState(readEnterSends)
  const input = useRef<HTMLTextAreaElement>(null)
  useEffect(() => input.current?.focus(), [])
  useLayoutEffect(() => {
    const element = input.current!
    element.style.height = 'auto'
    element.style.height = `${element.scrollHeight}px`
  }, [field])
  if (!view) return null
  const { draft } = view
  const focus = () => input.current?.focus()
  const add = () => void session.add().then(focus)
  const push = () => void session.push().then(focus)
  const hush = () => void session.hush(!view.hushed).then(focus)
  const undo = () => void session.undo().then(focus)
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return
    if (event.key === 'Escape') {
      event.preventDefault()
      return void session.askReset()
    }
    if (outcome?.kind === 'asks' && !['Shift', 'Control', 'Alt', 'Meta', 'Tab'].includes(event.key)) session.dismiss()
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      event.preventDefault()
      if (event.repeat) return
      const isShortcut = event.ctrlKey || event.metaKey
      if (isShortcut === enterSends) add()
      else push()
    } else if (event.key === 'Backspace' && field === '' && draft.segments > 0) {
      event.preventDefault()
      if (!event.repeat) undo()
    }
  }
  const toggle = () => {
    setEnterSends(!enterSends)
    writeEnterSends(!enterSends)
    focus()
  }
  const others = [...view.writing].filter(other => other !== name).sort()
  const [addKeys, pushKeys] = enterSends ? [`${modifierName}+Enter`, 'Enter'] : ['Enter', `${modifierName}+Enter`]
  const isEmpty = draft.segments === 0 && field.trim() === ''
  return (
    <section class="composer" aria-label="Write">
      <div class="composer-upper">
        <p class="writing-line">{writingText(others)}</p>
        {/* There before its content: a screen reader says only what is added later. */}
        <div aria-live="polite">
          {view.hushed && (
            <div class="banner">
              <p>
                <strong>The models are silent.</strong> None can send until a person sends a message.
              </p>
              <button type="button" onClick={hush}>
                Let models send
              </button>
            </div>
          )}
          {floor && <FloorBanner floor={floor} session={session} />}
          {outcome && <OutcomeBanner outcome={outcome} session={session} onDone={focus} />}
        </div>
        {draft.segments > 0 && <DraftSegments draft={draft} isObserved={view.observable} onUndo={undo} />}
      </div>
      <div class="field">
        <textarea
          ref={input}
          rows={1}
          value={field}
          aria-label="Your next words"
          aria-describedby="composer-keys"
          placeholder={draft.segments > 0 ? 'Go on …' : 'Write …'}
          dir="auto"
          onInput={event => session.type(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <div class="field-buttons">
          <button type="button" onClick={add} disabled={field.trim() === ''} title={addKeys}>
            Add
          </button>
          <button type="button" class="primary" onClick={push} disabled={isEmpty || isPushing} title={pushKeys}>
            {isPushing ? 'Sending …' : 'Send'}
          </button>
        </div>
      </div>
      <div class="composer-foot">
        <p class="count" data-testid="count" hidden={draft.segments === 0}>
          {draft.segments > 0 && (
            <>
              {draft.segments} {draft.segments === 1 ? 'segment' : 'segments'} · {draft.length.toLocaleString()} of{' '}
              {defaultLimits.draft.toLocaleString()}
              <span class="visually-hidden"> characters</span>
              <span class="suffix">
                {' '}
                · ends “<bdi data-testid="suffix">{shortSuffix(suffixOf(draft))}</bdi>”
              </span>
            </>
          )}
        </p>
        <p class="keys" id="composer-keys">
          <span class="key-hints">
            <kbd>{addKeys}</kbd> adds · <kbd>{pushKeys}</kbd> sends · <kbd>⌫</kbd> in an empty field takes back
          </span>{' '}
          {draft.segments === 0 && <span class="touch-hint">Add keeps words in your draft. Send sends it all. </span>}
          <button type="button" class="quiet" aria-pressed={enterSends} onClick={toggle}>
            Enter sends
          </button>{' '}
          <button type="button" class="quiet" aria-pressed={view.hushed} title={hushText} onClick={hush}>
            Silence models
          </button>
        </p>
      </div>
    </section>
  )
}

/** Returns the end of the draft, on one line and short enough to stand beside the count. */
function shortSuffix(suffix: string): string {
  const line = suffix.replace(/\s+/g, ' ').trimStart()
  const characters = [...line]
  const most = SUFFIX_LENGTH / 2
  return characters.length <= most ? line : `…${characters.slice(-most).join('')}`
}
