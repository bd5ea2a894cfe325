/** A call of a tool, as a model writes it. */
export interface ToolRequest {
  readonly tool: string
  readonly args: Readonly<Record<string, unknown>>
}

/**
 * The tools of one new participant, and another participant, in a room of their own where no floor is earned. New for each
 * case; `close` frees everything.
 */
export interface ToolsHarness {
  /**
   * Runs a tool as a host does. Resolves with the text that the model reads. `signal` cancels the call, which then rejects,
   * unless its result came first.
   */
  call(tool: string, args: ToolRequest['args'], signal?: AbortSignal): Promise<string>
  /**
   * Runs the calls of one turn as a host does that gets them together. Absent: `call` is called for each of them at once.
   */
  callAll?(requests: readonly ToolRequest[]): Promise<readonly string[]>
  /**
   * Ends the model's turn. Over a host that does not name turns it lets a second pass. Absent: each `call` and each
   * `callAll` is a turn.
   */
  nextTurn?(): Promise<void>
  /** Sends a message of the other participant. Resolves once it is in the room. */
  say(text: string): Promise<void>
  /** Resolves with the contents of the messages that the model has sent, oldest first. */
  sent(): Promise<readonly string[]>
  /** Lets messages and cancellations arrive that are on their way. */
  settle(): Promise<void>
  close(): Promise<void>
}

/** Makes a new harness for each case. */
export type ToolsSetup = () => ToolsHarness | Promise<ToolsHarness>
