import { connect, inLine, newsSentences, storageJournal } from '@midsentence/client'
import {
  type ActionAnswer,
  type EmittedEvent,
  type Floor,
  isMidsentenceError,
  type Message,
  type Participant,
  segmentsOf,
  type View,
} from '@midsentence/core'
import { sessionKey } from '../shared/identity.ts'
import { socketAddress } from '../shared/server-address.ts'
import { keyOf, removeEntries, storage } from '../shared/storage.ts'
import { Store } from '../shared/store.ts'
import { appendEntries, type ConversationRow, messagesAbove } from './entries.ts'
import { continued } from './join-text.ts'
import { readingTime } from './reading-time.ts'
import type { RoomViewState, ShownFloor } from './room-state.ts'
import { claimSession } from './tab-claim.ts'

/** Messages from before the join that a room with history shows. */
const HISTORY = 200
/** Messages that arrive within this time are drawn together, in milliseconds. */
const GATHER_MS = 16

export interface RoomSessionOptions {
  readonly room: string
  readonly name: string
  /** A password or another credential. Never stored. */
  readonly credential?: string | undefined
  /** Called when another tab claims the session. */
  readonly onLost: () => void
}

/** One person in one room: what the page shows, and what its controls do. */
export class RoomSession extends Store<RoomViewState> {
  readonly #options: RoomSessionOptions
  readonly #abort = new AbortController()
  readonly #journalKey: string
  readonly #fieldKey: string
  #participant: Participant | undefined
  #endClaim: (() => void) | undefined
  #gathered: Message[] = []
  #gathering: ReturnType<typeof setTimeout> | undefined
  #reading: ReturnType<typeof setTimeout> | undefined
  #isVisible = true
  #isAtEnd = true
  #keys = 0

  constructor(options: RoomSessionOptions) {
    const { room, name } = options
    const fieldKey = keyOf('field', room, name)
    super({
      ...{ phase: 'joining', name, entries: [], isPushing: false, readThrough: 0 },
      field: storage.getItem(fieldKey) ?? '',
    })
    this.#options = options
    this.#fieldKey = fieldKey
    this.#journalKey = sessionKey(room, name)
  }

  get room(): string {
    return this.#options.room
  }

