import { draftNotice, inLine, nameInSentence, renderMessages } from '@midsentence/client'
import { textOf } from '@midsentence/core'
import { type FormEvent, StrictMode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { useRoom } from './use-room.ts'

function Room({ name }: { readonly name: string }) {
  const { messages, participant, view, error } = useRoom(location.origin, name)
  const [text, setText] = useState('')
  const [notice, setNotice] = useState('')
  // What the page shows counts as read, so that it holds no push.
  useEffect(() => void (messages.length > 0 && participant?.check({ timeout_ms: 0 })), [messages, participant])
  if (error) return <p role="alert">{inLine(error)}</p>
  if (!participant || !view) return <p>Joining …</p>

  const draft = textOf(view.draft)
  const others = [...view.present].filter(other => other !== name)
  /** Adds the line to the draft. Without a line, sends the draft. */
  async function submit(event: FormEvent) {
    event.preventDefault()
    if (!participant) return
    setNotice('')
    try {
      // What does not fit stays in the line.
      if (text !== '') setText([...text].slice((await participant.append(text)).accepted).join(''))
      else if (draft !== '' && (await participant.push()).status === 0)
        setNotice('Not sent: somebody spoke first. Send again, or take back.')
    } catch (error) {
      setNotice(inLine((error as Error).message))
    }
  }

  return (
    <main>
      {view.link.state !== 'up' && <p role="status">{inLine(view.link.reason)}</p>}
      {view.observable && <p>{draftNotice(view)}</p>}
      <p>Here with you: {others.map(nameInSentence).join(', ') || 'no other'}</p>
      <pre data-testid="messages">{renderMessages(messages)}</pre>
      <pre data-testid="draft">{draft}</pre>
      {notice && <p role="status">{notice}</p>}
      <form onSubmit={submit}>
        <input aria-label="line" value={text} onChange={event => setText(event.target.value)} />
        <button type="submit">{text === '' ? 'Send' : 'Add'}</button>
        <button type="button" disabled={draft === ''} onClick={() => participant.undo()}>
          Take back
        </button>
      </form>
    </main>
  )
}

const name = new URLSearchParams(location.search).get('name') ?? 'Ada'
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Room name={name} />
  </StrictMode>,
)
