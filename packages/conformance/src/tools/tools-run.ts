import { type BroughtCode, ReadingModel } from './reading-model.ts'
import { noteOf, unknownCodeLike } from './tool-texts.ts'
import type { ToolRequest, ToolsHarness } from './tools-harness.ts'

/** Which code a model brings, of those that it has read. */
export type CodeChoice = 'none' | 'newest' | 'older' | 'unknown'

interface KnownCode {
  readonly code: string
  readonly covers: number
}

/** How long a check waits for messages that must come, in milliseconds. */
const ARRIVAL_MS = 2000
/** How long a check waits that is cancelled, in milliseconds. */
const CANCELLED_WAIT_MS = 20_000
/** The most checks that bring what is left. */
const MAX_CHECKS = 10

/** One case: tools, what a model does with them, and the model of what it has read. */
export class ToolsRun {
  readonly #harness: ToolsHarness
  readonly #steps: string[] = []
  readonly #reading = new ReadingModel(this.#steps)
  /** The codes that the model has read, oldest first. */
  #codes: readonly KnownCode[] = []
  #parts = 0
  #draft = ''

  constructor(harness: ToolsHarness) {
    this.#harness = harness
  }

  get reading(): ReadingModel {
    return this.#reading
  }

  async join(): Promise<void> {
    await this.#harness.call('who', {})
    await this.#harness.settle()
  }

