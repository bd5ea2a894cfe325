import { connect, draftNotice, nameInSentence, shownName } from '@midsentence/client'
import { linkSignals, type Participant } from '@midsentence/core'
import type { TakeInterrupts } from '../interrupt.ts'
import { palette } from '../palette.ts'
import { wrapNotices } from '../wrap-text.ts'
import type { ConsoleOptions } from './chat-console.ts'
import { completeInput } from './commands.ts'
import { lineConsole } from './line-console.ts'
import { runChat } from './run-chat.ts'
import { terminalConsole } from './terminal-console.ts'

export interface ChatOptions {
  readonly urls: readonly string[]
  readonly username: string
  readonly room: string
  readonly credential?: string
  /** How many messages from before the join are shown, where the room shows its history. */
  readonly last: number | undefined
  readonly times: boolean
  readonly bell: boolean
}

/** How many messages from before the join a terminal shows. A pipe shows none, for scripts. */
const HISTORY = 20

/** Joins a room and chats in it, until the input ends or `signal` aborts. Leaves the room in every case. */
export async function joinAndChat(
  { urls, times, bell, last: asked, ...options }: ChatOptions,
  signal: AbortSignal,
  takeInterrupts: TakeInterrupts,
): Promise<void> {
  const { stdin, stdout } = process
  const interactive = stdin.isTTY === true && stdout.isTTY === true
  const last = asked ?? (interactive ? HISTORY : 0)
  const participant = await connect(urls, {
    ...options,
    person: interactive,
    ...(last > 0 && { since: { last } }),
  })
  const left = linkSignals([signal])
  const consoleOptions: ConsoleOptions = {
    signal: left.signal,
    complete: text => completeInput(text, othersOf(participant)),
    leaveQuestion: () => leaveQuestion(participant),
    leave: left.abort,
  }
  const console =
    interactive && process.env.TERM !== 'dumb'
      ? terminalConsole(stdin, stdout, consoleOptions)
      : lineConsole(stdin, stdout, { ...consoleOptions, interactive, takeInterrupts })
  try {
    const hint = interactive ? ' Type, then press Enter twice. /help lists the commands.' : ''
    const entry = [`* You are ${nameInSentence(participant.name)} in the room ${options.room}.${hint}`]
    const notice = draftNotice(participant.view)
    if (notice !== undefined) entry.push(`* ${notice}`)
    console.show(wrapNotices(entry.join('\n'), console.columns))
    await runChat(participant, console, { paint: palette(stdout), times, bell, signal: consoleOptions.signal })
  } finally {
    left.unlink()
    console.close()
    await participant.close()
  }
}

/** Names to complete. One that a terminal cannot show as it is, which only a foreign server allows, is left out. */
const othersOf = (participant: Participant): readonly string[] =>
  participant.who().present.filter(name => name !== participant.name && name === shownName(name))

function leaveQuestion({ view }: Participant): { readonly sentence: string; readonly draft: boolean } {
  const draft = view.draft.segments > 0
  const sentence = draft
    ? 'Your draft is not sent: press Enter to send it, or Ctrl-C again to leave without it.'
    : 'Press Ctrl-C again to leave the room.'
  return { sentence, draft }
}
