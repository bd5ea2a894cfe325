/** A text that a person or a program entered. */
export interface ChatInput {
  readonly text: string
  /** True for a paste: it is a text, never a command. */
  readonly pasted: boolean
}

/** Input and output of a chat: a terminal, or a pair of pipes. */
export interface ChatConsole {
  /** Lines and pastes, until the input ends or the console closes. Iterate once. */
  readonly inputs: AsyncIterable<ChatInput>
  /** Whether a person is there to revise a draft that was held. */
  readonly interactive: boolean
  /** The width of the terminal in characters. Undefined for pipes. */
  readonly columns: number | undefined
  /** Prints one or more lines, and keeps the half-typed input. */
  show(text: string): void
  /** Sets the prompt of the next input line. Without effect where there is none. */
  prompt(text: string): void
  /** Rings the terminal's bell, if it has one. */
  ring(): void
  /** Stops reading and printing. Idempotent. */
  close(): void
}

export interface ConsoleOptions {
  /** Closes the console when it aborts. */
  readonly signal: AbortSignal
  /** Returns the completions of a text, and the end of it that they replace. */
  complete(text: string): readonly [completions: readonly string[], replaced: string]
  /** Returns the sentence that asks before a person leaves by Ctrl-C, and whether a draft would be lost. */
  leaveQuestion(): { readonly sentence: string; readonly draft: boolean }
  /** Called when the person leaves by Ctrl-C. */
  leave(): void
}
