import { renderAnswer, renderError, shownName } from '@midsentence/client'
import { type ActionAnswer, isMidsentenceError, MidsentenceError, type Participant } from '@midsentence/core'
import { showArrivals } from './arrivals.ts'
import type { Face } from './face.ts'
import { typed } from './typed.ts'

/** Lets whoever sits before `face` speak as `participant`, until either ends or `signal` aborts. */
export async function talk(participant: Participant, face: Face, signal: AbortSignal): Promise<void> {
  const say = (sentence: string) => face.show(`* ${sentence}`)
  const show = (answer: ActionAnswer) => {
    const text = renderAnswer(answer, participant.name)
    if (text !== '') face.show(text)
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
      if (answer.status === 1) say(answer.suffix === '' ? 'Taken back. Your draft is empty.' : 'Taken back.')
    },
    async reset() {
      show(await participant.reset())
      say('Your draft is empty.')
    },
    preview: async () => show(await participant.preview()),
    async check() {
      if (show(await participant.check({ timeout_ms: 0 })) === '') say('Nothing new.')
    },
    who: () => say(here(participant)),
    help: () => face.show(typed.trimEnd()),
  }

  /** A line is added with a line break before it, unless it is the first: the message looks as it was typed. */
  const append = async (line: string): Promise<void> => {
    let rest = participant.view.draft.segments === 0 ? line : `\n${line}`
    while (rest !== '') {
      const answer = await participant.append(rest)
      rest = [...rest].slice(answer.accepted).join('')
      if (answer.status === 1 || answer.accepted === 0) return void show(answer)
      // A long line becomes several segments.
      if (answer.messages.length > 0) show({ ...answer, status: 1 })
    }
  }

  const obey = async (line: string): Promise<void> => {
    const word = /^\/(?!\/)(\S*)\s*$/.exec(line)?.[1]
    if (line === '') return participant.view.draft.segments === 0 ? undefined : void (await actions.push!())
    if (word === undefined) return append(line.startsWith('//') ? line.slice(1) : line)
    const action = Object.hasOwn(actions, word) ? actions[word] : undefined
    if (action) await action()
    else say(`There is no /${word}. /help says what there is; // begins a line that starts with a slash.`)
  }

  const prompt = () => face.prompt(promptOf(participant))
  showArrivals(participant, show, say)
  prompt()
  participant.state$.subscribe(({ link }) => {
    if (link.state === 'lost') face.close()
  })
  let quits = false
  for await (const line of face.lines) {
    quits = line.trim() === '/quit'
    if (quits) break
    await obey(line).catch(told(face))
    prompt()
  }
  const { link } = participant.view
  if (link.state === 'lost') throw new MidsentenceError('session-unknown', link.reason)
  // Nobody is there to change what is held: it is sent as it is.
  const sends = !face.attended && !quits && !signal.aborted
  for (let ok = true; sends && ok && participant.view.draft.segments > 0; ) {
    ok = await obey('/push').then(() => true, told(face))
  }
  if (participant.view.draft.segments > 0) say('You left. Your draft was not sent.')
}

/** Shows what went wrong, and says so. */
const told =
  (face: Face) =>
  (error: unknown): false => {
    if (!isMidsentenceError(error)) throw error
    face.show(renderError(error))
    return false
  }

function promptOf({ name, view: { draft } }: Participant): string {
  if (draft.segments === 0) return `${shownName(name)}> `
  return `${shownName(name)}, Enter sends${draft.segments > 1 ? ` ${draft.segments} lines` : ''}> `
}

function here(participant: Participant): string {
  const { present, floor } = participant.who()
  const others = present.filter(name => name !== participant.name).map(shownName)
  const who = others.length === 0 ? 'You are alone here.' : `Here with you: ${others.join(', ')}.`
  return floor ? `${who} You have the floor for ${Math.ceil(floor.for_ms / 1000)} more seconds.` : who
}