  /** Joins the room, or continues there with the draft that the browser has kept. */
  async join(): Promise<void> {
    const { room, name, credential, onLost } = this.#options
    this.#endClaim = claimSession(this.#journalKey, onLost)
    try {
      const participant = await connect(socketAddress(), {
        ...{ username: name, room, person: true, since: { last: HISTORY }, signal: this.#abort.signal },
        journal: storageJournal(storage, this.#journalKey),
        ...(credential && { credential }),
      })
      this.#participant = participant
      this.set({ phase: 'joined', name: participant.name, readThrough: participant.view.cursor })
      participant.messages$.subscribe(message => this.#gather(message))
      participant.events$.subscribe(event => this.#handle(event))
      participant.state$.subscribe({ next: view => this.#setView(view), complete: () => this.#closed() })
      this.#take(await participant.check({ timeout_ms: 0 }))
    } catch (error) {
      if (!this.#abort.signal.aborted) this.set({ phase: 'refused', problem: sentenceOf(error) })
    }
  }

  /** Leaves the room and frees the name. A draft stays in this browser. */
  async leave(): Promise<void> {
    const isEmpty = !this.state.view?.draft.segments
    this.set({ phase: 'left' })
    this.#stop()
    await this.#participant?.close()
    this.#abort.abort()
    if (isEmpty) removeEntries(this.#journalKey)
  }

  /** Ends a join that has not succeeded. */
  dispose(): void {
    this.#stop()
    if (!this.#participant) this.#abort.abort()
  }

  type(field: string): void {
    this.set({ field })
    this.#store()
    this.#updateWriting()
  }

  /** Adds the text of the field to the draft as a segment. What does not fit stays in the field. Resolves with whether all fit. */
  async add(): Promise<boolean> {
    const participant = this.#participant
    const { field, view } = this.state
    if (!participant || field.trim() === '') return true
    const text = continued(view?.draft.head?.text ?? '', field)
    this.#setField('')
    return this.#attempt(async () => {
      try {
        const answer = await participant.append(text)
        this.#take(answer)
        const rest = [...text].slice(answer.accepted).join('')
        if (rest === '') {
          this.set({ outcome: undefined })
          return true
        }
        this.#setField(rest + this.state.field)
        this.set({ outcome: { kind: 'cut', accepted: answer.accepted, dropped: answer.dropped } })
        return false
      } catch (error) {
        this.#setField(field + this.state.field)
        throw error
      }
    }, false)
  }

  /** Sends the draft with the text of the field. */
  async push(): Promise<void> {
    const participant = this.#participant
    if (!participant || this.state.isPushing || !(await this.add())) return
    const { view, readThrough } = this.state
    if (!participant.view.draft.segments) return
    this.set({ isPushing: true, outcome: undefined })
    // An answer may have brought what was on screen too briefly to be read.
    const base = view && readThrough < view.cursor ? { base: readThrough } : {}
    await this.#attempt(async () => {
      const answer = await participant.push(base)
      const unread = messagesAbove(this.#flush(), readThrough, this.state.name)
      this.#take(answer)
      if (answer.held) {
        const floor = this.#floorOf(answer.floor)
        this.set({ outcome: { kind: 'held', messages: unread, floor }, floor, readThrough: participant.view.cursor })
      } else this.set({ unreadFrom: undefined })
    }, undefined)
    this.set({ isPushing: false })
  }

  /** Removes the newest segment. Resolves with its text, "" if there was none. */
  async undo(): Promise<string> {
    const text = this.#participant?.view.draft.head?.text ?? ''
    return this.#attempt(async () => {
      this.#take(await this.#participant!.undo())
      this.set({ outcome: undefined })
      return text
    }, '')
  }

  /** Moves the newest segment back into the field. */
  async revise(): Promise<void> {
    const text = (await this.undo()).replace(/^ /, '')
    this.#setField(this.state.field === '' ? text : `${text} ${this.state.field}`)
  }

  /** Asks whether to discard the draft; asked already, discards it. */
  async askReset(): Promise<void> {
    if (this.state.outcome?.kind === 'asks') return this.reset()
    if (this.state.view?.draft.segments || this.state.field !== '') this.set({ outcome: { kind: 'asks' } })
  }

  /** Discards the draft and the text of the field. */
  async reset(): Promise<void> {
    this.#setField('')
    await this.#attempt(async () => {
      this.#take(await this.#participant!.reset())
      this.set({ outcome: undefined })
    }, undefined)
  }

  /** Gives the floor up. */
  yieldFloor(): void {
    this.#participant?.yield()
    this.set({ floor: undefined })
  }

  /** Silences the models of the room, or lets them send again. */
  async hush(on: boolean): Promise<void> {
    await this.#attempt(() => this.#participant!.hush(on), false)
  }

  dismiss(): void {
    this.set({ outcome: undefined })
  }

  /** Tells whether the page is in front of the person, and whether it shows the newest messages. */
  setShown(isVisible: boolean, isAtEnd: boolean): void {
    if (isVisible === this.#isVisible && isAtEnd === this.#isAtEnd) return
    // The next absence gets its own mark.
    if (this.#isVisible && !isVisible && this.#unread().length === 0) this.set({ unreadFrom: undefined })
    this.#isVisible = isVisible
    this.#isAtEnd = isAtEnd
    this.#read()
  }

  #setField(field: string): void {
    this.set({ field })
    this.#store()
    this.#updateWriting()
  }

  #store(): void {
    try {
      if (this.state.field === '') storage.removeItem(this.#fieldKey)
      else storage.setItem(this.#fieldKey, this.state.field)
    } catch {
      // A full storage loses the text with the page.
    }
  }

  #setView(view: View): void {
    this.set({ view, name: this.#participant!.name })
    this.#updateWriting()
    if (view.link.state === 'lost') this.set({ phase: 'ended', problem: inLine(view.link.reason) })
    if (view.unseen > 0) queueMicrotask(() => this.#read())
  }

  /** Remembers the newest message from when the person began to write, and forgets it once nothing is written. */
  #updateWriting(): void {
    const { view, field, writingSince } = this.state
    const draft = this.#participant?.view.draft ?? view?.draft
    const isWriting = field !== '' || (draft?.segments ?? 0) > 0
    if (isWriting === (writingSince !== undefined)) return
    if (!isWriting) this.set({ writingSince: undefined })
    else if (view) {
      const first = draft && draft.segments > 0 ? segmentsOf(draft)[0]?.base : undefined
      this.set({ writingSince: first ?? Math.max(view.cursor, this.#newest()) })
    }
    this.#read()
  }

  #newest(): number {
    const last = this.state.entries.at(-1)
    return last?.kind === 'message' ? last.message.seq : 0
  }

  #gather(message: Message): void {
    this.#gathered.push(message)
    this.#gathering ??= setTimeout(() => this.#flush(), GATHER_MS)
  }

  /** Shows the messages that have arrived, and returns all rows. */
  #flush(): readonly ConversationRow[] {
    clearTimeout(this.#gathering)
    this.#gathering = undefined
    const messages = this.#gathered
    this.#gathered = []
    if (messages.length === 0) return this.state.entries
    const added = messages.map<ConversationRow>(message => ({ kind: 'message', key: message.message_id, message }))
    const entries = appendEntries(this.state.entries, added)
    const { view, name, unreadFrom } = this.state
    const isAway = !this.#isVisible || !this.#isAtEnd
    const unread = messages.find(({ sender_id, seq }) => sender_id !== name && seq > (view?.cursor ?? 0))
    this.set({ entries, ...(isAway && unread && { unreadFrom: unreadFrom ?? unread.message_id }) })
    this.#read()
    return entries
  }

  #addNotice(text: string, newRoom = false): void {
    const entry: ConversationRow = { kind: 'notice', key: `notice ${++this.#keys}`, text, newRoom }
    this.set({ entries: appendEntries(this.#flush(), [entry]) })
  }

  /** Shows what an answer says besides its messages: lost messages, another name, another room. */
  #take(answer: ActionAnswer): void {
    const { missed, rejoined, renamed } = answer
    const sentences = newsSentences({
      ...(missed && { missed }),
      ...(rejoined && { rejoined }),
      ...(renamed !== undefined && { renamed }),
    })
    if (sentences.length > 0) this.#addNotice(sentences.join(' '), rejoined === 'room')
    if (rejoined === 'room') this.set({ readThrough: 0, writingSince: undefined })
    const own = this.#participant?.who().floor
    this.set({ floor: this.#floorOf(own) })
  }

  #floorOf(floor: Floor | undefined): ShownFloor | undefined {
    if (!floor) return undefined
    return { name: floor.name, isOwn: floor.name === this.state.name, until: performance.now() + floor.for_ms }
  }

  #handle(event: EmittedEvent): void {
    if (event.type === 'pushed') this.set({ floor: undefined, outcome: undefined })
  }

  #unread(): readonly Message[] {
    return messagesAbove(this.state.entries, this.state.readThrough, this.state.name)
  }

  /** Counts what is on screen as read: at once, or while the person writes after the time that reading takes. */
  #read(): void {
    clearTimeout(this.#reading)
    if (!this.#isVisible || !this.#isAtEnd || !this.#participant) return
    const unread = this.#unread()
    if (unread.length === 0 && this.#participant.view.unseen === 0) return
    if (this.state.writingSince === undefined) this.#markRead()
    else this.#reading = setTimeout(() => this.#markRead(), readingTime(unread))
  }

  #markRead(): void {
    const participant = this.#participant
    const last = this.#unread().at(-1)
    if (last) this.set({ readThrough: last.seq })
    if (!participant || participant.view.unseen === 0 || this.state.phase !== 'joined') return
    participant.check({ timeout_ms: 0 }).then(
      answer => this.#take(answer),
      () => {},
    )
  }

  async #attempt<A>(action: () => Promise<A>, failed: A): Promise<A> {
    if (!this.#participant) return failed
    try {
      return await action()
    } catch (error) {
      const isCut = isMidsentenceError(error) && error.code === 'unavailable' && error.data.unknown !== true
      const isDown = isCut && this.state.view?.link.state !== 'up'
      this.set({ outcome: { kind: 'failed', sentence: isDown ? DOWN : sentenceOf(error) } })
      return failed
    }
  }

  #closed(): void {
    if (this.state.phase === 'joined')
      this.set({ phase: 'ended', problem: 'This session has ended here. Your draft is kept in this browser.' })
  }

  #stop(): void {
    clearTimeout(this.#reading)
    clearTimeout(this.#gathering)
    this.#endClaim?.()
  }
}

/** True also after the connection is back, unlike the sentence of the error. */
const DOWN = 'That was not done: the connection was down. Your draft is kept. Try again once it is back.'

const sentenceOf = (error: unknown): string => {
  const sentence = inLine(error instanceof Error ? error.message : String(error))
  return isMidsentenceError(error) && error.data.unknown === true
    ? `${sentence} Look whether it is in the room before you send it again.`
    : sentence
}
