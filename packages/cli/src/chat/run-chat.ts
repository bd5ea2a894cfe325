import { renderAnswer, renderError, shownName } from '@midsentence/client'
import { type ActionAnswer, isMidsentenceError, MidsentenceError, type Participant } from '@midsentence/core'
import type { ChatConsole } from './chat-console.ts'
import { inputHelp } from './input-help.ts'
import { showIncoming } from './show-incoming.ts'

/**
 * Runs the lines of `console` as chat input of `participant`, until the input ends or `signal` aborts. Rejects with
 * `session-unknown` when the room is lost.
 */
export async function runChat(participant: Participant, console: ChatConsole, signal: AbortSignal): Promise<void> {
  const say = (sentence: string) => console.show(`* ${sentence}`)
  const show = (answer: ActionAnswer) => {
    const text = renderAnswer(answer, participant.name)
    if (text !== '') console.show(text)
    return text
  }
  const actions: Readonly<Record<string, () => Promise<unknown> | void>> = {
    async push() {
      const answer = await participant.push({ signal })
      show(answer)
      if (!answer.held) say('Sent.')
    },
    async undo() {
      const answer = await participant.undo()
      show(answer)
      if (answer.status === 1) say(answer.suffix === '' ? 'Removed. Your draft is empty.' : 'Removed.')
    },
    async reset() {
      show(await participant.reset())
      say('Your draft is empty.')
    },
    preview: async () => show(await participant.preview()),
    async check() {
      if (show(await participant.check({ timeout_ms: 0 })) === '') say('Nothing new.')
    },
    who: () => say(presenceText(participant)),
    help: () => console.show(inputHelp.trimEnd()),
  }

  /** Appends a line, with a line break before it unless the draft is empty. */
  const append = async (line: string): Promise<void> => {
    let rest = participant.view.draft.segments === 0 ? line : `\n${line}`
    while (rest !== '') {
      const answer = await participant.append(rest)
      rest = [...rest].slice(answer.accepted).join('')
      if (answer.status === 1 || answer.accepted === 0) return void show(answer)
      // The line is longer than a segment: the loop appends the rest. Status 1 keeps `show` from reporting a cut.
      if (answer.messages.length > 0) show({ ...answer, status: 1 })
    }
  }

  const runLine = async (line: string): Promise<void> => {
    const word = /^\/(?!\/)(\S*)\s*$/.exec(line)?.[1]
    if (line === '') return participant.view.draft.segments === 0 ? undefined : void (await actions.push!())
    if (word === undefined) return append(line.startsWith('//') ? line.slice(1) : line)
    const action = Object.hasOwn(actions, word) ? actions[word] : undefined
    if (action) await action()
    else say(`There is no /${word}. /help lists the commands; // begins a line that starts with a slash.`)
  }

  const prompt = () => console.prompt(promptText(participant))
  showIncoming(participant, show, say)
  prompt()
  participant.state$.subscribe(({ link }) => {
    if (link.state === 'lost') console.close()
  })
  let quits = false
  for await (const line of console.lines) {
    quits = line.trim() === '/quit'
    if (quits) break
    await runLine(line).catch(showErrorOn(console))
    prompt()
  }
  const { link } = participant.view
  if (link.state === 'lost') throw new MidsentenceError('session-unknown', link.reason)
  // At the end of a pipe no person can revise a held draft, so it is pushed until it is sent.
  const sendsRest = !console.interactive && !quits && !signal.aborted
  for (let ok = true; sendsRest && ok && participant.view.draft.segments > 0; ) {
    ok = await runLine('/push').then(() => true, showErrorOn(console))
  }
  if (participant.view.draft.segments > 0) say('You left. Your draft was not sent.')
}

/** Returns a handler that prints a `MidsentenceError` and returns false. Other errors pass through. */
const showErrorOn =
  (console: ChatConsole) =>
  (error: unknown): false => {
    if (!isMidsentenceError(error)) throw error
    console.show(renderError(error))
    return false
  }

function promptText({ name, view: { draft } }: Participant): string {
  if (draft.segments === 0) return `${shownName(name)}> `
  return `${shownName(name)}, Enter sends${draft.segments > 1 ? ` ${draft.segments} lines` : ''}> `
}

function presenceText(participant: Participant): string {
  const { present, floor } = participant.who()
  const others = present.filter(name => name !== participant.name).map(shownName)
  const who = others.length === 0 ? 'You are alone here.' : `Here with you: ${others.join(', ')}.`
  return floor ? `${who} You have the floor for ${Math.ceil(floor.for_ms / 1000)} more seconds.` : who
}
