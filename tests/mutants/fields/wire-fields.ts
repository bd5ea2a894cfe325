import { type RuleId, serverRules } from '@midsentence/conformance'
import { openRpc } from '@midsentence/core/wire'
import { type ServerBug, serverWith } from '../server/server-harness.ts'
import type { FieldMutant } from './field-mutant.ts'
import { changedAt, type FieldPath, shown } from './paths.ts'

interface JsonSchema {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
}

/** A field of an answer or event, and its schema. */
interface WireField {
  readonly path: FieldPath
  readonly schema: JsonSchema
  readonly required: boolean
}

const { methods, components, 'x-events': events = [] } = openRpc()

/** Lists the fields of a schema. Those of a component are listed once, where the component is. */
function fieldsOf(schema: JsonSchema, at: FieldPath = []): readonly WireField[] {
  const { properties = {}, required = [], items, anyOf = [], allOf = [] } = schema
  const own = Object.entries(properties).flatMap(([name, member]) => {
    const path = [...at, name]
    return [{ path, schema: member, required: required.includes(name) }, ...fieldsOf(member, path)]
  })
  const listed = items ? fieldsOf(items, [...at, '[]']) : []
  const all = [...own, ...listed, ...[...anyOf, ...allOf].flatMap(part => fieldsOf(part, at))]
  return [...new Map(all.map(field => [shown(field.path), field])).values()]
}

/** The rule of a field that several answers have. */
const common: Readonly<Record<string, RuleId>> = {
  messages: 'L6',
  cursor: 'L6',
  more: 'L5',
  missed: 'L7',
  'missed.from': 'L7',
  'missed.to': 'L7',
  renamed: 'A4',
  floor: 'F6',
}

const sending: Readonly<Record<string, RuleId>> = {
  status: 'P7',
  message_id: 'P7',
  timestamp: 'P7',
  seq: 'P7',
  durability: 'P7',
  crossed: 'H3',
  crossed_more: 'H3',
  held: 'P7',
  suffix: 'P7',
  segments: 'P7',
}

const joining: Readonly<Record<string, RuleId>> = {
  session_id: 'A6',
  token: 'A1',
  room: 'A6',
  sender_id: 'A6',
  cursor: 'A6',
  head: 'A7',
  log: 'A6',
  policy: 'A6',
  observable: 'A8',
  recorded: 'I1',
  listed: 'I1',
}

/** The rule of each field of an answer, by method. A field of the document without a rule fails a test. */
const rulesOf: Readonly<Record<string, Readonly<Record<string, RuleId>>>> = {
  join: joining,
  resume: { ...joining, token: 'A3', room: 'A3', sender_id: 'A3', suffix: 'A6' },
  append: { ...common, status: 'D5', suffix: 'S1', accepted: 'D5', dropped: 'D5' },
  undo: { ...common, status: 'D1', suffix: 'D1' },
  reset: { ...common, status: 'W8', suffix: 'D1' },
  preview: {
    ...common,
    status: 'W8',
    draft: 'D1',
    length: 'D6',
    segments: 'D6',
    'segments[].length': 'D6',
    'segments[].base': 'D6',
    suffix: 'D6',
  },
  push: { ...common, ...sending, held: 'P3', suffix: 'P3', segments: 'P3' },
  publish: { ...common, ...sending },
  check: { ...common, status: 'C1' },
  who: {
    participants: 'A6',
    'participants[].sender_id': 'A6',
    'participants[].away': 'A4',
    'participants[].writing': 'L10',
    floor: 'F6',
    hushed: 'Y5',
    watchers: 'I5',
  },
  yield: { status: 'F6' },
  draft: { status: 'W8' },
  writing: { status: 'W8' },
  hush: { status: 'Y5' },
  leave: { status: 'W8' },
  'rpc.discover': { openrpc: 'W8' },
}

const componentRules: Readonly<Record<string, Readonly<Record<string, RuleId>>>> = {
  Message: {
    message_id: 'B1',
    sender_id: 'B1',
    content: 'B1',
    timestamp: 'B1',
    seq: 'B1',
    base: 'B1',
    crossed: 'H3',
    crossed_more: 'H3',
    meta: 'B2',
  },
  Floor: { name: 'F6', for_ms: 'F6' },
  Welcome: { log: 'V1', cursor: 'V1', sender_id: 'V1' },
  Presence: { sender_id: 'V1', present: 'V1', writing: 'L10' },
  Hush: { on: 'Y5' },
  Missed: { from: 'V4', to: 'V4' },
  Watchers: { watchers: 'I5' },
}

/** Returns another value of the same form if there is one, else one of another form. */
function another({ type, const: only, enum: some }: JsonSchema, value: unknown): unknown {
  if (only !== undefined) return 'x'
  if (some) return some.find(each => each !== value) ?? 'x'
  if (type === 'string' && /^\d{4}-\d\d-/.test(String(value)))
    return new Date(String(value)).toISOString().replace(/\.\d+Z/, '+00:00')
  if (type === 'string') return `${value}x`
  if (type === 'integer') return (value as number) + 1
  if (type === 'number') return -(value as number) - 1
  if (type === 'boolean') return !value
  return undefined
}

