import type { Chronicle } from './chronicle.ts'
import type { Deed } from './deeds.ts'
import { type Finding, finding, named } from './finding.ts'
import type { Told } from './history.ts'

/** One key, one effect, and its first answer again. */
export function* keysAreKept({ deeds }: Chronicle): Generator<Finding> {
  for (const done of deeds.values()) for (const deed of done) if (deed.calls.length > 1) yield* repeated(deed)
}

function* repeated(deed: Deed): Generator<Finding> {
  const { told, calls } = deed
  const refused = calls.some(({ error }) => error?.code === 'no-draft' || error?.code === 'content-policy')
  if (told && refused) yield finding('R1', `${named(deed)} was answered once and refused once.`, deed)
  for (const { answer } of calls) {
    if (!told || !answer || sameAnswer(told, answer)) continue
    if (told.seq !== undefined && answer.seq !== undefined && told.seq !== answer.seq) {
      yield finding('P4', `${named(deed)}, under one key, became message ${told.seq} and message ${answer.seq}.`, deed)
    } else yield finding('R1', `${named(deed)}, under one key, was told different things.`, deed)
    return
  }
}

const sameAnswer = (one: Told, other: Told): boolean =>
  one.status === other.status &&
  one.seq === other.seq &&
  one.held === other.held &&
  one.cursor === other.cursor &&
  one.messages.length === other.messages.length &&
  one.messages.every(({ seq }, at) => seq === other.messages[at]!.seq)
