import type { Message, RoomLog } from '@midsentence/core'

/** The messages of one room, at hand at any time: all that its log holds, and what is written to it from then on. */
export class Transcript {
  readonly messages: Message[] = []
  /** The same log, listened to. */
  readonly log: RoomLog
  readonly #of: RoomLog
  readonly #room: string

  constructor(of: RoomLog, room: string) {
    this.#of = of
    this.#room = room
    this.log = {
      id: of.id,
      durability: of.durability,
      head: name => of.head(name),
      messages: (name, after, limit) => of.messages(name, after, limit),
      records: name => of.records(name),
      close: () => of.close(),
      append: async (name, records, expected) => {
        const position = await of.append(name, records, expected)
        if (name === room)
          for (const record of records) if (record.type === 'message') this.messages.push(record.message)
        return position
      },
    }
  }

  /** Takes down what was said before. Called once, before anything is written. */
  async begin(): Promise<void> {
    for await (const record of this.#of.records(this.#room)) {
      if (record.type === 'message') this.messages.push(record.message)
    }
  }
}
