import { renderAnswer } from '@midsentence/client'
import type { RuleId } from '@midsentence/conformance'
import type { RenderAnswer } from '@midsentence/conformance/functions'
import type { ActionAnswer } from '@midsentence/core'

/** A bug in an otherwise right rendering of answers. */
interface TextMutant {
  readonly name: string
  readonly breaks: RuleId
  readonly render: RenderAnswer
}

/** A placeholder for text that must not be escaped. */
const STAND_IN = '\ue000'

const changed = (answer: ActionAnswer, change: (text: string) => string): ActionAnswer =>
  JSON.parse(JSON.stringify(answer), (key, value) =>
    ['content', 'suffix', 'draft', 'name'].includes(key) ? change(value) : value,
  )

/** Renders `found` without escaping it. */
const blindTo =
  (found: string): RenderAnswer =>
  (answer, name) =>
    renderAnswer(
      changed(answer, text => text.replaceAll(found, STAND_IN)),
      name,
    ).replaceAll(STAND_IN, found)

export const brokenTexts: readonly TextMutant[] = [
  {
    name: 'further lines of a message are not indented',
    breaks: 'X1',
    render: (answer, name) => renderAnswer(answer, name).replace(/\n {4}/g, '\n'),
  },
  { name: 'U+2028 is not treated as a line break', breaks: 'X1', render: blindTo('\u2028') },
  { name: 'right-to-left overrides are not escaped', breaks: 'X1', render: blindTo('\u202e') },
  { name: 'terminal escapes are not escaped', breaks: 'X1', render: blindTo('\x1b') },
  { name: 'tag characters are not escaped', breaks: 'X1', render: blindTo('\u{e0041}') },
  { name: 'empty lines are not folded', breaks: 'X1', render: blindTo('\n\n\n') },
  {
    name: 'a name inside a sentence is not quoted',
    breaks: 'X1',
    render: (answer, name) => renderAnswer(answer, name).replace(/^(\* .*?)"(.*)"/gm, '$1$2'),
  },
  {
    name: 'a tab is replaced',
    breaks: 'X1',
    render: (answer, name) => renderAnswer(answer, name).replaceAll('\t', '\ufffd'),
  },
  {
    name: 'a name is not escaped',
    breaks: 'X1',
    render: ({ messages, ...answer }, name) => {
      const names = messages.map((message, at) => ({ ...message, sender_id: `Q${at}` }))
      return renderAnswer({ ...answer, messages: names } as ActionAnswer, name).replace(
        /^Q(\d): /gm,
        (_, at) => `${messages[Number(at)]!.sender_id}: `,
      )
    },
  },
  {
    name: 'a suffix is not escaped',
    breaks: 'X1',
    render: (answer, name) =>
      'accepted' in answer
        ? renderAnswer({ ...answer, suffix: STAND_IN }, name).replace(STAND_IN, () => answer.suffix)
        : renderAnswer(answer, name),
  },
]