/** An optional field is left out; a required one gets another value. */
const bugIn = ({ schema, required }: WireField): readonly [bug: string, change: (value: unknown) => unknown] =>
  required && schema.type !== 'array' && schema.type !== 'object'
    ? ['another value', value => another(schema, value)]
    : ['left out', () => undefined]

const json = (text: string): unknown => JSON.parse(text)

/** Changes the result of each call of a method outside of batches. */
const inResult = (of: string, change: (result: unknown) => unknown): ServerBug => ({
  reply(reply, request) {
    if (reply === undefined || !request.includes(`"method":"${of}"`) || request.startsWith('[')) return reply
    return JSON.stringify(changedAt(json(reply), ['result'], change))
  },
})

/** Changes the messages, or the floors, of every reply. */
const inReplies = (paths: readonly FieldPath[], change: (value: unknown) => unknown): ServerBug => ({
  reply(reply) {
    if (reply === undefined || reply.startsWith('[')) return reply
    const changed = paths.reduce((value, path) => changedAt(value, ['result', ...path], change), json(reply))
    return JSON.stringify(changed)
  },
})

const inEvent = (of: string, change: (data: unknown) => unknown): ServerBug => ({
  event: event => (event.event === of ? { ...event, data: JSON.stringify(change(json(event.data))) } : event),
})

const mutantOf = (
  of: string,
  path: FieldPath,
  breaks: RuleId | undefined,
  bug: string,
  plant: ServerBug,
): FieldMutant => {
  const field = shown(path)
  if (breaks === undefined)
    throw new Error(`${of}: the field ${field} has no rule in tests/mutants/fields/wire-fields.ts.`)
  const brokenBy: FieldMutant['brokenBy'] = async (ids, options) => {
    const rules = serverRules.filter(({ id }) => ids.includes(id))
    const outcomes = await Promise.allSettled(
      rules.map(({ run }) => run(serverWith(plant), { ...options, shrink: false })),
    )
    return rules.filter((_, at) => outcomes[at]!.status === 'rejected').map(({ id }) => id)
  }
  return { of, field, breaks, bug, brokenBy }
}

const answers = methods.flatMap(({ name, result }) =>
  fieldsOf(result.schema as JsonSchema).map(field => {
    const [bug, change] = bugIn(field)
    const plant = inResult(name, value => changedAt(value, field.path, change))
    return mutantOf(name, field.path, rulesOf[name]?.[shown(field.path)], bug, plant)
  }),
)

const componentFields = (name: string) => fieldsOf((components.schemas[name] ?? {}) as JsonSchema)

const inAnswers = (['Message', 'Floor'] as const).flatMap(name =>
  componentFields(name).map(field => {
    const [bug, change] = bugIn(field)
    const place = name === 'Message' ? ['messages', '[]'] : ['floor']
    const plant = inReplies([[...place, ...field.path]], change)
    return mutantOf(`${name}, in answers`, field.path, componentRules[name]![shown(field.path)], bug, plant)
  }),
)

const inStreams = events.flatMap(({ name, data: { $ref } }) => {
  const component = $ref.replace('#/components/schemas/', '')
  return componentFields(component).map(field => {
    const [bug, change] = bugIn(field)
    const plant = inEvent(name, data => changedAt(data, field.path, change))
    return mutantOf(`event ${name}`, field.path, componentRules[component]?.[shown(field.path)], bug, plant)
  })
})

const inError = (change: (error: unknown) => unknown, options: ServerBug['options'] = {}): ServerBug => ({
  options,
  reply: reply => (reply?.includes('"error"') ? JSON.stringify(changedAt(json(reply), ['error'], change)) : reply),
})
const dropped =
  (...path: FieldPath) =>
  (error: unknown) =>
    changedAt(error, path, () => undefined)

const errors = [
  mutantOf(
    'error',
    ['code'],
    'P2',
    'another value',
    inError(error => changedAt(error, ['code'], code => Number(code) + 90)),
  ),
  mutantOf(
    'error',
    ['message'],
    'W8',
    'empty',
    inError(error => changedAt(error, ['message'], () => '')),
  ),
  mutantOf('error', ['data', 'reason'], 'Y3', 'left out', inError(dropped('data', 'reason'))),
  mutantOf(
    'error',
    ['data', 'retry_after_ms'],
    'W8',
    'left out',
    inError(dropped('data', 'retry_after_ms'), { rateLimit: { per_second: 0.1, burst: 10 } }),
  ),
]

/** The fields of every answer, message, event and error, from the OpenRPC document. */
export const wireFields: readonly FieldMutant[] = [...answers, ...inAnswers, ...inStreams, ...errors]
