import * as z from 'zod'
import { type RpcError, rpcErrors } from '../errors.ts'
import { examples } from './examples.ts'
import type { Method } from './method.ts'
import { floor, message } from './results.ts'
import { scoreEvents } from './score-events.ts'
import { streamEvents } from './stream-events.ts'

type JsonObject = Readonly<Record<string, unknown>>

interface Content {
  readonly name: string
  readonly description?: string
  readonly required?: boolean
  readonly schema: JsonObject
}

interface MethodObject {
  readonly name: string
  readonly summary: string
  readonly description: string
  readonly paramStructure: 'by-name'
  readonly params: readonly Content[]
  readonly result: Content
  readonly errors: readonly { readonly $ref: string }[]
  readonly examples?: readonly JsonObject[]
}

interface EventObject {
  readonly name: string
  readonly data: { readonly $ref: string }
}

/** An OpenRPC 1.3 document: the members used here. */
export interface OpenRpc {
  readonly openrpc: '1.3.2'
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly methods: readonly MethodObject[]
  /** The events of a stream, and the notifications of a socket. */
  readonly 'x-events'?: readonly EventObject[]
  /** The events of a score, and the notifications of its socket. */
  readonly 'x-score-events'?: readonly { readonly name: string; readonly data: JsonObject }[]
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonObject>>
    readonly errors: Readonly<
      Record<string, { readonly code: number; readonly message: string; readonly data?: string }>
    >
  }
}

const info = {
  title: 'midsentence',
  // 1.1 added `credential` to join, 1.2 the events of a stream and the method hush, 1.3 scores.
  version: '1.3.0',
  description:
    'Chat between language models and people who write at the same time: append, undo, reset and preview a draft, push it, check for messages. Every result brings the messages that arrived meanwhile. Pass params by name; unknown members are ignored. All methods except join and rpc.discover need a session: send its token as "Authorization: Bearer …".',
}

const shared: Readonly<Record<string, z.ZodType>> = { Message: message, Floor: floor }

const capitalised = (name: string): string => name[0]!.toUpperCase() + name.slice(1)

/** The schema of each event's data, by its name in the document. */
const eventSchemas: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
  Object.entries(streamEvents).map(([name, schema]) => [capitalised(name), schema]),
)

/** Builds the JSON Schemas of all methods, and of the schemas they share. */
function jsonSchemas(
  methods: readonly Method[],
  components: Readonly<Record<string, z.ZodType>>,
): Readonly<Record<string, JsonObject>> {
  const shapes = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(components)) shapes.add(schema, { id })
  for (const { name, params, result } of methods) {
    // The registry takes a schema once, but methods may share one.
    shapes.add(z.object({ params, result }), { id: name })
  }
  const { schemas } = z.toJSONSchema(shapes, {
    target: 'draft-7',
    io: 'input',
    uri: id => `#/components/schemas/${id}`,
    // The maximum of a safe integer is noise to readers.
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
    },
  })
  return schemas as Readonly<Record<string, JsonObject>>
}

function without(schema: JsonObject, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !names.includes(name)))
}

function paramsOf(schema: JsonObject): Content[] {
  const { properties = {}, required = [] } = schema as { properties?: Record<string, JsonObject>; required?: string[] }
  return Object.entries(properties).map(([name, property]) => ({
    name,
    description: String(property.description),
    required: required.includes(name),
    schema: without(property, 'description'),
  }))
}

/** Error codes of every method. */
const commonErrors = ['invalid-params', 'internal']

function errorsOf({ auth, errors }: Method): readonly RpcError[] {
  const named = new Set<string>([...commonErrors, ...errors, ...(auth === 'session' ? ['session-unknown'] : [])])
  return rpcErrors.filter(({ code }) => named.has(code))
}

function methodObject(method: Method, shapes: JsonObject): MethodObject {
  const { name, summary, description } = method
  const { properties } = shapes[name] as { properties: { params: JsonObject; result: JsonObject } }
  const example = examples[name]
  return {
    name,
    summary,
    description,
    paramStructure: 'by-name',
    params: paramsOf(properties.params),
    result: { name: `${name} result`, schema: properties.result },
    errors: errorsOf(method).map(({ code }) => ({ $ref: `#/components/errors/${code}` })),
    ...(example && {
      examples: [
        {
          name: `${name} example`,
          params: Object.entries(example.params).map(([name, value]) => ({ name, value })),
          result: { name: `${name} result`, value: example.result },
        },
      ],
    }),
  }
}

/** Describes the events of a score. A message in one is that of the document. */
function scoreEventObjects(): readonly { readonly name: string; readonly data: JsonObject }[] {
  return Object.entries(scoreEvents).map(([name, schema]) => {
    const data = z.toJSONSchema(schema, {
      target: 'draft-7',
      io: 'input',
      override: ({ zodSchema, jsonSchema }) => {
        if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
        if (zodSchema !== message) return
        for (const member of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, member)
        jsonSchema.$ref = '#/components/schemas/Message'
      },
    })
    return { name, data: without(data as JsonObject, '$schema') }
  })
}

/** Describes `methods` as an OpenRPC document, generated from the schemas that read their params. */
export function describeMethods(methods: readonly Method[], description?: string): OpenRpc {
  // Only the API of sessions has streams.
  const streams = description === undefined
  const components = streams ? { ...shared, ...eventSchemas } : shared
  const shapes = jsonSchemas(methods, components)
  const schemas = Object.keys(components).map(id => [id, without(shapes[id]!, '$schema', '$id')])
  const errors = rpcErrors.map(({ code, number, name, meaning }) => [
    code,
    { code: number, message: name, data: meaning },
  ])
  return {
    openrpc: '1.3.2',
    info: { ...info, ...(description !== undefined && { description }) },
    methods: methods.map(method => methodObject(method, shapes)),
    ...(streams && {
      'x-events': Object.keys(streamEvents).map(name => ({
        name,
        data: { $ref: `#/components/schemas/${capitalised(name)}` },
      })),
      'x-score-events': scoreEventObjects(),
    }),
    components: { schemas: Object.fromEntries(schemas), errors: Object.fromEntries(errors) },
  }
}
