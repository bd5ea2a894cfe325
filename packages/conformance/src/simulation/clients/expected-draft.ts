import type { SimulationContext } from '../simulation-context.ts'

/** The members of an answer that tell of a draft. */
interface DraftReport {
  readonly status: number
  readonly suffix?: string
  readonly draft?: string
}

/** The members of a preview's answer that tell the draft. */
interface DraftPreview {
  readonly draft?: string
  readonly segments?: readonly { readonly length: number }[]
}

/** The draft that a keyed client must have, by the answers that it read. */
export class ExpectedDraft {
  readonly #name: string
  readonly #report: SimulationContext['report']
  #segments: string[] = []

  constructor(name: string, report: SimulationContext['report']) {
    this.#name = name
    this.#report = report
  }

  get text(): string {
    return this.#segments.join('')
  }

  clear(): void {
    this.#segments = []
  }

  /** Takes the draft that a preview returned, where the order of the calls before it is not known. */
  take({ draft = '', segments = [] }: DraftPreview): void {
    this.clear()
    for (const { length } of segments) this.#segments.push(draft.slice(this.text.length, this.text.length + length))
  }

  /** Follows what a call did, and checks what its answer tells of the draft. `text`: what it appended. */
  follow(method: string, text: unknown, answer: DraftReport): void {
    const before = this.text
    const isDone = answer.status === 1
    if (method === 'append' && isDone) this.#segments.push(String(text))
    else if (method === 'undo') {
      const undone = this.#segments.pop() !== undefined
      if (undone !== isDone) this.#differs('D3', `undo answered ${answer.status}`, before)
    } else if (method === 'reset' || (method === 'push' && isDone)) this.clear()
    if (method === 'preview' && answer.draft !== this.text) {
      this.#differs('D1', `preview returned ${answer.draft}`, this.text)
    }
    if (answer.suffix !== undefined && method !== 'publish' && !this.text.endsWith(answer.suffix)) {
      this.#differs('S1', `${method} returned the suffix ${answer.suffix}`, this.text)
    }
  }

  #differs(rule: 'D1' | 'D3' | 'S1', what: string, draft: string): void {
    this.#report(rule, `${this.#name} has the draft ${JSON.stringify(draft)}, but ${what}.`)
  }
}
