import { inLine, mentions, nameInSentence, renderAnswer, renderError } from '@midsentence/client'
import { type ActionAnswer, isMidsentenceError, MidsentenceError, type Participant } from '@midsentence/core'
import type { Palette } from '../palette.ts'
import { wrapNotices } from '../wrap-text.ts'
import type { ChatConsole, ChatInput } from './chat-console.ts'
import { type ChatCommand, inputHelp, parseLine } from './commands.ts'
import { DraftEntries } from './draft-entries.ts'
import { formatMessages } from './format-messages.ts'
import { isLongPaste } from './pasted-text.ts'
import { promptText } from './prompt-text.ts'
import { showIncoming } from './show-incoming.ts'

export interface ChatSettings {
  readonly paint: Palette
  /** Whether messages are shown with their times at first. */
  readonly times: boolean
  /** Whether a message that names the reader rings the bell. */
  readonly bell: boolean
  readonly signal: AbortSignal
}

/**
 * Runs the inputs of `console` as chat of `participant`, until they end or `signal` aborts. Rejects with `session-unknown`
 * when the room is lost, and, where nobody watches, with the first error by which a text was not sent.
 */
export async function runChat(participant: Participant, console: ChatConsole, settings: ChatSettings): Promise<void> {
  const { paint, signal } = settings
  const { name } = participant
  let { times } = settings
  let writing: readonly string[] = []
  let refused = 0
  let failed = false

  const notice = (text: string) => wrapNotices(text, console.columns)
  const say = (sentence: string) => console.show(paint.dim(notice(`* ${inLine(sentence)}`)))
  const show = (answer: ActionAnswer, isHistory = false) => {
    const { history = 0, messages, ...rest } = answer
    const notices = notice(renderAnswer({ ...rest, messages: [] } as ActionAnswer, name))
    const format = (said: typeof messages) => formatMessages(said, { name, paint, times })
    const mark = (sentence: string) => paint.dim(`* ${sentence}`)
    const past =
      history === 0
        ? []
        : [
            mark('This was said before you came:'),
            format(messages.slice(0, history)),
            mark('From here on you are in the room.'),
          ]
    const text = [...past, format(messages.slice(history)), notices].filter(part => part !== '').join('\n')
    if (text !== '') console.show(text)
    const named = messages.some(({ content, sender_id }) => sender_id !== name && mentions(content, name))
    if (named && settings.bell && !isHistory) console.ring()
  }
  // Status 1: this command reports itself what it added or removed.
  const received = (answer: ActionAnswer) => show({ ...answer, status: 1 } as ActionAnswer)
  const entries = new DraftEntries(participant, received)
  const prompt = () => console.prompt(promptText(participant, entries.lines, writing))

  const push = async () => {
    const answer = await participant.push({ signal })
    show(answer)
    if (!answer.held) say('Sent.')
    return answer
  }
  const hush = async (on: boolean) => {
    await participant.hush(on)
    say(on ? 'The models are silent until a person sends a message. /unhush ends it.' : 'The models may speak again.')
  }
  const commands: Readonly<Record<Exclude<ChatCommand, 'quit'>, () => Promise<unknown> | void>> = {
    push,
    async undo() {
      if (!(await entries.undo())) return say('There is nothing to undo: your draft is empty.')
      say(participant.view.draft.segments === 0 ? 'Removed. Your draft is empty.' : 'Removed.')
    },
    async reset() {
      received(await participant.reset())
      say('Your draft is empty.')
    },
    draft: async () => show(await participant.preview()),
    who: () => say(presenceText(participant)),
    times() {
      times = !times
      say(times ? 'Messages are shown with their times.' : 'Messages are shown without their times.')
    },
    hush: () => hush(true),
    unhush: () => hush(false),
    help: () => console.show(inputHelp(console.columns).trimEnd()),
  }

  /** Sends the draft, and again if it is held: a pipe cannot revise it. A failure ends the chat. */
  const sendAnyway = async () => {
    failed = true
    while ((await push()).held) signal.throwIfAborted()
    failed = false
  }
  const addText = async (text: string, pasted: boolean): Promise<void> => {
    if (await entries.add(text)) {
      if (!pasted || !isLongPaste(text)) return
      const lines = text.split('\n').length
      const size = lines > 1 ? `${lines} lines` : `${text.length} characters`
      return say(`Added a paste of ${size}. Enter sends the draft, /undo removes the paste.`)
    }
    if (console.interactive) {
      const empty = participant.view.draft.segments === 0
      const advice = empty ? 'Add it in parts.' : 'Send the draft first, or add less.'
      return say(`This text is too long for your draft, and nothing was added. ${advice}`)
    }
    // A pipe: several messages.
    if (participant.view.draft.segments > 0) await sendAnyway()
    for (let rest = await entries.addStart(text); rest !== ''; rest = await entries.addStart(rest)) await sendAnyway()
  }
  /** Resolves with true to leave the room. */
  const run = async ({ text, pasted }: ChatInput): Promise<boolean> => {
    if (text === '' && participant.view.draft.segments === 0) return false
    if (text === '') await push()
    else {
      const parsed = pasted ? { text } : parseLine(text)
      if ('refusal' in parsed) {
        refused++
        console.show(notice(`* ${parsed.refusal}`))
      } else if ('text' in parsed) await addText(parsed.text, pasted)
      else if (parsed.command === 'quit') return true
      else await commands[parsed.command]()
    }
    return false
  }

  showIncoming(participant, {
    received: show,
    say,
    writing: names => {
      writing = names
      prompt()
    },
  })
  prompt()
  participant.state$.subscribe(({ link }) => {
    if (link.state === 'lost') console.close()
  })
  let quits = false
  for await (const input of console.inputs) {
    try {
      quits = await run(input)
    } catch (error) {
      if (signal.aborted) break
      if (failed || !isMidsentenceError(error)) throw error
      console.show(notice(renderError(error)))
    }
    if (quits || signal.aborted) break
    prompt()
  }
  const { link } = participant.view
  if (link.state === 'lost') throw new MidsentenceError('session-unknown', link.reason)
  if (!console.interactive && !quits && !signal.aborted && participant.view.draft.segments > 0) await sendAnyway()
  if (participant.view.draft.segments > 0) say('You left. Your draft was not sent.')
  if (!console.interactive && refused > 0 && !signal.aborted) {
    const [lines, were] = refused === 1 ? ['A line', 'was'] : [`${refused} lines`, 'were']
    throw new MidsentenceError('invalid-params', `${lines} of the input ${were} no command, and ${were} not sent.`)
  }
}

function presenceText(participant: Participant): string {
  const { present, floor } = participant.who()
  const { watchers } = participant.view
  const others = present.filter(name => name !== participant.name).map(nameInSentence)
  const who = others.length === 0 ? 'You are alone here.' : `Here with you: ${others.join(', ')}.`
  const watched = watchers === 0 ? '' : ` ${watchers === 1 ? 'One visitor watches' : `${watchers} visitors watch`}.`
  const held = floor ? ` You have the floor for ${Math.ceil(floor.for_ms / 1000)} more seconds.` : ''
  return `${who}${watched}${held}`
}
