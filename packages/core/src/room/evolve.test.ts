import { expect, test } from 'vitest'
import { emptyRoom, evolveRoom } from './evolve.ts'
import type { RoomFact } from './facts.ts'

test('[F3] the end of a floor removes the rests that are over', () => {
  const ended = (name: string, at: number): RoomFact => {
    return { type: 'floor.ended', session: name, name, why: 'sent', at, rest_until: at + 1000 }
  }
  const room = [ended('Ada', 0), ended('Ben', 1), ended('Cyd', 1000)].reduce(evolveRoom, emptyRoom)
  expect([...room.cooldowns.keys()]).toEqual(['ben', 'cyd'])
})
