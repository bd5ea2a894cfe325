/** Where a person, or a program in its place, reads and types. */
export interface ChatConsole {
  /** What is typed, line by line, until its writer ends or is stopped. Read once. */
  readonly lines: AsyncIterable<string>
  /** Is somebody there, who can change a draft that was held? */
  readonly interactive: boolean
  /** Shows `text`, of one line or more; what is half typed stays. */
  show(text: string): void
  /** What stands before the line that is typed next. */
  prompt(text: string): void
  /** Reads and shows nothing more. Idempotent. */
  close(): void
}

export type OpenConsole = (input: NodeJS.ReadStream, output: NodeJS.WriteStream, signal: AbortSignal) => ChatConsole