  async say(count: number): Promise<void> {
    for (let left = count; left > 0; left--) {
      const note = noteOf(this.#reading.said)
      this.#steps.push(`the other says ${note}`)
      await this.#harness.say(note)
      this.#reading.said++
    }
    if (count > 0) await this.#harness.settle()
  }

  async nextTurn(): Promise<void> {
    if (!this.#harness.nextTurn) return
    this.#steps.push('next turn')
    await this.#harness.nextTurn()
    this.#reading.turn++
  }

  /** Returns the code of the model's choice. Without one to choose from it brings none. */
  choose(choice: CodeChoice): BroughtCode {
    const newest = this.#codes.at(-1)
    if (choice === 'none' || !newest) return 'none'
    if (choice === 'unknown') return 'unknown'
    return choice === 'newest' ? newest : (this.#codes.at(-2) ?? newest)
  }

  /** Calls tools one after the other, all written before the first result. `says`: how many messages come before each call. */
  async inSequence(tools: readonly string[], read: BroughtCode, says: readonly number[] = []): Promise<KnownCode[]> {
    const found: KnownCode[] = []
    for (const [at, tool] of tools.entries()) {
      await this.say(says[at] ?? 0)
      if (tool === 'push' && this.#draft === '') found.push(...(await this.call('append', read)))
      found.push(...(await this.call(tool, read)))
    }
    return found
  }

  /** Calls tools together, as the calls of one turn. */
  async together(tools: readonly string[], read: BroughtCode): Promise<KnownCode[]> {
    const requests = tools.map(tool => this.#request(tool, read))
    if (!this.#harness.nextTurn) this.#reading.turn++
    const before = await this.#harness.sent()
    const texts = this.#harness.callAll
      ? await this.#harness.callAll(requests)
      : await Promise.all(requests.map(({ tool, args }) => this.#harness.call(tool, args)))
    const sent = (await this.#harness.sent()).length - before.length
    const found = requests.map((request, at) => this.#judge(request, read, texts[at]!, sent > 0))
    return found.flat()
  }

  async call(tool: string, read: BroughtCode, timeout_ms = 0): Promise<KnownCode[]> {
    const request = this.#request(tool, read, timeout_ms)
    if (!this.#harness.nextTurn) this.#reading.turn++
    const before = tool === 'push' ? await this.#harness.sent() : []
    const text = await this.#harness.call(tool, request.args)
    const after = tool === 'push' ? await this.#harness.sent() : []
    return this.#judge(request, read, text, after.length > before.length)
  }

  /** Cancels a waiting check. `late`: a message comes at that moment. */
  async cancelCheck(read: BroughtCode, late: boolean): Promise<KnownCode[]> {
    const request = this.#request('check', read, CANCELLED_WAIT_MS)
    if (!this.#harness.nextTurn) this.#reading.turn++
    const controller = new AbortController()
    const check = this.#harness.call('check', request.args, controller.signal)
    const outcome = check.then(
      text => ({ text }),
      () => undefined,
    )
    await this.#harness.settle()
    this.#reading.acknowledge(read)
    const ended = await Promise.race([outcome, undefined])
    if (ended) return this.#judge(request, read, ended.text, false)
    this.#steps.push(late ? 'a message comes, and the check is cancelled' : 'the check is cancelled')
    const saying = late ? this.say(1) : undefined
    controller.abort()
    await saying
    await this.#harness.settle()
    const answered = await outcome
    if (answered) return this.#judge(request, read, answered.text, false)
    if (late) this.#reading.cancelledLate()
    return []
  }

  /** The model reads results with these codes. */
  learn(codes: readonly KnownCode[]): void {
    this.#codes = [...this.#codes, ...codes]
  }

  /** Checks that later calls show every message that no result has shown, and that their code lets a push through. */
  async finish(): Promise<void> {
    await this.nextTurn()
    await this.#harness.settle()
    for (let tried = 0; this.#reading.unshown.length > 0; tried++) {
      const [first] = this.#reading.unshown
      if (tried >= MAX_CHECKS) this.#reading.fail('U3', `message ${first} was never shown`)
      const before = this.#reading.unshown.length
      this.learn(await this.call('check', 'none', ARRIVAL_MS))
      if (this.#reading.unshown.length === before) this.#reading.fail('U3', `message ${first} was never shown`)
      await this.nextTurn()
    }
    this.#reading.allArrived()
    this.learn(await this.inSequence(['append', 'check'], this.choose('newest')))
    await this.nextTurn()
    await this.inSequence(['push'], this.choose('newest'))
  }

  #request(tool: string, read: BroughtCode, timeout_ms = 0): ToolRequest {
    const code = typeof read === 'string' ? this.#foreign(read) : read.code
    const taken = code === undefined ? {} : { read: code }
    const args =
      tool === 'append'
        ? { text: `Part ${++this.#parts};` }
        : tool === 'check'
          ? { timeout_ms, ...taken }
          : tool === 'push'
            ? taken
            : {}
    this.#steps.push(`${tool} ${JSON.stringify(args)}`)
    return { tool, args }
  }

  #foreign(read: 'none' | 'unknown'): string | undefined {
    const newest = this.#codes.at(-1)
    return read === 'none' || !newest ? undefined : unknownCodeLike(newest.code)
  }

  /** Checks the result of a call against the model. Returns its code. */
  #judge({ tool, args }: ToolRequest, read: BroughtCode, text: string, wasSent: boolean): KnownCode[] {
    this.#steps.push(`  → ${JSON.stringify(text)}`)
    if (tool === 'append') this.#draft += String(args.text)
    if (tool === 'check' || tool === 'push') this.#reading.acknowledge(read)
    const push = tool !== 'push' ? undefined : this.#draft === '' ? 'empty' : wasSent ? 'sent' : 'held'
    if (push === 'sent' || push === 'held') this.#judgePush(read, push)
    const { code } = this.#reading.result({ tool, read, text, ...(push && { push }) })
    if (push === 'sent') this.#draft = ''
    return code === undefined ? [] : [{ code, covers: this.#reading.covered }]
  }

  #judgePush(read: BroughtCode, push: 'sent' | 'held'): void {
    const expected = this.#reading.expectPush(read)
    if (expected === undefined || expected === push) return
    const why = expected === 'held' ? 'although a message is not acknowledged' : 'although everything is acknowledged'
    this.#reading.fail(this.#reading.ruleOfPush(read, push), `a push was ${push} ${why}`)
  }
}
