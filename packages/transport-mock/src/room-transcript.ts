import type { Message, RoomLog } from '@midsentence/core'

/** Keeps the messages of one room in memory: those its log holds, and each one written later. */
export class RoomTranscript {
  readonly messages: Message[] = []
  /** The same log, wrapped to see every append. */
  readonly log: RoomLog
  readonly #source: RoomLog
  readonly #room: string

  constructor(source: RoomLog, room: string) {
    this.#source = source
    this.#room = room
    this.log = {
      id: source.id,
      durability: source.durability,
      head: name => source.head(name),
      messages: (name, after, limit) => source.messages(name, after, limit),
      records: name => source.records(name),
      close: () => source.close(),
      append: async (name, records, expected) => {
        const position = await source.append(name, records, expected)
        if (name === room)
          for (const record of records) if (record.type === 'message') this.messages.push(record.message)
        return position
      },
    }
  }

  /** Reads the messages the log already holds. Call once, before the first append. */
  async load(): Promise<void> {
    for await (const record of this.#source.records(this.#room)) {
      if (record.type === 'message') this.messages.push(record.message)
    }
  }
}
