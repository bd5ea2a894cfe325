/** Input and output of a chat: a terminal, or a pair of pipes. */
export interface ChatConsole {
  /** Input lines, until the input ends or the console closes. Iterate once. */
  readonly lines: AsyncIterable<string>
  /** Whether a person is there to revise a draft that was held. */
  readonly interactive: boolean
  /** Prints one or more lines, and keeps the half-typed input. */
  show(text: string): void
  /** Sets the prompt of the next input line. */
  prompt(text: string): void
  /** Stops reading and printing. Idempotent. */
  close(): void
}

export type OpenConsole = (input: NodeJS.ReadStream, output: NodeJS.WriteStream, signal: AbortSignal) => ChatConsole
