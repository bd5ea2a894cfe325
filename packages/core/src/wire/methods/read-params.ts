import * as z from 'zod'
import { MidsentenceError } from '../../errors.ts'
import { displayValue, quote } from '../display-value.ts'
import type { RpcParams } from '../requests.ts'
import { type ParameterRule, parameterRules } from './parameters.ts'

const invalid = (message: string) => new MidsentenceError('invalid-params', message)

/** One error names at most this many parameters. */
const MAX_NAMED = 3

/** Returns the rule of a parameter, also of an optional one. */
function ruleOf(schema: z.ZodObject, name: string): ParameterRule {
  const parameter = schema.shape[name] as z.ZodType
  return parameterRules.get(
    parameter instanceof z.ZodExactOptional ? (parameter.def.innerType as z.ZodType) : parameter,
  )!
}

function missing(name: string, must: string, method: string, params: RpcParams): string {
  const received = Object.keys(params)
    .slice(0, MAX_NAMED)
    .map(each => quote(each))
  const others = received.length > 0 ? ` The call has ${received.join(', ')}.` : ''
  return `The parameter ${quote(name)} of ${method} is missing: it must ${must}.${others}`
}

function problemOf(method: string, schema: z.ZodObject, params: RpcParams, name: string): string {
  const { must, secret } = ruleOf(schema, name)
  const value = (params as Readonly<Record<string, unknown>>)[name]
  if (value === undefined) return missing(name, must, method, params)
  return `The parameter ${quote(name)} of ${method} must ${must}, but it is ${displayValue(value, secret)}.`
}

/** Reads the params of a call by their schema. Throws `invalid-params`, naming what is wrong and what is required. */
export function readParams<S extends z.ZodObject>(method: string, schema: S, params: RpcParams): z.output<S> {
  if (Array.isArray(params)) {
    throw invalid(`Pass the params of ${method} by name, as an object, not as a list.`)
  }
  const { data, error } = schema.safeParse(params)
  if (!error) return data
  const names = new Set(error.issues.map(({ path }) => String(path[0])))
  throw invalid(
    [...names]
      .slice(0, MAX_NAMED)
      .map(name => problemOf(method, schema, params, name))
      .join(' '),
  )
}
