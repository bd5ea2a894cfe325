import { connect } from '@midsentence/client'
import { pipeConsole } from './pipe-console.ts'
import { runChat } from './run-chat.ts'
import { terminalConsole } from './terminal-console.ts'

export interface ChatOptions {
  readonly url: string
  readonly username: string
  readonly room: string
  readonly credential?: string
}

/** Joins a room and chats in it, until the input ends or `signal` aborts. Leaves the room in every case. */
export async function joinAndChat({ url, ...options }: ChatOptions, signal: AbortSignal): Promise<void> {
  const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true
  const participant = await connect(url, { ...options, person: interactive })
  const console = (interactive ? terminalConsole : pipeConsole)(process.stdin, process.stdout, signal)
  try {
    const hint = interactive ? ' Type, then press Enter twice. /help lists the commands.' : ''
    console.show(`* You are ${participant.name} in the room ${options.room}.${hint}`)
    await runChat(participant, console, signal)
  } finally {
    console.close()
    await participant.close()
  }
}
